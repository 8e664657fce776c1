"""Adaptive conformal intervals."""

import numpy as np
import pytest

from bigdata_emis.validate.online.adaptive_conformal import (
    AdaptiveRule,
    bound_residuals,
    count_known_rows,
    estimate_adaptive_interval,
    split_into_periods,
)

HOURS = np.arange(6000)


def coverage(measured, late_h=24, **rule):
    lower, upper = estimate_adaptive_interval(
        np.zeros(6000), measured, hour_number=HOURS, late_h=late_h, rule=AdaptiveRule(**rule)
    )
    judged = np.isfinite(lower)
    return ((measured >= lower) & (measured <= upper))[judged].mean()


def test_nine_of_ten_hours_are_inside_even_where_the_error_grows():
    noise = np.random.default_rng(3).normal(0, 1, 6000)
    assert coverage(noise) == pytest.approx(0.9, abs=0.02)
    assert coverage(noise * np.linspace(1, 4, 6000)) == pytest.approx(0.9, abs=0.02)


def test_easy_and_hard_hours_have_intervals_of_their_own_scale():
    scale = np.where(HOURS % 2, 30.0, 6.0)
    measured = np.random.default_rng(4).normal(0, 1, 6000) * scale
    lower, upper = estimate_adaptive_interval(np.zeros(6000), measured, hour_number=HOURS, late_h=24, scale=scale)
    inside = (measured >= lower) & (measured <= upper)
    assert inside[1000::2].mean() == pytest.approx(0.9, abs=0.03)
    assert inside[1001::2].mean() == pytest.approx(0.9, abs=0.03)


def test_truth_that_is_not_yet_known_changes_no_interval():
    noise = np.random.default_rng(5).normal(0, 1, 6000)
    changed = np.where(HOURS >= 3000, 50.0, noise)
    before, after = (
        estimate_adaptive_interval(np.zeros(6000), m, hour_number=HOURS, late_h=720) for m in (noise, changed)
    )
    known_by_then = 3000 + 720
    assert np.array_equal(before[0][:known_by_then], after[0][:known_by_then], equal_nan=True)
    assert after[1][-1] > before[1][-1]


def test_without_known_truth_there_is_no_interval():
    lower, _ = estimate_adaptive_interval(np.zeros(50), np.zeros(50), hour_number=np.arange(50), late_h=720)
    assert np.isnan(lower).all()


def test_truth_is_known_after_its_delay():
    assert [count_known_rows(np.array([0, 1, 2, 5]), now, 2) for now in (1, 2, 4, 7)] == [0, 1, 3, 4]


def test_rows_of_one_period_are_refreshed_together():
    assert split_into_periods(np.array([0, 5, 23, 24, 60]), 24) == [(0, 3), (3, 4), (4, 5)]


def test_a_ranked_residual_bounds_the_next_hour_by_hand():
    # 19 residuals 1 to 19 and their negatives are known: rank ceil(0.95 × 39) = 38 is the largest, 19.
    known = np.concatenate([np.arange(1.0, 20), -np.arange(1.0, 20)])
    rule = AdaptiveRule(least_rows=10, rate=0.0)
    bounds = bound_residuals(np.zeros(1), hour_number=np.zeros(1, int), late_h=24, seen=known, rule=rule)
    assert (bounds.lower[0], bounds.upper[0]) == (-19, 19)
