"""On an alert: an operator's form, checked, recalculated, approved by a person, published, reported."""

from airflow.sdk import DAG, Param, task

from bigdata_emis.airflow import tasks as emis
from bigdata_emis.airflow.alert_form import levels
from bigdata_emis.airflow.approval import RecordedApproval

TITLES = emis.region_titles()
SCENARIO = "{{ ti.xcom_pull('recalculate')['scenario'] }}"
DECIDED = [
    "--region",
    "{{ params.region }}",
    "--scenario",
    SCENARIO,
    "--by",
    "{{ ti.xcom_pull('approve', key='decided_by') }}",
]

with DAG(
    "alert",
    schedule=None,
    max_active_runs=4,
    tags=["emis", "alert"],
    default_args=emis.TASK_DEFAULTS,
    user_defined_macros={"titles": TITLES},
    doc_md="### 应急重算 · Emergency recalculation\nForm → check → `emis recalc` → a person approves → `emis approve` → `emis report`.",
    params={
        "region": Param(
            next(iter(TITLES)), type="string", enum=list(TITLES), values_display=TITLES, title="region · 区域"
        ),
        "level": Param("orange", type="string", enum=list(levels()), values_display=levels(), title="level · 预警级别"),
        "from": Param(type="string", format="date-time", title="from · 开始", description="whole hour"),
        "to": Param(type="string", format="date-time", title="to · 结束", description="whole hour, exclusive"),
        "name": Param(None, type=["null", "string"], maxLength=40, pattern=r"^[\w-]*$", title="name · 情景名称"),
        "measures": Param(
            None,
            type=["null", "string"],
            format="multiline",
            title="measures · 措施清单",
            description="CSV text; empty: the region's",
        ),
    },
):
    form = task(task_id="check", retries=0)(emis.check_alert_form)()
    recalculate = emis.EmisOperator(task_id="recalculate", arguments=form)
    approve = RecordedApproval(
        task_id="approve", subject=f"Publish {SCENARIO}?", body=emis.LEDGER, assigned_users=emis.approvers()
    )
    publish = emis.EmisOperator(task_id="publish", arguments=["approve", *DECIDED, "--json"])
    report = emis.EmisOperator(task_id="report", arguments=["report", *DECIDED[:4], "--json"])
    turn_down = emis.EmisOperator(
        task_id="turn_down", arguments=["approve", *DECIDED, "--reject", "--json"], trigger_rule="all_skipped"
    )
    recalculate >> approve >> publish >> [report, turn_down]
