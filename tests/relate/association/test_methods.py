"""Methods of association on series whose relation is known."""

import numpy as np
import pytest
from scipy import stats

from bigdata_emis.relate.association import methods, significance
from bigdata_emis.relate.association.correlations import (
    autocorrelations,
    effective_counts,
    lagged_rows,
    paired,
    row_correlations,
    strongest,
)
from bigdata_emis.relate.association.deweather import clock_columns, weather_normalised, wind_columns, with_memory
from bigdata_emis.relate.association.methods import information_test
from bigdata_emis.relate.association.prewhitening import autoregressions, whitened, without_daily_rhythm
from bigdata_emis.statistics import agreement, mutual_information

HOURS = 240


def walk(seed, persistence, hours=HOURS):
    """An autoregression of order one."""
    noise = np.random.default_rng(seed).standard_normal(hours)
    series = np.zeros(hours)
    for hour in range(1, hours):
        series[hour] = persistence * series[hour - 1] + noise[hour]
    return series


def test_lag_search_in_one_product_gives_what_pair_by_pair_gives():
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((3, 60)), rng.standard_normal((2, 60))
    x[0, 5:9], y[1, 30] = np.nan, np.nan
    found = strongest(x, y, longest_h=6)
    for row in range(3):
        for column in range(2):
            by_lag = [agreement.pearson(lagged_rows(x[[row]], np.array([lag]))[0], y[column])[0] for lag in range(7)]
            assert found.lag_h[row, column] == np.argmax(np.abs(by_lag))
            assert found.strength[row, column] == pytest.approx(by_lag[found.lag_h[row, column]])
    assert paired(x[:2], y, longest_h=6).strength[:, 0].tolist() == pytest.approx(
        [found.strength[0, 0], found.strength[1, 1]]
    )


def test_flat_series_has_no_correlation_and_keeps_its_count():
    found = strongest(np.full((1, 30), 0.1), np.arange(30.0)[None])
    assert (np.isnan(found.strength[0, 0]), found.lag_h[0, 0], found.count[0, 0]) == (True, 0, 30)


def test_autocorrelation_on_paper():
    """1 2 3 4 about its mean: −1.5 −0.5 0.5 1.5; products one apart 0.75 −0.25 0.75, mean 5/12; variance 1.25."""
    assert autocorrelations(np.array([[1.0, 2.0, 3.0, 4.0]]), np.array([1]))[0, 0] == pytest.approx(1 / 3)


def test_pairs_of_one_shared_rhythm_count_for_few_and_of_noise_for_all():
    rhythm = np.sin(np.arange(HOURS) * 2 * np.pi / 24)[None]
    noise = np.random.default_rng(1).standard_normal((1, HOURS))
    count = np.array([[HOURS]])
    assert effective_counts(rhythm, rhythm, count)[0, 0] < 10
    assert effective_counts(noise, noise[:, ::-1], count)[0, 0] > 150
    assert effective_counts(noise, noise, count)[0, 0] <= HOURS


def test_prewhitening_takes_spurious_lag_correlation_away():
    """Two slow series that know nothing of each other: naive p values find something nearly always, whitened ones hardly ever."""
    x, y = (np.array([walk(seed + 1000 * side, 0.95) for seed in range(100)]) for side in (1, 2))
    raw, clean = (
        paired(x, y),
        methods.prewhitened_finding(whitened(x), whitened(y), resampled=np.zeros(100, bool), is_paired=True),
    )
    naive = significance.p_value(raw.strength, raw.count.astype(float), tried=methods.TRIED)
    assert (naive < 0.05).mean() > 0.7
    assert (clean.chance < 0.05).mean() <= 0.08
    assert np.abs(clean.strength).mean() < np.abs(raw.strength).mean() * 0.6


def test_prewhitening_keeps_a_true_lag():
    x = walk(1, 0.9, 300)
    y = 2 * np.concatenate([np.zeros(5), x[:-5]]) + 0.3 * np.random.default_rng(9).standard_normal(300)
    found = strongest(whitened(x[None]), whitened(y[None]))
    assert (found.lag_h[0, 0], found.strength[0, 0] > 0.8) == (5, True)


def test_autoregression_finds_its_coefficient():
    coefficients, order = autoregressions(walk(3, 0.8, 2000)[None])
    assert order[0] >= 1
    assert coefficients[0, 0] == pytest.approx(0.8, abs=0.05)


def test_daily_rhythm_is_the_mean_of_each_hour():
    series = np.concatenate([np.arange(24.0), np.arange(24.0) + 2])[None]
    assert without_daily_rhythm(series)[0].tolist() == pytest.approx([-1.0] * 24 + [1.0] * 24)


@pytest.mark.parametrize(
    ("correlation", "expected"), [(0.0, 0.0), (0.6, -0.5 * np.log(1 - 0.36)), (0.9, -0.5 * np.log(1 - 0.81))]
)
def test_mutual_information_of_normal_series_is_that_of_their_correlation(correlation, expected):
    x, z = np.random.default_rng(0).standard_normal((2, 2000))
    y = correlation * x + np.sqrt(1 - correlation**2) * z
    found = mutual_information.mutual_information(x, y)
    assert found == pytest.approx(expected, abs=0.04)
    assert mutual_information.informational_correlation(found) == pytest.approx(correlation, abs=0.06)


@pytest.mark.parametrize("count", [300, 900], ids=["by all distances", "by a tree"])
def test_mutual_information_is_what_scikit_learn_finds(count):
    from sklearn.feature_selection import mutual_info_regression

    x, z = np.random.default_rng(2).standard_normal((2, count))
    y = np.sin(2 * x) + 0.3 * z
    theirs = mutual_info_regression(
        mutual_information.normal_scores(x)[:, None], mutual_information.normal_scores(y), random_state=0
    )[0]
    assert mutual_information.mutual_information(x, y) == pytest.approx(theirs, abs=2e-3)


