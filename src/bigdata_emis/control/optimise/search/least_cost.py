"""The least-cost set of steps that reaches the targets: a mixed-integer linear programme, solved by HiGHS.

Belongs here: the programme, its solution, and how ties end. Does not: what a problem holds (problem), what else could
be chosen (alternatives, reach).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bigdata_emis.arrays import Floats, Positions
from bigdata_emis.control.optimise.search.binary_search import search_binary
from bigdata_emis.control.optimise.search.constraints import (
    TOLERANCE_SHARE,
    ConstraintRows,
    SetCheck,
    constraint_rows,
    fixed_rows,
)
from bigdata_emis.control.optimise.search.convex_steps import Increments, find_increments
from bigdata_emis.control.optimise.search.problem import OptimisationProblem

GAP_SHARE = 1e-3
"""The search ends when no set can be cheaper by more than this share of the cost; small problems are solved exactly."""
NOTHING = -1
MARGINS = (0.0, 4e-6, 4e-5)
"""By how much a target is raised, relatively, after the tolerance of the solver (1e-6) left it just missed."""


@dataclass(frozen=True)
class LeastCostSet:
    """The chosen steps by position, their cost, and a cost below which no set reaches the targets."""

    chosen: tuple[int, ...]
    cost: float
    cost_bound: float

    @property
    def gap_share(self) -> float:
        """How much cheaper a set could be at most, as a share of the cost."""
        return max(0.0, (self.cost - self.cost_bound) / self.cost) if self.cost > 0 else 0.0


def find_least_cost(
    problem: OptimisationProblem, *, wanted: Mapping[str, float] | None = None, gap_share: float = GAP_SHARE
) -> LeastCostSet | None:
    """The cheapest set of steps that reaches every target; None when no set does.

        minimise Σ cost · x   with   Σ cut · x ≥ target · base,   Σ over the steps of a source ≤ 1,   x in {0, 1}

    The same problem gives the same set, in whatever order its steps come. No chosen step can be left out or lowered
    with a gain. Of sources that are equal in all but their identifiers, the first identifiers have the larger steps.

    wanted: other shares than the targets, by pollutant with a target; so what follows from the steps is computed once.

    Source: linear programme of least-cost control of sources, as in the optimisation module of the GAINS model
    (Wagner, Heyes, Klimont, Schöpp 2013, IIASA IR-13-001); integer steps are ours.

    Raises:
        RefusedError: the solver ended without an answer.
    """
    return LeastCostSearch(problem).find(wanted, gap_share=gap_share)


class LeastCostSearch:
    """The search for several targets of one problem; what follows from its steps alone is computed once."""

    def __init__(self, problem: OptimisationProblem) -> None:
        self.problem = problem

    def find(self, wanted: Mapping[str, float] | None = None, *, gap_share: float = GAP_SHARE) -> LeastCostSet | None:
        """The cheapest set of steps, as find_least_cost."""
        problem = self.problem
        wanted = scale_targets(problem, 1.0) if wanted is None else wanted
        if wanted is None or any(share > 1 for share in wanted.values()):
            return None
        check = SetCheck(problem, wanted)
        if not problem.steps:
            return LeastCostSet((), 0.0, 0.0) if check.is_satisfied(()) else None
        scale = cost_scale(problem)
        for margin in MARGINS:
            rows = constraint_rows(problem, wanted, margin=margin, fixed=self._fixed_rows)
            answer = search_binary(
                problem.costs / scale, rows, groups=self._groups, gap_share=gap_share, increments=self._increments
            )
            if answer is None:
                return None
            chosen = tuple(int(position) for position in np.flatnonzero(answer.is_chosen))
            if check.is_satisfied(chosen):
                return self._tidy(check, chosen, answer.bound * scale)
        return None

    @cached_property
    def _groups(self) -> Positions:
        return source_numbers(self.problem)

    @cached_property
    def _fixed_rows(self) -> ConstraintRows:
        return fixed_rows(self.problem)

    @cached_property
    def _increments(self) -> Increments:
        rows = constraint_rows(self.problem, self.problem.target_shares, fixed=self._fixed_rows)
        return find_increments(self.problem.costs / cost_scale(self.problem), rows, self._groups)

    @cached_property
    def _lowerings(self) -> tuple[Positions, Positions, Floats]:
        """Each step, what could replace it (NOTHING, or a smaller step that costs no more), and the shares lost."""
        problem = self.problem
        pairs = [(p, lower) for p in range(len(problem.steps)) for lower in _lower_choices(problem, p)]
        step, lower = (np.array([pair[side] for pair in pairs], dtype=np.intp) for side in (0, 1))
        lost = problem.share_matrix[:, step] - np.where(lower == NOTHING, 0.0, problem.share_matrix[:, lower])
        return step, lower, lost

    def _tidy(self, check: SetCheck, chosen: tuple[int, ...], bound: float) -> LeastCostSet:
        """The set after steps that are not needed are lowered, and equal sources are ordered by identifier."""
        ordered = _order_equal_sources(self.problem, self._lower_steps(check, chosen))
        cost = self.problem.total_cost(ordered)
        return LeastCostSet(ordered, cost, min(max(bound, 0.0), cost))

    def _lower_steps(self, check: SetCheck, chosen: tuple[int, ...]) -> tuple[int, ...]:
        """Lower each step, the most expensive first, as far as the constraints allow; never at a higher cost."""
        problem, current = self.problem, set(chosen)
        slack = _slack(problem, check, chosen)
        step, lower, lost = self._lowerings
        # What breaks a constraint now does so later: lowering leaves ever less.
        is_possible = np.isin(step, chosen) & (lost <= slack[:, None] + TOLERANCE_SHARE).all(axis=0)
        places: dict[int, list[int]] = {}
        for place in np.flatnonzero(is_possible).tolist():
            places.setdefault(int(step[place]), []).append(place)
        for position in sorted(places, key=lambda p: (-problem.costs[p], problem.steps[p].key)):
            for place in places[position]:
                if (lost[:, place] > slack + TOLERANCE_SHARE).any():
                    continue
                candidate = (current - {position}) | ({int(lower[place])} - {NOTHING})
                if check.is_satisfied(tuple(candidate)):
                    current, slack = candidate, _slack(problem, check, tuple(candidate))
                    break
        return tuple(sorted(current))


def scale_targets(problem: OptimisationProblem, factor: float) -> dict[str, float] | None:
    """The targets times a factor, by pollutant with a target; None when one is above the whole base."""
    wanted = {code: problem.target_shares[code] * factor for code in problem.pollutants}
    return None if any(share > 1 for share in wanted.values()) else wanted


def cost_scale(problem: OptimisationProblem) -> float:
    """A typical cost, so that the objective has the magnitude for which the solver's tolerances are made."""
    positive = problem.costs[problem.costs > 0]
    return float(np.median(positive)) if len(positive) else 1.0


