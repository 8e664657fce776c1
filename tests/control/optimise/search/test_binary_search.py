"""The relaxation, the core that it leaves open, and the solver that must not write to stdout."""

from dataclasses import replace

import numpy as np
import pytest

from bigdata_emis.control.optimise.search import binary_search
from bigdata_emis.control.optimise.search.binary_search import largest_fractional, relax, search_binary
from bigdata_emis.control.optimise.search.constraints import constraint_rows
from bigdata_emis.control.optimise.search.least_cost import source_numbers
from bigdata_emis.control.optimise.search.problem import OptimisationProblem
from tests.control.optimise.search.small_problems import problem, step, three_plants


def many_plants(count: int = 400) -> OptimisationProblem:
    random = np.random.default_rng(1)
    amounts = random.lognormal(0, 1, (count, 2))
    steps = [
        step(f"s{n:04d}", float(cost * share), share, NOx=float(kg * share))
        for n, (kg, cost) in enumerate(amounts)
        for share in (0.5, 1.0)
    ]
    return problem(*steps, base=float(amounts[:, 0].sum()), targets={"NOx": 0.3})


def test_the_relaxation_takes_fractions_of_the_cheapest() -> None:
    plants = three_plants(0.4)  # by kilogram: smelter 0.15, kiln 0.167, mill 0.2
    relaxed = relax(plants.costs, constraint_rows(plants, {"NOx": 0.4}), groups=source_numbers(plants))
    assert relaxed is not None
    assert relaxed.objective == pytest.approx(3 + 2 / 3 * 5)
    assert relaxed.values == pytest.approx([2 / 3, 0.0, 1.0])
    assert relaxed.regrets[0] == 0.0  # the kiln is in between: nothing else of it costs more
    assert relaxed.regrets[1] == pytest.approx(2 - 10 / 30 * 5)
    assert relax(plants.costs, constraint_rows(plants, {"NOx": 0.7}), groups=source_numbers(plants)) is None


def test_the_largest_sum_takes_one_step_of_each_source() -> None:
    rows = constraint_rows(three_plants(), {"NOx": 0.0})
    assert largest_fractional(np.array([3.0, 1.0, 2.0]), rows) == pytest.approx(6.0)


def test_a_large_problem_has_an_honest_gap_and_keeps_its_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    plants = many_plants()
    rows, groups = constraint_rows(plants, {"NOx": 0.3}), source_numbers(plants)
    answer = search_binary(plants.costs, rows, groups=groups, gap_share=1e-3)
    monkeypatch.setattr(binary_search, "CORE_STEPS", (len(plants.costs),))
    whole = search_binary(plants.costs, rows, groups=groups, gap_share=1e-3)
    assert answer is not None
    assert whole is not None
    cost, least = plants.costs @ answer.is_chosen, plants.costs @ whole.is_chosen
    assert answer.bound <= least <= cost * (1 + 1e-9)
    assert cost <= answer.bound * 1.01
    assert plants.share_matrix[0] @ answer.is_chosen >= 0.3 - 1e-6
    assert np.bincount(groups, answer.is_chosen).max() == 1


def test_where_a_wide_gap_is_allowed_the_relaxation_is_rounded_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binary_search, "EXACT_STEPS", 0)
    plants = three_plants(0.4)  # the smelter and two thirds of the kiln: 3 + 10/3; rounded both, 8, while 7 would do
    rows, groups = constraint_rows(plants, {"NOx": 0.4}), source_numbers(plants)
    rounded = search_binary(plants.costs, rows, groups=groups, gap_share=0.3)
    assert rounded is not None
    assert rounded.is_chosen.tolist() == [True, False, True]
    assert rounded.bound == pytest.approx(3 + 10 / 3)
    narrow = search_binary(plants.costs, rows, groups=groups, gap_share=0.2)  # 8 is 26 % above the bound
    assert narrow is not None
    assert narrow.is_chosen.tolist() == [True, True, False]


def test_a_rounding_that_breaks_a_row_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binary_search, "EXACT_STEPS", 0)
    plants = three_plants(0.4)
    rows = constraint_rows(plants, {"NOx": 0.4})
    bounded = replace(rows, upper=np.where(rows.upper > 1, 1.2, rows.upper))  # 50 kg are 1.25 times the target
    answer = search_binary(plants.costs, bounded, groups=source_numbers(plants), gap_share=0.5)
    assert answer is not None
    assert answer.is_chosen.tolist() == [True, True, False]


def test_the_solver_prints_nothing_on_stdout(capfd: pytest.CaptureFixture[str]) -> None:
    plants = many_plants(150)
    search_binary(plants.costs, constraint_rows(plants, {"NOx": 0.3}), groups=source_numbers(plants), gap_share=0.0)
    assert capfd.readouterr().out == ""
