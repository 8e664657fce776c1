"""Intervals whose level follows the misses: conformal prediction for a series that drifts, with truth that comes late.

Belongs here: intervals from the residuals known at each moment. Does not: models, or intervals of a frozen model (choice).
"""

from dataclasses import dataclass

import numpy as np

from bigdata_emis.arrays import Flags, Floats, Integers


@dataclass(frozen=True)
class AdaptiveRule:
    """How an adaptive interval is made.

    `miss_share` lies outside, half of it below and half above; `window_rows` known residuals tell the ranks; ranks are
    taken anew every `refresh_h`; `rate` moves the level by that share of the difference between promised and seen misses
    (Gibbs and Candès 2021, eq. 2, with the two sides apart); `least_rows` known residuals are needed. With `widen_rate` the
    reach of each side grows by exp(rate × difference) too, which helps where an error arises that no rank has seen.
    """

    miss_share: float = 0.10
    window_rows: int = 1440
    refresh_h: int = 24
    rate: float = 0.05
    least_rows: int = 40
    widen_rate: float = 0.0


@dataclass(frozen=True)
class Bounds:
    """Residuals that bound the truth, row by row, in units of `scale`; NaN where too little was known."""

    lower: Floats
    upper: Floats


def adaptive_interval(
    predicted: Floats,
    measured: Floats,
    *,
    hour_number: Integers,
    late_h: int,
    scale: Floats | None = None,
    seen: tuple[Floats, Floats] | None = None,
    rule: AdaptiveRule | None = None,
) -> tuple[Floats, Floats]:
    """Lower and upper bound of each row, from nothing but the truth known when the row was estimated.

    Rows are in order of time; the truth of a row is known `late_h` hours after it (rows without stamps: their numbers).
    `measured` is NaN where no truth ever comes. `scale` is the size of error expected in each row, known beforehand
    (default: all alike). `seen` are residuals and their scales from before the first row. NaN bounds where too little is known.
    """
    size = np.ones_like(predicted) if scale is None else scale
    residual = (measured - predicted) / size
    before = np.empty(0) if seen is None else seen[0] / seen[1]
    bounds = residual_bounds(residual, hour_number=hour_number, late_h=late_h, seen=before, rule=rule or AdaptiveRule())
    return predicted + bounds.lower * size, predicted + bounds.upper * size


def residual_bounds(
    residual: Floats, *, hour_number: Integers, late_h: int, seen: Floats, rule: AdaptiveRule
) -> Bounds:
    """Bounds of each residual from those known before it: conformal ranks of the last ones at a level that follows the misses."""
    lower, upper = np.full(len(residual), np.nan), np.full(len(residual), np.nan)
    below_share = above_share = rule.miss_share / 2
    below_reach = above_reach = 1.0
    history, known_to = seen[np.isfinite(seen)][-rule.window_rows :], 0
    for first, last in refreshes(hour_number, rule.refresh_h):
        newly = slice(known_to, known_count(hour_number, int(hour_number[first]), late_h))
        known_to = max(newly.stop, known_to)
        below_share = _moved(below_share, residual[newly] < lower[newly], (lower + residual)[newly], rule)
        above_share = _moved(above_share, residual[newly] > upper[newly], (upper + residual)[newly], rule)
        below_reach *= _widened(residual[newly] < lower[newly], (lower + residual)[newly], rule)
        above_reach *= _widened(residual[newly] > upper[newly], (upper + residual)[newly], rule)
        history = np.concatenate([history, residual[newly][np.isfinite(residual[newly])]])[-rule.window_rows :]
        if len(history) >= rule.least_rows:
            lower[first:last] = -below_reach * _rank(-history, below_share)
            upper[first:last] = above_reach * _rank(history, above_share)
    return Bounds(np.minimum(lower, upper), np.maximum(lower, upper))


def refreshes(hour_number: Integers, every_h: int) -> list[tuple[int, int]]:
    """Half-open runs of rows that lie in the same period of `every_h` hours."""
    if not len(hour_number):
        return []
    changes = np.flatnonzero(np.diff((hour_number - hour_number[0]) // every_h)) + 1
    edges = [0, *changes.tolist(), len(hour_number)]
    return list(zip(edges[:-1], edges[1:], strict=True))


def known_count(hour_number: Integers, now_h: int, late_h: int) -> int:
    """How many rows have a truth that is known at an hour: those that lie `late_h` or more before it."""
    return int(np.searchsorted(hour_number, now_h - late_h, side="right"))


def _moved(miss_share: float, is_missed: Flags, known: Floats, rule: AdaptiveRule) -> float:
    """The level after new truth: lower when more was missed than promised; rows where `known` is NaN were not judged."""
    judged = np.isfinite(known)
    if not judged.any():
        return miss_share
    promised = rule.miss_share / 2
    moved = miss_share + rule.rate * (promised - float(is_missed[judged].mean()))
    return float(np.clip(moved, 0.0, 2 * promised))


def _widened(is_missed: Flags, known: Floats, rule: AdaptiveRule) -> float:
    """By what the reach of a side grows after new truth; one where nothing was judged."""
    judged = np.isfinite(known)
    surplus = float(is_missed[judged].mean()) - rule.miss_share / 2 if judged.any() else 0.0
    return float(np.exp(rule.widen_rate * surplus))


def _rank(values: Floats, beyond_share: float) -> float:
    """The conformal rank above which a further value lies with the given probability."""
    ordered = np.sort(values)
    at = int(np.ceil((1 - beyond_share) * (len(ordered) + 1))) - 1
    return float(ordered[min(max(at, 0), len(ordered) - 1)])
