"""Gaps: a straight line when short, the source's profile when long, NaN where nothing supports a value."""

import numpy as np
import pytest

from bigdata_emis.clean.readings.imputation import (
    IMPUTATION_CODES,
    INTERPOLATED_RANK,
    NONE_RANK,
    PROFILE_RANK,
    fill_gaps,
)
from tests.clean.reading_frames import grid


def fill(value, *, lookback_days=0, days=1, longest_h=3, from_profile=False):
    hours = grid(lookback_days=lookback_days, days=days)
    filled, rank = fill_gaps(np.array([value]), hours, longest_h=longest_h, from_profile=from_profile)
    return filled[0], rank[0]


def series(length=24, **gaps):
    value = np.arange(float(length))
    for hours in gaps.values():
        value[list(hours)] = np.nan
    return value


def test_ranks_go_from_measured_to_profile():
    assert [IMPUTATION_CODES[rank] for rank in (NONE_RANK, INTERPOLATED_RANK, PROFILE_RANK)] == [
        "none",
        "interpolated",
        "profile",
    ]


def test_a_gap_up_to_the_longest_lies_on_a_straight_line():
    filled, rank = fill(series(gap=(5, 6, 7)))
    assert filled == pytest.approx(np.arange(24.0))
    assert np.flatnonzero(rank == INTERPOLATED_RANK).tolist() == [5, 6, 7]


def test_a_longer_gap_and_one_at_the_end_of_the_day_stay_empty_without_a_profile():
    filled, rank = fill(series(long=(5, 6, 7, 8), end=(23,)))
    assert np.flatnonzero(np.isnan(filled)).tolist() == [5, 6, 7, 8, 23]
    assert (rank == NONE_RANK).all()


def test_a_gap_may_begin_in_the_day_before_but_never_uses_a_later_day():
    value = np.concatenate([np.full(24, 10.0), np.full(24, 40.0), np.full(24, 90.0)])
    value[[23, 24]] = np.nan
    value[47] = np.nan
    filled, _ = fill(value, lookback_days=1, days=2)
    assert filled[24] == pytest.approx(30.0)  # two thirds of the way from 10 to 40
    assert np.isnan(filled[47])


def test_a_long_gap_takes_the_median_of_its_hour_on_days_of_the_same_kind():
    """Thursday is filled from Monday, Tuesday, Wednesday (2, 3, 4) and not from the weekend before (90)."""
    value = np.concatenate([np.full(24, level) for level in (90.0, 90.0, 2.0, 3.0, 4.0, np.nan)])
    filled, rank = fill(value, lookback_days=5, from_profile=True)
    assert filled[-24:].tolist() == [3.0] * 24
    assert set(rank[-24:]) == {PROFILE_RANK}


def test_without_a_day_of_the_same_kind_all_recent_days_count():
    """Saturday 12 December, after two working days."""
    value = np.concatenate([np.full(24, level) for level in (2.0, 4.0, np.nan)])
    hours = grid(days=3)
    shifted = type(hours)(
        hours.start_us, hours.day, hours.local_hour, hours.is_weekend, first_own_day=2, ended_hour_count=72
    )
    filled, _ = fill_gaps(np.array([value]), shifted, longest_h=3, from_profile=True)
    assert filled[0, -24:].tolist() == [3.0] * 24


def test_what_nothing_supports_stays_missing():
    assert np.isnan(fill(np.full(24, np.nan), from_profile=True)[0]).all()
