"""The least-cost set: on paper, by trying every set, and at its edges."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bigdata_emis.control.optimise.search.constraints import SetCheck
from bigdata_emis.control.optimise.search.least_cost import LeastCostSearch, find_least_cost, scale_targets
from bigdata_emis.control.optimise.search.problem import FairnessBound, OptimisationProblem
from tests.control.optimise.search.small_problems import least_cost_by_trying, problem, sources_of, step, three_plants
from tests.control.optimise.search.test_constraints import two_districts


@pytest.mark.parametrize(
    ("target", "cost", "sources"),
    [
        (0.1, 2.0, ["mill"]),
        (0.2, 3.0, ["smelter"]),
        (0.3, 5.0, ["kiln"]),  # as cheap as mill and smelter, with one order less to lower
        (0.4, 7.0, ["kiln", "mill"]),
        (0.5, 8.0, ["kiln", "smelter"]),
        (0.6, 10.0, ["kiln", "mill", "smelter"]),
    ],
)
def test_three_plants_on_paper(target: float, cost: float, sources: list[str]) -> None:
    plants = three_plants(target)
    best = find_least_cost(plants)
    assert best is not None
    assert best.cost == cost
    assert best.gap_share <= 1e-6
    if target != 0.3:
        assert [source for source, _ in sources_of(plants, best.chosen)] == sources


def test_one_step_of_a_source_is_chosen_at_most() -> None:
    steps = [step("kiln", cost, share, NOx=100 * share) for share, cost in ((0.3, 1.0), (0.5, 2.0), (1.0, 9.0))]
    plant = problem(*steps, step("mill", 4.0, NOx=30.0), targets={"NOx": 0.6})
    best = find_least_cost(plant)
    # 30 % and 50 % of the kiln together would cost 3 and reach 80 %; one kiln is not two.
    assert best is not None
    assert (sources_of(plant, best.chosen), best.cost) == ([("kiln", 0.3), ("mill", 1.0)], 5.0)


def test_several_pollutants_share_their_steps() -> None:
    both = problem(
        step("coke", 5.0, SO2=20.0, NOx=20.0),
        step("nox-only", 3.0, NOx=20.0),
        step("so2-only", 3.0, SO2=20.0),
        targets={"SO2": 0.2, "NOx": 0.2},
    )
    best = find_least_cost(both)
    assert best is not None
    assert sources_of(both, best.chosen) == [("coke", 1.0)]


def test_of_equal_plants_the_first_identifiers_are_ordered_more() -> None:
    names = ["c", "a", "b", "d"]
    steps = [step(name, share, share, NOx=20 * share) for name in names for share in (0.5, 1.0)]
    plants = problem(*steps, targets={"NOx": 0.3})
    best = find_least_cost(plants)
    assert best is not None
    assert sources_of(plants, best.chosen) in ([("a", 1.0), ("b", 0.5)], [("a", 0.5), ("b", 0.5), ("c", 0.5)])
    assert best.cost == 1.5


def test_the_order_of_the_steps_does_not_matter() -> None:
    steps = [step(f"s{n:02d}", 1.0 + n % 3, NOx=2.0 + n % 4) for n in range(30)]
    answers = [find_least_cost(problem(*some, targets={"NOx": 0.31})) for some in (steps, steps[::-1])]
    assert answers[0] == answers[1]


def test_targets_of_zero_need_nothing() -> None:
    best = find_least_cost(three_plants(0.0))
    assert best is not None
    assert (best.chosen, best.cost, best.gap_share) == ((), 0.0, 0.0)


def test_a_free_step_that_is_not_needed_is_not_ordered() -> None:
    free = problem(step("free", 0.0, NOx=5.0), step("paid", 1.0, NOx=10.0), targets={"NOx": 0.1})
    best = find_least_cost(free)
    assert best is not None
    assert sources_of(free, best.chosen) == [("paid", 1.0)]


def test_a_region_without_steps_reaches_targets_of_zero_only() -> None:
    assert find_least_cost(problem(targets={"NOx": 0.0})) is not None
    assert find_least_cost(problem(targets={"NOx": 0.1})) is None


def test_an_unreachable_target_has_no_set() -> None:
    assert find_least_cost(three_plants(0.61)) is None
    assert find_least_cost(three_plants(), wanted={"NOx": 0.9}) is None


def test_a_target_that_is_just_reached_is_reached() -> None:
    third = problem(step("a", 1.0, NOx=0.1), step("b", 1.0, NOx=0.2), base=1.0, targets={"NOx": 0.1 + 0.2})
    best = find_least_cost(third)
    assert best is not None
    assert best.cost == 2.0


def test_a_required_source_is_ordered_at_its_cheapest() -> None:
    steps = [step("kiln", 10 * share, share, NOx=10 * share) for share in (0.3, 1.0)]
    plant = problem(*steps, step("mill", 1.0, NOx=10.0), targets={"NOx": 0.1}, required_sources=frozenset({"kiln"}))
    best = find_least_cost(plant)
    assert best is not None
    assert sources_of(plant, best.chosen) == [("kiln", 0.3), ("mill", 1.0)]


def test_fairness_moves_the_burden_and_costs() -> None:
    free, fair = find_least_cost(two_districts(1.0)), find_least_cost(two_districts(0.0))
    assert free is not None
    assert fair is not None
    assert sources_of(two_districts(1.0), free.chosen) == [("east-1", 1.0), ("east-2", 1.0)]
    assert sources_of(two_districts(0.0), fair.chosen) == [("east-1", 1.0), ("west-1", 1.0)]
    assert (free.cost, fair.cost) == (2.0, 4.0)


def test_one_search_gives_for_each_target_what_a_search_of_its_own_gives() -> None:
    plants, search = three_plants(0.3), LeastCostSearch(three_plants(0.3))
    for share in (0.6, 0.1, 0.4, 0.2, 0.5, 0.7):
        assert search.find({"NOx": share}) == find_least_cost(plants, wanted={"NOx": share})


def test_scaled_targets_above_the_base_cannot_be_wanted() -> None:
    assert scale_targets(three_plants(0.6), 2.0) is None
    assert scale_targets(three_plants(0.3), 2.0) == {"NOx": 0.6}


amounts = st.integers(0, 9).map(float)
sources = st.lists(
    st.lists(st.tuples(amounts, amounts, amounts, st.sampled_from(["", "east", "west"])), min_size=1, max_size=3),
    max_size=5,
)


def random_problem(
    drawn: list[list[tuple[float, float, float, str]]], targets: tuple[float, float], margin: float | None
) -> OptimisationProblem:
    steps = [
        step(f"s{number}", cost, (rank + 1) / 3, district, SO2=so2, NOx=nox)
        for number, of_source in enumerate(drawn)
        for rank, (cost, so2, nox, district) in enumerate(of_source)
    ]
    return problem(
        *steps,
        base=50.0,
        targets={"SO2": targets[0], "NOx": targets[1]},
        fairness=None if margin is None else FairnessBound(margin),
        district_base_kg={"east": {"SO2": 10.0, "NOx": 20.0}, "west": {"SO2": 30.0, "NOx": 20.0}},
    )


@settings(max_examples=30, deadline=None)
@given(sources, st.tuples(st.sampled_from([0.0, 0.1, 0.3]), st.sampled_from([0.0, 0.2])), st.sampled_from([None, 0.2]))
def test_the_cost_is_that_of_trying_every_set(
    drawn: list[list[tuple[float, float, float, str]]], targets: tuple[float, float], margin: float | None
) -> None:
    small = random_problem(drawn, targets, margin)
    best, least = find_least_cost(small), least_cost_by_trying(small)
    assert (best is None) == (least is None)
    if best is not None and least is not None:
        assert best.cost == pytest.approx(least, abs=1e-9)
        assert SetCheck(small, small.target_shares).is_satisfied(best.chosen)
        assert best == find_least_cost(replace(small, steps=small.steps[::-1]))


@settings(max_examples=10, deadline=None)
@given(sources.filter(bool), st.sampled_from([0.1, 0.2]))
def test_a_higher_target_never_costs_less(drawn: list[list[tuple[float, float, float, str]]], target: float) -> None:
    lower = find_least_cost(random_problem(drawn, (target, 0.0), None))
    higher = find_least_cost(random_problem(drawn, (target * 1.5, 0.0), None))
    assert higher is None or (lower is not None and lower.cost <= higher.cost + 1e-9)
