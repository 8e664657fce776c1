"""Where the proposal of a level is in a DAG."""

from airflow.sdk import DAG

from bigdata_emis.airflow.alert_proposal import add_proposal
from bigdata_emis.airflow.dag_tasks import EmisOperator
from bigdata_emis.region import load_region


def test_a_proposal_follows_the_forecast_and_orders_nothing() -> None:
    with DAG("collect"):
        forecast = EmisOperator(task_id="collect_forecast", arguments=["run", "collect_forecast"])
        proposal = add_proposal({"collect_forecast": forecast}, load_region("nys"), at="NOON")
    assert proposal is not None
    assert proposal.arguments == ["alert", "propose", "--region", "nys", "--at", "NOON", "--if-new", "--json"]
    assert proposal.upstream_task_ids == {"collect_forecast"}


def test_a_region_without_a_forecast_has_no_proposal() -> None:
    assert add_proposal({}, load_region("nys"), at="NOON") is None
