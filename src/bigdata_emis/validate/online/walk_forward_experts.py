"""Experts that learn as truth arrives: each hour is estimated from nothing but the truth that was there at that time.

Belongs here: the walk, and what it yields. Does not: the experts, how they are blended (blend), scores.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from bigdata_emis.arrays import Floats, Integers
from bigdata_emis.validate.online.adaptive_conformal import AdaptiveRule, adaptive_interval
from bigdata_emis.validate.online.expert_weights import BlendRule, Schedule, blended, without_bias

Progress = Callable[[int, int], None]


class Expert(Protocol):
    """What learns hours with their truth in order of time, and says at any moment what it expects of other hours."""

    name: str

    def learn(self, inputs: Floats, target: Floats, hour_number: Floats) -> None:
        """Take in hours whose truth has arrived."""

    def expect(self, inputs: Floats, hour_number: Floats) -> tuple[Floats, Floats]:
        """Mean and standard deviation by hour; NaN where it cannot say."""


@dataclass(frozen=True)
class Walked:
    """What one expert said of each row, and the spread it claimed; NaN where it was not asked or cannot say."""

    estimated: Floats
    spread: Floats

    @property
    def claims_spread(self) -> bool:
        """Whether the expert says how sure it is."""
        return bool(np.isfinite(self.spread).any())


@dataclass(frozen=True)
class Recalibration:
    """The blend of all experts with its 90 % interval, and each expert by name."""

    estimated: Floats
    p05: Floats
    p95: Floats
    experts: dict[str, Walked]


def walk_experts(
    inputs: Floats,
    truth: Floats,
    *,
    hour_number: Integers,
    experts: Sequence[Expert],
    schedule: Schedule,
    blend: BlendRule | None = None,
    interval: AdaptiveRule | None = None,
) -> Recalibration:
    """The estimate of each hour from its inputs and from the truth known when it was made, with an interval whose level follows the misses.

    `inputs` are known at the hour itself (rows in order of time, one column an input, NaN where unknown); `truth` is NaN
    where none ever comes. The experts must be new. Rows before `schedule.first_row` only teach.
    """
    walked = expert_estimates(inputs, truth, hour_number=hour_number, experts=experts, schedules=(schedule,))[
        schedule.late_h
    ]
    return blend_experts(walked, truth, hour_number=hour_number, schedule=schedule, blend=blend, interval=interval)


def expert_estimates(
    inputs: Floats,
    truth: Floats,
    *,
    hour_number: Integers,
    experts: Sequence[Expert],
    schedules: Sequence[Schedule],
    progress: Progress | None = None,
) -> dict[int, dict[str, Walked]]:
    """What each expert says of each row under each schedule, by `late_h` and name: one pass, since what is known is the same, only later."""
    said = {
        s.late_h: {e.name: Walked(np.full(len(truth), np.nan), np.full(len(truth), np.nan)) for e in experts}
        for s in schedules
    }
    stops = _stops(hour_number, schedules)
    known = 0
    for number, (count, asked) in enumerate(sorted(stops.items())):
        fresh = np.arange(known, count)[np.isfinite(truth[known:count])]
        known = count
        for expert in experts:
            expert.learn(inputs[fresh], truth[fresh], hour_number[fresh].astype(np.float64))
            _ask(expert, inputs, hour_number, asked, said)
        if progress is not None:
            progress(number + 1, len(stops))
    return said


def blend_experts(
    walked: dict[str, Walked],
    truth: Floats,
    *,
    hour_number: Integers,
    schedule: Schedule,
    blend: BlendRule | None = None,
    interval: AdaptiveRule | None = None,
) -> Recalibration:
    """The blend of what experts said and its interval; the spread they claim says which hours are harder, the known misses how wide.

    An expert that claims no spread follows no level of its own, so its known bias is taken off before it is blended.
    """
    rule, first = blend or BlendRule(), schedule.first_row
    parts = [
        part.estimated
        if part.claims_spread
        else without_bias(part.estimated, truth, hour_number=hour_number, schedule=schedule, rule=rule)
        for part in walked.values()
    ]
    estimated = blended(parts, truth, hour_number=hour_number, schedule=schedule, rule=rule)
    low, high = np.full(len(truth), np.nan), np.full(len(truth), np.nan)
    low[first:], high[first:] = adaptive_interval(
        estimated[first:],
        truth[first:],
        hour_number=hour_number[first:],
        late_h=schedule.late_h,
        scale=_claimed([part.spread[first:] for part in walked.values()]),
        rule=interval,
    )
    return Recalibration(estimated, low, high, walked)


def _stops(hour_number: Integers, schedules: Sequence[Schedule]) -> dict[int, list[tuple[int, int, int]]]:
    """By the number of rows whose truth is known: which rows are estimated then, as (late_h, first, last)."""
    stops: dict[int, list[tuple[int, int, int]]] = {}
    for schedule in schedules:
        for rows, count in schedule.turns(hour_number):
            stops.setdefault(count, []).append((schedule.late_h, rows.start, rows.stop))
    return stops


def _ask(
    expert: Expert,
    inputs: Floats,
    hour_number: Integers,
    asked: list[tuple[int, int, int]],
    said: dict[int, dict[str, Walked]],
) -> None:
    rows = np.concatenate([np.arange(first, last) for _late_h, first, last in asked])
    mean, spread = expert.expect(inputs[rows], hour_number[rows].astype(np.float64))
    done = 0
    for late_h, first, last in asked:
        part = slice(done, done + last - first)
        said[late_h][expert.name].estimated[first:last] = mean[part]
        said[late_h][expert.name].spread[first:last] = spread[part]
        done = part.stop


def _claimed(spreads: Sequence[Floats]) -> Floats | None:
    """The mean of the spreads that experts claim; None when none claims any.

    Where none claims one, the mean of those claimed in earlier rows stands in; before the first there is no scale, so no interval.
    """
    every = np.vstack(spreads)
    known = np.isfinite(every)
    if not known.any():
        return None
    mean = np.where(known, every, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    is_claimed = mean > 0
    count, total = np.cumsum(is_claimed), np.cumsum(np.where(is_claimed, mean, 0.0))
    earlier = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return np.where(is_claimed, mean, earlier)
