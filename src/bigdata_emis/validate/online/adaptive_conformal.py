"""Adaptive conformal intervals: the miss level follows the misses, with delayed truth.

Research: judged here, not run by the day.
Belongs here: intervals from the residuals known at each hour. Does not: models, or intervals of a frozen model
(activity_model/conformal_interval).
"""

import itertools
from dataclasses import dataclass

import numpy as np

from bigdata_emis.arrays import Flags, Floats, Integers
from bigdata_emis.statistics.conformal import upper_conformal_quantile

LATE_H = 168
"""Delay from which truth is late: a week."""


@dataclass(frozen=True)
class AdaptiveRule:
    """Settings of an adaptive conformal interval.

    `miss_share` of the truth lies outside, half below and half above. Ranks come from the last `window_rows` known
    residuals and are renewed every `refresh_h`; fewer than `least_rows` known residuals give no interval. After new
    truth each side's level moves by

        level ← level + rate · (miss_share / 2 − share missed),

    and its width is multiplied by exp(widen_rate · (share missed − miss_share / 2)), which helps where an error is
    larger than every ranked residual.

    With `block_rows` each side is the widest quantile of the blocks of so many known residuals, the latest first, and
    of all of them: errors of a month agree with each other, so truth a month late shows what blocks can do and not
    what the next one does.

    No truth is below `least_value`. A lower bound that would be is raised to it and can miss nothing, so the upper side
    takes the whole `miss_share` there, unless its level follows the misses and finds this by itself.

    Source: Gibbs and Candès (2021), Adaptive conformal inference under distribution shift, eq. 2, applied to each side.
    """

    miss_share: float = 0.10
    window_rows: int = 1440
    refresh_h: int = 24
    rate: float = 0.05
    least_rows: int = 40
    widen_rate: float = 0.0
    block_rows: int = 0
    least_value: float = -np.inf

    @classmethod
    def for_late_truth(cls, late_h: int, *, window_rows: int, least_value: float = -np.inf) -> "AdaptiveRule":
        """The rule for truth that is `late_h` late.

        From a week on, blocks are as long as the delay, and the level does not follow misses: they are of another
        season, and an interval that follows them swings against the errors. Within 2011 of the gas turbine, truth
        30 days late: 83 % covered, 78 % without blocks, 77 % when the level followed the misses.
        """
        if late_h < LATE_H:
            return cls(window_rows=window_rows, least_value=least_value)
        return cls(window_rows=window_rows, rate=0.0, block_rows=late_h, least_value=least_value)


@dataclass(frozen=True)
class ResidualBounds:
    """Lower and upper bound of residuals in units of their scale, shape (rows,).

    NaN where too little truth is known.
    """

    lower: Floats
    upper: Floats


def estimate_adaptive_interval(
    predicted: Floats,
    measured: Floats,
    *,
    hour_number: Integers,
    late_h: int,
    scale: Floats | None = None,
    seen: tuple[Floats, Floats] | None = None,
    rule: AdaptiveRule | None = None,
) -> tuple[Floats, Floats]:
    """Lower and upper bound of each row, from the truth known when the row was estimated.

    All arrays have the shape (rows,), in order of time; rows without time stamps are numbered. The truth of a row
    is known `late_h` hours after it; `measured` is NaN where no truth arrives. `scale` is the expected size of the
    error of each row, known beforehand (default: equal). `seen` are the residuals, and their scales, of rows before
    the first one.
    """
    size = np.ones_like(predicted) if scale is None else scale
    residual = (measured - predicted) / size
    earlier = np.empty(0) if seen is None else seen[0] / seen[1]
    chosen = rule or AdaptiveRule()
    bounds = bound_residuals(
        residual,
        hour_number=hour_number,
        late_h=late_h,
        seen=earlier,
        rule=chosen,
        least=(chosen.least_value - predicted) / size,
    )
    lower, upper = predicted + bounds.lower * size, predicted + bounds.upper * size
    return np.maximum(lower, chosen.least_value), np.maximum(upper, chosen.least_value)


