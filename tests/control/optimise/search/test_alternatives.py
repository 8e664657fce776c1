"""What lies around a set, on problems that can be solved on paper."""

import pytest

from bigdata_emis.control.optimise.search.alternatives import (
    CURVE_SCALES,
    find_binding,
    find_next_steps,
    price_one_more_point,
    trace_curve,
)
from bigdata_emis.control.optimise.search.least_cost import find_least_cost
from tests.control.optimise.search.small_problems import problem, step, three_plants


def test_a_target_binds_with_the_price_of_the_cheapest_source_that_is_left() -> None:
    # The smelter is used up; the kiln costs 5 for 30 kg, and one point is 1 kg.
    by_name = {(one.kind, one.name): one.cost_per_point for one in find_binding(three_plants(0.4))}
    assert by_name["target", "NOx"] == pytest.approx(5 / 30)
    assert by_name["source", "smelter"] == pytest.approx(20 * 5 / 30 - 3)
    assert ("source", "mill") not in by_name


def test_a_target_that_another_one_brings_along_does_not_bind() -> None:
    both = problem(step("coke", 5.0, SO2=40.0, NOx=20.0), targets={"SO2": 0.1, "NOx": 0.15})
    assert [one.name for one in find_binding(both) if one.kind == "target"] == ["NOx"]
    assert find_binding(problem(targets={"NOx": 0.1})) == []
    assert find_binding(three_plants(0.9)) == []


def test_one_more_point_is_the_least_cost_of_a_higher_target() -> None:
    plants = three_plants(0.5)
    best = find_least_cost(plants)
    assert best is not None
    (point,) = price_one_more_point(plants, best)  # 51 kg need all three plants: 10 instead of 8
    assert point.additional_cost == pytest.approx(2.0)
    assert [plants.steps[p].source_id for p in point.added] == ["mill"]
    assert point.removed == ()


def test_a_point_that_cannot_be_reached_has_no_price() -> None:
    for plants in (three_plants(0.6), problem(step("a", 1.0, NOx=100.0), targets={"NOx": 1.0})):
        best = find_least_cost(plants)
        assert best is not None
        assert price_one_more_point(plants, best)[0].additional_cost is None


def test_the_next_steps_are_the_cheapest_by_kilogram_above_what_is_chosen() -> None:
    steps = [step("kiln", cost, share, NOx=40 * share) for share, cost in ((0.5, 2.0), (1.0, 12.0))]
    plants = problem(*steps, step("mill", 3.0, NOx=10.0), targets={"NOx": 0.2})
    best = find_least_cost(plants)
    assert best is not None
    following = find_next_steps(plants, best)
    assert [(plants.steps[one.position].source_id, one.additional_cost, one.additional_kg) for one in following] == [
        ("mill", 3.0, pytest.approx(10.0)),
        ("kiln", 10.0, pytest.approx(20.0)),
    ]
    assert following[0].cost_per_kg == pytest.approx(0.3)


def test_the_curve_has_ten_points_that_rise_until_nothing_is_left() -> None:
    plants = three_plants(0.3)
    best = find_least_cost(plants)
    assert best is not None
    curve = trace_curve(plants, best)
    assert [point.target_scale for point in curve] == list(CURVE_SCALES)
    # 6, 12, 18, 24, 30, 36, 42, 48, 54, 60 kg
    assert [point.cost for point in curve] == [2.0, 3.0, 3.0, 5.0, 5.0, 7.0, 8.0, 8.0, 10.0, 10.0]
    assert curve[-1].cut_shares == {"NOx": pytest.approx(0.6)}
    assert trace_curve(three_plants(0.4), find_least_cost(three_plants(0.4)) or best)[-1].cost is None
