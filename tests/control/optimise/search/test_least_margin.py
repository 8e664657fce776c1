"""The least margin between districts: on paper, and what makes it unknown."""

from dataclasses import replace

import pytest

from bigdata_emis.control.optimise.search.least_cost import find_least_cost
from bigdata_emis.control.optimise.search.least_margin import LeastMargin, find_least_margin
from bigdata_emis.control.optimise.search.problem import FairnessBound, OptimisationProblem
from tests.control.optimise.search.small_problems import step, three_plants
from tests.control.optimise.search.test_constraints import two_districts


def three_of_four(margin: float) -> OptimisationProblem:
    """The east can cut 20 kg and the west 10 kg, of 50 each; 30 kg are wanted."""
    districts = two_districts(margin)
    return replace(districts, steps=districts.steps[:3], target_shares={"NOx": 0.3})


def test_a_district_with_two_thirds_of_the_cut_and_half_of_the_base_needs_a_sixth() -> None:
    assert find_least_cost(three_of_four(0.1)) is None
    assert find_least_margin(three_of_four(0.1)) == LeastMargin(0.167, is_proven_below=True)
    assert find_least_cost(three_of_four(0.167)) is not None
    assert find_least_cost(three_of_four(0.166)) is None


def test_targets_that_nothing_reaches_are_not_the_fault_of_the_bound() -> None:
    too_much = replace(three_of_four(0.1), target_shares={"NOx": 0.31})
    assert find_least_margin(too_much) == LeastMargin(None, is_proven_below=True)


def test_where_fractions_would_do_the_margin_of_whole_steps_is_found() -> None:
    """20 kg are wanted: 10 of each side is fair, but the west can cut 30 kg or none: 30 of 40, a quarter too much."""
    steps = (step("east", 1.0, district="east", NOx=10.0), step("west", 1.0, district="west", NOx=30.0))
    found = find_least_margin(replace(two_districts(0.0), steps=steps))
    assert found is not None
    assert found.margin_share == pytest.approx(0.256)  # tried after a half of it
    assert not found.is_proven_below
    assert find_least_cost(replace(two_districts(0.249), steps=steps)) is None


def test_the_bound_may_be_of_cost() -> None:
    """30 kg cost 2 in the east and 3 in the west: three fifths of the cost, where the base is a half."""
    by_cost = replace(three_of_four(0.0), fairness=FairnessBound(0.0, is_of_cost=True))
    found = find_least_margin(by_cost)
    assert found is not None
    assert found.margin_share == pytest.approx(0.1)


def test_without_a_bound_there_is_no_margin() -> None:
    assert find_least_margin(three_plants(0.75)) is None
