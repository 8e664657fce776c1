"""What makes a problem illegal, and its totals."""

import math
from typing import Any

import pytest

from bigdata_emis.control.optimise.search.problem import FairnessBound, OptimisationProblem
from bigdata_emis.errors import InputError
from tests.control.optimise.search.small_problems import problem, step, three_plants


def test_steps_are_in_order_of_identifier_however_they_come() -> None:
    plants = three_plants()
    turned = OptimisationProblem(plants.steps[::-1], plants.base_kg, plants.target_shares)
    assert [one.source_id for one in turned.steps] == ["kiln", "mill", "smelter"] == [s.source_id for s in plants.steps]


def test_totals_are_shares_of_the_base_and_costs() -> None:
    plants = three_plants()
    assert plants.total_shares([0, 2]) == {"NOx": 0.5}
    assert plants.total_cost([0, 2]) == 8.0


def test_a_pollutant_with_a_target_of_zero_has_no_constraint() -> None:
    assert problem(step("a", 1.0), targets={"SO2": 0.0, "NOx": 0.1}).pollutants == ("NOx",)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -1.0])
@pytest.mark.parametrize("place", ["cost", "cut", "base", "district"])
def test_a_number_that_is_not_finite_or_negative_is_refused(bad: float, place: str) -> None:
    values = {"cost": 1.0, "cut": 1.0, "base": 100.0, "district": 1.0, place: bad}
    with pytest.raises(InputError, match="expected a number that is not negative"):
        problem(
            step("a", values["cost"], NOx=values["cut"]),
            base=values["base"],
            targets={"NOx": 0.0},
            district_base_kg={"d": {"NOx": values["district"]}},
        )


@pytest.mark.parametrize("share", [-0.1, 1.1, math.nan, 30.0])
def test_a_share_outside_0_to_1_is_refused(share: float) -> None:
    with pytest.raises(InputError, match="expected a share between 0 and 1"):
        three_plants(share)
    with pytest.raises(InputError, match="step .* of source a"):
        problem(step("a", 1.0, share), targets={})
    with pytest.raises(InputError, match="margin between districts"):
        problem(targets={}, fairness=FairnessBound(share))


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"steps": [step("a", 1.0), step("a", 2.0)]}, "step 1 of source a is repeated; keep one"),
        ({"targets": {"SO2": 0.1}, "base": 0.0}, "SO2 has a target of 0.1 and no emission in the window"),
        ({"required_sources": frozenset({"ghost"})}, "source ghost is required and has no step"),
    ],
    ids=["repeated", "no base", "required"],
)
def test_a_problem_that_contradicts_itself_is_refused(more: dict[str, Any], message: str) -> None:
    steps = more.pop("steps", [])
    with pytest.raises(InputError, match=message):
        problem(*steps, **{"targets": {}, **more})
