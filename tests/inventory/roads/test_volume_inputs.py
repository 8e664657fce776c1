"""Columns of the volume model: weeks, holidays, windows of weather."""

import numpy as np
import pytest

from bigdata_emis.inventory.roads.volume_inputs import VolumeHours, volume_inputs, window_means

MONDAY_H = 24 * 4
"""Hours from 1970-01-01 to Monday 1970-01-05."""


def build_hours(weeks, *, holidays=None):
    count = weeks * 168
    return VolumeHours(MONDAY_H + np.arange(count), np.zeros((count, 6)), holidays or {})


def test_weeks_begin_on_monday():
    hours = VolumeHours(np.array([0, MONDAY_H - 1, MONDAY_H]), np.zeros((3, 6)), {})
    assert hours.hour_of_week.tolist() == [72, 167, 0]
    assert hours.week_number.tolist() == [0, 0, 1]


def test_days_near_a_holiday_have_its_offset_and_others_none():
    hours = build_hours(2, holidays={10: 3})
    assert hours.holiday_offset.reshape(-1, 24)[:, 0].tolist() == [9, 9, -4, -3, -2, -1, 0, 1, 2, 3, 4, 9, 9, 9]
    assert hours.calendar[6 * 24, 5] == 30
    assert hours.calendar[5 * 24, 5] == 29


def test_between_two_holidays_the_nearer_counts():
    hours = build_hours(1, holidays={4: 1, 7: 2})
    assert hours.holiday_offset.reshape(-1, 24)[:, 0].tolist() == [0, 1, -1, 0, 1, 2, 3]


def test_no_column_of_an_hour_depends_on_counts_of_its_own_week():
    hours = build_hours(6)
    volume = np.random.default_rng(1).uniform(100, 900, 6 * 168)
    changed = np.where(hours.week_number == 3, np.nan, volume)
    for weeks in ("surrounding", "earlier"):
        before, _ = volume_inputs(hours, volume, weeks=weeks)
        after, _ = volume_inputs(hours, changed, weeks=weeks)
        is_own = hours.week_number == 3
        np.testing.assert_allclose(before[is_own], after[is_own], rtol=1e-9)


def test_the_profile_of_equal_weeks_is_their_count():
    hours = build_hours(5)
    volume = np.tile(np.arange(168.0), 5)
    _, profile = volume_inputs(hours, volume, weeks="surrounding")
    np.testing.assert_allclose(profile, volume)


def test_window_means_ignore_unknown_values():
    series = np.array([[1.0], [np.nan], [3.0], [np.nan], [np.nan]])
    assert window_means(series, back=1, ahead=0)[:4, 0].tolist() == [1, 1, 3, 3]
    assert np.isnan(window_means(series, back=1, ahead=0)[4, 0])
    assert window_means(series, back=2, ahead=2)[2, 0] == pytest.approx(2.0)
