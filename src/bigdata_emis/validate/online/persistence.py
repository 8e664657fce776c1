"""Baselines that repeat truth already known: what a model that learns online must beat.

Research: judged here, not run by the day.
Belongs here: the last value, the value of one delay ago, the mean of recent truth. Does not: models.
"""

import numpy as np

from bigdata_emis.arrays import Floats, Integers
from bigdata_emis.validate.online.adaptive_conformal import count_known_rows
from bigdata_emis.validate.online.expert_weights import Schedule


def estimate_last_known(truth: Floats, *, hour_number: Integers, schedule: Schedule) -> Floats:
    """Persistence: the last truth known when the hours were estimated."""
    estimated = np.full(len(truth), np.nan)
    known_at = np.flatnonzero(np.isfinite(truth))
    for rows, count in schedule.estimation_steps(hour_number):
        at = int(np.searchsorted(known_at, count)) - 1
        estimated[rows] = truth[known_at[at]] if at >= 0 else np.nan
    return estimated


def estimate_late_value(truth: Floats, *, hour_number: Integers, schedule: Schedule) -> Floats:
    """The truth that became known in this very hour: 24 hours old when truth is a day late."""
    counts = np.array(
        [count_known_rows(hour_number, int(hour), schedule.late_h) for hour in hour_number], dtype=np.int64
    )
    estimated: Floats = np.where(counts > 0, truth[np.maximum(counts - 1, 0)], np.nan)
    estimated[: schedule.first_row] = np.nan
    return estimated


def estimate_recent_mean(truth: Floats, *, hour_number: Integers, schedule: Schedule, window_h: int) -> Floats:
    """The mean of the last `window_h` hours whose truth is known, renewed every hour."""
    is_known = np.isfinite(truth)
    total, number = (
        np.concatenate([[0.0], np.cumsum(values)])
        for values in (np.where(is_known, truth, 0.0), is_known.astype(np.float64))
    )
    estimated = np.full(len(truth), np.nan)
    for row in range(schedule.first_row, len(truth)):
        last = count_known_rows(hour_number, int(hour_number[row]), schedule.late_h)
        first = count_known_rows(hour_number, int(hour_number[row]), schedule.late_h + window_h)
        if number[last] > number[first]:
            estimated[row] = (total[last] - total[first]) / (number[last] - number[first])
    return estimated
