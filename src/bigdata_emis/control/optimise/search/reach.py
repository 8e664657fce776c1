"""What can be reached at most: the largest share of each pollutant, and the largest part of all targets together.

Belongs here: the report on targets that no set of steps reaches. Does not: the least-cost set (least_cost).
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from bigdata_emis.arrays import Positions
from bigdata_emis.control.optimise.search.binary_search import largest_fractional
from bigdata_emis.control.optimise.search.constraints import ConstraintRows, constraint_rows
from bigdata_emis.control.optimise.search.least_cost import source_numbers
from bigdata_emis.control.optimise.search.problem import OptimisationProblem


@dataclass(frozen=True)
class TargetReach:
    """The largest share of the base by which a pollutant can be cut, and its target."""

    pollutant_code: str
    target_share: float
    largest_share: float

    @property
    def missing_share(self) -> float:
        """The gap to the target; 0 where the pollutant alone can reach it."""
        return max(0.0, self.target_share - self.largest_share)


def find_reach(problem: OptimisationProblem) -> list[TargetReach]:
    """The largest share of each pollutant with a target, whatever it costs and whatever the others do.

    With bounds between districts it is the bound of the linear relaxation: no set reaches more.
    """
    return [
        TargetReach(code, problem.target_shares[code], _largest_share(problem, number))
        for number, code in enumerate(problem.pollutants)
    ]


def find_joint_reach(problem: OptimisationProblem) -> float:
    """The largest part of all targets, from 0 to 1, that one set of steps can reach together; as find_reach."""
    if not problem.pollutants:
        return 1.0
    if not problem.steps:
        return 0.0
    kept = _undominated(problem)
    rows = _rows_without_targets(problem)
    rows = ConstraintRows(rows.names, rows.matrix[:, kept], rows.lower, rows.upper)
    targets = np.array([[problem.target_shares[code]] for code in problem.pollutants])
    part_column = -np.ones((len(targets), 1))
    no_column = sparse.csr_array((rows.matrix.shape[0], 1))
    whole = ConstraintRows(
        names=(*(("target", code) for code in problem.pollutants), *rows.names),
        matrix=sparse.vstack(
            [
                sparse.hstack([sparse.csr_array(problem.share_matrix[:, kept] / targets), part_column]),
                sparse.hstack([rows.matrix, no_column]),
            ],
            format="csr",
        ),
        lower=np.append(np.zeros(len(targets)), rows.lower),
        upper=np.append(np.full(len(targets), np.inf), rows.upper),
    )
    weights = np.append(np.zeros(len(kept)), 1.0)
    return largest_fractional(weights, _without_idle_rows(whole))


def _undominated(problem: OptimisationProblem) -> Positions:
    """The steps that matter for what is reached: without district bounds those that no larger step replaces."""
    if problem.fairness is not None:
        return np.arange(len(problem.steps))
    kept: list[int] = []
    for positions in problem.positions_by_source.values():
        cuts = problem.share_matrix[:, positions]
        largest = int(cuts.sum(axis=0).argmax())
        is_largest = bool((cuts <= cuts[:, largest : largest + 1]).all())
        kept += [positions[largest]] if is_largest else positions
    return np.array(sorted(kept), dtype=np.intp)


def _without_idle_rows(rows: ConstraintRows) -> ConstraintRows:
    """The rows without those that say of a single step that it is ordered once at most, as its bound does already."""
    counts = np.diff(rows.matrix.indptr)
    is_idle = np.array([kind == "source" for kind, _ in rows.names]) & (counts <= 1) & (rows.lower <= 0)
    used = np.flatnonzero(~is_idle)
    return ConstraintRows(tuple(rows.names[row] for row in used), rows.matrix[used], rows.lower[used], rows.upper[used])


def _largest_share(problem: OptimisationProblem, number: int) -> float:
    if not problem.steps:
        return 0.0
    if problem.fairness is None:
        largest = np.zeros(len(problem.positions_by_source))
        np.maximum.at(largest, source_numbers(problem), problem.share_matrix[number])
        return float(largest.sum())
    return largest_fractional(problem.share_matrix[number], _rows_without_targets(problem))


def _rows_without_targets(problem: OptimisationProblem) -> ConstraintRows:
    return constraint_rows(problem, dict.fromkeys(problem.pollutants, 0.0))
