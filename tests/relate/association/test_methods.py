"""Methods of association on series whose relation is known."""

import numpy as np
import pytest

from bigdata_emis.relate.association import methods, significance
from bigdata_emis.relate.association.correlations import correlate_at_best_lag, correlate_pairs_at_best_lag
from bigdata_emis.relate.association.prewhitening import prewhiten
from tests.relate.association.noise import HOURS, autoregressive


def test_pearson_finds_lag_and_strength():
    x = autoregressive(1, 0.5)
    y = np.concatenate([np.zeros(6), 3 * x[:-6] + 1])
    y[:6] = np.nan
    result = methods.correlate_pearson(x[None], y[None])
    assert (result.method, result.lag_h[0, 0], result.count[0, 0]) == ("pearson", 6, HOURS - 6)
    assert result.strength[0, 0] == pytest.approx(1)
    assert result.p_value[0, 0] < 1e-6


def test_spearman_sees_a_monotonic_curve_as_a_perfect_relation():
    x = autoregressive(2, 0.5)
    assert methods.correlate_spearman(x[None], np.exp(x)[None]).strength[0, 0] == pytest.approx(1)
    assert methods.correlate_pearson(x[None], np.exp(x)[None]).strength[0, 0] < 0.95


def test_paired_correlation_compares_each_row_with_its_own_target():
    x = np.array([autoregressive(seed, 0.5) for seed in (1, 2)])
    result = methods.correlate_pearson(x, -x, is_paired=True)
    assert result.strength.tolist() == [[pytest.approx(-1)], [pytest.approx(-1)]]


def test_prewhitening_removes_spurious_lag_correlation():
    """Slow independent series: uncorrected p values are nearly always small, those after prewhitening hardly ever."""
    x, y = (np.array([autoregressive(seed + 1000 * side, 0.95) for seed in range(100)]) for side in (1, 2))
    raw = correlate_pairs_at_best_lag(x, y)
    uncorrected = significance.p_values(raw.strength, raw.count.astype(float), lags_tried=methods.LAGS_TRIED)
    clean = methods.correlate_prewhitened(prewhiten(x), prewhiten(y), resampled=np.zeros(100, bool), is_paired=True)
    assert (uncorrected < 0.05).mean() > 0.7
    assert (clean.p_value < 0.05).mean() <= 0.08
    assert np.abs(clean.strength).mean() < np.abs(raw.strength).mean() * 0.6


def test_prewhitening_keeps_a_true_lag():
    x = autoregressive(1, 0.9, 300)
    y = 2 * np.concatenate([np.zeros(5), x[:-5]]) + 0.3 * np.random.default_rng(9).standard_normal(300)
    best = correlate_at_best_lag(prewhiten(x[None]), prewhiten(y[None]))
    assert (best.lag_h[0, 0], best.strength[0, 0] > 0.8) == (5, True)


def test_only_resampled_rows_get_a_bootstrap_interval():
    x = prewhiten(np.array([autoregressive(seed, 0.5) for seed in (1, 2)]))
    y = x[[0]] + x[[1]]
    with_bootstrap = methods.correlate_prewhitened(x, y, resampled=np.array([True, False]))
    without = methods.correlate_prewhitened(x, y, resampled=np.array([False, False]))
    assert with_bootstrap.p05[0, 0] != without.p05[0, 0]
    assert with_bootstrap.p05[1, 0] == without.p05[1, 0]


def test_an_interval_at_the_strongest_of_many_lags_still_holds_zero_where_there_is_no_relation():
    """Independent noise: at least nine of ten intervals hold zero; those for one given lag hardly ever do."""
    x, y = (np.random.default_rng(side).normal(size=(200, HOURS)) for side in (1, 2))
    chosen = methods.correlate_pearson(x, y, is_paired=True)
    holds = (chosen.p05 <= 0) & (chosen.p95 >= 0)
    given = significance.fisher_interval(chosen.strength, chosen.effective_count)
    assert holds.mean() >= 0.9
    assert ((given[0] <= 0) & (given[1] >= 0)).mean() < 0.3


