"""Estimates made to agree with a total that is known better than they are, each moved by as much as it is uncertain.

Belongs here: the adjustment and what it leaves of the uncertainty, on whole NumPy arrays. Does not: whether a total is to be believed (clean).
"""

from typing import Any, TypeAlias

import numpy as np

from bigdata_emis.arrays import Flags, Floats, Integers

Series: TypeAlias = Floats
Groups: TypeAlias = Integers
Flags: TypeAlias = Flags
MOST_STEPS = 200
CLOSED_SHARE = 1e-14
"""A group is closed when its sum differs from its total by no more than this share of what is in it."""


def reconcile(
    estimate: Series, variance: Series, *, group: Groups, total: Series, lower: Series, upper: Series
) -> Series:
    """The estimates of each group, moved as little as possible so that they add up to the group's total and stay within bounds.

    Without bounds x̂ = x + V 1 (1ᵀ V 1)⁻¹ (T − 1ᵀ x), V being diagonal: generalised least squares with one exact constraint a
    group. With bounds l ≤ x̂ ≤ u the least Σ (x̂ − x)² ÷ V is x̂ = clip(x + λ V, l, u) with one λ a group; it is found by Newton steps
    on the sum, which rises with λ and is made of straight pieces, kept within a bracket. An estimate without variance stays.

    Source: Stone, Champernowne and Meade 1942, Rev. Econ. Stud. 9, 111; bounds as in Kiwiel 2008, Math. Program. 112, 473.

    Raises:
        ValueError: a total lies outside what the bounds of its group allow, so no adjustment exists.
    """
    bounded = (np.where(variance > 0, lower, estimate), np.where(variance > 0, upper, estimate))
    _check_feasible(group, total, *bounded)
    steps = _Steps(np.zeros(len(total)), np.full(len(total), -np.inf), np.full(len(total), np.inf))
    scale = np.abs(total) + _sums(np.abs(estimate), group, len(total))
    for _ in range(MOST_STEPS):
        adjusted = np.clip(estimate + steps.multiplier[group] * variance, *bounded)
        gap = total - _sums(adjusted, group, len(total))
        is_open = np.abs(gap) > CLOSED_SHARE * scale
        if not is_open.any():
            break
        steps.move(gap, is_open, estimate, variance, group=group, bounds=bounded)
    return np.asarray(_closed(adjusted, variance, group=group, total=total, bounds=bounded))


def reconciled_variance(variance: Series, is_free: Flags, *, group: Groups, total_variance: Series) -> Series:
    """What is left of the variances: V (1 − V ÷ ΣV) + (V ÷ ΣV)² σ_T², sums over what was free to move; what stands at a bound keeps its own.

    Source: the covariance of the estimator above, V − V 1 (1ᵀ V 1)⁻¹ 1ᵀ V, with the variance of the total carried through.
    """
    free = np.where(is_free, variance, 0.0)
    whole = _sums(free, group, len(total_variance))[group]
    part = np.divide(free, whole, out=np.zeros_like(free), where=whole > 0)
    return np.asarray(variance * (1 - part) + part**2 * total_variance[group])


class _Steps:
    """The multiplier of each group, and the bracket in which it lies."""

    def __init__(self, multiplier: Series, below: Series, above: Series) -> None:
        self.multiplier, self.below, self.above = multiplier, below, above

    def move(
        self,
        gap: Series,
        is_open: Flags,
        estimate: Series,
        variance: Series,
        *,
        group: Groups,
        bounds: tuple[Series, Series],
    ) -> None:
        """One Newton step of each open group; where no element can move, to the next λ at which one can; else the middle of the bracket."""
        here = self.multiplier
        self.below = np.where(is_open & (gap > 0), here, self.below)
        self.above = np.where(is_open & (gap < 0), here, self.above)
        rises = (gap > 0)[group]
        place = estimate + here[group] * variance
        moves = (variance > 0) & np.where(
            rises, (place >= bounds[0]) & (place < bounds[1]), (place > bounds[0]) & (place <= bounds[1])
        )
        slope = _sums(np.where(moves, variance, 0.0), group, len(gap))
        with np.errstate(divide="ignore", invalid="ignore"):
            step = np.where(
                slope > 0, here + gap / slope, _next_knot(estimate, variance, rises, here, group=group, bounds=bounds)
            )
            middle = (self.below + self.above) / 2
        inside = (step > self.below) & (step < self.above)
        self.multiplier = np.where(is_open, np.where(inside | ~np.isfinite(middle), step, middle), here)


def _next_knot(
    estimate: Series, variance: Series, rises: Flags, here: Series, *, group: Groups, bounds: tuple[Series, Series]
) -> Series:
    """The nearest λ in the direction of travel at which an element leaves its bound."""
    with np.errstate(divide="ignore", invalid="ignore"):
        knot = np.where(rises, bounds[0] - estimate, bounds[1] - estimate) / variance
    distance = np.where(rises, knot - here[group], here[group] - knot)
    nearest = np.full(len(here), np.inf)
    usable = (variance > 0) & (distance > 0)
    np.minimum.at(nearest, group[usable], distance[usable])
    sign = np.full(len(here), -1.0)
    sign[group[rises]] = 1.0
    return np.asarray(here + sign * np.where(np.isfinite(nearest), nearest, 0.0))


def _closed(
    adjusted: Series, variance: Series, *, group: Groups, total: Series, bounds: tuple[Series, Series]
) -> Series:
    """What rounding left of a gap goes to the elements within their bounds, by variance."""
    free = np.where((adjusted > bounds[0]) & (adjusted < bounds[1]), variance, 0.0)
    whole = _sums(free, group, len(total))
    gap = total - _sums(adjusted, group, len(total))
    part = np.divide(free, whole[group], out=np.zeros_like(free), where=whole[group] > 0)
    return np.clip(adjusted + part * gap[group], *bounds)


def _check_feasible(group: Groups, total: Series, lower: Series, upper: Series) -> None:
    least, most = _sums(lower, group, len(total)), _sums(upper, group, len(total))
    slack = CLOSED_SHARE * (np.abs(total) + np.abs(least))
    bad = np.flatnonzero((total < least - slack) | (total > most + slack))
    if len(bad):
        first = int(bad[0])
        raise ValueError(
            f"a total of {total[first]:g} cannot be met by parts between {least[first]:g} and {most[first]:g}"
        )


def _sums(values: Series, group: Groups, count: int) -> Series:
    weights: Any = values
    return np.asarray(np.bincount(group, weights, minlength=count), dtype=np.float64)
