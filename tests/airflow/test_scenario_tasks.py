"""A task about a scenario that is no longer in force is skipped with the reason; another refusal is a failure."""

from pathlib import Path

import pytest
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from bigdata_emis.airflow.scenario_tasks import scenario_task, why_ended
from bigdata_emis.publish.scenario_decision import decide_scenario
from bigdata_emis.region import load_region
from bigdata_emis.run.run_record import list_runs
from tests.publish.scenarios.drafts import DECIDED, acts, publish_inventory, write_draft

OF_SCENARIO = ["--region", "nys", "--scenario", "orange-1"]


@pytest.fixture(autouse=True)
def drafts(home: Path) -> None:
    """Two drafts of the same hours."""
    publish_inventory()
    write_draft("orange-1")
    write_draft("red-2", level="red")


def decide(name: str, decision: str = "approved") -> None:
    decide_scenario(load_region("nys"), name, decision=decision, actor="wang", known_utc=DECIDED)


def issue() -> object:
    return scenario_task("issue", ["alert", "issue"], OF_SCENARIO).execute({})


def test_the_alert_of_a_scenario_in_force_is_issued() -> None:
    decide("orange-1")
    assert "alert" in issue()  # type: ignore[operator]


def test_of_a_superseded_scenario_the_reason_names_the_one_that_replaced_it() -> None:
    decide("orange-1")
    decide("red-2")
    before = acts()
    with pytest.raises(AirflowSkipException) as skipped:
        issue()
    words = str(skipped.value)
    assert words.startswith("issue: scenario orange-1 已被替代 is superseded: orange-1 is superseded from ")
    assert "by red-2" in words
    assert (acts(), list_runs("nys")) == (before, [])  # nothing was tried, so nothing was refused


def test_of_a_rejected_scenario_the_reason_names_who_rejected_it() -> None:
    decide("orange-1", "rejected")
    with pytest.raises(AirflowSkipException, match="已驳回 is rejected: orange-1 .scenario rejected, wang"):
        issue()


def test_another_refusal_about_a_scenario_in_force_is_a_failure() -> None:
    decide("orange-1")
    task = scenario_task("publish", ["scenario", "publish"], ["--region", "nys", "--scenario", "orange-1"])
    task.arguments = ["scenario", "publish", "--region", "nys", "--scenario", "red-2", "--json"]
    with pytest.raises(AirflowFailException, match="is a draft: nobody approved it"):
        task.execute({})


def test_what_nobody_approved_is_a_failure() -> None:
    with pytest.raises(AirflowFailException, match="is in force in no hour"):
        issue()


def test_a_scenario_that_is_in_force_or_open_has_not_ended() -> None:
    assert why_ended({"scenario": "s", "is_in_force": True, "status": "superseded", "acts": []}) == ""
    assert why_ended({"scenario": "s", "is_in_force": False, "status": "draft", "acts": []}) == ""
    assert why_ended({"scenario": "s", "is_in_force": False, "status": "lifted", "acts": []}) == (
        "scenario s 已解除 is lifted"
    )
