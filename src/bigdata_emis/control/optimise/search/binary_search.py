"""The search for the best choice of steps: the linear relaxation, then a programme of what that leaves open.

Belongs here: the calls of HiGHS. Does not: what the rows mean (constraints), what is done with the answer (least_cost).
"""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from bigdata_emis.arrays import Flags, Floats, Positions
from bigdata_emis.control.optimise.search.constraints import ConstraintRows
from bigdata_emis.control.optimise.search.convex_steps import CompactProgramme, Increments, compact_programme
from bigdata_emis.errors import RefusedError

CORE_STEPS = (96, 240, 960)
"""Steps that the first programmes leave open; the last one leaves all open, if nothing else is feasible."""
EXACT_STEPS = 240
"""Up to this number of steps the choice is exact."""
MOST_NODES = 200
"""Nodes of the search tree: a limit in seconds would make the result depend on the load of the machine."""
ROUNDED_GAP_SHARE = 3e-3
"""The relaxation rounded is good enough where this share of the cost does not matter."""
FEASIBLE_VALUE = 0.5
INFEASIBLE_STATUS = 2
STDOUT, STDERR = 1, 2


@dataclass(frozen=True)
class BinaryAnswer:
    """Which steps are chosen, and a bound of the objective below which nothing can be."""

    is_chosen: Flags
    bound: float


@dataclass(frozen=True)
class Relaxation:
    """The linear relaxation: values of the steps, objective, shadow prices of the rows, and regret of the sources.

    regrets: what it costs at least to order something else of each source than the relaxation does, by its first step.
    """

    values: Floats
    objective: float
    prices: Floats
    regrets: Floats


def search_binary(
    costs: Floats, rows: ConstraintRows, *, groups: Positions, gap_share: float, increments: Increments | None = None
) -> BinaryAnswer | None:
    """The cheapest choice of steps within the rows; None when there is none.

    A programme of thousands of steps is decided by few of them: those of which the relaxation says that another choice
    costs little. They are left open and the others keep the choice of the relaxation; more are left open when that
    leaves a larger gap, all only when nothing else is feasible. The bound is of the whole programme.

    A gap that is wide enough may be that of the relaxation itself, rounded: only as many sources are in fractions there
    as there are targets and districts.

    groups: the number of the source of each step. increments: as in compact_programme.

    Source: core of a knapsack problem, Balas and Zemel 1980, doi:10.1287/opre.28.5.1130.

    Raises:
        RefusedError: the solver ended without an answer.
    """
    relaxed = relax(costs, rows, groups=groups, increments=increments)
    if relaxed is None:
        return None
    best: BinaryAnswer | None = None
    if gap_share >= ROUNDED_GAP_SHARE and len(costs) > EXACT_STEPS:
        best = _round_up(rows, relaxed, groups)
        if best is not None and costs @ best.is_chosen <= best.bound * (1 + gap_share):
            return best
    sizes = (*CORE_STEPS, len(costs)) if len(costs) > EXACT_STEPS else (len(costs),)
    for size in sizes:
        if size > CORE_STEPS[-1] and best is not None:
            break
        is_open = _core(relaxed, groups, size)
        answer = _search_core(costs, rows, relaxed, is_open, gap_share)
        if answer is not None and (best is None or costs @ answer.is_chosen < costs @ best.is_chosen):
            best = answer
        if is_open.all() or (best is not None and costs @ best.is_chosen <= best.bound * (1 + gap_share)):
            break
    return best


def relax(
    costs: Floats, rows: ConstraintRows, *, groups: Positions, increments: Increments | None = None
) -> Relaxation | None:
    """The linear relaxation of a choice of steps; None when even that is infeasible."""
    compact = compact_programme(costs, rows, groups, increments)
    is_lower, is_upper = np.isfinite(compact.lower) & (compact.lower > 0), np.isfinite(compact.upper)
    with _solver_output_on_stderr():
        answer = linprog(
            compact.costs,
            A_ub=sparse.vstack([-compact.matrix[is_lower], compact.matrix[is_upper]], format="csr"),
            b_ub=np.concatenate([-compact.lower[is_lower], compact.upper[is_upper]]),
            bounds=np.column_stack([np.zeros(len(compact.costs)), compact.upper_values]),
            method="highs",
        )
    if answer.status == INFEASIBLE_STATUS:
        return None
    if answer.x is None:
        raise RefusedError(f"the solver ended without an answer: {answer.message}", "lower the number of steps")
    marginals = -answer.ineqlin.marginals
    of_lower, of_upper = np.zeros(len(is_lower)), np.zeros(len(is_lower))
    of_lower[is_lower], of_upper[is_upper] = marginals[: is_lower.sum()], marginals[is_lower.sum() :]
    signed, prices = np.zeros(len(rows.names)), np.zeros(len(rows.names))
    signed[compact.names_kept], prices[compact.names_kept] = of_lower - of_upper, of_lower + of_upper
    return _relaxation(
        costs, rows, groups, compact, float(answer.fun), compact.step_values(answer.x, groups), signed, prices
    )


