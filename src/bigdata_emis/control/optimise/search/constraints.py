"""The constraints of the least-cost programme as linear rows, and whether a set of steps satisfies them.

Belongs here: rows of targets, sources and districts. Does not: the search (binary_search), the least cost (least_cost).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from bigdata_emis.arrays import Floats
from bigdata_emis.control.optimise.search.problem import WHOLE_REGION, OptimisationProblem

TOLERANCE_SHARE = 1e-9
"""Rounding of sums: a target counts as reached when no more than this share of it is missing."""
FAIRNESS_TOLERANCE_SHARE = 1e-6
"""Of the base: the tolerance of the solver, by which a bound between districts may be exceeded."""


@dataclass(frozen=True)
class ConstraintRows:
    """Linear rows over the steps with kind and name of each: lower ≤ matrix · x ≤ upper."""

    names: tuple[tuple[str, str], ...]
    matrix: Any
    lower: Floats
    upper: Floats


def constraint_rows(
    problem: OptimisationProblem,
    wanted: Mapping[str, float],
    *,
    margin: float = 0.0,
    fixed: ConstraintRows | None = None,
) -> ConstraintRows:
    """All rows of the programme: targets, one step of a source, bounds of districts.

    A target row is in units of its target, a row of a district in shares of the base, so that one tolerance fits all.

    wanted: the share of the base to reach, by pollutant; margin: by how much it is raised, relatively; fixed: the rows
    that no target changes, where they are known.
    """
    return _stack([_target_rows(problem, wanted, margin), fixed or fixed_rows(problem)])


def fixed_rows(problem: OptimisationProblem) -> ConstraintRows:
    """The rows that no target changes: one step of a source, bounds of districts."""
    return _stack([_source_rows(problem), *_fairness_rows(problem)])


def _stack(rows: Sequence[ConstraintRows]) -> ConstraintRows:
    return ConstraintRows(
        names=tuple(name for part in rows for name in part.names),
        matrix=sparse.vstack([part.matrix for part in rows], format="csr"),
        lower=np.concatenate([part.lower for part in rows]),
        upper=np.concatenate([part.upper for part in rows]),
    )


class SetCheck:
    """Whether a set of steps reaches the wanted shares, leaves no required source out, and keeps the district bounds.

    It adds up kilograms, whatever the tolerance of the solver.
    """

    def __init__(self, problem: OptimisationProblem, wanted: Mapping[str, float]) -> None:
        self.problem = problem
        self.wanted = wanted
        self._fairness = [part.matrix.tocsc() for part in _fairness_rows(problem)]

    def is_satisfied(self, chosen: Sequence[int]) -> bool:
        """Whether the set satisfies all constraints."""
        shares = self.problem.total_shares(chosen)
        is_enough = all(shares[code] >= share * (1 - TOLERANCE_SHARE) for code, share in self.wanted.items())
        ordered = {self.problem.steps[position].source_id for position in chosen}
        return is_enough and self.problem.required_sources <= ordered and self._is_fair(chosen)

    def _is_fair(self, chosen: Sequence[int]) -> bool:
        if not chosen:
            return True
        burdens = [matrix[:, sorted(chosen)].sum(axis=1) for matrix in self._fairness]
        return all(bool((burden <= FAIRNESS_TOLERANCE_SHARE).all()) for burden in burdens)


def district_shares(problem: OptimisationProblem, chosen: Sequence[int]) -> dict[str, dict[str, float]]:
    """What the chosen steps cut in each district, as a share of the district's own base, by pollutant with a target."""
    totals: dict[str, dict[str, float]] = {}
    for position in sorted(chosen):
        step = problem.steps[position]
        sums = totals.setdefault(step.district_id, {})
        for code in problem.pollutants:
            sums[code] = sums.get(code, 0.0) + step.cut_kg.get(code, 0.0)
    return {
        district: {
            code: totals.get(district, {}).get(code, 0.0) / base[code]
            for code in problem.pollutants
            if base.get(code, 0.0) > 0
        }
        for district, base in sorted(problem.district_base_kg.items())
    }


def _target_rows(problem: OptimisationProblem, wanted: Mapping[str, float], margin: float) -> ConstraintRows:
    codes = [code for code in problem.pollutants if wanted[code] > 0]
    numbers = [problem.pollutants.index(code) for code in codes]
    per_target = problem.share_matrix[numbers] / np.array([[wanted[code]] for code in codes]).reshape(-1, 1)
    return ConstraintRows(
        tuple(("target", code) for code in codes),
        sparse.csr_array(per_target),
        np.full(len(codes), 1.0 + margin),
        np.full(len(codes), np.inf),
    )


def _source_rows(problem: OptimisationProblem) -> ConstraintRows:
    sources = list(problem.positions_by_source.items())
    rows = np.repeat(np.arange(len(sources)), [len(positions) for _, positions in sources])
    columns = np.array([position for _, positions in sources for position in positions], dtype=np.intp)
    matrix = sparse.csr_array((np.ones(len(columns)), (rows, columns)), shape=(len(sources), len(problem.steps)))
    return ConstraintRows(
        tuple(("source", source_id) for source_id, _ in sources),
        matrix,
        np.array([1.0 if source_id in problem.required_sources else 0.0 for source_id, _ in sources]),
        np.ones(len(sources)),
    )


def _fairness_rows(problem: OptimisationProblem) -> list[ConstraintRows]:
    """Rows burden of district − (share of base + margin) × burden of all ≤ 0, one for each district and burden."""
    if problem.fairness is None or not problem.district_base_kg:
        return []
    of_step = np.array([step.district_id for step in problem.steps])
    is_local = of_step != WHOLE_REGION
    names, rows = [], []
    for burden, weights, base_shares in _burdens(problem):
        for district in sorted(problem.district_base_kg):
            allowed = base_shares[district] + problem.fairness.margin_share
            names.append(("district", f"{district}/{burden}"))
            rows.append(weights * ((of_step == district) - allowed * is_local))
    matrix = sparse.csr_array(np.array(rows).reshape(len(rows), len(problem.steps)))
    return [ConstraintRows(tuple(names), matrix, np.full(len(rows), -np.inf), np.zeros(len(rows)))]


def _burdens(problem: OptimisationProblem) -> list[tuple[str, Floats, dict[str, float]]]:
    """Name, weight of each step and share of the base by district, of each burden that the bound compares."""
    shares = {code: _base_shares(problem, code) for code in problem.pollutants}
    if problem.fairness and problem.fairness.is_of_cost:
        count = max(len(shares), 1)
        mean = {d: sum(by[d] for by in shares.values()) / count for d in problem.district_base_kg}
        total = float(problem.costs.sum())
        return [("cost", problem.costs / total if total > 0 else problem.costs, mean)]
    return [(code, problem.share_matrix[number], shares[code]) for number, code in enumerate(problem.pollutants)]


def _base_shares(problem: OptimisationProblem, code: str) -> dict[str, float]:
    base = {district: amounts.get(code, 0.0) for district, amounts in problem.district_base_kg.items()}
    total = sum(base[district] for district in sorted(base))
    return {district: kg / total if total > 0 else 0.0 for district, kg in base.items()}
