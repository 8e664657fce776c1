"""Every week: fit the indicator models of each region anew."""

from airflow.sdk import DAG, CronDataIntervalTimetable, Param

from bigdata_emis.airflow.tasks import RUN_END, TASK_DEFAULTS, regions, schedule_of, stage_tasks, stages_of

DOC = """
### {name_zh} · {name_en}: fit the models

Each task is `emis run STAGE --region {region_id} --from DAY --to DAY` over the days before the run; a model becomes the one
in use when it is in the registry. Run by hand, give `from` and `to`, or train on the year before now.
"""
END = f"(params['to'] or ({RUN_END} | ds))"

for region in regions():
    with DAG(
        f"train_{region.region_id}",
        schedule=schedule_of(region, CronDataIntervalTimetable("0 5 * * 1", timezone=region.time_zone)),
        catchup=False,
        max_active_runs=1,
        tags=["emis", region.region_id, "weekly"],
        default_args=TASK_DEFAULTS,
        doc_md=DOC.format_map(vars(region)),
        params={
            "from": Param(
                None,
                type=["null", "string"],
                format="date",
                title="from · 开始",
                description="empty: a year before the end",
            ),
            "to": Param(
                None,
                type=["null", "string"],
                format="date",
                title="to · 结束",
                description="exclusive; empty: the day of the run",
            ),
        },
    ):
        stage_tasks(
            stages_of(region, "week"),
            region,
            from_="{{ params['from'] or macros.ds_add(" + END + ", -365) }}",
            to="{{ " + END + " }}",
        )
