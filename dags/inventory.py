"""Every day: the inventory of the local day before, one run for each day (asset partition)."""

from airflow.sdk import DAG, Asset, CronPartitionTimetable

from bigdata_emis.airflow.tasks import (
    TASK_DEFAULTS,
    by_hand_per_day,
    day_after,
    regions,
    schedule_of,
    stage_tasks,
    stages_of,
)

DOC = """
### {name_zh} · {name_en}: the inventory of a local day

The partition key is the day, `YYYY-MM-DD`. Each task is `emis run STAGE --region {region_id} --from DAY --to DAY+1`, and the
edges follow from the tables that the stages read and write. A rerun of a day replaces that day and no other; a check that
refuses to publish leaves the last version in place. A feed that is down makes the day partial; it is published as such.

By hand: give the day as partition key when triggering, or `emis day --region {region_id} --date DAY`.
"""

for region in regions():
    with DAG(
        f"inventory_{region.region_id}",
        schedule=schedule_of(
            region,
            CronPartitionTimetable("30 3 * * *", timezone=region.time_zone, run_offset=-1, key_format="%Y-%m-%d"),
            otherwise=by_hand_per_day(),
        ),
        catchup=False,
        max_active_runs=1,
        max_active_tasks=2,
        tags=["emis", region.region_id, "daily"],
        default_args=TASK_DEFAULTS,
        user_defined_macros={"day_after": day_after},
        doc_md=DOC.format_map(vars(region)),
    ):
        stage_tasks(
            stages_of(region, "setup", "day"),
            region,
            from_="{{ dag_run.partition_key }}",
            to="{{ day_after(dag_run.partition_key) }}",
            outlets={
                "publish": Asset(name=f"published_{region.region_id}", uri=f"emis://published/{region.region_id}")
            },
        )
