"""A scenario is found by its name, and what approving it would change is said before."""

import json
from datetime import date
from pathlib import Path

import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.publish.scenario_decision import decide_scenario
from bigdata_emis.publish.scenarios.scenario_rows import (
    days_with_moved,
    find_scenario,
    first_day,
    plan_supersessions,
    resolve_scenario,
    scenario_days,
    scenario_parameters,
)
from bigdata_emis.region import load_region
from tests.publish.scenarios.drafts import DECIDED, PARAMETERS, hours, publish_inventory, scenario_of, write_draft


def test_a_scenario_begins_on_its_local_day(home: Path) -> None:
    publish_inventory()
    write_draft("orange-1", window=hours(0, 30))
    region = load_region("nys")
    assert first_day(region, "orange-1") == date(2019, 7, 15)
    assert scenario_days(region, scenario_of("orange-1")) == [date(2019, 7, 15), date(2019, 7, 16)]
    assert scenario_parameters(find_scenario(region, "orange-1")) == PARAMETERS


def test_production_that_is_made_up_adds_the_days_after_the_scenario(home: Path) -> None:
    """24 hours after local midnight of the 16th."""
    write_draft("first")
    row = {**find_scenario(load_region("nys"), "first")}
    assert days_with_moved(load_region("nys"), row) == [date(2019, 7, 15)]
    row["parameters_json"] = json.dumps({"moved": {"rebound": {"share": 0.5, "hours": 24}}})
    assert days_with_moved(load_region("nys"), row) == [date(2019, 7, 15), date(2019, 7, 16)]


def test_an_unknown_scenario_is_refused_by_its_printable_name(home: Path) -> None:
    publish_inventory()
    with pytest.raises(InputError, match=r"scenario 'x\\x1b' is unknown in nys \(known: none\)"):
        find_scenario(load_region("nys"), "x\x1b")


def test_what_an_approval_would_supersede_is_known_before(home: Path) -> None:
    publish_inventory()
    write_draft("orange-1")
    write_draft("red-1", window=hours(6, 24), level="red")
    region = load_region("nys")
    assert plan_supersessions(region, "red-1") == []
    decide_scenario(region, "orange-1", decision="approved", actor="wang", known_utc=DECIDED)
    (planned,) = plan_supersessions(region, "red-1")
    assert (planned["scenario"], planned["until_utc"]) == ("orange-1", "2019-07-15T11:00:00+00:00")
    assert planned["uncovered_from_utc"] is None


def test_a_given_name_is_that_of_the_only_standing_scenario_with_it(home: Path) -> None:
    publish_inventory()
    for name in ("list-a-11aa", "list-a-22bb", "list-ab-33cc"):
        write_draft(name)
    region = load_region("nys")
    assert resolve_scenario(region, "list-ab") == "list-ab-33cc"
    assert resolve_scenario(region, "list-a-22bb") == "list-a-22bb"
    assert resolve_scenario(region, "unknown") == "unknown"
    two = r"2 scenarios of nys have the name 'list-a'; name one of them: list-a-11aa \(draft\), list-a-22bb \(draft\)"
    with pytest.raises(InputError, match=two):
        resolve_scenario(region, "list-a")
    decide_scenario(region, "list-a-11aa", decision="rejected", actor="wang", known_utc=DECIDED)
    assert resolve_scenario(region, "list-a") == "list-a-22bb"
