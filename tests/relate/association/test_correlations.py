"""The lag search in matrix products gives what one pair at a time gives."""

import numpy as np
import pytest

from bigdata_emis.relate.association.correlations import (
    autocorrelations,
    correlate_at_best_lag,
    correlate_pairs_at_best_lag,
    correlate_rows,
    effective_sample_sizes,
    lag_rows,
)

HOURS = 240


def correlation(x, y):
    """The Pearson correlation of two series over their common hours."""
    common = np.isfinite(x) & np.isfinite(y)
    return np.corrcoef(x[common], y[common])[0, 1]


def test_the_best_lag_of_all_pairs_is_that_of_one_pair_at_a_time():
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((3, 60)), rng.standard_normal((2, 60))
    x[0, 5:9], y[1, 30] = np.nan, np.nan
    best = correlate_at_best_lag(x, y, max_lag_h=6)
    for row in range(3):
        for column in range(2):
            by_lag = [correlation(x[row, : 60 - lag], y[column, lag:]) for lag in range(7)]
            assert best.lag_h[row, column] == np.argmax(np.abs(by_lag))
            assert best.strength[row, column] == pytest.approx(by_lag[best.lag_h[row, column]])


def test_paired_rows_get_the_diagonal_of_all_pairs():
    rng = np.random.default_rng(1)
    x, y = rng.standard_normal((2, 60)), rng.standard_normal((2, 60))
    every, paired = (search(x, y, max_lag_h=6) for search in (correlate_at_best_lag, correlate_pairs_at_best_lag))
    assert paired.strength[:, 0].tolist() == pytest.approx(np.diag(every.strength).tolist())
    assert paired.lag_h[:, 0].tolist() == np.diag(every.lag_h).tolist()


def test_of_equal_correlations_the_shortest_lag_is_taken():
    wave = np.tile([1.0, 2.0, 3.0, 2.0], 20)[None]
    assert correlate_at_best_lag(wave, wave, max_lag_h=8).lag_h[0, 0] == 0


def test_a_flat_series_has_no_correlation_but_a_count():
    best = correlate_at_best_lag(np.full((1, 30), 0.1), np.arange(30.0)[None])
    assert (np.isnan(best.strength[0, 0]), best.lag_h[0, 0], best.count[0, 0]) == (True, 0, 30)


def test_less_than_a_day_of_pairs_has_no_correlation():
    line = np.arange(23.0)[None]
    assert np.isnan(correlate_at_best_lag(line, line).strength[0, 0])
    assert correlate_at_best_lag(line, line, min_pairs=23).strength[0, 0] == pytest.approx(1)


def test_autocorrelation_on_paper():
    """1 2 3 4 minus its mean: −1.5 −0.5 0.5 1.5; products at lag 1 0.75 −0.25 0.75, mean 5/12; variance 1.25."""
    assert autocorrelations(np.array([[1.0, 2.0, 3.0, 4.0]]), np.array([1]))[0, 0] == pytest.approx(1 / 3)


def test_autocorrelation_of_a_flat_row_is_zero():
    assert autocorrelations(np.full((1, 10), 7.0), np.array([1, 2])).tolist() == [[0.0, 0.0]]


def test_a_shared_daily_rhythm_is_worth_few_pairs_and_noise_is_worth_all():
    rhythm = np.sin(np.arange(HOURS) * 2 * np.pi / 24)[None]
    noise = np.random.default_rng(1).standard_normal((1, HOURS))
    count = np.array([[HOURS]])
    assert effective_sample_sizes(rhythm, rhythm, count)[0, 0] < 10
    assert effective_sample_sizes(noise, noise[:, ::-1], count)[0, 0] > 150
    assert effective_sample_sizes(noise, noise, count)[0, 0] <= HOURS


def test_a_lagged_row_holds_the_value_of_the_hours_before():
    lagged = lag_rows(np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), np.array([0, 2]))
    assert lagged[0].tolist() == [1.0, 2.0, 3.0]
    assert lagged[1].tolist() == pytest.approx([np.nan, np.nan, 4.0], nan_ok=True)


def test_rows_correlate_over_their_common_hours():
    x, y = np.array([[1.0, 2.0, 3.0, np.nan]]), np.array([[2.0, 4.0, 6.0, -100.0]])
    assert correlate_rows(x, y)[0] == pytest.approx(1)
    assert np.isnan(correlate_rows(np.ones((1, 4)), y)[0])