def bound_residuals(
    residual: Floats,
    *,
    hour_number: Integers,
    late_h: int,
    seen: Floats,
    rule: AdaptiveRule,
    least: Floats | None = None,
) -> ResidualBounds:
    """Bounds of residuals: ranks of the last known ones, at a level that follows the misses.

    `least`: the residual of each row at the least possible truth, (rows,).
    """
    floor = np.full(len(residual), -np.inf) if least is None else least
    lower, upper = np.full(len(residual), np.nan), np.full(len(residual), np.nan)
    below_share = above_share = rule.miss_share / 2
    below_factor = above_factor = 1.0
    history, known_rows = seen[np.isfinite(seen)][-rule.window_rows :], 0
    for first, last in split_into_periods(hour_number, rule.refresh_h):
        newly = slice(known_rows, count_known_rows(hour_number, int(hour_number[first]), late_h))
        known_rows = max(newly.stop, known_rows)
        below_share = _adjust_level(below_share, residual[newly] < lower[newly], (lower + residual)[newly], rule)
        above_share = _adjust_level(above_share, residual[newly] > upper[newly], (upper + residual)[newly], rule)
        below_factor *= _widening_factor(residual[newly] < lower[newly], (lower + residual)[newly], rule)
        above_factor *= _widening_factor(residual[newly] > upper[newly], (upper + residual)[newly], rule)
        history = np.concatenate([history, residual[newly][np.isfinite(residual[newly])]])[-rule.window_rows :]
        if len(history) >= rule.least_rows:
            low = -below_factor * _widest_quantile(-history, 1 - below_share, rule.block_rows)
            one_sided = 1 - above_share - (0.0 if rule.rate else below_share)
            high, high_alone = (
                above_factor * _widest_quantile(history, share, rule.block_rows)
                for share in (1 - above_share, one_sided)
            )
            lower[first:last] = np.maximum(low, floor[first:last])
            upper[first:last] = np.where(low <= floor[first:last], high_alone, high)
    return ResidualBounds(np.minimum(lower, upper), np.maximum(lower, upper))


def split_into_periods(hour_number: Integers, every_h: int) -> list[tuple[int, int]]:
    """Half-open ranges of rows within the same period of `every_h` hours.

    Periods are counted from the first row.
    """
    if not len(hour_number):
        return []
    changes = np.flatnonzero(np.diff((hour_number - hour_number[0]) // every_h)) + 1
    edges = [0, *changes.tolist(), len(hour_number)]
    return list(itertools.pairwise(edges))


def count_known_rows(hour_number: Integers, now_h: int, late_h: int) -> int:
    """Number of rows whose truth is known at an hour: those `late_h` or more hours before it."""
    return int(np.searchsorted(hour_number, now_h - late_h, side="right"))


def _widest_quantile(known: Floats, share: float, block_rows: int) -> float:
    """The quantile of all known residuals, or of the whole block in which it is largest; blocks end with the latest."""
    blocks = [known]
    if block_rows and len(known) >= 2 * block_rows:
        whole = len(known) // block_rows
        blocks += np.split(known[len(known) - whole * block_rows :], whole)
    return max(upper_conformal_quantile(block, share) for block in blocks)


def _adjust_level(miss_share: float, is_missed: Flags, judged: Floats, rule: AdaptiveRule) -> float:
    """The level after new truth: lower when more was missed than promised (`judged` NaN: no interval)."""
    has_interval = np.isfinite(judged)
    if not has_interval.any():
        return miss_share
    promised = rule.miss_share / 2
    adjusted = miss_share + rule.rate * (promised - float(is_missed[has_interval].mean()))
    return float(np.clip(adjusted, 0.0, 2 * promised))


def _widening_factor(is_missed: Flags, judged: Floats, rule: AdaptiveRule) -> float:
    """The factor by which one side widens after new truth; 1 where no row had an interval."""
    has_interval = np.isfinite(judged)
    surplus = float(is_missed[has_interval].mean()) - rule.miss_share / 2 if has_interval.any() else 0.0
    return float(np.exp(rule.widen_rate * surplus))
