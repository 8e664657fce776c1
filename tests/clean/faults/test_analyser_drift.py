"""A low value above the second highest low value of the days before, by more than a fifth, is a drift."""

import numpy as np
import pytest

from bigdata_emis.clean.faults.analyser_drift import find_drifting_hours
from tests.clean.reading_frames import grid


def drifting(last_six: float, *, lookback_days: int = 4) -> int:
    """Hours that are doubted when four days alternate between 10 and 11, and so does the own day up to 18:00."""
    usual = np.tile([10.0, 11.0], 12 * (lookback_days + 1))
    usual[-6:] = last_six
    return int(find_drifting_hours(usual[None, :], grid(lookback_days=lookback_days)).sum())


@pytest.mark.parametrize(("value", "count"), [(11.0, 0), (12.0, 0), (12.1, 6), (20.0, 6)])
def test_six_hours_above_every_low_value_are_doubted(value: float, count: int):
    assert drifting(value) == count


def test_without_days_before_nothing_is_doubted():
    assert drifting(50.0, lookback_days=0) == 0


def test_a_missing_hour_is_not_doubted():
    usual = np.tile([10.0, 11.0], 60)
    usual[-6:] = [20.0, 20.0, np.nan, 20.0, 20.0, 20.0]
    assert int(find_drifting_hours(usual[None, :], grid(lookback_days=4)).sum()) == 5


def test_the_day_before_the_window_is_judged_as_it_is_within_a_longer_window():
    """The last six hours of the day before drift; a gap at midnight lies between them and the first day."""
    usual = np.tile([10.0, 11.0], 60)
    usual[90:96] = 20.0
    alone = find_drifting_hours(usual[None, :], grid(lookback_days=4))
    assert np.flatnonzero(alone).tolist() == list(range(90, 96))
