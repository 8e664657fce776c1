"""Profiles of normal days: the best is chosen by days left out, with bounds from its own errors."""

import numpy as np
import pytest

from bigdata_emis.statistics.normal_profile import PROFILES, fit_normal_profile

WORKDAY, SUNDAY = 0, 2


def week_of(days, value):
    """One series whose value is given by day and hour."""
    return np.array([[[value(day, hour) for hour in range(24)] for day in range(days)]], dtype=float)


def chosen(profile):
    return PROFILES[profile.profile_number[0]]


def test_a_constant_series_is_expected_to_stay_so_with_bounds_of_no_width():
    profile = fit_normal_profile(week_of(5, lambda day, hour: 7.0), np.zeros(5, dtype=int), np.array([WORKDAY]))
    assert chosen(profile) == "flat"
    assert profile.expected == pytest.approx(np.full((1, 1, 24), 7.0))
    lower, upper = profile.relative_bounds(0.9)
    assert (lower[0], upper[0]) == pytest.approx((0, 0))


def test_a_series_with_a_daily_rhythm_is_expected_by_hour():
    profile = fit_normal_profile(week_of(5, lambda day, hour: float(hour)), np.zeros(5, dtype=int), np.array([0]))
    assert chosen(profile) == "hour"
    assert profile.expected[0, 0] == pytest.approx(np.arange(24))


def test_a_line_that_rests_on_sunday_is_expected_to_rest_on_the_next_one():
    types = np.array([0, 0, SUNDAY, 0, 0, SUNDAY])
    rests = week_of(6, lambda day, hour: 0.0 if types[day] == SUNDAY else 10.0)
    profile = fit_normal_profile(rests, types, np.array([WORKDAY, SUNDAY]))
    assert chosen(profile) == "day_type"
    assert profile.expected[0].mean(axis=1) == pytest.approx([10.0, 0.0])


def test_a_level_that_has_changed_for_good_is_followed():
    profile = fit_normal_profile(
        week_of(9, lambda day, hour: 1.0 if day < 3 else 2.0), np.zeros(9, dtype=int), np.array([0])
    )
    assert chosen(profile) == "recent"
    assert profile.expected.mean() == pytest.approx(2.0)


def test_hours_that_nobody_measured_do_not_count():
    series = week_of(4, lambda day, hour: np.nan if hour == 3 and day < 2 else 5.0)
    profile = fit_normal_profile(series, np.zeros(4, dtype=int), np.array([0]))
    assert profile.expected == pytest.approx(np.full((1, 1, 24), 5.0))
    assert np.isnan(profile.relative_errors[0, 0, 3])


def test_a_single_day_gives_no_errors():
    profile = fit_normal_profile(week_of(1, lambda day, hour: 5.0), np.zeros(1, dtype=int), np.array([0]))
    assert not np.isfinite(profile.relative_errors).any()
    assert profile.expected == pytest.approx(np.full((1, 1, 24), 5.0))


def test_bounds_hold_nine_of_ten_further_hours():
    random = np.random.default_rng(1)
    noisy = 10 * np.exp(0.1 * random.standard_normal((200, 12, 24)))
    profile = fit_normal_profile(noisy[:, :11], np.zeros(11, dtype=int), np.array([0]))
    lower, upper = profile.relative_bounds(0.9)
    scale = profile.expected[:, 0] + profile.quiet()[:, 0]
    error = (noisy[:, 11] - profile.expected[:, 0]) / scale
    inside = (error >= lower[:, None]) & (error <= upper[:, None])
    assert inside.mean() == pytest.approx(0.9, abs=0.02)
