"""By hand, when the audited totals of a month have arrived: new versions of its days."""

from airflow.sdk import DAG, Param

from bigdata_emis.airflow import dag_tasks

DOC = """
### {name_zh} · {name_en}: 月度重算发布 · restate a month

Put the audited totals into `registry/audited_emission_monthly` of the region folder, then trigger with the month. The
task is `emis restate --region {region_id} --month MONTH`: lines with an audit add up to it exactly, every published day
of the month gets a new version, and earlier versions stay in history.
"""

for region in dag_tasks.regions():
    with DAG(
        f"restate_{region.region_id}",
        dag_display_name=f"{dag_tasks.title(region)} · 月度重算 restate",
        schedule=None,
        catchup=False,
        max_active_runs=1,
        dagrun_timeout=dag_tasks.LONGEST_TRAINING_RUN,
        tags=["emis", region.region_id, "by hand"],
        default_args=dag_tasks.TASK_DEFAULTS,
        doc_md=DOC.format_map(vars(region)),
        params={"month": Param("2015-11", type="string", pattern=r"^\d{4}-\d{2}$", title="month · 月份")},
    ):
        dag_tasks.EmisOperator(
            task_id="restate",
            execution_timeout=dag_tasks.LONGEST_TRAINING,
            arguments=["restate", "--region", region.region_id, "--month", "{{ params.month }}", "--json"],
        )
