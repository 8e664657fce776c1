"""Statistics of series against values on paper."""

import numpy as np
import pytest

from bigdata_emis.statistics import agreement

X = np.array([1.0, 2.0, 3.0, 4.0])


@pytest.mark.parametrize("method", [agreement.pearson, agreement.spearman])
def test_series_that_rise_together_correlate_wholly(method):  # noqa: ANN001
    assert method(X, 2 * X + 1)[0] == pytest.approx(1.0)
    assert method(X, -X)[0] == pytest.approx(-1.0)


def test_rank_correlation_sees_any_rise_and_pearson_only_a_line():
    assert agreement.spearman(X, X**3)[0] == pytest.approx(1.0)
    assert agreement.pearson(X, X**3)[0] == pytest.approx(0.951, abs=1e-3)


@pytest.mark.parametrize("method", [agreement.pearson, agreement.spearman])
@pytest.mark.parametrize(
    "target", [np.ones(4), np.array([1.0, np.nan, np.nan, 2.0])], ids=["constant", "too few pairs"]
)
def test_correlation_without_variation_or_pairs_is_missing(method, target):  # noqa: ANN001
    assert np.isnan(method(X, target)).all()


def test_incomplete_pairs_are_left_out():
    assert agreement.pearson(np.array([1, 2, 3, np.nan]), np.array([2, 4, 6, 0.0]))[0] == pytest.approx(1.0)


def test_grey_relational_grade_on_paper():
    """Scaled: target 0 0.5 1; the first indicator equals it, the second is 1 0.5 0. Distances 0 0 0 and 1 0 1; (0 + 0.5) / (D + 0.5)."""
    grades = agreement.grey_relational_grade(
        np.array([[10.0, 3.0], [20.0, 2.0], [30.0, 1.0]]), np.array([1.0, 2.0, 3.0])
    )
    assert grades.tolist() == pytest.approx([1.0, (1 / 3 + 1 + 1 / 3) / 3])


def test_grey_relational_grade_of_equal_series_is_one():
    assert agreement.grey_relational_grade(X[:, None], X).tolist() == [1.0]


def test_grey_relational_grade_needs_three_whole_rows():
    assert np.isnan(agreement.grey_relational_grade(np.array([[1.0], [np.nan], [2.0]]), X[:3])).all()


def test_agreement_on_paper():
    """Errors 1 0 −1 2 on a truth of 1 2 3 4, mean 2.5."""
    estimate = X + np.array([1.0, 0.0, -1.0, 2.0])
    assert agreement.normalised_mean_bias_share(estimate, X) == pytest.approx(0.2)
    assert agreement.mean_absolute_error(estimate, X) == pytest.approx(1.0)
    assert agreement.coefficient_of_determination(estimate, X) == pytest.approx(1 - 6 / 5)


def test_perfect_estimate_has_no_error():
    assert agreement.coefficient_of_determination(X, X) == 1.0
    assert agreement.normalised_mean_bias_share(X, X) == 0.0


def test_agreement_without_values_is_missing():
    nothing = np.full(4, np.nan)
    assert np.isnan([agreement.mean_absolute_error(nothing, X), agreement.normalised_mean_bias_share(X, 0 * X)]).all()


def test_coverage_counts_bounds_as_inside():
    assert agreement.coverage(X - 1, X, np.array([1.0, 1.0, 4.0, np.nan])) == pytest.approx(2 / 3)


def test_own_errors_average_out_and_shared_ones_do_not():
    """Four sources of equal mass with a tenth of error each."""
    mass, tenth, none = np.ones(4), np.full(4, 0.1), np.zeros(4)
    own = agreement.total_relative_sd(mass, tenth, shared_relative_sd=none, shared_class=["a"] * 4)
    shared = agreement.total_relative_sd(mass, none, shared_relative_sd=tenth, shared_class=["a"] * 4)
    two_classes = agreement.total_relative_sd(mass, none, shared_relative_sd=tenth, shared_class=["a", "a", "b", "b"])
    assert [own, shared, two_classes] == pytest.approx([0.05, 0.1, 0.1 / np.sqrt(2)])


def test_total_of_nothing_has_no_error():
    assert (
        agreement.total_relative_sd(np.zeros(2), np.ones(2), shared_relative_sd=np.ones(2), shared_class=["a", "b"])
        == 0.0
    )


def test_partial_correlations_of_rows_that_know_other_hours_are_those_of_each_row():
    random = np.random.default_rng(1)
    rows, target, given = random.normal(size=(3, 40)), random.normal(size=40), random.normal(size=(40, 2))
    rows[1, :5] = np.nan
    rows[2] = given[:, 0]
    together = agreement.partial_correlations(rows, target, given)
    assert together[:2] == pytest.approx(
        [agreement.partial_correlation(row, target, given) for row in rows[:2]], abs=1e-12
    )
    assert np.isnan(together[2])
