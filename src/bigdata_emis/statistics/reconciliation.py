"""Reconciliation of estimates with a more certain total: each is adjusted in proportion to its variance.

Belongs here: the adjustment and the remaining uncertainty, on whole NumPy arrays.
Does not: whether a total is credible (clean).
"""

from typing import Any

import numpy as np

from bigdata_emis.arrays import Flags, Floats, Integers

MAX_STEPS = 200
CLOSED_SHARE = 1e-14
"""Relative difference between the sum of a group and its total below which the group is closed."""


def reconcile(
    estimate: Floats, variance: Floats, *, group: Integers, total: Floats, lower: Floats, upper: Floats
) -> Floats:
    """Estimates adjusted as little as possible to add up to their group's total within bounds.

        without bounds:  x̂ = x + V 1 (1ᵀ V 1)⁻¹ (T − 1ᵀ x)
        with bounds:     x̂ = clip(x + λ V, l, u),  one λ for each group

    All arrays are `(estimates,)`, but `total` is `(groups,)`; `group` is the position of an estimate's total. V is
    diagonal; an estimate without variance stays as it is. The first line is generalised least squares with one exact
    constraint for each group. The second is the least Σ (x̂ − x)² / V within the bounds; λ is found by Newton steps
    on the sum, which is piecewise linear and rises with λ, within a bracket.

    Source: Stone, Champernowne and Meade (1942), Rev. Econ. Stud. 9, 111; bounds as in Kiwiel (2008), Math. Program.
    112, 473.

    Raises:
        ValueError: a total lies outside what the bounds of its group allow.
    """
    bounds = (np.where(variance > 0, lower, estimate), np.where(variance > 0, upper, estimate))
    _check_feasible(group, total, *bounds)
    search = _MultiplierSearch(np.zeros(len(total)), np.full(len(total), -np.inf), np.full(len(total), np.inf))
    scale = np.abs(total) + _group_sums(np.abs(estimate), group, len(total))
    for _ in range(MAX_STEPS):
        adjusted = np.clip(estimate + search.multiplier[group] * variance, *bounds)
        gap = total - _group_sums(adjusted, group, len(total))
        is_open = np.abs(gap) > CLOSED_SHARE * scale
        if not is_open.any():
            break
        search.step(gap, is_open, estimate, variance, group=group, bounds=bounds)
    return np.asarray(_close_rounding_gap(adjusted, variance, group=group, total=total, bounds=bounds))


def reconciled_variance(variance: Floats, is_free: Flags, *, group: Integers, total_variance: Floats) -> Floats:
    """Variances that remain after reconciliation.

        V̂ = V (1 − V / ΣV) + (V / ΣV)² σ_T²

    ΣV is over the estimates of the group that were free to move; an estimate at a bound keeps its variance.

    Source: covariance of the estimator of `reconcile`, V − V 1 (1ᵀ V 1)⁻¹ 1ᵀ V, plus the variance of the total.
    """
    free = np.where(is_free, variance, 0.0)
    group_total = _group_sums(free, group, len(total_variance))[group]
    part = np.divide(free, group_total, out=np.zeros_like(free), where=group_total > 0)
    return np.asarray(variance * (1 - part) + part**2 * total_variance[group])


class _MultiplierSearch:
    """The multiplier λ of each group, and the bracket in which it lies."""

    def __init__(self, multiplier: Floats, below: Floats, above: Floats) -> None:
        self.multiplier, self.below, self.above = multiplier, below, above

    def step(
        self,
        gap: Floats,
        is_open: Flags,
        estimate: Floats,
        variance: Floats,
        *,
        group: Integers,
        bounds: tuple[Floats, Floats],
    ) -> None:
        """One Newton step of each open group.

        Where no estimate can move, go to the next λ at which one can; outside the bracket, to its middle.
        """
        current = self.multiplier
        self.below = np.where(is_open & (gap > 0), current, self.below)
        self.above = np.where(is_open & (gap < 0), current, self.above)
        rises = (gap > 0)[group]
        position = estimate + current[group] * variance
        can_rise = (position >= bounds[0]) & (position < bounds[1])
        can_fall = (position > bounds[0]) & (position <= bounds[1])
        can_move = (variance > 0) & np.where(rises, can_rise, can_fall)
        slope = _group_sums(np.where(can_move, variance, 0.0), group, len(gap))
        knot = _next_knot(estimate, variance, rises, current, group=group, bounds=bounds)
        with np.errstate(divide="ignore", invalid="ignore"):
            proposed = np.where(slope > 0, current + gap / slope, knot)
            middle = (self.below + self.above) / 2
        is_inside = (proposed > self.below) & (proposed < self.above)
        chosen = np.where(is_inside | ~np.isfinite(middle), proposed, middle)
        self.multiplier = np.where(is_open, chosen, current)


def _next_knot(
    estimate: Floats, variance: Floats, rises: Flags, current: Floats, *, group: Integers, bounds: tuple[Floats, Floats]
) -> Floats:
    """Nearest λ in the direction of travel at which an estimate leaves its bound."""
    with np.errstate(divide="ignore", invalid="ignore"):
        knot = np.where(rises, bounds[0] - estimate, bounds[1] - estimate) / variance
    distance = np.where(rises, knot - current[group], current[group] - knot)
    nearest = np.full(len(current), np.inf)
    is_usable = (variance > 0) & (distance > 0)
    np.minimum.at(nearest, group[is_usable], distance[is_usable])
    sign = np.full(len(current), -1.0)
    sign[group[rises]] = 1.0
    return np.asarray(current + sign * np.where(np.isfinite(nearest), nearest, 0.0))


def _close_rounding_gap(
    adjusted: Floats, variance: Floats, *, group: Integers, total: Floats, bounds: tuple[Floats, Floats]
) -> Floats:
    """The rounding error of each group, given to the estimates within their bounds in proportion to variance."""
    free = np.where((adjusted > bounds[0]) & (adjusted < bounds[1]), variance, 0.0)
    group_total = _group_sums(free, group, len(total))
    gap = total - _group_sums(adjusted, group, len(total))
    part = np.divide(free, group_total[group], out=np.zeros_like(free), where=group_total[group] > 0)
    return np.clip(adjusted + part * gap[group], *bounds)


def _check_feasible(group: Integers, total: Floats, lower: Floats, upper: Floats) -> None:
    least, most = _group_sums(lower, group, len(total)), _group_sums(upper, group, len(total))
    slack = CLOSED_SHARE * (np.abs(total) + np.abs(least))
    infeasible = np.flatnonzero((total < least - slack) | (total > most + slack))
    if len(infeasible):
        first = int(infeasible[0])
        raise ValueError(
            f"a total of {total[first]:g} cannot be met by parts between {least[first]:g} and {most[first]:g}"
        )


def _group_sums(values: Floats, group: Integers, count: int) -> Floats:
    weights: Any = values
    return np.asarray(np.bincount(group, weights, minlength=count), dtype=np.float64)
