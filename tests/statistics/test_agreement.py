"""Scores of estimates, partial correlation and grey relational grade against values on paper."""

import numpy as np
import pytest

from bigdata_emis.statistics import agreement

X = np.array([1.0, 2.0, 3.0, 4.0])
NOTHING = np.full(4, np.nan)
ESTIMATE = X + np.array([1.0, 0.0, -1.0, 2.0])
"""Errors 1 0 −1 2 on a truth of 1 2 3 4, whose mean is 2.5."""


def plain_partial_correlation(indicator, target, given):
    """Correlation of the residuals of two ordinary regressions, over the complete hours."""
    columns = np.column_stack([np.ones(len(target)), given])
    is_complete = np.isfinite(indicator) & np.isfinite(target) & np.isfinite(columns).all(axis=1)
    x, y, z = indicator[is_complete], target[is_complete], columns[is_complete]
    residuals = [series - z @ np.linalg.lstsq(z, series, rcond=None)[0] for series in (x, y)]
    return np.corrcoef(*residuals)[0, 1]


def test_scores_on_paper():
    assert agreement.normalised_mean_bias_share(ESTIMATE, X) == pytest.approx(2 / 10)
    assert agreement.normalised_mean_absolute_error_share(ESTIMATE, X) == pytest.approx(4 / 10)
    assert agreement.mean_absolute_error(ESTIMATE, X) == pytest.approx(1.0)
    assert agreement.coefficient_of_determination(ESTIMATE, X) == pytest.approx(1 - 6 / 5)
    assert agreement.explained_variance_share(ESTIMATE, X) == pytest.approx(1 - 6 / 5)


def test_a_perfect_estimate_has_no_error():
    assert agreement.coefficient_of_determination(X, X) == 1.0
    assert agreement.normalised_mean_bias_share(X, X) == 0.0
    assert agreement.mean_absolute_error(X, X) == 0.0


def test_incomplete_pairs_are_left_out():
    estimate, truth = np.array([1.0, np.nan, 3.0, 4.0, 6.0]), np.array([1.0, 2.0, np.nan, 3.0, 5.0])
    assert agreement.mean_absolute_error(estimate, truth) == pytest.approx(2 / 3)
    assert agreement.normalised_mean_bias_share(estimate, truth) == pytest.approx(2 / 9)


def test_scores_without_values_or_without_truth_are_missing():
    missing = [
        agreement.mean_absolute_error(NOTHING, X),
        agreement.normalised_mean_bias_share(X, 0 * X),
        agreement.normalised_mean_absolute_error_share(X, 0 * X),
        agreement.coefficient_of_determination(X, np.ones(4)),
        agreement.coefficient_of_determination(X[:2], X[:2]),
        agreement.explained_variance_share(X, np.ones(4)),
        agreement.explained_variance_share(X[:0], X[:0]),
        agreement.coverage(NOTHING, X, X),
    ]
    assert np.isnan(missing).all()


def test_coverage_counts_bounds_as_inside():
    assert agreement.coverage(X - 1, X, np.array([1.0, 1.0, 4.0, np.nan])) == pytest.approx(2 / 3)


def test_grey_relational_grade_on_paper():
    """Scaled: target 0 0.5 1; the first indicator equals it, the second is 1 0.5 0.

    Distances 0 0 0 and 1 0 1, so grades are means of (0 + 0.5) / (D + 0.5).
    """
    grades = agreement.grey_relational_grade(
        np.array([[10.0, 3.0], [20.0, 2.0], [30.0, 1.0]]), np.array([1.0, 2.0, 3.0])
    )
    assert grades.tolist() == pytest.approx([1.0, (1 / 3 + 1 + 1 / 3) / 3])


def test_grey_relational_grade_of_equal_series_is_one():
    assert agreement.grey_relational_grade(X[:, None], X).tolist() == [1.0]


def test_grey_relational_grade_needs_three_complete_rows():
    assert np.isnan(agreement.grey_relational_grade(np.array([[1.0], [np.nan], [2.0]]), X[:3])).all()


def test_grades_of_many_resamples_are_those_of_each():
    random = np.random.default_rng(1)
    indicators, target = random.normal(size=(5, 20, 3)), random.normal(size=(5, 20))
    together = agreement.grey_relational_grades(indicators, target)
    alone = [agreement.grey_relational_grade(i, t) for i, t in zip(indicators, target, strict=True)]
    assert together == pytest.approx(np.array(alone))


def test_partial_correlations_are_those_of_the_residuals_of_two_regressions():
    random = np.random.default_rng(1)
    rows, target, given = random.normal(size=(3, 40)), random.normal(size=40), random.normal(size=(40, 2))
    rows[1, :5] = np.nan
    rows[2] = given[:, 0]
    together = agreement.partial_correlations(rows, target, given)
    assert together[:2] == pytest.approx([plain_partial_correlation(row, target, given) for row in rows[:2]], abs=1e-12)
    assert np.isnan(together[2]), "a series that the given columns explain completely"


def test_the_partial_correlation_of_a_multiple_of_the_target_is_never_beyond_one():
    """Series of rank one: rounding alone gives 1.0000000000000002 for some of them, which no table takes."""
    for seed in range(200):
        random = np.random.default_rng(seed)
        target, given = random.normal(size=24), random.normal(size=(24, 2))
        multiples = np.array([[-0.1], [0.3], [7.0]]) * target
        strength = agreement.partial_correlations(multiples, target, given)
        assert np.abs(strength).max() <= 1.0
        assert strength == pytest.approx([-1.0, 1.0, 1.0])


def test_partial_correlation_needs_three_hours_for_each_column():
    random = np.random.default_rng(2)
    x, y, z = random.normal(size=(3, 6))
    assert np.isfinite(agreement.partial_correlations(x[None], y, z))[0]
    assert np.isnan(agreement.partial_correlations(x[None, :5], y[:5], z[:5]))[0]
