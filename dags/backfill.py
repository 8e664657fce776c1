"""Every morning the published days of the last week that late rows have changed; by hand, any range of days."""

from airflow.sdk import DAG, CronDataIntervalTimetable, Param

from bigdata_emis.airflow import dag_tasks

DOC = """
### {name_zh} · {name_en}: 补算 · compute past days again

The task is `emis backfill --region {region_id} --from DAY --to DAY --late`: published days of which readings have
arrived since get a new version, and the log says what changed by how much. Earlier versions stay in history. By hand,
give `from` and `to`, and `late` off to collect and compute every day of the range. A killed run goes on where it was.
"""
FROM = "{{ params['from'] or macros.ds_add(dag_run.run_after | ds, -8) }}"
TO = "{{ params['to'] or macros.ds_add(dag_run.run_after | ds, -2) }}"
LATE = "{{ '--late' if params.late else '--no-late' }}"

for region in dag_tasks.regions():
    with DAG(
        f"backfill_{region.region_id}",
        dag_display_name=f"{dag_tasks.title(region)} · 补算 backfill",
        schedule=dag_tasks.schedule_for(region, CronDataIntervalTimetable("0 9 * * *", timezone=region.time_zone)),
        catchup=False,
        max_active_runs=1,
        dagrun_timeout=dag_tasks.LONGEST_TRAINING_RUN,
        tags=["emis", region.region_id, "daily"],
        default_args=dag_tasks.TASK_DEFAULTS,
        doc_md=DOC.format_map(vars(region)),
        params={
            "from": Param(None, title="from · 首日", type=["null", "string"], format="date"),
            "to": Param(None, title="to · 末日", type=["null", "string"], format="date"),
            "late": Param(True, type="boolean", title="late · 仅迟到数据涉及的日期"),
        },
    ):
        dag_tasks.EmisOperator(
            task_id="backfill",
            execution_timeout=dag_tasks.LONGEST_TRAINING,
            arguments=["backfill", "--region", region.region_id, "--from", FROM, "--to", TO, "--json", LATE],
        )
