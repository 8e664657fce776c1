"""Every day: the inventory of the local day before, one run for each day (asset partition)."""

from airflow.sdk import DAG

from bigdata_emis.airflow import dag_tasks

DOC = """
### {name_zh} · {name_en}: 逐日排放清单 · the inventory of a local day

分区键为当地日期 `YYYY-MM-DD`。The partition key is the day. Each task is `emis run STAGE --region {region_id} --from
DAY --to DAY+1`; the edges follow from the tables. A rerun replaces that day and no other; a check that refuses to
publish leaves the last version in place. A feed that is down makes the day partial: it is published,
and the last task fails.
"""

for region in dag_tasks.regions():
    with DAG(
        f"inventory_{region.region_id}",
        dag_display_name=f"{dag_tasks.title(region)} · 逐日清单 inventory",
        schedule=dag_tasks.schedule_of_days(region, "30 3 * * *"),
        catchup=False,
        max_active_runs=1,
        max_active_tasks=2,
        dagrun_timeout=dag_tasks.LONGEST_RUN,
        tags=["emis", region.region_id, "daily"],
        default_args=dag_tasks.TASK_DEFAULTS,
        user_defined_macros={"day_after": dag_tasks.day_after},
        doc_md=DOC.format_map(vars(region)),
    ):
        dag_tasks.inventory_tasks(
            region,
            from_="{{ dag_run.partition_key }}",
            to="{{ day_after(dag_run.partition_key) }}",
            check=dag_tasks.check_day(region.region_id),
        )
