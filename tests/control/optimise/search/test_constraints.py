"""The rows of the programme, and the check of a set in kilograms."""

import numpy as np

from bigdata_emis.control.optimise.search.constraints import SetCheck, constraint_rows, district_shares
from bigdata_emis.control.optimise.search.problem import FairnessBound, OptimisationProblem
from tests.control.optimise.search.small_problems import problem, step, three_plants


def two_districts(margin: float, *, is_of_cost: bool = False) -> OptimisationProblem:
    """Each district emits 50 of 100 kg and can cut 20; the east is cheaper."""
    return problem(
        step("east-1", 1.0, district="east", NOx=10.0),
        step("east-2", 1.0, district="east", NOx=10.0),
        step("west-1", 3.0, district="west", NOx=10.0),
        step("west-2", 3.0, district="west", NOx=10.0),
        targets={"NOx": 0.2},
        fairness=FairnessBound(margin, is_of_cost),
        district_base_kg={"east": {"NOx": 50.0}, "west": {"NOx": 50.0}},
    )


def test_a_target_row_is_in_units_of_its_target() -> None:
    rows = constraint_rows(three_plants(), {"NOx": 0.3})
    assert rows.names == (("target", "NOx"), ("source", "kiln"), ("source", "mill"), ("source", "smelter"))
    assert np.allclose(rows.matrix.toarray()[0], [1.0, 1 / 3, 2 / 3])
    assert (rows.lower[0], rows.upper[0]) == (1.0, np.inf)


def test_a_target_that_is_not_wanted_has_no_row() -> None:
    assert ("target", "NOx") not in constraint_rows(three_plants(), {"NOx": 0.0}).names


def test_a_required_source_needs_a_step() -> None:
    plants = three_plants(0.0)
    needed = OptimisationProblem(
        plants.steps, plants.base_kg, plants.target_shares, required_sources=frozenset({"mill"})
    )
    assert constraint_rows(needed, {}).lower.tolist() == [0.0, 1.0, 0.0]
    assert not SetCheck(needed, {}).is_satisfied([0])
    assert SetCheck(needed, {}).is_satisfied([1])


def test_a_set_reaches_a_target_that_it_equals() -> None:
    assert SetCheck(three_plants(), {"NOx": 0.3}).is_satisfied([0])
    assert not SetCheck(three_plants(), {"NOx": 0.3}).is_satisfied([2])


def test_a_district_may_exceed_its_share_of_the_base_by_the_margin() -> None:
    wanted = {"NOx": 0.2}
    assert not SetCheck(two_districts(0.0), wanted).is_satisfied([0, 1])  # all of the burden on half of the base
    assert SetCheck(two_districts(0.0), wanted).is_satisfied([0, 2])
    assert SetCheck(two_districts(0.5), wanted).is_satisfied([0, 1])
    # One east for 1 and one west for 3: the west bears 75 % of the cost on 50 % of the base.
    assert not SetCheck(two_districts(0.2, is_of_cost=True), wanted).is_satisfied([0, 2])
    assert SetCheck(two_districts(0.25, is_of_cost=True), wanted).is_satisfied([0, 2])


def test_a_step_of_the_whole_region_burdens_no_district() -> None:
    districts = two_districts(0.0)
    with_ban = OptimisationProblem(
        (*districts.steps, step("vehicles", 0.5, NOx=20.0)),
        districts.base_kg,
        districts.target_shares,
        districts.fairness,
        districts.district_base_kg,
    )
    ban = next(p for p, one in enumerate(with_ban.steps) if one.source_id == "vehicles")
    assert SetCheck(with_ban, {"NOx": 0.2}).is_satisfied([ban])


def test_districts_are_listed_with_their_cut_of_their_own_base() -> None:
    assert district_shares(two_districts(1.0), [0, 1]) == {"east": {"NOx": 0.4}, "west": {"NOx": 0.0}}
