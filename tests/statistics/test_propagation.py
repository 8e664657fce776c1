"""Uncertainty of totals: shared errors add up, own errors average out, and a Monte Carlo agrees."""

import numpy as np
import pytest

from bigdata_emis.equations.uncertainty import emission_g_p05, emission_g_p95
from bigdata_emis.statistics.propagation import (
    achieved_share_variance,
    lognormal_bounds,
    standard_deviation,
    variance_of_total,
    variance_over_hours,
)

DRAWS = 20_000


def draw_totals(means, relative_sd, classes, *, class_share, persistence, seed):
    """Totals `(draws, hours)` of lognormal estimates `(sources, hours)`, as IPCC 2006 approach 2 (Monte Carlo).

    The logarithm of each errs by √w × (one draw a class) + √(1 − w) × (an autoregressive draw a source).
    """
    random = np.random.default_rng(seed)
    log_sd = np.sqrt(np.log1p(relative_sd**2))
    names, class_number = np.unique(classes, return_inverse=True)
    totals = np.zeros((DRAWS, means.shape[1]))
    shared = random.standard_normal((DRAWS, len(names)))[:, class_number]
    own = random.standard_normal(shared.shape)
    for hour in range(means.shape[1]):
        if hour:
            own = persistence * own + np.sqrt(1 - persistence**2) * random.standard_normal(own.shape)
        error = np.sqrt(class_share) * shared + np.sqrt(1 - class_share) * own
        totals[:, hour] = (means[:, hour] * np.exp(log_sd[:, hour] * error - log_sd[:, hour] ** 2 / 2)).sum(axis=1)
    return totals


@pytest.mark.parametrize("relative_sd", [0.1, 0.2, 0.5, 0.8])
def test_the_standard_deviation_of_a_lognormal_follows_from_its_percentiles(relative_sd):
    bounds = [np.array([bound(100.0, relative_sd)]) for bound in (emission_g_p05, emission_g_p95)]
    assert standard_deviation(np.array([100.0]), *bounds) == pytest.approx([100 * relative_sd], rel=0.08)


def test_a_certain_estimate_has_no_spread_and_an_uncertain_zero_has_one():
    assert standard_deviation(np.array([5.0, 0.0]), np.array([5.0, 0.0]), np.array([5.0, 0.0])).tolist() == [0, 0]
    assert standard_deviation(np.array([0.0]), np.array([0.0]), np.array([200.0]))[0] > 0


def test_shared_errors_add_up_and_own_errors_add_in_squares():
    """Class one: sources of 3 and 4 shared → 7² = 49; class two: 2² = 4; own variances 1 + 5."""
    assert variance_of_total(np.array([[7.0], [2.0]]), np.array([[1.0], [5.0]])) == pytest.approx([59])


@pytest.mark.parametrize(
    ("persistence", "expected"), [(0.0, 14), (1.0, 36), (0.5, 14 + 2 * (0.5 * 2 + 0.5 * 6 + 0.25 * 3))]
)
def test_the_variance_of_a_sum_over_hours_grows_with_persistence(persistence, expected):
    assert variance_over_hours(np.array([[1.0, 2.0, 3.0]]), np.array([persistence])) == pytest.approx([expected])


def test_bounds_of_a_lognormal_are_those_of_the_row_wise_equations():
    lower, upper = lognormal_bounds(np.array([100.0, 0.0]), np.array([50.0, 10.0]))
    assert (lower[0], upper[0]) == pytest.approx((emission_g_p05(100.0, 0.5), emission_g_p95(100.0, 0.5)))
    assert (lower[1], upper[1]) == pytest.approx((0, 16.45), rel=1e-3)


def test_the_upper_percentile_rises_with_the_spread_to_its_limit_and_stays_above_the_mean():
    """The limit is mean × exp(1.645² ÷ 2) = 3.87, reached at a spread of 3.73 times the mean."""
    lower, upper = lognormal_bounds(np.full(5, 1.0), np.array([1.0, 3.73, 10.0, 1e3, 1e9]))
    assert (np.diff(upper) >= 0).all()
    assert upper[1:].tolist() == pytest.approx([3.868] * 4, rel=1e-3)
    assert ((lower < 1) & (upper > 1)).all()
    assert (np.diff(lower) < 0).all()


@pytest.mark.parametrize(
    ("class_share", "persistence", "relative_sd"), [(0.5, 0.9, 0.5), (0.0, 0.9, 0.3), (0.9, 0.5, 0.2)]
)
def test_analytic_totals_agree_with_a_monte_carlo_of_twenty_thousand_draws(class_share, persistence, relative_sd):
    """Forty sources of four classes over a day: spread and 90 % bounds of hours and of the day to a few per cent."""
    random = np.random.default_rng(7)
    means = random.lognormal(2, 1, (40, 1)) * (1 + 0.3 * np.sin(np.arange(24) / 4))
    classes = np.arange(40) % 4
    drawn = draw_totals(
        means, np.full(means.shape, relative_sd), classes, class_share=class_share, persistence=persistence, seed=11
    )
    spread = relative_sd * means
    shared = np.array([(np.sqrt(class_share) * spread)[classes == c].sum(axis=0) for c in range(4)])
    own = np.sqrt(1 - class_share) * spread
    hourly = variance_of_total(shared, own**2)
    daily = variance_of_total(
        shared.sum(axis=1, keepdims=True), variance_over_hours(own, np.full(40, persistence))[:, None]
    )
    for variance, total, draws in (
        (hourly[:1], means[:, 0].sum(), drawn[:, 0]),
        (daily, means.sum(), drawn.sum(axis=1)),
    ):
        lower, upper = lognormal_bounds(np.array([total]), np.sqrt(variance))
        assert np.sqrt(variance[0]) == pytest.approx(draws.std(), rel=0.05)
        assert (lower[0], upper[0]) == pytest.approx(tuple(np.quantile(draws, [0.05, 0.95])), rel=0.03)


def share_variance(expected, observed, *, class_sd=0.0, factor_sd=0.0, own_sd=0.0, error_class=(0, 1)):
    count = len(expected)
    return achieved_share_variance(
        np.array(expected, float),
        np.array(observed, float),
        relative_class_sd=np.full(count, class_sd),
        relative_own_sd=np.full(count, factor_sd),
        own_sd=np.full(count, own_sd),
        error_class=np.array(error_class),
    )


def test_errors_of_factors_cancel_in_the_achieved_share_where_all_cut_alike():
    assert share_variance([100, 300], [50, 150], class_sd=0.5, factor_sd=0.5) == pytest.approx(0)


def test_errors_of_factors_move_the_achieved_share_where_one_class_cuts_more():
    # a = 0.25; levers (100 - 25) / 400 and (0 - 75) / 400, each times 0.4
    assert share_variance([100, 300], [0, 300], class_sd=0.4) == pytest.approx(2 * (0.4 * 75 / 400) ** 2)


def test_errors_within_a_class_add_up_with_their_signs():
    assert share_variance([100, 300], [0, 300], class_sd=0.4, error_class=(0, 0)) == pytest.approx(0)
    assert share_variance([100, 300], [0, 300], factor_sd=0.4, error_class=(0, 0)) > 0


def test_an_error_of_the_counterfactual_alone_moves_the_share_by_what_remains():
    assert share_variance([100], [25], own_sd=20.0, error_class=(0,)) == pytest.approx((20 * 0.25 / 100) ** 2)


def test_a_share_of_nothing_has_no_variance():
    assert share_variance([0.0], [0.0], own_sd=1.0, error_class=(0,)) == 0
