"""Days of a meter beside the seven days before: factors that no plant makes, and clocks that are wrong."""

import numpy as np
import pytest

from bigdata_emis.clean.faults.meter_series import LoadBounds, find_scaled_hours, find_shifted_hours
from tests.clean.reading_frames import grid

HOURS = np.arange(24)
USUAL = np.where((HOURS >= 8) & (HOURS < 20), 100.0, 40.0) + HOURS
NOISE = 1 + 0.02 * np.sin(np.arange(7 * 24) * 2.7)


def days(own: np.ndarray) -> np.ndarray:
    """Seven days of 40 to 119 kWh and the own day."""
    return np.concatenate([np.tile(USUAL, 7) * NOISE, own])[None, :]


def scaled(own: np.ndarray, *, base: float = np.nan, rated: float = np.nan) -> int:
    bounds = LoadBounds(np.array([base]), np.array([rated]))
    found = find_scaled_hours(days(own), grid(lookback_days=7), bounds)
    assert not found[:, : 7 * 24].any()
    return int(found.sum())


@pytest.mark.parametrize(
    ("factor", "base", "rated", "count"),
    [
        pytest.param(1.0, 35.0, 130.0, 0, id="as usual"),
        pytest.param(0.1, np.nan, np.nan, 24, id="a tenth"),
        pytest.param(0.5, np.nan, np.nan, 0, id="half, as a plant may do"),
        pytest.param(0.5, 80.0, np.nan, 12, id="half: twelve hours are below 44, 0.55 of the base load of 80"),
        pytest.param(2.0, np.nan, np.nan, 12, id="double: the hours of the day shift pass 1.5 times the record"),
        pytest.param(2.0, np.nan, 70.0, 20, id="double: all but four hours are above 87.5, 1.25 times the rated 70"),
    ],
)
def test_hours_need_another_factor(factor: float, base: float, rated: float, count: int):
    assert scaled(USUAL * factor, base=base, rated=rated) == count


@pytest.mark.parametrize(("faulty_days", "count"), [(1, 24), (2, 24), (3, 24), (4, 0)])
def test_a_record_is_no_day_of_the_same_fault(faulty_days: int, count: int):
    """Fivefold energy of some days up to the own one: of seven days before, two may be faulty."""
    energy = days(USUAL)
    energy[:, (8 - faulty_days) * 24 :] *= 5
    bounds = LoadBounds(np.array([np.nan]), np.array([np.nan]))
    found = find_scaled_hours(energy, grid(lookback_days=7), bounds)
    assert int(found.sum()) == count


def test_standby_at_the_base_load_is_no_tenth():
    """8 kWh are a tenth of the usual night and the base load of the line."""
    assert scaled(np.full(24, 8.0), base=8.0) == 0
    assert scaled(np.full(24, 8.0)) > 0


def test_two_hours_are_too_few():
    assert scaled(np.where(HOURS < 2, USUAL / 10, USUAL)) == 0


@pytest.mark.parametrize(("lag", "count"), [(0, 0), (8, 24), (-8, 24), (1, 24)])
def test_the_usual_course_at_another_time_is_a_wrong_clock(lag: int, count: int):
    assert int(find_shifted_hours(days(np.roll(USUAL, lag)), grid(lookback_days=7)).sum()) == count


def test_another_course_is_no_wrong_clock():
    assert not find_shifted_hours(days(np.full(24, 60.0)), grid(lookback_days=7)).any()


def test_without_days_before_nothing_is_doubted():
    bounds = LoadBounds(np.array([1000.0]), np.array([1.0]))
    assert not find_scaled_hours(USUAL[None, :], grid(), bounds).any()
    assert not find_shifted_hours(USUAL[None, :], grid()).any()
