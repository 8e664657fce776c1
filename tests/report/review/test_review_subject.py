"""What a review is about: an alert that is over, with the scenario that it ordered."""

import pytest

from bigdata_emis.codes import AlertEvent
from bigdata_emis.errors import InputError, RefusedError
from bigdata_emis.publish.alerts.alert_acts import Signature, begin_alert, change_alert, issue_for_scenario, lift_alert
from bigdata_emis.report.review.review_subject import find_subject
from tests.report.city_day import CITY, add_scenario, fill_day
from tests.report.review.reviewed_town import DAY, HOUR, START, WINDOW
from tests.report.stores import START as SCENARIO_START

LATER = START + 10 * DAY
IN_FORCE = {
    "authentication_code": "command",
    "status": "in_force",
    "in_force_from_utc": SCENARIO_START,
    "in_force_to_utc": SCENARIO_START + DAY,
}
LI = Signature("Li", START - HOUR)


def issue(*, kind=AlertEvent.ISSUE, window=WINDOW) -> str:
    return str(begin_alert(CITY, kind=kind, level="orange", window=window, signature=LI)["alert"])


def test_an_alert_that_was_lifted_is_reviewed_over_its_hours(home) -> None:
    fill_day()
    name = issue()
    lift_alert(CITY, name, signature=LI, at_utc=START + 6 * HOUR)
    subject = find_subject(CITY, known_utc=START + 7 * HOUR, alert_id=name)
    assert (subject.name, subject.level, subject.scenario) == (name, "orange", None)
    assert (subject.window.from_utc, subject.window.to_utc) == (START, START + 6 * HOUR)
    assert [event["alert_event_code"] for event in subject.events] == ["issue", "lift"]


def test_an_alert_that_ended_as_planned_needs_no_lift(home) -> None:
    fill_day()
    assert find_subject(CITY, known_utc=START + DAY, alert_id=issue()).window == WINDOW


def test_an_alert_that_is_in_force_is_not_reviewed(home) -> None:
    fill_day()
    with pytest.raises(RefusedError, match="is in force until"):
        find_subject(CITY, known_utc=START + HOUR, alert_id=issue())


def test_an_alert_that_was_withdrawn_has_nothing_to_review(home) -> None:
    fill_day()
    name = issue()
    lift_alert(CITY, name, signature=LI, at_utc=START - HOUR)
    with pytest.raises(RefusedError, match="was in force in no hour"):
        find_subject(CITY, known_utc=LATER, alert_id=name)


def test_an_alert_has_the_scenario_that_ordered_it_last_and_the_scenario_has_its_alert(home) -> None:
    fill_day()
    add_scenario("red-1", **IN_FORCE)
    name = issue_for_scenario(CITY, "red-1", cities=(), known_utc=START, regional_level="red")["alert"]
    for asked in ({"alert_id": name}, {"scenario_id": "red-1"}):
        subject = find_subject(CITY, known_utc=LATER, **asked)
        assert (subject.name, subject.scenario["scenario_id"]) == (name, "red-1")
    add_scenario("orange-2", alert_level_code="orange", **IN_FORCE)
    issue_for_scenario(CITY, "orange-2", cities=(), known_utc=START + HOUR)
    assert find_subject(CITY, known_utc=LATER, alert_id=name).scenario["scenario_id"] == "orange-2"


def test_an_alert_has_the_scenario_in_force_although_nobody_changed_the_alert_when_it_was_approved(home) -> None:
    """Of the first order no hour is left: it began when the second one did."""
    fill_day()
    add_scenario("orange-1", **IN_FORCE)
    name = issue_for_scenario(CITY, "orange-1", cities=(), known_utc=START)["alert"]
    add_scenario("orange-1", **{**IN_FORCE, "status": "superseded", "in_force_to_utc": SCENARIO_START})
    add_scenario("red-2", **IN_FORCE)
    add_scenario("draft-3")
    subject = find_subject(CITY, known_utc=LATER, alert_id=name)
    assert [row["scenario_id"] for row in subject.scenarios] == ["orange-1", "red-2"]
    assert subject.scenario["scenario_id"] == "red-2"


def test_orders_that_followed_each_other_are_all_of_the_alert(home) -> None:
    fill_day()
    add_scenario("orange-1", **IN_FORCE)
    name = issue_for_scenario(CITY, "orange-1", cities=(), known_utc=START)["alert"]
    add_scenario("orange-1", **{**IN_FORCE, "status": "superseded", "in_force_to_utc": SCENARIO_START + 6 * HOUR})
    add_scenario("red-2", **{**IN_FORCE, "in_force_from_utc": SCENARIO_START + 6 * HOUR})
    subject = find_subject(CITY, known_utc=LATER, alert_id=name)
    assert [row["scenario_id"] for row in subject.scenarios] == ["orange-1", "red-2"]


def test_a_change_by_hand_keeps_the_scenario(home) -> None:
    fill_day()
    add_scenario("red-1", **IN_FORCE)
    name = issue_for_scenario(CITY, "red-1", cities=(), known_utc=START)["alert"]
    change_alert(CITY, name, signature=LI, level="orange")
    subject = find_subject(CITY, known_utc=LATER, alert_id=name)
    assert (subject.level, subject.scenario["scenario_id"]) == ("orange", "red-1")


def test_a_scenario_without_alert_is_reviewed_over_its_hours_in_force(home) -> None:
    fill_day()
    add_scenario("red-1", **IN_FORCE)
    subject = find_subject(CITY, known_utc=LATER, scenario_id="red-1")
    assert (subject.name, subject.level, subject.alert) == ("red-1", "red", None)


def test_a_draft_was_never_in_force(home) -> None:
    fill_day()
    add_scenario("red-1")
    with pytest.raises(RefusedError, match="'red-1' was in force in no hour"):
        find_subject(CITY, known_utc=LATER, scenario_id="red-1")


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({}, "of one alert or of one scenario"),
        ({"alert_id": "a", "scenario_id": "b"}, "of one alert or of one scenario"),
        ({"alert_id": "a"}, "has no alert 'a'"),
        ({"scenario_id": "../b"}, "scenario '../b' is unknown"),
    ],
)
def test_what_does_not_exist_is_named(home, asked, words) -> None:
    fill_day()
    with pytest.raises(InputError, match=words):
        find_subject(CITY, known_utc=LATER, **asked)