def source_numbers(problem: OptimisationProblem) -> Positions:
    """The number of the source of each step, in the order of the rows of sources, (steps,)."""
    numbers = {source_id: number for number, source_id in enumerate(problem.positions_by_source)}
    return np.array([numbers[step.source_id] for step in problem.steps], dtype=np.intp)


def _lower_choices(problem: OptimisationProblem, position: int) -> list[int]:
    """What could replace a step: NOTHING, then each smaller step of its source that costs no more."""
    step = problem.steps[position]
    others = [
        other
        for other in problem.positions_by_source[step.source_id]
        if other < position and problem.costs[other] <= step.cost
    ]
    return [*([] if step.source_id in problem.required_sources else [NOTHING]), *others]


def _slack(problem: OptimisationProblem, check: SetCheck, chosen: Sequence[int]) -> Floats:
    shares = problem.total_shares(chosen)
    return np.array([shares[code] - check.wanted[code] for code in problem.pollutants])


def _order_equal_sources(problem: OptimisationProblem, chosen: tuple[int, ...]) -> tuple[int, ...]:
    """Among sources with equal steps, give the larger ones to the first identifiers."""
    shared = {source: sources for sources in problem.equal_sources if len(sources) > 1 for source in sources}
    ordered, ranks = [], dict[str, list[int]]()
    for position in chosen:
        source = problem.steps[position].source_id
        if source not in shared:
            ordered.append(position)
            continue
        rank = problem.positions_by_source[source].index(position)
        ranks.setdefault(shared[source][0], []).append(rank)
    for first, of_group in ranks.items():
        pairs = zip(shared[first], sorted(of_group, reverse=True), strict=False)
        ordered += [problem.positions_by_source[source][rank] for source, rank in pairs]
    return tuple(sorted(ordered))
