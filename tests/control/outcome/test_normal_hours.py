"""Normal hours: before the window, without a scenario in force, without holidays and off-peak orders."""

from datetime import date, timedelta

from bigdata_emis.control.outcome.day_grid import DayGrid
from bigdata_emis.control.outcome.normal_hours import find_normal_hours
from tests.control.outcome.outcome_frames import FIRST, exclusions, hour, make_table, order_window

GRID = DayGrid(FIRST, 12, "UTC")


def scenario(first, last):
    row = {"scenario_id": "s", "in_force_from_utc": hour(first), "in_force_to_utc": hour(last)}
    return make_table("scenario", [row])


NO_SCENARIO = make_table("scenario", [])


def test_the_hours_of_the_window_are_not_normal():
    normal = find_normal_hours(GRID, NO_SCENARIO, exclusions(), window=order_window(7, 24)).is_normal
    assert normal[:11].all()
    assert normal[11].tolist() == [True] * 7 + [False] * 17


def test_hours_in_which_a_scenario_was_in_force_are_not_normal():
    normal = find_normal_hours(GRID, scenario(30, 40), exclusions(), window=order_window()).is_normal
    assert (~normal[:11]).ravel().nonzero()[0].tolist() == list(range(30, 40))


def test_a_draft_excludes_nothing():
    draft = make_table("scenario", [{"scenario_id": "d"}])
    assert find_normal_hours(GRID, draft, exclusions(), window=order_window()).is_normal[:11].all()


def test_a_holiday_excludes_its_days_for_everybody():
    holiday = {"exclusion_code": "holiday", "valid_from": date(2019, 7, 3), "valid_to": date(2019, 7, 4)}
    normal = find_normal_hours(GRID, NO_SCENARIO, exclusions(holiday), window=order_window()).is_normal
    assert [day for day in range(11) if not normal[day].any()] == [2, 3]


def test_an_off_peak_order_excludes_the_days_of_its_industry_only():
    order = {
        "exclusion_code": "off_peak",
        "valid_from": FIRST,
        "valid_to": FIRST + timedelta(days=1),
        "industry_code": "cement_clinker",
    }
    normal = find_normal_hours(GRID, NO_SCENARIO, exclusions(order), window=order_window())
    kiln, foundry = normal.of_industries(["cement_clinker", "foundry"])
    assert not kiln[:2].any()
    assert foundry[:11].all()
