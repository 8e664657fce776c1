"""Readings far from their neighbours by a robust measure: the Hampel identifier.

Belongs here: which readings are outliers. Does not: what happens to an outlier (it is quarantined as one).
"""

import numpy as np

from bigdata_emis.arrays import Flags, Floats, Integers
from bigdata_emis.clean.readings.thresholds import CleaningOptions

SD_PER_MAD = 1.482602218505602
"""Standard deviation of a normal variable over its median absolute deviation, 1 / Φ⁻¹(3/4).

Source: Hampel (1974), J. Am. Stat. Assoc. 69, 383.
"""
LEAST_NEIGHBOURS = 5


def find_outliers(
    value: Floats, source: Integers, day: Integers, *, first_own_day: int, options: CleaningOptions
) -> Flags:
    """Readings that exceed the median of their neighbours by a threshold and by a level.

        x − median > max(threshold · 1.4826 · MAD, factor · level)        with median > 0

    All arrays are by reading, sorted by source and time. The level is a quantile of the source's own recent readings.
    Only high readings are outliers: a low one may be a stop. Readings before `first_own_day` serve as neighbours only,
    and neighbours of a later day do not count, so that a day is judged alike in a window of one day or of ten.
    """
    if not len(value):
        return np.zeros(0, dtype=bool)
    quantile = _recent_quantile(value, source, day, first_own_day=first_own_day, share=options.outlier_level_share)
    level = options.outlier_level_factor * quantile
    suspect = np.flatnonzero(value > level)
    is_outlier = np.zeros(len(value), dtype=bool)
    if not len(suspect):
        return is_outlier
    near = _neighbours(value, source, day, rows=suspect, reach=options.outlier_neighbours)
    median = median_by_row(near)
    spread = SD_PER_MAD * median_by_row(np.abs(near - median[:, None]))
    has_neighbours = (~np.isnan(near)).sum(axis=1) >= LEAST_NEIGHBOURS
    limit = np.maximum(options.outlier_threshold * spread, level[suspect])
    is_outlier[suspect] = has_neighbours & (median > 0) & (value[suspect] - median > limit)
    return is_outlier


def median_by_row(values: Floats) -> Floats:
    """The median of each row without its missing values; NaN where all are missing."""
    ordered = np.sort(values, axis=1)
    count = (~np.isnan(ordered)).sum(axis=1)
    row = np.arange(len(ordered))
    low, high = np.maximum(count - 1, 0) // 2, np.minimum(count // 2, max(ordered.shape[1] - 1, 0))
    return np.asarray(np.where(count > 0, (ordered[row, low] + ordered[row, high]) / 2, np.nan))


def _neighbours(value: Floats, source: Integers, day: Integers, *, rows: Integers, reach: int) -> Floats:
    """For each of `rows` the readings of its source around it, `(rows, 2 reach + 1)`, NaN where there is none."""
    offsets = np.arange(-reach, reach + 1)
    position = rows[:, None] + offsets[None, :]
    is_inside = (position >= 0) & (position < len(value))
    position = np.clip(position, 0, len(value) - 1)
    is_near = is_inside & (source[position] == source[rows][:, None]) & (day[position] <= day[rows][:, None])
    return np.where(is_near, value[position], np.nan)


def _recent_quantile(value: Floats, source: Integers, day: Integers, *, first_own_day: int, share: float) -> Floats:
    """For each reading a quantile of its source's readings on its day and on the `first_own_day` days before.

    The quantile is rounded down to a reading.
    """
    order = np.lexsort((value, source))
    ordered_day = day[order]
    quantile = np.full(len(value), np.inf)
    for last_day in np.unique(day[day >= first_own_day]):
        recent = order[(ordered_day <= last_day) & (ordered_day >= last_day - first_own_day)]
        starts = np.flatnonzero(np.r_[True, source[recent][1:] != source[recent][:-1]])
        counts = np.diff(np.r_[starts, len(recent)])
        at_share = value[recent][starts + np.floor(share * (counts - 1)).astype(np.int64)]
        by_source = np.full(int(source.max()) + 1, np.inf)
        by_source[source[recent][starts]] = at_share
        is_of_day = day == last_day
        quantile[is_of_day] = by_source[source[is_of_day]]
    return quantile
