"""Conformal ranks and quantiles on paper, and their promise for one further value."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bigdata_emis.statistics.conformal import (
    conformal_rank,
    lower_conformal_quantile,
    scaled_conformal_bounds,
    upper_conformal_quantile,
)

ONE_TO_NINETEEN = np.arange(19.0, 0.0, -1.0)


@pytest.mark.parametrize(("count", "coverage", "rank"), [(19, 0.9, 18), (19, 0.95, 19), (9, 0.95, 10), (0, 0.9, 1)])
def test_the_rank_counts_the_further_value_too(count, coverage, rank):
    assert conformal_rank(count, coverage) == rank


def test_quantiles_of_nineteen_values_are_those_at_their_ranks():
    """Of 20 equally likely places the further value falls below the smallest of 19 with a probability of 1/20."""
    assert upper_conformal_quantile(ONE_TO_NINETEEN, 0.9) == 18.0
    assert lower_conformal_quantile(ONE_TO_NINETEEN, 0.05) == 1.0
    assert lower_conformal_quantile(ONE_TO_NINETEEN, 0.1) == 2.0


def test_too_few_values_give_the_extreme_ones():
    few = np.array([3.0, 1.0])
    assert upper_conformal_quantile(few, 0.95) == 3.0
    assert lower_conformal_quantile(few, 0.05) == 1.0


def test_a_coverage_of_nothing_is_the_smallest_value():
    assert upper_conformal_quantile(ONE_TO_NINETEEN, 0.0) == 1.0


def test_no_values_are_refused():
    for quantile in (upper_conformal_quantile, lower_conformal_quantile):
        with pytest.raises(ValueError, match="no scores"):
            quantile(np.empty(0), 0.9)


def test_a_further_value_stays_below_with_the_promised_probability():
    random = np.random.default_rng(1)
    below = [random.normal() <= upper_conformal_quantile(random.normal(size=19), 0.9) for _ in range(4000)]
    assert np.mean(below) == pytest.approx(0.9, abs=0.02)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40), st.floats(0, 1), st.floats(0, 1))
def test_more_coverage_never_gives_a_smaller_value(scores, first, second):
    values = np.array(scores)
    low, high = sorted((first, second))
    assert upper_conformal_quantile(values, low) <= upper_conformal_quantile(values, high)


def test_scaled_bounds_are_quantiles_of_the_scores_times_the_spread():
    # Of 19 scores −9 … 9, the lowest and the highest cut 5 % each.
    value, spread = np.array([100.0, 10.0]), np.array([2.0, 0.5])
    low, high = scaled_conformal_bounds(value, spread, np.arange(-9.0, 10.0))
    assert low.tolist() == [82.0, 5.5]
    assert high.tolist() == [118.0, 14.5]


def test_scaled_bounds_cover_values_whose_errors_grow_with_the_spread():
    random = np.random.default_rng(4)
    spread = random.uniform(1, 30, 4000)
    error = spread * random.normal(size=4000)
    low, high = scaled_conformal_bounds(np.zeros(2000), spread[2000:], (error / spread)[:2000])
    assert ((low <= error[2000:]) & (error[2000:] <= high)).mean() == pytest.approx(0.9, abs=0.02)
