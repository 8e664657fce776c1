"""Estimates that are nothing but truth that is already known: what a model has to beat.

Belongs here: the last value, the value of the same hour, the mean of late truth. Does not: models.
"""

import numpy as np

from bigdata_emis.arrays import Floats, Integers
from bigdata_emis.validate.online.adaptive_conformal import known_count
from bigdata_emis.validate.online.expert_weights import Schedule


def last_known(truth: Floats, *, hour_number: Integers, schedule: Schedule) -> Floats:
    """Persistence: the last truth known when the hours were estimated."""
    estimated = np.full(len(truth), np.nan)
    known = np.flatnonzero(np.isfinite(truth))
    for rows, count in schedule.turns(hour_number):
        at = int(np.searchsorted(known, count)) - 1
        estimated[rows] = truth[known[at]] if at >= 0 else np.nan
    return estimated


def late_value(truth: Floats, *, hour_number: Integers, schedule: Schedule) -> Floats:
    """The truth of the hour that became known just now: 24 hours old when truth is a day late."""
    counts = np.array([known_count(hour_number, int(hour), schedule.late_h) for hour in hour_number], dtype=np.int64)
    estimated: Floats = np.where(counts > 0, truth[np.maximum(counts - 1, 0)], np.nan)
    estimated[: schedule.first_row] = np.nan
    return estimated


def mean_known(truth: Floats, *, hour_number: Integers, schedule: Schedule, window_h: int) -> Floats:
    """The mean of the last `window_h` hours whose truth is known, hour by hour."""
    known = np.isfinite(truth)
    total, number = (
        np.concatenate([[0.0], np.cumsum(values)]) for values in (np.where(known, truth, 0.0), known.astype(np.float64))
    )
    estimated = np.full(len(truth), np.nan)
    for row in range(schedule.first_row, len(truth)):
        last = known_count(hour_number, int(hour_number[row]), schedule.late_h)
        first = known_count(hour_number, int(hour_number[row]), schedule.late_h + window_h)
        if number[last] > number[first]:
            estimated[row] = (total[last] - total[first]) / (number[last] - number[first])
    return estimated
