"""What became of a scenario: one sentence with the time, also when its alert ended before its order."""

from datetime import timedelta
from pathlib import Path

import pytest

from bigdata_emis.publish.alerts.alert_acts import Signature, issue_for_scenario, lift_alert
from bigdata_emis.publish.scenario_decision import decide_scenario
from bigdata_emis.publish.scenarios.scenario_changes import lift_scenario, retire_scenario, show_scenario
from bigdata_emis.publish.scenarios.scenario_state import alerts_of_scenario
from bigdata_emis.region import load_region
from tests.publish.scenarios.drafts import DECIDED, HOUR, hours, publish_inventory, write_draft

NAME = "orange-1"
NOON = HOUR + timedelta(hours=12)
END = HOUR + timedelta(hours=24)
WHOLE = f"{HOUR.isoformat()} to {END.isoformat()}"


@pytest.fixture(autouse=True)
def draft(home: Path) -> None:
    publish_inventory()
    write_draft(NAME)


def state() -> str:
    return str(show_scenario(load_region("nys"), NAME)["state"])


def approve(name: str = NAME) -> None:
    decide_scenario(load_region("nys"), name, decision="approved", actor="wang", known_utc=DECIDED)


def test_a_draft_is_a_draft_and_an_approved_scenario_is_in_force_in_its_hours() -> None:
    assert state() == "draft"
    approve()
    assert state() == f"in force {WHOLE}"


def test_a_lifted_scenario_says_from_when_and_a_retired_one_that_it_has_no_hour() -> None:
    approve()
    lift_scenario(load_region("nys"), NAME, at_utc=NOON, actor="li", known_utc=DECIDED)
    assert state() == f"lifted from {NOON.isoformat()}: was in force {HOUR.isoformat()} to {NOON.isoformat()}"
    retire_scenario(load_region("nys"), NAME, actor="li", known_utc=DECIDED)
    assert state() == "retired: in force in no hour"


def test_a_superseded_scenario_says_from_when() -> None:
    write_draft("red-1", window=hours(6, 12), level="red")
    approve()
    approve("red-1")
    until = (HOUR + timedelta(hours=6)).isoformat()
    assert state() == f"superseded from {until}: was in force {HOUR.isoformat()} to {until}"


def test_an_order_whose_alert_was_lifted_goes_on_and_says_so() -> None:
    approve()
    region = load_region("nys")
    alert = issue_for_scenario(region, NAME, cities=(), known_utc=DECIDED)["alert"]
    assert state() == f"in force {WHOLE}"
    assert alerts_of_scenario(region, "red-1") == []
    lift_alert(region, alert, signature=Signature("li", DECIDED), at_utc=NOON)
    document = show_scenario(region, NAME)
    assert [(one["alert"], one["is_lifted"], one["to_utc"]) for one in document["alerts"]] == [
        (alert, True, NOON.isoformat())
    ]
    assert document["state"] == (
        f"in force {WHOLE}, but alert {alert} was lifted by li from {NOON.isoformat()}: "
        "end the order with emis scenario lift"
    )
