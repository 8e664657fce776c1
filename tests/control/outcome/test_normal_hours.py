"""Normal hours: before the window, without a scenario in force, without holidays and off-peak orders."""

from datetime import date, timedelta

from bigdata_emis.control.outcome.day_grid import DayGrid
from bigdata_emis.control.outcome.normal_hours import find_normal_hours
from tests.control.outcome.outcome_frames import FIRST, exclusions, hour, make_table, order_window

GRID = DayGrid(FIRST, 12, "UTC")


def scenario(first, last):
    row = {"scenario_id": "s", "in_force_from_utc": hour(first), "in_force_to_utc": hour(last)}
    return make_table("scenario", [row])


NO_SCENARIO, NO_ALERT = make_table("scenario", []), make_table("alert_event", [])


def alert(*events):
    """Acts about one alert: (code, first hour, end hour or None)."""
    rows = [
        {
            "record_number": number,
            "standing_alert_id": "town-issue-1",
            "alert_event_code": code,
            "alert_level_code": "orange",
            "from_utc": None if first is None else hour(first),
            "to_utc": None if end is None else hour(end),
            "actor": "Li",
            "authentication_code": "command",
            "known_utc": hour(first or end),
        }
        for number, (code, first, end) in enumerate(events)
    ]
    return make_table("alert_event", rows)


def not_normal(alert_event):
    normal = find_normal_hours(GRID, NO_SCENARIO, alert_event, exclusions(), window=order_window()).is_normal
    return (~normal[:11]).ravel().nonzero()[0].tolist()


def test_the_hours_of_the_window_are_not_normal():
    normal = find_normal_hours(GRID, NO_SCENARIO, NO_ALERT, exclusions(), window=order_window(7, 24)).is_normal
    assert normal[:11].all()
    assert normal[11].tolist() == [True] * 7 + [False] * 17


def test_hours_in_which_a_scenario_was_in_force_are_not_normal():
    normal = find_normal_hours(GRID, scenario(30, 40), NO_ALERT, exclusions(), window=order_window()).is_normal
    assert (~normal[:11]).ravel().nonzero()[0].tolist() == list(range(30, 40))


def test_a_draft_excludes_nothing():
    draft = make_table("scenario", [{"scenario_id": "d"}])
    assert find_normal_hours(GRID, draft, NO_ALERT, exclusions(), window=order_window()).is_normal[:11].all()


def test_a_holiday_excludes_its_days_for_everybody():
    holiday = {"exclusion_code": "holiday", "valid_from": date(2019, 7, 3), "valid_to": date(2019, 7, 4)}
    normal = find_normal_hours(GRID, NO_SCENARIO, NO_ALERT, exclusions(holiday), window=order_window()).is_normal
    assert [day for day in range(11) if not normal[day].any()] == [2, 3]


def test_an_off_peak_order_excludes_the_days_of_its_industry_only():
    order = {
        "exclusion_code": "off_peak",
        "valid_from": FIRST,
        "valid_to": FIRST + timedelta(days=1),
        "industry_code": "cement_clinker",
    }
    normal = find_normal_hours(GRID, NO_SCENARIO, NO_ALERT, exclusions(order), window=order_window())
    kiln, foundry = normal.of_industries(["cement_clinker", "foundry"])
    assert not kiln[:2].any()
    assert foundry[:11].all()


def test_the_hours_of_an_alert_without_a_scenario_are_not_normal():
    assert not_normal(alert(("issue", 30, 40))) == list(range(30, 40))


def test_an_alert_ends_where_its_last_act_says():
    assert not_normal(alert(("issue", 30, 60), ("lift", None, 40))) == list(range(30, 40))
    assert not_normal(alert(("issue", 30, 40), ("change", None, 44))) == list(range(30, 44))


def test_prompts_and_temporary_controls_count_as_alerts():
    for kind in ("regional_prompt", "temporary"):
        assert not_normal(alert((kind, 30, 32))) == [30, 31]


def test_an_alert_without_an_end_leaves_no_normal_hour_after_its_start():
    assert not_normal(alert(("issue", 250, None))) == list(range(250, 264))


def test_an_alert_that_begins_within_an_hour_takes_the_whole_hour():
    event = alert(("issue", 30, 32)).to_pylist()[0]
    half = timedelta(minutes=30)
    moved = {**event, "from_utc": event["from_utc"] + half, "to_utc": event["to_utc"] + half}
    assert not_normal(make_table("alert_event", [moved])) == [30, 31, 32]
