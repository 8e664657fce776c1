"""How far districts must be allowed to differ so that the targets can be reached at all.

Belongs here: the least margin of an infeasible problem. Does not: other reasons why nothing is reached (reach).
"""

import math
from dataclasses import dataclass, replace

from bigdata_emis.control.optimise.search.least_cost import find_least_cost
from bigdata_emis.control.optimise.search.problem import FairnessBound, OptimisationProblem
from bigdata_emis.control.optimise.search.reach import find_joint_reach

PARTS = 1000
"""Margins are tried in thousandths of the whole; at the whole nothing is bounded."""
REACHED_PART = 1.0 - 1e-6
"""The tolerance of the solver."""


@dataclass(frozen=True)
class LeastMargin:
    """The least margin between districts with which a set was found; empty where none exists even without a bound.

    is_proven_below: no fraction of steps reaches the targets with a margin one thousandth smaller.
    """

    margin_share: float | None
    is_proven_below: bool


def find_least_margin(problem: OptimisationProblem) -> LeastMargin | None:
    """The least margin of a problem that is infeasible; None of one without a bound between districts.

    The linear relaxation proves what is not enough, by halving: what a margin allows, a larger one allows, too. From
    there on margins grow until a set is found.
    """
    if problem.fairness is None:
        return None
    if find_least_cost(replace(problem, fairness=None)) is None:
        return LeastMargin(None, is_proven_below=True)
    proven = _first_part_of_relaxation(problem, math.floor(problem.fairness.margin_share * PARTS))
    part, more = proven, 1
    while part < PARTS and find_least_cost(_with_margin(problem, part)) is None:
        part, more = min(part + more, PARTS), more * 2
    return LeastMargin(part / PARTS, is_proven_below=part == proven)


def _first_part_of_relaxation(problem: OptimisationProblem, too_small: int) -> int:
    """The smallest margin, in thousandths, with which fractions of steps reach the targets."""
    enough = PARTS
    while enough - too_small > 1:
        middle = (enough + too_small) // 2
        is_enough = find_joint_reach(_with_margin(problem, middle)) >= REACHED_PART
        enough, too_small = (middle, too_small) if is_enough else (enough, middle)
    return enough


def _with_margin(problem: OptimisationProblem, part: int) -> OptimisationProblem:
    is_of_cost = problem.fairness is not None and problem.fairness.is_of_cost
    return replace(problem, fairness=FairnessBound(part / PARTS, is_of_cost=is_of_cost))
