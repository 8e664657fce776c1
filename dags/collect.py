"""Every hour: collect each feed of each region."""

from airflow.sdk import DAG, CronDataIntervalTimetable, Param

from bigdata_emis.airflow.tasks import RUN_END, RUN_START, TASK_DEFAULTS, regions, schedule_of, stage_tasks, stages_of

DOC = """
### {name_zh} · {name_en}: collect every feed

Each task is `emis run collect_FEED --region {region_id} --from HOUR --to HOUR`. What is received is kept as it came before
it is read; the same answer is kept once, so a run may be repeated at any time. A feed that is down is tried again and
does not stop the others. Run by hand, give `from` and `to`, in local time or with an offset; without them it is the last whole hour.
"""

for region in regions():
    with DAG(
        f"collect_{region.region_id}",
        schedule=schedule_of(region, CronDataIntervalTimetable("0 * * * *", timezone=region.time_zone)),
        catchup=False,
        max_active_runs=1,
        max_active_tasks=2,
        tags=["emis", region.region_id, "hourly"],
        default_args=TASK_DEFAULTS,
        doc_md=DOC.format_map(vars(region)),
        params={
            "from": Param(
                None,
                type=["null", "string"],
                title="from · 开始",
                description="start; empty: the hour of the schedule, or the last whole hour",
            ),
            "to": Param(None, type=["null", "string"], title="to · 结束", description="end, exclusive"),
        },
    ):
        stage_tasks(
            [stage for stage in stages_of(region, "day") if stage.feed],
            region,
            from_="{{ params['from'] or " + RUN_START + ".isoformat() }}",
            to="{{ params['to'] or " + RUN_END + ".isoformat() }}",
        )