def _relaxation(
    costs: Floats,
    rows: ConstraintRows,
    groups: Positions,
    compact: CompactProgramme,
    objective: float,
    values: Floats,
    signed: Floats,
    prices: Floats,
) -> Relaxation:
    """Prices of the rows that the compact programme lacks, and regrets, from the prices of the others.

    price of a source = max(0, max over its steps of Σ price × row − cost)
    """
    is_source = np.array([kind == "source" for kind, _ in rows.names], dtype=bool)
    without_source = costs - rows.matrix.T @ signed
    gain = np.zeros(int(groups.max(initial=-1)) + 1)
    np.maximum.at(gain, groups, -without_source)
    kept = np.isin(np.flatnonzero(is_source), compact.names_kept)
    gain[kept] = 0.0  # the price of their row is in the reduced cost already
    reduced = np.where(values > FEASIBLE_VALUE, np.inf, without_source + gain[groups])
    regrets = np.full(len(gain), np.inf)
    np.minimum.at(regrets, groups, np.where((values > 0) & (values < 1), 0.0, np.maximum(reduced, 0.0)))
    prices[is_source] += gain
    is_ordered = np.bincount(groups, values, minlength=len(regrets)) > FEASIBLE_VALUE
    regrets = np.where(is_ordered, np.minimum(regrets, prices[is_source]), regrets)
    return Relaxation(values, objective, prices, regrets)


def largest_fractional(weights: Floats, rows: ConstraintRows) -> float:
    """The largest sum of weights that fractions of steps reach within the rows; 0 when the rows leave nothing."""
    is_lower, is_upper = np.isfinite(rows.lower), np.isfinite(rows.upper)
    with _solver_output_on_stderr():
        answer = linprog(
            -weights,
            A_ub=sparse.vstack([-rows.matrix[is_lower], rows.matrix[is_upper]], format="csr"),
            b_ub=np.concatenate([-rows.lower[is_lower], rows.upper[is_upper]]),
            bounds=(0, 1),
            method="highs",
        )
    return 0.0 if answer.x is None else float(-answer.fun)


def _round_up(rows: ConstraintRows, relaxed: Relaxation, groups: Positions) -> BinaryAnswer | None:
    """The largest step of each source of which the relaxation orders a part; None where that breaks a row."""
    ordered = np.flatnonzero(relaxed.values > 0)
    largest = np.full(len(relaxed.regrets), -1)
    np.maximum.at(largest, groups[ordered], ordered)
    is_chosen = np.zeros(len(groups), dtype=bool)
    is_chosen[largest[largest >= 0]] = True
    sums = rows.matrix @ is_chosen.astype(float)
    is_within = bool(((sums >= rows.lower) & (sums <= rows.upper)).all())
    return BinaryAnswer(is_chosen, relaxed.objective) if is_within else None


def _core(relaxed: Relaxation, groups: Positions, size: int) -> Flags:
    """The steps of the sources with the least regret, at least `size` of them where there are so many."""
    order = np.argsort(relaxed.regrets, kind="stable")
    counts = np.bincount(groups, minlength=len(order))[order]
    within = np.searchsorted(np.cumsum(counts), size) + 1
    is_open = np.zeros(len(order), dtype=bool)
    is_open[order[:within]] = True
    flags: Flags = is_open[groups]
    return flags


def _search_core(
    costs: Floats, rows: ConstraintRows, relaxed: Relaxation, is_open: Flags, gap_share: float
) -> BinaryAnswer | None:
    fixed = np.where(is_open, 0.0, relaxed.values > FEASIBLE_VALUE)
    rest = rows.matrix @ fixed
    fixed_cost = float(costs @ fixed)
    open_objective = max(relaxed.objective - fixed_cost, 0.0)
    gap = gap_share * relaxed.objective / open_objective if open_objective > 0 else gap_share
    if len(costs) <= EXACT_STEPS:
        gap = 0.0
    with _solver_output_on_stderr():
        answer = milp(
            costs[is_open],
            integrality=np.ones(int(is_open.sum())),
            bounds=Bounds(0, 1),
            constraints=LinearConstraint(rows.matrix[:, is_open], rows.lower - rest, rows.upper - rest),
            options={"mip_rel_gap": gap, "node_limit": MOST_NODES},
        )
    if answer.x is None:
        return None
    is_chosen = fixed > FEASIBLE_VALUE
    is_chosen[is_open] = answer.x > FEASIBLE_VALUE
    is_whole = bool(is_open.all())
    bound = float(answer.mip_dual_bound) if is_whole and answer.mip_dual_bound is not None else relaxed.objective
    return BinaryAnswer(is_chosen, max(bound, relaxed.objective))


@contextlib.contextmanager
def _solver_output_on_stderr() -> Iterator[None]:
    """HiGHS prints a line of its own to stdout now and then, which would be in a JSON document."""
    stdout = os.dup(STDOUT)
    try:
        os.dup2(STDERR, STDOUT)
        yield
    finally:
        os.dup2(stdout, STDOUT)
        os.close(stdout)
