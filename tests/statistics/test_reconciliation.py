"""Reconciliation with a total: each estimate moves by its variance, within its bounds, and the sum is met."""

import numpy as np
import pytest

from bigdata_emis.statistics.reconciliation import reconcile, reconciled_variance

ONE_GROUP = np.zeros(2, dtype=np.int64)
FREE = (np.zeros(2), np.full(2, np.inf))


def reconciled(estimate, variance, total, lower=FREE[0], upper=FREE[1], group=ONE_GROUP):
    e, v, t, low, high = (np.array(values, dtype=float) for values in (estimate, variance, total, lower, upper))
    return reconcile(e, v, group=np.asarray(group), total=t, lower=low, upper=high)


def test_each_estimate_moves_in_proportion_to_its_variance():
    assert reconciled([100, 50], [1, 3], [158]).tolist() == pytest.approx([102, 56])


def test_an_estimate_without_variance_stays():
    assert reconciled([100, 50], [0, 3], [158]).tolist() == pytest.approx([100, 58])


def test_no_estimate_falls_below_zero_and_the_others_take_the_rest():
    assert reconciled([100, 5], [1, 1], [80]).tolist() == pytest.approx([80, 0])


def test_no_estimate_rises_above_its_bound_and_the_others_take_the_rest():
    assert reconciled([100, 5], [1, 9], [120], upper=[np.inf, 10]).tolist() == pytest.approx([110, 10])


def test_an_estimate_below_its_bound_rises_to_it():
    assert reconciled([-5, 5], [1, 1], [5]).tolist() == pytest.approx([0, 5])


def test_groups_are_independent():
    assert reconciled([1, 2], [1, 1], [3, 7], group=[0, 1]).tolist() == pytest.approx([3, 7])


def test_a_total_that_the_bounds_do_not_allow_is_refused():
    with pytest.raises(ValueError, match="a total of 30 cannot be met by parts between 0 and 20"):
        reconciled([5, 5], [1, 1], [30], upper=[10, 10])


def test_many_bounded_groups_close_to_rounding_and_satisfy_the_least_squares_condition():
    random = np.random.default_rng(5)
    group = np.repeat(np.arange(500), 7)
    estimate, variance = random.lognormal(3, 2, 3500), random.lognormal(0, 3, 3500)
    upper = np.where(random.random(3500) < 0.5, estimate * 1.2, np.inf)
    upper[::7] = np.inf
    total = np.bincount(group, estimate) * random.uniform(0.2, 3, 500)
    adjusted = reconcile(estimate, variance, group=group, total=total, lower=np.zeros(3500), upper=upper)
    np.testing.assert_allclose(np.bincount(group, adjusted), total, rtol=1e-12)
    assert (adjusted >= 0).all()
    assert (adjusted <= upper).all()
    free = (adjusted > 0) & (adjusted < upper)
    pull = np.where(free, (adjusted - estimate) / variance, np.nan)
    spread = [np.nanmax(p) - np.nanmin(p) for p in np.split(pull, 500) if np.isfinite(p).sum() > 1]
    scale = [np.nanmax(np.abs(p)) for p in np.split(pull, 500) if np.isfinite(p).sum() > 1]
    assert max(s / max(m, 1e-9) for s, m in zip(spread, scale, strict=True)) < 1e-3


def test_a_certain_total_leaves_less_uncertainty_and_an_uncertain_one_more():
    variance, free = np.array([1.0, 3.0]), np.array([True, True])
    assert reconciled_variance(variance, free, group=ONE_GROUP, total_variance=np.zeros(1)).tolist() == pytest.approx(
        [0.75, 0.75]
    )
    assert reconciled_variance(
        variance, free, group=ONE_GROUP, total_variance=np.array([16.0])
    ).tolist() == pytest.approx([1.75, 9.75])
    assert reconciled_variance(
        variance, np.array([True, False]), group=ONE_GROUP, total_variance=np.zeros(1)
    ).tolist() == pytest.approx([0, 3])
