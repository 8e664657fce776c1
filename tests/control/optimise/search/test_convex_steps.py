"""Steps as increments: the same optimum in few rows, and steps that cannot be increments keep their rows."""

import numpy as np
import pytest
from scipy.optimize import linprog

from bigdata_emis.control.optimise.search.binary_search import relax
from bigdata_emis.control.optimise.search.constraints import constraint_rows
from bigdata_emis.control.optimise.search.convex_steps import NO_STEP, compact_programme, find_increments
from bigdata_emis.control.optimise.search.least_cost import source_numbers
from tests.control.optimise.search.small_problems import problem, step


def compact(plants, wanted):
    rows = constraint_rows(plants, wanted)
    return compact_programme(plants.costs, rows, source_numbers(plants))


def test_steps_in_proportion_become_increments_of_rising_cost() -> None:
    plants = problem(step("a", 1.0, 0.25, NOx=10), step("a", 3.0, 0.5, NOx=20), base=100, targets={"NOx": 0.1})
    programme = compact(plants, {"NOx": 0.1})
    assert [(int(a), int(b)) for a, b in zip(programme.from_step, programme.to_step, strict=True)] == [
        (NO_STEP, 0),
        (0, 1),
    ]
    assert programme.costs.tolist() == [1.0, 2.0]
    assert programme.matrix.shape == (1, 2)


def test_a_step_above_the_hull_is_no_increment() -> None:
    plants = problem(step("a", 5.0, 0.25, NOx=10), step("a", 6.0, 0.5, NOx=20), base=100, targets={"NOx": 0.1})
    programme = compact(plants, {"NOx": 0.1})
    assert programme.to_step.tolist() == [1]
    assert programme.costs.tolist() == [6.0]


def test_steps_that_cut_in_other_proportions_keep_the_row_of_their_source() -> None:
    plants = problem(
        step("a", 1.0, 0.25, NOx=10, SO2=5), step("a", 3.0, 0.5, NOx=20, SO2=30), targets={"NOx": 0.1, "SO2": 0.1}
    )
    programme = compact(plants, {"NOx": 0.1, "SO2": 0.1})
    assert programme.single.tolist() == [0, 1]
    assert programme.matrix.shape == (3, 2)


def test_increments_of_other_targets_give_the_same_programme() -> None:
    plants = problem(
        step("a", 1.0, 0.25, NOx=10, SO2=5),
        step("a", 3.0, 0.5, NOx=20, SO2=10),
        step("b", 2.0, 0.5, NOx=4, SO2=9),
        targets={"NOx": 0.1, "SO2": 0.05},
    )
    groups = source_numbers(plants)
    known = find_increments(plants.costs, constraint_rows(plants, {"NOx": 0.1, "SO2": 0.05}), groups)
    rows = constraint_rows(plants, {"NOx": 0.2, "SO2": 0.0})
    own, reused = (compact_programme(plants.costs, rows, groups, one) for one in (None, known))
    assert own.matrix.toarray().tolist() == reused.matrix.toarray().tolist()
    assert own.costs.tolist() == reused.costs.tolist() == [1.0, 2.0, 2.0]
    assert own.lower.tolist() == reused.lower.tolist()


def test_values_of_increments_are_values_of_neighbouring_steps() -> None:
    plants = problem(step("a", 1.0, 0.25, NOx=10), step("a", 3.0, 0.5, NOx=20), base=100, targets={"NOx": 0.1})
    programme, groups = compact(plants, {"NOx": 0.1}), source_numbers(plants)
    assert programme.step_values(np.array([1.0, 0.25]), groups) == pytest.approx([0.75, 0.25])
    assert programme.step_values(np.array([0.5, 0.0]), groups) == pytest.approx([0.5, 0.0])


@pytest.mark.parametrize("seed", range(6))
def test_the_optimum_and_the_prices_are_those_of_the_programme_with_all_rows(seed: int) -> None:
    random = np.random.default_rng(seed)
    steps = []
    for number in range(30):
        kg = random.lognormal(0, 1, 2)
        other = random.uniform(0.5, 1.5) if number % 5 == 0 else 1.0  # every fifth source cuts in other proportions
        for share in (0.2, 0.5, 0.9):
            cost = float(random.lognormal(0, 1) * share)
            steps.append(step(f"s{number:02d}", cost, share, NOx=float(kg[0] * share), SO2=float(kg[1] * share**other)))
    plants = problem(*steps, base=60.0, targets={"NOx": 0.3, "SO2": 0.2})
    rows = constraint_rows(plants, plants.target_shares)
    targets = [kind == "target" for kind, _ in rows.names]
    dense = rows.matrix.toarray()
    whole = linprog(
        plants.costs,
        A_ub=np.vstack([-dense[targets], dense[np.invert(targets)]]),
        b_ub=np.concatenate([-rows.lower[targets], rows.upper[np.invert(targets)]]),
    )
    relaxed = relax(plants.costs, rows, groups=source_numbers(plants))
    if whole.x is None:
        assert relaxed is None
        return
    assert relaxed is not None
    assert relaxed.objective == pytest.approx(whole.fun)
    assert plants.costs @ relaxed.values == pytest.approx(whole.fun)
    assert (dense[targets] @ relaxed.values >= 1 - 1e-7).all()
    assert relaxed.prices[targets] == pytest.approx(-whole.ineqlin.marginals[: sum(targets)], abs=1e-7)
    assert relaxed.prices @ np.where(targets, 1.0, -1.0) == pytest.approx(whole.fun)
