"""Estimates of several experts as one: without their known bias, weighted by their known errors.

Belongs here: what is known of past errors at each moment, and how it is used. Does not: the experts or when they learn (expert_walk).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from bigdata_emis.arrays import Floats, Integers
from bigdata_emis.validate.online.adaptive_conformal import known_count, refreshes


@dataclass(frozen=True)
class Schedule:
    """When truth is known and when experts speak.

    The truth of an hour is known `late_h` hours after it; experts learn and speak every `refit_h`, from row `first_row` on.
    Rows without stamps are numbered, so that an hour is a row.
    """

    first_row: int
    late_h: int
    refit_h: int = 24

    def turns(self, hour_number: Integers) -> Iterator[tuple[slice, int]]:
        """Rows that are estimated together, with the number of rows whose truth is known at that time."""
        for begin, end in refreshes(hour_number[self.first_row :], self.refit_h):
            rows = slice(self.first_row + begin, self.first_row + end)
            yield rows, known_count(hour_number, int(hour_number[rows.start]), self.late_h)


@dataclass(frozen=True)
class BlendRule:
    """Weights of experts: (1 / mean squared error of the last `window_rows` known hours) ** `sharpness`; bias: the mean of `bias_rows`."""

    window_rows: int = 720
    sharpness: float = 2.0
    bias_rows: int = 168


def blended(
    estimates: Sequence[Floats], truth: Floats, *, hour_number: Integers, schedule: Schedule, rule: BlendRule
) -> Floats:
    """The weighted mean of estimates; all alike until errors are known. An expert that cannot say of an hour has no weight in it."""
    every = np.vstack(estimates)
    squared = (every - truth) ** 2
    result = np.full(len(truth), np.nan)
    for rows, count in schedule.turns(hour_number):
        weight = _weights(squared[:, max(count - rule.window_rows, 0) : count], rule)
        speaks = np.isfinite(every[:, rows])
        held = weight[:, None] * speaks
        total = held.sum(axis=0)
        spoken = np.where(speaks, every[:, rows], 0.0)
        result[rows] = np.where(total > 0, (held * spoken).sum(axis=0) / np.where(total > 0, total, 1.0), np.nan)
    return result


def without_bias(
    estimated: Floats, truth: Floats, *, hour_number: Integers, schedule: Schedule, rule: BlendRule
) -> Floats:
    """The estimate moved by the mean error of the last known hours, each as it was estimated at its time."""
    error, moved = truth - estimated, estimated.copy()
    for rows, count in schedule.turns(hour_number):
        known = error[max(count - rule.bias_rows, 0) : count]
        known = known[np.isfinite(known)]
        if len(known):
            moved[rows] += known.mean()
    return moved


def _weights(squared: Floats, rule: BlendRule) -> Floats:
    """Shares of the experts; an expert without known errors counts as the mean of the others."""
    known = np.isfinite(squared)
    count = known.sum(axis=1)
    if not count.any():
        return np.full(len(squared), 1.0 / len(squared))
    mean = np.where(known, squared, 0.0).sum(axis=1) / np.maximum(count, 1)
    mean = np.maximum(np.where(count > 0, mean, mean[count > 0].mean()), np.finfo(np.float64).tiny)
    raw = (mean.min() / mean) ** rule.sharpness
    share: Floats = raw / raw.sum()
    return share
