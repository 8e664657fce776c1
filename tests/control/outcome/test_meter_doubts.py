"""Hours in which a meter says nothing of its line: off line, read in part, stuck, replaced."""

from datetime import timedelta

import numpy as np

from bigdata_emis.codes import Evidence
from bigdata_emis.control.outcome.day_grid import DayGrid
from bigdata_emis.control.outcome.meter_doubts import REASONS, find_meter_doubts, find_stuck_hours
from tests.control.outcome.outcome_frames import FIRST, NORMAL_DAYS, ORDER_DAY, line_energy, make_table

GRID = DayGrid(FIRST, NORMAL_DAYS + 1, "UTC")
LAST_NORMAL = ORDER_DAY - timedelta(days=1)
METER = {"meter_id": "M1", "production_line_id": "a", "meter_role_code": "production", "interval_min": 15.0}


def doubts(rows, *meters):
    """Reason by hour of the day of the order, empty where the meter is believed."""
    found = find_meter_doubts(
        make_table("line_energy_hourly", rows),
        make_table("meter", list(meters)),
        ["a"],
        GRID,
        last_normal_day=LAST_NORMAL,
        stuck_h=2,
    )
    numbers = found.reason_number[0, -1].tolist()
    assert [number >= 0 for number in numbers] == found.is_doubtful[0, -1].tolist()
    return [str(REASONS[number]) if number >= 0 else "" for number in numbers]


def ordered(rows, hour):
    return rows[NORMAL_DAYS * 24 + hour]


def test_a_meter_that_was_read_in_every_hour_is_believed():
    assert doubts(line_energy("a", lambda h: 1.0), METER) == [""] * 24


def test_an_imputed_hour_and_a_missing_row_are_off_line():
    rows = line_energy("a", lambda h: None if h == 3 else 1.0)
    ordered(rows, 4).update(energy_method_code="imputed")
    del rows[NORMAL_DAYS * 24 + 5]
    assert [h for h, reason in enumerate(doubts(rows)) if reason == "meter_offline"] == [3, 4, 5]


def test_a_registered_meter_that_never_reported_is_off_line():
    assert doubts([], METER) == ["meter_offline"] * 24
    assert doubts([], {**METER, "meter_role_code": "abatement"}) == [""] * 24


def test_a_line_without_a_meter_of_its_own_has_no_meter_to_doubt():
    allocated = line_energy("a", lambda h: None)
    for row in allocated:
        row.update(energy_method_code="allocated", metered_energy_kwh=None)
    assert doubts(allocated) == [""] * 24
    assert doubts(line_energy("a", lambda h: 1.0, method="shared"), METER) == [""] * 24


def test_an_hour_read_in_part_or_by_some_of_the_meters_is_doubted():
    rows = line_energy("a", lambda h: 1.0)
    ordered(rows, 2).update(imputation_code="scaled")
    ordered(rows, 7).update(flag_codes=["gap"])
    found = doubts(rows)
    assert [h for h, reason in enumerate(found) if reason] == [2, 7]
    assert {found[2], found[7]} == {"meter_read_in_part"}


def test_two_hours_at_one_value_are_stuck_but_not_at_zero():
    rows = line_energy("a", lambda h: 1.0)
    for hour in (4, 5):
        ordered(rows, hour).update(metered_energy_kwh=55.0)
    for hour in (8, 9):
        ordered(rows, hour).update(metered_energy_kwh=0.0)
    assert [h for h, reason in enumerate(doubts(rows)) if reason] == [4, 5]


def test_stuck_runs_need_the_stated_length_and_cross_midnight():
    values = np.array([[[1.0] * 22 + [7.0, 7.0], [7.0] + [2.0, 3.0] * 11 + [4.0]]])
    assert np.flatnonzero(find_stuck_hours(values, 3.0)).tolist() == [*range(22), 22, 23, 24]
    assert np.flatnonzero(find_stuck_hours(values, 4.0)).tolist() == list(range(22))
    assert not find_stuck_hours(np.full((1, 1, 24), np.nan), 2.0).any()


def test_a_new_meter_has_no_normal_days_of_its_own():
    new = {**METER, "valid_from": ORDER_DAY}
    assert doubts(line_energy("a", lambda h: 1.0), new) == ["meter_replaced"] * 24


def test_days_before_a_meter_was_replaced_are_not_the_days_of_the_new_one():
    old = {**METER, "valid_to": FIRST + timedelta(days=4)}
    new = {**METER, "meter_id": "M2", "valid_from": FIRST + timedelta(days=5)}
    found = find_meter_doubts(
        make_table("line_energy_hourly", line_energy("a", lambda h: 1.0)),
        make_table("meter", [old, new]),
        ["a"],
        GRID,
        last_normal_day=LAST_NORMAL,
        stuck_h=2,
    )
    replaced = found.has_reason(Evidence.METER_REPLACED)[0]
    assert replaced.all(axis=1).tolist() == [True] * 5 + [False] * 7


def test_a_meter_that_ends_on_the_day_before_the_order_is_another_one():
    assert doubts(line_energy("a", lambda h: 1.0), {**METER, "valid_to": LAST_NORMAL}) == ["meter_replaced"] * 24
    assert doubts(line_energy("a", lambda h: 1.0), {**METER, "valid_to": ORDER_DAY}) == [""] * 24
