"""By hand, when audited totals of a month have arrived: its days anew, as new versions."""

from airflow.sdk import DAG, Param

from bigdata_emis.airflow.tasks import TASK_DEFAULTS, EmisOperator, regions

DOC = """
### {name_zh} · {name_en}: restate a month

Put the audited totals into `registry/audited_emission_monthly` of the region folder, then trigger with the month. The task is
`emis restate --region {region_id} --month MONTH`: lines with an audit add up to it exactly, every day of the month that was made
is published as a new version, and the versions before stay in history.
"""

for region in regions():
    with DAG(
        f"restate_{region.region_id}",
        schedule=None,
        catchup=False,
        max_active_runs=1,
        tags=["emis", region.region_id, "by hand"],
        default_args=TASK_DEFAULTS,
        doc_md=DOC.format_map(vars(region)),
        params={"month": Param("2015-11", type="string", pattern=r"^\d{4}-\d{2}$", title="month · 月份")},
    ):
        EmisOperator(
            task_id="restate",
            arguments=["restate", "--region", region.region_id, "--month", "{{ params.month }}", "--json"],
        )