def test_the_grey_grade_of_the_same_series_is_one_and_has_no_p_value():
    x = np.array([autoregressive(1, 0.5), autoregressive(2, 0.5)])
    pearson = methods.correlate_pearson(x, x[[0]])
    grey = methods.grade_grey(x, x[[0]], pearson=pearson)
    assert grey.strength[0, 0] == pytest.approx(1)
    assert grey.strength[1, 0] < 1
    assert np.isnan(grey.p_value).all()


def test_correlation_through_the_weather_disappears_given_the_weather():
    wind = autoregressive(3, 0.9)
    x, y = (sign * wind + 0.2 * np.random.default_rng(seed).standard_normal(HOURS) for sign, seed in ((1, 4), (-1, 5)))
    pearson = methods.correlate_pearson(x[None], y[None])
    partial = methods.correlate_given_weather(x[None], y[None], weather=wind[:, None], pearson=pearson)
    assert pearson.strength[0, 0] < -0.9
    assert abs(partial.strength[0, 0]) < 0.3
    assert partial.effective_count[0, 0] == pytest.approx(pearson.effective_count[0, 0] - 1)


def test_weather_known_in_few_hours_is_not_controlled_for():
    x, y = autoregressive(1, 0.5), autoregressive(2, 0.5)
    wind = np.column_stack([autoregressive(3, 0.9), np.full(HOURS, np.nan)])
    wind[: HOURS // 2, 1] = 1.0
    pearson = methods.correlate_pearson(x[None], y[None])
    partial = methods.correlate_given_weather(x[None], y[None], weather=wind, pearson=pearson)
    assert partial.effective_count[0, 0] == pytest.approx(pearson.effective_count[0, 0] - 1)


def test_information_sees_a_curve_and_not_a_shared_memory():
    x, y = autoregressive(11, 0.95), autoregressive(12, 0.95)
    assert methods.measure_information(x, y)[1] > 0.05
    strength, p_value, count = methods.measure_information(x, np.abs(x))
    assert (strength > 0.8, p_value < 1e-4, count) == (True, True, HOURS)


def test_information_of_a_flat_series_is_missing():
    strength, p_value, count = methods.measure_information(np.ones(HOURS), autoregressive(1, 0.5))
    assert (np.isnan(strength), np.isnan(p_value), count) == (True, True, HOURS)


def test_ranks_share_equal_values_and_skip_missing_ones():
    assert methods.rank_rows(np.array([[3.0, 1.0, 3.0, np.nan]]))[0].tolist() == pytest.approx(
        [2.5, 1.0, 2.5, np.nan], nan_ok=True
    )


def test_indicators_are_ranked_within_each_target():
    assert methods.rank_indicators(np.array([[0.2, 0.9], [-0.5, 0.1]])).tolist() == [[2.0, 1.0], [1.0, 2.0]]


def test_false_discovery_on_paper():
    """Benjamini-Hochberg of 0.01 0.02 0.9: 0.03, 0.03, 0.9; a missing p value stays missing and does not count."""
    adjusted = methods.adjust_false_discovery([np.array([[0.01, np.nan]]), np.array([[0.9], [0.02]])], "bh")
    assert adjusted[0][0, 0] == pytest.approx(0.03)
    assert np.isnan(adjusted[0][0, 1])
    assert adjusted[1].ravel().tolist() == pytest.approx([0.9, 0.03])


def test_three_independent_pairs_are_too_few_to_rank():
    one = np.ones((1, 1))
    result = methods.AssociationResult("pearson", 0 * one, 0.8 * one, -one, one, np.nan * one, 9 * one, 3 * one)
    assert result.has_few_pairs.tolist() == [[True]]
    assert np.isnan(result.rankable_strength).all()
