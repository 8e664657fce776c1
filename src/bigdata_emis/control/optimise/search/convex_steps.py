"""The linear relaxation in few rows: steps of a source whose cuts are in proportion need no row of their own.

Belongs here: steps as increments, and back. Does not: the call of the solver (binary_search).
"""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from bigdata_emis.arrays import Flags, Floats, Positions
from bigdata_emis.control.optimise.search.constraints import ConstraintRows

PROPORTION_TOLERANCE_SHARE = 1e-9
NO_STEP = -1


@dataclass(frozen=True)
class CompactProgramme:
    """The relaxation with increments of steps in place of steps, where a source allows it.

    costs: (columns,); matrix, lower and upper: rows of targets, districts and of sources without increments;
    names_kept: which rows of the programme these are. Columns are increments, at most 1 each, and then single steps.
    from_step, to_step: of each increment, NO_STEP where it begins at nothing; single: steps without increments.
    reach: cut of each step in units of the first of its source, (steps,).
    """

    costs: Floats
    matrix: Any
    lower: Floats
    upper: Floats
    names_kept: Positions
    from_step: Positions
    to_step: Positions
    single: Positions
    reach: Floats

    @property
    def upper_values(self) -> Floats:
        """The bound of each column: 1 of an increment, none of a step, which has the row of its source."""
        return np.concatenate([np.ones(len(self.to_step)), np.full(len(self.single), np.inf)])

    def step_values(self, values: Floats, groups: Positions) -> Floats:
        """The values of the steps that cut what the columns cut, each source with two neighbouring steps at most."""
        steps, filled = np.zeros(len(groups)), values[: len(self.to_step)]
        steps[self.single] = values[len(self.to_step) :]
        if not len(self.to_step):
            return steps
        begins = np.where(self.from_step == NO_STEP, 0.0, self.reach[self.from_step])
        length = self.reach[self.to_step] - begins
        source = groups[self.to_step]
        reached = np.bincount(source, filled * length, minlength=int(groups.max()) + 1)[source]
        part = np.clip((reached - begins) / length, 0.0, 1.0)
        part = np.where(part < PROPORTION_TOLERANCE_SHARE, 0.0, part)
        part = np.where(part > 1.0 - PROPORTION_TOLERANCE_SHARE, 1.0, part)
        steps[self.to_step] += part
        follows = self.from_step != NO_STEP
        steps[self.from_step[follows]] -= part[follows]
        return steps


@dataclass(frozen=True)
class Increments:
    """The steps of sources as increments: from and to which step; reach of each step; which sources have them."""

    from_step: Positions
    to_step: Positions
    reach: Floats
    is_ray: Flags


def find_increments(costs: Floats, rows: ConstraintRows, groups: Positions) -> Increments:
    """The increments of a programme, which are the same whatever its targets are."""
    is_source_row = _is_source_row(rows)
    dense = np.asarray(rows.matrix[np.flatnonzero(~is_source_row)].toarray(), dtype=float)
    reach, is_ray = _rays(dense, rows.lower[is_source_row], groups)
    bounds = np.searchsorted(groups, np.arange(len(is_ray) + 1))
    steps = [range(bounds[source], bounds[source + 1]) for source in np.flatnonzero(is_ray)]
    listed_reach, listed_costs = reach.tolist(), costs.tolist()
    increments = [pair for of_source in steps for pair in _hull(of_source, listed_reach, listed_costs)]
    from_step, to_step = (np.array([pair[side] for pair in increments], dtype=np.intp) for side in (0, 1))
    return Increments(from_step, to_step, reach, is_ray)


def compact_programme(
    costs: Floats, rows: ConstraintRows, groups: Positions, increments: Increments | None = None
) -> CompactProgramme:
    """The relaxation without the rows of sources whose steps cut in proportion: increments of the lower convex hull.

    Along a ray of cuts the cheapest mixture of steps lies on the lower hull of cost over cut, from nothing on. Its
    increments cost ever more, so the programme takes them in order and needs no row that says so. Sources of which a
    step is required, and those whose steps cut in different proportions, keep their rows. The optimum is the same.

    groups: the number of the source of each step. increments: where they are known from a programme of other targets.

    Source: Sinha and Zoltners 1979, doi:10.1287/opre.27.3.503 (dominance in the linear multiple-choice knapsack).
    """
    is_source_row = _is_source_row(rows)
    shared = np.flatnonzero(~is_source_row)
    dense = np.asarray(rows.matrix[shared].toarray(), dtype=float)
    increments = increments or find_increments(costs, rows, groups)
    from_step, to_step, is_ray = increments.from_step, increments.to_step, increments.is_ray
    single = np.flatnonzero(~is_ray[groups])
    follows = from_step != NO_STEP
    columns, prices = dense[:, to_step], costs[to_step].astype(float)
    columns[:, follows] -= dense[:, from_step[follows]]
    prices[follows] -= costs[from_step[follows]]
    source_rows = np.flatnonzero(is_source_row)[~is_ray]
    of_sources = sparse.hstack(
        [sparse.csr_array((len(source_rows), len(to_step))), sparse.csr_array(rows.matrix[source_rows][:, single])]
    )
    kept = np.concatenate([shared, source_rows])
    return CompactProgramme(
        costs=np.concatenate([prices, costs[single]]),
        matrix=sparse.vstack([sparse.csr_array(np.hstack([columns, dense[:, single]])), of_sources], format="csr"),
        lower=rows.lower[kept],
        upper=rows.upper[kept],
        names_kept=kept,
        from_step=from_step,
        to_step=to_step,
        single=single,
        reach=increments.reach,
    )


def _is_source_row(rows: ConstraintRows) -> Flags:
    return np.array([kind == "source" for kind, _ in rows.names], dtype=bool)


def _rays(dense: Floats, least: Floats, groups: Positions) -> tuple[Floats, Flags]:
    """Cut of each step in units of the first of its source; which sources have free steps in proportion."""
    count = len(least)
    first = np.searchsorted(groups, np.arange(count))
    base = dense[:, first[groups]]
    square = (base * base).sum(axis=0)
    reach = np.divide((dense * base).sum(axis=0), square, out=np.zeros(len(groups)), where=square > 0)
    distance = np.abs(dense - reach * base).max(axis=0, initial=0.0)
    is_on_ray = (square > 0) & (distance <= PROPORTION_TOLERANCE_SHARE * np.abs(dense).max(axis=0, initial=0.0))
    follows = np.diff(groups, prepend=NO_STEP) == 0
    is_on_ray &= ~follows | (reach > np.roll(reach, 1))
    is_sorted = bool((np.diff(groups) >= 0).all())
    flags: Flags = (np.bincount(groups, ~is_on_ray, minlength=count) == 0) & (least <= 0) & is_sorted
    return reach, flags


def _hull(steps: Iterable[int], reach: Sequence[float], costs: Sequence[float]) -> list[tuple[int, int]]:
    """The increments of the lower convex hull of cost over cut, from nothing on, as pairs of steps."""
    hull = [(NO_STEP, 0.0, 0.0)]
    for step in steps:
        point = (step, reach[step], costs[step])
        while len(hull) > 1 and _slope(hull[-2], point) <= _slope(hull[-2], hull[-1]):
            hull.pop()
        hull.append(point)
    return [(before[0], after[0]) for before, after in itertools.pairwise(hull)]


def _slope(start: tuple[int, float, float], end: tuple[int, float, float]) -> float:
    return (end[2] - start[2]) / (end[1] - start[1])
