"""Mutual information by nearest neighbours against normal series, an independent implementation and both algorithms."""

import numpy as np
import pytest
from sklearn.feature_selection import mutual_info_regression

from bigdata_emis.statistics import mutual_information
from bigdata_emis.statistics.mutual_information import informational_correlation, normal_scores, shifted_information


def normal_pair(correlation, count=2000, seed=1):
    x, noise = np.random.default_rng(seed).standard_normal((2, count))
    return x, correlation * x + np.sqrt(1 - correlation**2) * noise


def information(x, y):
    return next(shifted_information(x, y, [0]))


@pytest.mark.parametrize("correlation", [0.0, 0.5, 0.9])
def test_the_information_of_normal_series_is_that_of_their_correlation(correlation):
    """I = −ln(1 − r²) / 2."""
    expected = -np.log(1 - correlation**2) / 2
    assert information(*normal_pair(correlation)) == pytest.approx(expected, abs=0.05)
    assert informational_correlation(expected) == pytest.approx(correlation)


def test_the_estimate_agrees_with_an_independent_implementation():
    x, y = normal_pair(0.7, 400)
    theirs = mutual_info_regression(normal_scores(x)[:, None], normal_scores(y), random_state=0)[0]
    assert information(x, y) == pytest.approx(theirs, abs=2e-3)


def test_matrix_and_tree_count_the_same_neighbours(monkeypatch):
    x, y = normal_pair(0.5, 300)
    by_matrix = list(shifted_information(x, y, [0, 7, 100]))
    monkeypatch.setattr(mutual_information, "DENSE_POINTS", 0)
    assert list(shifted_information(x, y, [0, 7, 100])) == pytest.approx(by_matrix, abs=1e-3)


def test_a_shift_of_the_indicator_removes_the_relation():
    x, y = normal_pair(0.9, 500)
    unshifted, shifted = shifted_information(x, y, [0, 250])
    assert unshifted > 0.6
    assert abs(shifted) < 0.1


def test_unknown_hours_are_left_out_and_too_few_pairs_have_no_information():
    x, y = normal_pair(0.9, 500)
    x[::2] = np.nan
    assert information(x, y) == pytest.approx(information(x[1::2], y[1::2]))
    assert np.isnan(list(shifted_information(x[:4], y[:4], [0, 1]))).all()


def test_normal_scores_keep_the_order_and_share_equal_ranks():
    scores = normal_scores(np.array([5.0, 100.0, 5.0]))
    assert scores[0] == scores[2] < scores[1]
    assert normal_scores(np.array([1.0, 2.0, 3.0])) == pytest.approx([-0.6745, 0.0, 0.6745], abs=1e-4)