def test_shift_test_passes_memory_and_finds_a_bent_relation():
    x, y = walk(11, 0.95), walk(12, 0.95)
    assert information_test(x, y)[1] > 0.05
    strength, chance, count = information_test(x, np.abs(x))
    assert (strength > 0.8, chance < 1e-4, count) == (True, True, HOURS)


def test_partial_correlation_on_paper():
    """r_xy = r_xz = r_yz = 0.5 gives (0.5 − 0.25) / 0.75 = 1/3."""
    z = np.random.default_rng(5).standard_normal((3, 400))
    z -= z.mean(axis=1, keepdims=True)
    basis = np.linalg.qr(z.T)[0].T
    half = np.linalg.cholesky(np.full((3, 3), 0.5) + 0.5 * np.eye(3)) @ basis
    assert agreement.partial_correlation(half[0], half[1], half[2]) == pytest.approx(1 / 3)


def test_partial_correlation_of_what_is_explained_wholly_is_missing():
    line = np.arange(20.0)
    assert np.isnan(agreement.partial_correlation(line, line**2, line))


def test_intervals_and_chances_on_paper():
    """Atanh 0.5 = 0.5493, spread 1 / sqrt(100) = 0.1: 0.5493 ± 0.1645; z = 5.49."""
    low, high = significance.fisher_interval(np.array([0.5]), np.array([103.0]))
    assert (low[0], high[0]) == (
        pytest.approx(np.tanh(0.5493 - 0.1645), abs=1e-3),
        pytest.approx(np.tanh(0.5493 + 0.1645), abs=1e-3),
    )
    assert significance.p_value(np.array([0.5]), np.array([103.0]))[0] == pytest.approx(
        2 * stats.norm.sf(5.493), rel=1e-3
    )
    assert significance.p_value(np.array([0.1, 1.0, 0.9]), np.array([103.0, 50.0, 3.0]), tried=49).tolist() == [
        1.0,
        0.0,
        1.0,
    ]


def test_resampled_interval_holds_the_correlation_and_is_that_of_resampled_days():
    x = walk(1, 0.5)[None]
    y = x + walk(2, 0.5)
    low, high = significance.resampled_interval(x, y)
    draws = [np.corrcoef(x[0, rows], y[0, rows])[0, 1] for rows in significance.block_draws(HOURS)]
    assert [low[0], high[0]] == pytest.approx(np.percentile(draws, [5, 95]).tolist())
    assert low[0] < row_correlations(x, y)[0] < high[0]


def test_false_discovery_on_paper():
    """Benjamini-Hochberg of 0.01 0.02 0.9: 0.03, 0.03, 0.9; a missing p value stays missing and does not count."""
    adjusted = methods.false_discovery([np.array([[0.01, np.nan]]), np.array([[0.9], [0.02]])], "bh")
    assert adjusted[0][0, 0] == pytest.approx(0.03)
    assert np.isnan(adjusted[0][0, 1])
    assert adjusted[1].ravel().tolist() == pytest.approx([0.9, 0.03])


def test_places_go_by_size_and_skip_what_is_missing():
    assert significance.ranks(np.array([0.2, -0.9, np.nan, 0.5])).tolist() == pytest.approx(
        [3.0, 1.0, np.nan, 2.0], nan_ok=True
    )


def test_deweathering_recovers_a_trend_that_weather_hides():
    """Concentration falls by a third in steps while wind moves it by far more."""
    from datetime import UTC, datetime, timedelta

    hours = 24 * 60
    local = [datetime(2015, 1, 1, tzinfo=UTC) + timedelta(hours=n) for n in range(hours)]
    wind = walk(7, 0.9, hours)
    trend = np.where(np.arange(hours) < hours // 2, 90.0, 60.0)
    measured = trend + 8 * wind + np.random.default_rng(8).standard_normal(hours)
    found = weather_normalised(
        measured, clock_columns(local), np.column_stack([wind, walk(9, 0.9, hours)]), trees=40, draws=30
    )
    assert np.corrcoef(found, trend)[0, 1] > 0.9
    assert np.corrcoef(measured, trend)[0, 1] < 0.6
    assert found[-240:].mean() < found[:240].mean() - 20


def test_deweathered_series_has_gaps_where_nothing_was_measured():
    from datetime import UTC, datetime, timedelta

    local = [datetime(2015, 1, 1, tzinfo=UTC) + timedelta(hours=n) for n in range(120)]
    measured = walk(1, 0.5, 120)
    measured[10:20] = np.nan
    found = weather_normalised(measured, clock_columns(local), walk(2, 0.5, 120)[:, None], trees=5, draws=5)
    assert np.flatnonzero(np.isnan(found)).tolist() == list(range(10, 20))
    assert np.isnan(
        weather_normalised(np.full(120, 3.0), clock_columns(local), walk(2, 0.5, 120)[:, None], trees=5, draws=5)
    ).all()


def test_weather_remembers_the_means_of_the_hours_before_on_paper():
    found = with_memory(np.array([[1.0], [3.0], [np.nan], [5.0]]), memory_h=(2, 10))
    assert found[:, 1].tolist() == [1.0, 2.0, 3.0, 5.0]
    assert found[:, 2].tolist() == [1.0, 2.0, 2.0, 3.0]


def test_wind_from_the_east_and_from_nowhere():
    parts = wind_columns(["E", "N", None], np.array([2.0, 3.0, 1.0]))
    assert parts[:2].ravel().tolist() == pytest.approx([2.0, 0.0, 0.0, 3.0])
    assert np.isnan(parts[2]).all()
