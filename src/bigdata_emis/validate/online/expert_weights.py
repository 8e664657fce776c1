"""Estimates of several experts as one: known bias removed, weighted by known errors.

Research: judged here, not run by the day.
Belongs here: which past errors are known at each hour, and how they weigh. Does not: the experts, or when they learn
(walk_forward_experts).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from bigdata_emis.arrays import Floats, Integers
from bigdata_emis.validate.online.adaptive_conformal import count_known_rows, split_into_periods


@dataclass(frozen=True)
class Schedule:
    """When truth is known and when experts estimate.

    The truth of an hour is known `late_h` hours after it; experts learn and estimate every `refit_h`, from row
    `first_row` on. Rows without time stamps are numbered, so that an hour is a row.
    """

    first_row: int
    late_h: int
    refit_h: int = 24

    def estimation_steps(self, hour_number: Integers) -> Iterator[tuple[slice, int]]:
        """Rows that are estimated together, with the number of rows whose truth is known then."""
        for begin, end in split_into_periods(hour_number[self.first_row :], self.refit_h):
            rows = slice(self.first_row + begin, self.first_row + end)
            yield rows, count_known_rows(hour_number, int(hour_number[rows.start]), self.late_h)


@dataclass(frozen=True)
class BlendRule:
    """Settings of a blend.

    The weight of an expert is (1 / mean squared error of the last `window_rows` known hours) ** `sharpness`; its
    bias is the mean error of the last `bias_rows` known hours.
    """

    window_rows: int = 720
    sharpness: float = 2.0
    bias_rows: int = 168


def blend_estimates(
    estimates: Sequence[Floats], truth: Floats, *, hour_number: Integers, schedule: Schedule, rule: BlendRule
) -> Floats:
    """Weighted mean of estimates, each of shape (rows,).

    Weights are equal until errors are known.

    An expert whose estimate of an hour is NaN has no weight in that hour.
    """
    stacked = np.vstack(estimates)
    squared = (stacked - truth) ** 2
    blend = np.full(len(truth), np.nan)
    for rows, count in schedule.estimation_steps(hour_number):
        weight = _weights(squared[:, max(count - rule.window_rows, 0) : count], rule)
        has_value = np.isfinite(stacked[:, rows])
        hour_weight = weight[:, None] * has_value
        total = hour_weight.sum(axis=0)
        value = np.where(has_value, stacked[:, rows], 0.0)
        blend[rows] = np.where(total > 0, (hour_weight * value).sum(axis=0) / np.where(total > 0, total, 1.0), np.nan)
    return blend


def remove_known_bias(
    estimated: Floats, truth: Floats, *, hour_number: Integers, schedule: Schedule, rule: BlendRule
) -> Floats:
    """The estimate plus the mean error of the last known hours.

    Each error is that of the estimate as it was at its time.
    """
    error, corrected = truth - estimated, estimated.copy()
    for rows, count in schedule.estimation_steps(hour_number):
        known_error = error[max(count - rule.bias_rows, 0) : count]
        known_error = known_error[np.isfinite(known_error)]
        if len(known_error):
            corrected[rows] += known_error.mean()
    return corrected


def _weights(squared: Floats, rule: BlendRule) -> Floats:
    """Shares of the experts (rows of `squared`); without known errors, as the mean of the others."""
    is_known = np.isfinite(squared)
    count = is_known.sum(axis=1)
    if not count.any():
        return np.full(len(squared), 1.0 / len(squared))
    mean = np.where(is_known, squared, 0.0).sum(axis=1) / np.maximum(count, 1)
    mean = np.maximum(np.where(count > 0, mean, mean[count > 0].mean()), np.finfo(np.float64).tiny)
    raw = (mean.min() / mean) ** rule.sharpness
    share: Floats = raw / raw.sum()
    return share
