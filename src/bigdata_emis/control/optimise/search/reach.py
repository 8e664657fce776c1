"""What can be reached at most: the largest share of each pollutant, and the largest part of all targets together.

Belongs here: the report on targets that no set of steps reaches. Does not: the least-cost set (least_cost).
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

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
    rows = _rows_without_targets(problem)
    targets = np.array([[problem.target_shares[code]] for code in problem.pollutants])
    part_column = -np.ones((len(targets), 1))
    no_column = sparse.csr_array((rows.matrix.shape[0], 1))
    whole = ConstraintRows(
        names=(*(("target", code) for code in problem.pollutants), *rows.names),
        matrix=sparse.vstack(
            [
                sparse.hstack([sparse.csr_array(problem.share_matrix / targets), part_column]),
                sparse.hstack([rows.matrix, no_column]),
            ],
            format="csr",
        ),
        lower=np.append(np.zeros(len(targets)), rows.lower),
        upper=np.append(np.full(len(targets), np.inf), rows.upper),
    )
    weights = np.append(np.zeros(len(problem.steps)), 1.0)
    return largest_fractional(weights, whole)


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
