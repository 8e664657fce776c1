"""Every hour: collect each feed of each region."""

from airflow.sdk import DAG, CronDataIntervalTimetable

from bigdata_emis.airflow import dag_tasks
from bigdata_emis.airflow.alert_proposal import add_proposal
from bigdata_emis.airflow.params import window_params

DOC = """
### {name_zh} · {name_en}: 逐时采集 · collect every feed

Each task is `emis run collect_FEED --region {region_id} --from HOUR --to HOUR`. The bytes as received are stored before
they are read, and the same answer is stored once, so a run may be repeated at any time. A feed that is down is tried
once more and does not stop the others; the next hour asks for what was missed. By hand, give `from` and `to` in local
time or with an offset; the default is the last whole hour.
"""

FROM = "{{ params['from'] or " + dag_tasks.RUN_START + ".isoformat() }}"
TO = "{{ params['to'] or " + dag_tasks.RUN_END + ".isoformat() }}"

for region in dag_tasks.regions():
    with DAG(
        f"collect_{region.region_id}",
        dag_display_name=f"{dag_tasks.title(region)} · 逐时采集 collect",
        schedule=dag_tasks.schedule_for(region, CronDataIntervalTimetable("0 * * * *", timezone=region.time_zone)),
        catchup=False,
        max_active_runs=2,  # an hour whose feed is down does not hold up the other feeds of the next hour
        max_active_tasks=2,
        dagrun_timeout=dag_tasks.LONGEST_COLLECTION_RUN,
        tags=["emis", region.region_id, "hourly"],
        default_args=dag_tasks.COLLECTION_DEFAULTS,
        doc_md=DOC.format_map(vars(region)),
        params=window_params(when_empty=("start of the scheduled hour, or of the last whole hour", "one hour later")),
    ):
        feeds = [stage for stage in dag_tasks.region_stages(region, "day") if stage.feed]
        check = dag_tasks.check_window(region.region_id, FROM, TO)
        add_proposal(dag_tasks.stage_tasks(feeds, region, from_=FROM, to=TO, check=check), region, at=TO)
