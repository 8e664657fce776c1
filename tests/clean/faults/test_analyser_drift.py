"""Low values above the second highest low value of the days before: by a fifth, or two of three by a seventh."""

import numpy as np
import pytest

from bigdata_emis.clean.faults.analyser_drift import find_drifting_hours
from tests.clean.reading_frames import grid

LOOKBACK_DAYS = 5


def usual(days: int = LOOKBACK_DAYS + 1) -> np.ndarray:
    """Hours that alternate between 10 and 11, of which the low value of six is 10."""
    return np.tile([10.0, 11.0], 12 * days)


def doubted(values: np.ndarray, *, lookback_days: int = LOOKBACK_DAYS, days: int = 1) -> list[int]:
    """The hours in doubt, counted from the start of the window."""
    is_hit = find_drifting_hours(values[None, :], grid(lookback_days=lookback_days, days=days))[0]
    return (np.flatnonzero(is_hit) - 24 * lookback_days).tolist()


@pytest.mark.parametrize(("value", "count"), [(11.0, 0), (12.0, 0), (12.1, 6), (20.0, 6)])
def test_six_hours_a_fifth_above_every_low_value_are_doubted(value: float, count: int):
    values = usual()
    values[-6:] = value
    assert len(doubted(values)) == count


@pytest.mark.parametrize(
    ("blocks", "expected"),
    [([0, 1], range(12)), ([0, 2], [*range(6), *range(12, 18)]), ([0, 3], []), ([2], [])],
    ids=["in a row", "two of three", "too far apart", "alone"],
)
def test_two_of_three_six_hours_a_seventh_above_are_doubted(blocks: list[int], expected: list[int]):
    """11.6 is above 1.15 times 10, and not above 1.2 times."""
    values = usual()
    for block in blocks:
        values[-24 + 6 * block : -18 + 6 * block] = 11.6
    assert doubted(values) == list(expected)


def test_the_second_of_two_may_be_after_midnight_and_the_first_is_then_left_to_its_own_day():
    values = usual(LOOKBACK_DAYS + 2)
    values[24 * LOOKBACK_DAYS + 18 : 24 * LOOKBACK_DAYS + 30] = 11.6
    assert doubted(values, days=2) == list(range(24, 30))


def test_a_drift_goes_on_at_its_height_until_the_low_values_are_back():
    """At 20 for a day and six hours: without the day before, its own values would be what is usual; then 10 again."""
    values = usual(LOOKBACK_DAYS + 2)
    values[24 * LOOKBACK_DAYS : 24 * LOOKBACK_DAYS + 30] = 20.0
    assert doubted(values, days=2) == list(range(30))


def test_a_day_is_judged_alike_whatever_the_window():
    """A drift from 10 to 30 over three days, judged as one window of three days and as the last day alone."""
    values = usual(LOOKBACK_DAYS + 3)
    values[-72:] += np.linspace(0, 20, 72)
    together, alone = doubted(values, days=3), doubted(values[48:])
    assert alone == [hour - 48 for hour in together if hour >= 24] == list(range(-24, 24))


def test_without_days_before_nothing_is_doubted():
    values = usual(1)
    values[-6:] = 50.0
    assert doubted(values, lookback_days=0) == []


def test_a_missing_hour_is_not_doubted():
    values = usual()
    values[-6:] = [20.0, 20.0, np.nan, 20.0, 20.0, 20.0]
    assert doubted(values) == [18, 19, 21, 22, 23]


def test_the_day_before_the_window_is_judged_as_it_is_within_a_longer_window():
    """The last six hours of the day before drift; a gap at midnight lies between them and the first day."""
    values = usual()
    values[24 * LOOKBACK_DAYS - 6 : 24 * LOOKBACK_DAYS] = 20.0
    assert doubted(values) == list(range(-6, 0))
