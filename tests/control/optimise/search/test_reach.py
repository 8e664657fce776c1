"""What can be reached at most, and what is missing."""

import pytest

from bigdata_emis.control.optimise.search.problem import OptimisationProblem
from bigdata_emis.control.optimise.search.reach import find_joint_reach, find_reach
from tests.control.optimise.search.small_problems import problem, step, three_plants
from tests.control.optimise.search.test_constraints import two_districts


def test_the_largest_share_takes_the_largest_step_of_every_source() -> None:
    (reach,) = find_reach(three_plants(0.75))
    assert (reach.pollutant_code, reach.target_share) == ("NOx", 0.75)
    assert reach.largest_share == pytest.approx(0.6)
    assert reach.missing_share == pytest.approx(0.15)


def test_nothing_is_missing_where_the_target_can_be_reached() -> None:
    assert find_reach(three_plants(0.5))[0].missing_share == 0.0


def test_the_joint_part_is_that_of_the_scarcest_pollutant() -> None:
    both = problem(step("a", 1.0, SO2=20.0, NOx=5.0), step("b", 1.0, NOx=5.0), targets={"SO2": 0.1, "NOx": 0.2})
    assert find_joint_reach(both) == pytest.approx(0.5)
    assert find_joint_reach(three_plants(0.1)) == pytest.approx(1.0)


def test_steps_of_which_neither_is_larger_in_both_pollutants_are_mixed() -> None:
    """Half of each step of one source cuts 25 kg of both; the larger step of the other source adds 10 kg of both."""
    mixed = (step("a", 1.0, 0.5, SO2=40.0, NOx=10.0), step("a", 1.0, SO2=10.0, NOx=40.0))
    larger = (step("b", 1.0, 0.5, SO2=5.0, NOx=5.0), step("b", 1.0, SO2=10.0, NOx=10.0))
    targets = {"SO2": 0.7, "NOx": 0.7}
    assert find_joint_reach(problem(*mixed, targets=targets)) == pytest.approx(25 / 70)
    assert find_joint_reach(problem(*mixed, *larger, targets=targets)) == pytest.approx(35 / 70)


def test_without_steps_nothing_and_without_targets_all_is_reached() -> None:
    assert find_joint_reach(problem(targets={"NOx": 0.1})) == 0.0
    assert find_reach(problem(targets={"NOx": 0.1}))[0].largest_share == 0.0
    assert find_joint_reach(problem(step("a", 1.0), targets={})) == 1.0


def test_bounds_between_districts_lower_the_reach() -> None:
    districts = two_districts(0.0)
    east_only = OptimisationProblem(
        districts.steps[:3], districts.base_kg, {"NOx": 0.3}, districts.fairness, districts.district_base_kg
    )
    # The west can cut 10 kg only, so the east may cut 10 kg and not 20.
    assert find_reach(east_only)[0].largest_share == pytest.approx(0.2)
    assert find_joint_reach(east_only) == pytest.approx(2 / 3)
