"""Every week: refit the activity models of each region."""

from airflow.sdk import DAG, CronDataIntervalTimetable

from bigdata_emis.airflow import dag_tasks
from bigdata_emis.airflow.params import window_params

DOC = """
### {name_zh} · {name_en}: 模型训练 · fit the models

Each task is `emis run STAGE --region {region_id} --from DAY --to DAY` over the days before the run. A model is in use
as soon as it is in the registry. By hand, give `from` and `to`; the default is the year before now.
"""
END = f"(params['to'] or ({dag_tasks.RUN_END} | ds))"
FROM, TO = "{{ params['from'] or macros.ds_add(" + END + ", -365) }}", "{{ " + END + " }}"

for region in dag_tasks.regions():
    with DAG(
        f"train_{region.region_id}",
        dag_display_name=f"{dag_tasks.title(region)} · 模型训练 train",
        schedule=dag_tasks.schedule_for(region, CronDataIntervalTimetable("0 5 * * 1", timezone=region.time_zone)),
        catchup=False,
        max_active_runs=1,
        dagrun_timeout=dag_tasks.LONGEST_TRAINING_RUN,
        tags=["emis", region.region_id, "weekly"],
        default_args=dag_tasks.TASK_DEFAULTS,
        doc_md=DOC.format_map(vars(region)),
        params=window_params(when_empty=("a year before the end", "the day of the run"), text_format="date"),
    ):
        stages = dag_tasks.region_stages(region, "week")
        check = dag_tasks.check_training(region.region_id, FROM, TO)
        dag_tasks.stage_tasks(stages, region, from_=FROM, to=TO, check=check, longest=dag_tasks.LONGEST_TRAINING)
