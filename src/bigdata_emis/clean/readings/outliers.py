"""Readings far from their neighbours by a robust measure.

Belongs here: the Hampel identifier over sorted readings. Does not: what happens to an outlier (it is quarantined as one).
"""

import numpy as np

from bigdata_emis.arrays import Flags, Floats, Integers
from bigdata_emis.clean.readings.thresholds import Options

# Standard deviation of a normal variable over its median absolute deviation: 1 / (Phi^-1(3/4)), Hampel 1974, J. Am. Stat. Assoc. 69, 383.
SD_PER_MAD = 1.482602218505602
LEAST_NEIGHBOURS = 5


def outliers(value: Floats, source: Integers, day: Integers, *, first_day: int, options: Options) -> Flags:
    """Where a reading departs from the median of its neighbours by more than threshold and level, both of them.

    x − median > max(threshold · 1.4826 · MAD, factor · level), with the median above zero. Readings are sorted by source and time. Only
    upward: a fall may be a stop. Readings before `first_day` serve as neighbours only, and neighbours of a later day do not
    count, so a day is judged alike in a window of one day or of ten.
    """
    if not len(value):
        return np.zeros(0, dtype=bool)
    level = options.outlier_level_factor * _levels(
        value, source, day, first_day=first_day, share=options.outlier_level_share
    )
    suspect = np.flatnonzero(value > level)
    found = np.zeros(len(value), dtype=bool)
    if not len(suspect):
        return found
    near = _neighbours(value, source, day, rows=suspect, reach=options.outlier_neighbours)
    median = row_median(near)
    spread = SD_PER_MAD * row_median(np.abs(near - median[:, None]))
    enough = (~np.isnan(near)).sum(axis=1) >= LEAST_NEIGHBOURS
    limit = np.maximum(options.outlier_threshold * spread, level[suspect])
    found[suspect] = enough & (median > 0) & (value[suspect] - median > limit)
    return found


def row_median(values: Floats) -> Floats:
    """The median of each row without its missing values; NaN where all are missing."""
    ordered = np.sort(values, axis=1)
    count = (~np.isnan(ordered)).sum(axis=1)
    row = np.arange(len(ordered))
    low, high = np.maximum(count - 1, 0) // 2, np.minimum(count // 2, max(ordered.shape[1] - 1, 0))
    return np.asarray(np.where(count > 0, (ordered[row, low] + ordered[row, high]) / 2, np.nan))


def _neighbours(value: Floats, source: Integers, day: Integers, *, rows: Integers, reach: int) -> Floats:
    offsets = np.arange(-reach, reach + 1)
    place = rows[:, None] + offsets[None, :]
    inside = (place >= 0) & (place < len(value))
    place = np.clip(place, 0, len(value) - 1)
    is_near = inside & (source[place] == source[rows][:, None]) & (day[place] <= day[rows][:, None])
    return np.where(is_near, value[place], np.nan)


def _levels(value: Floats, source: Integers, day: Integers, *, first_day: int, share: float) -> Floats:
    """For each reading the quantile, rounded down to a reading, of its source's readings on its day and on the `first_day` days before."""
    order = np.lexsort((value, source))
    ordered_day = day[order]
    level = np.full(len(value), np.inf)
    for until in np.unique(day[day >= first_day]):
        seen = order[(ordered_day <= until) & (ordered_day >= until - first_day)]
        starts = np.flatnonzero(np.r_[True, source[seen][1:] != source[seen][:-1]])
        counts = np.diff(np.r_[starts, len(seen)])
        at_share = value[seen][starts + np.floor(share * (counts - 1)).astype(np.int64)]
        by_source = np.full(int(source.max()) + 1, np.inf)
        by_source[source[seen][starts]] = at_share
        of_day = day == until
        level[of_day] = by_source[source[of_day]]
    return level
