"""The levels of an event with their hours: of orders, else of acts."""

from bigdata_emis.codes import AlertEvent
from bigdata_emis.report.review.event_levels import LevelHours, are_hours_unknown, event_levels, level_path
from tests.report.review.reviewed_town import DAY, HOUR, START, event, standing, subject

ISSUE = event(AlertEvent.ISSUE, START - 6 * HOUR)
RAISED = event(AlertEvent.CHANGE, START + 9 * HOUR, alert_level_code="red")


def test_an_alert_that_does_not_change_has_one_level_in_all_its_hours() -> None:
    assert event_levels(subject(), []) == [LevelHours("orange", START, START + DAY)]


def test_an_act_changes_the_level_from_its_time_on() -> None:
    levels = event_levels(subject(events=[ISSUE, RAISED], alert=standing(level="red")), [])
    assert levels == [LevelHours("orange", START, START + 9 * HOUR), LevelHours("red", START + 9 * HOUR, START + DAY)]
    assert level_path(levels) == {"en": "orange, then red", "zh": "橙色预警转红色预警"}


def test_a_level_that_was_changed_before_it_began_was_in_force_in_no_hour() -> None:
    early = {**RAISED, "known_utc": START - HOUR}
    assert event_levels(subject(events=[ISSUE, early]), []) == [LevelHours("red", START, START + DAY)]


def test_an_alert_issued_late_counts_from_its_first_hour() -> None:
    late = {**ISSUE, "known_utc": START + 3 * HOUR}
    assert event_levels(subject(events=[late]), [])[0].from_utc == START


def test_a_change_stored_after_the_end_leaves_the_hours_unknown() -> None:
    about = subject(events=[ISSUE, {**RAISED, "known_utc": START + 90 * DAY}], alert=standing(level="red"))
    levels = event_levels(about, [])
    assert levels == [LevelHours("orange", START, START + DAY)]
    assert are_hours_unknown(about, levels)


def test_orders_of_the_scenario_are_the_levels() -> None:
    rows = [
        {"event_order_number": n, "alert_level_code": level, "order_from_utc": a, "order_to_utc": b}
        for n, level, a, b in ((2, "red", START + HOUR, START + DAY), (1, "orange", START, START + HOUR))
    ]
    assert [one.level for one in event_levels(subject(), rows)] == ["orange", "red"]


def test_the_levels_of_a_lifted_scenario_end_with_it() -> None:
    rows = [
        {"event_order_number": n, "alert_level_code": level, "order_from_utc": a, "order_to_utc": b}
        for n, level, a, b in ((1, "orange", START, START + 9 * HOUR), (2, "red", START + 9 * HOUR, START + DAY))
    ]
    lifted = subject(scenario={"in_force_to_utc": START + 12 * HOUR})
    assert event_levels(lifted, rows)[-1] == LevelHours("red", START + 9 * HOUR, START + 12 * HOUR)
    before = subject(scenario={"in_force_to_utc": START + 9 * HOUR})
    assert [one.level for one in event_levels(before, rows)] == ["orange"]
