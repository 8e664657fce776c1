"""Decomposition of a change of emission against values on paper."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bigdata_emis.relate.lmdi_factors import source_factors
from bigdata_emis.statistics.lmdi import change_terms, log_mean


def test_log_mean_on_paper_and_at_its_limits():
    """(2 − 1) / ln 2 = 1.4427; of equals the value; of zero zero."""
    assert log_mean(np.array([2.0, 1.0, 5.0, 0.0, 0.0]), np.array([1.0, 2.0, 5.0, 3.0, 0.0])).tolist() == pytest.approx(
        [1 / np.log(2), 1 / np.log(2), 5, 0, 0]
    )


def test_log_mean_of_near_equals_is_stable():
    assert log_mean(np.array([1 + 1e-15]), np.array([1.0]))[0] == pytest.approx(1.0, abs=1e-14)


def test_terms_on_paper():
    """2 × 3 = 6 becomes 4 × 3 = 12: all of the six is the first factor's."""
    assert change_terms(np.array([2.0, 3.0]), np.array([4.0, 3.0])).tolist() == pytest.approx([6.0, 0.0])


def test_doubling_and_halving_cancel():
    assert change_terms(np.array([2.0, 3.0]), np.array([4.0, 1.5])).tolist() == pytest.approx(
        [6 * np.log(2), -6 * np.log(2)]
    )


factors = st.lists(
    st.lists(st.one_of(st.just(0.0), st.floats(1e-6, 1e6)), min_size=4, max_size=4), min_size=2, max_size=6
)


@settings(max_examples=200, deadline=None)
@given(factors)
def test_terms_add_up_to_the_change(rows):
    both = np.array(rows)
    before, after = both[:-1], both[1:]
    terms = change_terms(before, after)
    change = after.prod(axis=1) - before.prod(axis=1)
    scale = np.maximum(np.abs(terms).sum(axis=1), np.maximum(after.prod(axis=1), before.prod(axis=1)))
    assert (np.abs(terms.sum(axis=1) - change) <= 1e-12 * scale).all()


def test_what_closes_or_opens_is_the_limit_of_what_nearly_does():
    before, closed, nearly = np.array([2.0, 3.0]), np.array([0.0, 4.0]), np.array([1e-300, 4.0])
    assert change_terms(before, closed).tolist() == [-6.0, 0.0]
    assert change_terms(closed, before).tolist() == [6.0, 0.0]
    assert change_terms(before, nearly) == pytest.approx(change_terms(before, closed), abs=0.01)


def test_two_vanishing_factors_share_the_change():
    assert change_terms(np.array([2.0, 3.0]), np.array([0.0, 0.0])).tolist() == [-3.0, -3.0]


def test_factor_without_a_value_is_taken_as_unchanged():
    assert change_terms(np.array([5.0, 2.0]), np.array([0.0, np.nan])).tolist() == [-10.0, 0.0]


def rows(*pairs):
    return np.array(pairs, float)


def test_factors_of_lines_links_and_areas_multiply_to_their_emission():
    emission = rows((10, 20), (30, 0), (5, 7), (1, 2), (4, 4))
    energy = rows((100, 300), (100, 0), (np.nan, np.nan), (np.nan, np.nan), (np.nan, np.nan))
    activity = rows((5, 10), (3, 0), (np.nan, np.nan), (np.nan, np.nan), (2, 8))
    travel = rows((np.nan, np.nan), (np.nan, np.nan), (50, 60), (np.nan, np.nan), (np.nan, np.nan))
    before, after = source_factors(emission, energy, activity, travel)
    assert before.prod(axis=1).tolist() == pytest.approx(emission[:, 0].tolist())
    assert before[0].tolist() == pytest.approx([200, 0.5, 0.05, 2])
    assert after[0].tolist() == pytest.approx([300, 1, 10 / 300, 2])
    assert before[2].tolist() == pytest.approx([50, 1, 0.1, 1])
    assert before[3].tolist() == [1, 1, 1, 1]
    assert before[4].tolist() == [2, 1, 1, 2]
    assert change_terms(before, after).sum(axis=1).tolist() == pytest.approx([10, -30, 2, 1, 0])


def test_line_that_emits_without_energy_is_explained_by_its_activity():
    before, after = source_factors(rows((10, 20)), rows((0, 5)), rows((2, 2)), rows((np.nan, np.nan)))
    assert change_terms(before, after)[0].tolist() == pytest.approx([0, 0, 0, 10])
