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


def test_with_blocks_each_side_is_that_of_the_widest_block():
    """99 residuals of 1, then 99 of 2: together the 95 % rank is 2; the 5 % rank of the first block is 1."""
    residual = np.concatenate([np.ones(99), np.full(99, 2.0), np.full(99, -1.0)])
    rule = AdaptiveRule(window_rows=297, rate=0.0, block_rows=99)
    bounds = bound_residuals(np.zeros(24), hour_number=np.arange(24), late_h=24, seen=residual, rule=rule)
    assert (bounds.lower[0], bounds.upper[0]) == (-1.0, 2.0)
    rare = np.concatenate([np.zeros(190), np.full(8, 5.0)])
    plain, blocked = (
        bound_residuals(
            np.zeros(24), hour_number=np.arange(24), late_h=24, seen=rare, rule=AdaptiveRule(block_rows=rows)
        )
        for rows in (0, 99)
    )
    assert (plain.upper[0], blocked.upper[0]) == (0.0, 5.0)


def test_late_truth_has_blocks_of_its_delay_and_a_level_that_follows_no_misses():
    assert AdaptiveRule.for_late_truth(24, window_rows=1440) == AdaptiveRule(window_rows=1440)
    late = AdaptiveRule.for_late_truth(720, window_rows=4320)
    assert (late.block_rows, late.rate, late.window_rows) == (720, 0.0, 4320)


def test_months_that_err_alike_are_covered_when_truth_is_a_month_late():
    """The level of each month is drawn anew, so the misses of two months ago say nothing of this month."""
    months = np.repeat(np.random.default_rng(11).normal(0, 3, 10), 600)
    measured = months + np.random.default_rng(12).normal(0, 1, 6000)
    late = AdaptiveRule.for_late_truth(600, window_rows=3600)
    plain = coverage(measured, late_h=600, window_rows=3600)
    blocked = coverage(measured, late_h=600, window_rows=3600, rate=late.rate, block_rows=late.block_rows)
    assert blocked > plain


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


def test_a_bound_at_the_least_value_leaves_all_misses_to_the_upper_side():
    """Of 200 residuals 100 are -1, then 1 to 100: rank 191 is 91 and below -1; all misses above: rank 181 is 81."""
    known = np.concatenate([-np.ones(100), np.arange(1.0, 101.0)])
    predicted, rule = np.array([3.0, 0.5]), AdaptiveRule(rate=0.0, least_value=0.0)
    lower, upper = estimate_adaptive_interval(
        predicted, np.full(2, np.nan), hour_number=np.arange(2), late_h=720, seen=(known, np.ones(200)), rule=rule
    )
    assert lower.tolist() == [2.0, 0.0]
    assert upper.tolist() == [94.0, 81.5]


def test_a_level_that_follows_the_misses_only_has_its_bound_raised():
    known = np.concatenate([-np.ones(100), np.arange(1.0, 101.0)])
    seen, hour = (known, np.ones(200)), np.zeros(1, int)
    bounds = [
        estimate_adaptive_interval(
            np.array([0.5]), np.array([np.nan]), hour_number=hour, late_h=24, seen=seen, rule=AdaptiveRule(**given)
        )
        for given in ({}, {"least_value": 0.0})
    ]
    assert [(float(low[0]), float(high[0])) for low, high in bounds] == [(-0.5, 91.5), (0.0, 91.5)]
