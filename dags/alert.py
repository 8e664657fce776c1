"""On an alert: an operator's form, checked, recalculated, approved by a person, published, reported."""

from airflow.sdk import DAG, task

from bigdata_emis.airflow import alert_end, approval, dag_tasks, scenario_tasks
from bigdata_emis.airflow.params import alert_params

TITLES = dag_tasks.region_titles()
REGION, SCENARIO = "{{ params.region }}", "{{ ti.xcom_pull('recalculate')['scenario'] }}"
OF_SCENARIO = ["--region", REGION, "--scenario", SCENARIO]
DOC = """
### 应急重算 · Emergency recalculation

Form → check → `emis recalc` → a person: `emis approve` → `emis scenario publish` → `emis report`; when it is over,
`emis outcome` → `emis review`. 超时未答复视为驳回。No answer in time is a rejection; a mark by hand decides nothing.
"""

with DAG(
    "alert",
    schedule=None,
    max_active_runs=32,
    tags=["emis", "alert"],
    default_args=dag_tasks.TASK_DEFAULTS,
    user_defined_macros={"titles": TITLES},
    doc_md=DOC,
    params=alert_params(TITLES),
):
    form = task(task_id="check")(dag_tasks.check_alert_form)()
    recalculate = dag_tasks.EmisOperator(task_id="recalculate", arguments=form)
    approve = approval.RecordedApproval(
        task_id="approve",
        subject=f"发布情景？Publish {SCENARIO}?",
        body=approval.LEDGER,
        assigned_users=approval.approvers(),
        decision=["approve", *OF_SCENARIO],
    )
    publish = scenario_tasks.scenario_task("publish", ["scenario", "publish"], OF_SCENARIO)
    report = dag_tasks.EmisOperator(task_id="report", arguments=["report", *OF_SCENARIO, "--json"])
    recalculate >> approve >> publish >> report
    approve >> alert_end.issue_and_review(OF_SCENARIO, REGION)
