"""Decomposition of a change of emission against values on paper."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bigdata_emis.statistics.lmdi import decompose_change, log_mean, multiplicative_effects


def test_log_mean_on_paper_and_at_its_limits():
    """(2 − 1) / ln 2 = 1.4427; of two equal values that value; with a zero 0."""
    assert log_mean(np.array([2.0, 1.0, 5.0, 0.0, 0.0]), np.array([1.0, 2.0, 5.0, 3.0, 0.0])).tolist() == pytest.approx(
        [1 / np.log(2), 1 / np.log(2), 5, 0, 0]
    )


def test_log_mean_of_nearly_equal_values_keeps_its_digits():
    assert log_mean(np.array([1 + 1e-15]), np.array([1.0]))[0] == pytest.approx(1.0, abs=1e-14)


def test_contributions_on_paper():
    """2 × 3 = 6 becomes 4 × 3 = 12: the whole change of 6 belongs to the first factor."""
    assert decompose_change(np.array([2.0, 3.0]), np.array([4.0, 3.0])).tolist() == pytest.approx([6.0, 0.0])


def test_doubling_and_halving_cancel():
    assert decompose_change(np.array([2.0, 3.0]), np.array([4.0, 1.5])).tolist() == pytest.approx(
        [6 * np.log(2), -6 * np.log(2)]
    )


factors = st.lists(
    st.lists(st.one_of(st.just(0.0), st.floats(1e-6, 1e6)), min_size=4, max_size=4), min_size=2, max_size=6
)


@settings(max_examples=200, deadline=None)
@given(factors)
def test_contributions_add_up_to_the_change(rows):
    both = np.array(rows)
    before, after = both[:-1], both[1:]
    terms = decompose_change(before, after)
    change = after.prod(axis=1) - before.prod(axis=1)
    scale = np.maximum(np.abs(terms).sum(axis=1), np.maximum(after.prod(axis=1), before.prod(axis=1)))
    assert (np.abs(terms.sum(axis=1) - change) <= 1e-12 * scale).all()


def test_a_source_that_closes_or_opens_has_the_limit_of_one_that_nearly_does():
    before, closed, nearly = np.array([2.0, 3.0]), np.array([0.0, 4.0]), np.array([1e-300, 4.0])
    assert decompose_change(before, closed).tolist() == [-6.0, 0.0]
    assert decompose_change(closed, before).tolist() == [6.0, 0.0]
    assert decompose_change(before, nearly) == pytest.approx(decompose_change(before, closed), abs=0.01)


def test_two_factors_that_become_zero_share_the_change():
    assert decompose_change(np.array([2.0, 3.0]), np.array([0.0, 0.0])).tolist() == [-3.0, -3.0]


def test_a_factor_without_a_value_counts_as_unchanged():
    assert decompose_change(np.array([5.0, 2.0]), np.array([0.0, np.nan])).tolist() == [-10.0, 0.0]


def test_factors_of_the_ratio_multiply_to_it():
    """From 2 to 8: terms 2 and 4 over L = 6 ÷ ln 4 are a third and two thirds of ln 4."""
    factors = multiplicative_effects(np.array([2.0, 4.0]), 2.0, 8.0)
    assert factors == pytest.approx([4 ** (1 / 3), 4 ** (2 / 3)])
    assert factors.prod() == pytest.approx(4)


@pytest.mark.parametrize(("before", "after"), [(0.0, 3.0), (3.0, 0.0)])
def test_a_ratio_from_or_to_zero_has_no_factors(before, after):
    assert multiplicative_effects(np.array([after - before]), before, after) is None
