"""Problems that a person can solve on paper, and the answer by trying every set."""

import itertools
from typing import Any

from bigdata_emis.control.optimise.search.constraints import SetCheck
from bigdata_emis.control.optimise.search.problem import CandidateStep, OptimisationProblem


def step(source: str, cost: float, share: float = 1.0, district: str = "", **cut_kg: float) -> CandidateStep:
    return CandidateStep(source, share, cost, cut_kg, district)


def problem(*steps: CandidateStep, base: float = 100.0, targets: dict[str, float], **more: Any) -> OptimisationProblem:
    """A region that emits `base` kg of each pollutant with a target."""
    return OptimisationProblem(tuple(steps), dict.fromkeys(targets, base), targets, **more)


def three_plants(target: float = 0.3) -> OptimisationProblem:
    """A kiln 30 kg for 5, a smelter 20 kg for 3, a mill 10 kg for 2, of 100 kg."""
    plants = step("kiln", 5.0, NOx=30.0), step("mill", 2.0, NOx=10.0), step("smelter", 3.0, NOx=20.0)
    return problem(*plants, targets={"NOx": target})


def sources_of(problem_: OptimisationProblem, chosen: tuple[int, ...]) -> list[tuple[str, float]]:
    return [(problem_.steps[p].source_id, problem_.steps[p].step_share) for p in chosen]


def least_cost_by_trying(problem_: OptimisationProblem) -> float | None:
    """The least cost over every combination of at most one step for each source; None when none is feasible."""
    check = SetCheck(problem_, {code: problem_.target_shares[code] for code in problem_.pollutants})
    choices = [[None, *positions] for positions in problem_.positions_by_source.values()]
    sets = [tuple(p for p in combination if p is not None) for combination in itertools.product(*choices)]
    return min((problem_.total_cost(one) for one in sets if check.is_satisfied(one)), default=None)
