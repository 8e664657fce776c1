"""Fill hours without a value: a few on a straight line, many from the source's own profile, each with a code.

Belongs here: imputation of a matrix of sources by hours. Does not: which readings make the value of an hour.
"""

import numpy as np

from bigdata_emis.arrays import Floats, Integers
from bigdata_emis.clean.readings.hour_grid import HourGrid
from bigdata_emis.clean.readings.outliers import median_by_row
from bigdata_emis.codes import Imputation

IMPUTATION_CODES = (Imputation.NONE, Imputation.SCALED, Imputation.INTERPOLATED, Imputation.PROFILE)
"""From best to worst. The rank of an imputation is its position here."""
NONE_RANK, SCALED_RANK, INTERPOLATED_RANK, PROFILE_RANK = range(len(IMPUTATION_CODES))


def fill_gaps(value: Floats, grid: HourGrid, *, longest_h: int, from_profile: bool) -> tuple[Floats, Integers]:
    """The values with gaps filled where possible, and the rank of each imputation.

    Arrays are `(sources, hours)`. Gaps up to `longest_h` are interpolated. NaN stays where nothing supports a value. A
    day is filled from itself and the days before, never from later ones, so that it is filled alike in whatever window
    it is computed.
    """
    filled, rank = value.copy(), np.full(value.shape, NONE_RANK, dtype=np.int64)
    for day in grid.own_days:
        hours = np.flatnonzero(grid.day == day)
        _interpolate(value, filled, rank, hours=hours, longest_h=longest_h)
        if from_profile:
            _fill_from_profile(value, filled, rank, hours=hours, grid=grid)
    return filled, rank


def _interpolate(value: Floats, filled: Floats, rank: Integers, *, hours: Integers, longest_h: int) -> None:
    """On a straight line between the last value before and the first after, both no later than the end of the day."""
    first = max(int(hours[0]) - longest_h - 1, 0)
    part = value[:, first : int(hours[-1]) + 1]
    position = np.arange(part.shape[1])
    has_value = ~np.isnan(part)
    before = np.maximum.accumulate(np.where(has_value, position, -1), axis=1)
    after = np.minimum.accumulate(np.where(has_value, position, part.shape[1])[:, ::-1], axis=1)[:, ::-1]
    is_short = (
        ~has_value
        & (before >= 0)
        & (after < part.shape[1])
        & (after - before - 1 <= longest_h)
        & (position >= hours[0] - first)
    )
    row, column = np.nonzero(is_short)
    low, high = before[row, column], after[row, column]
    share = (column - low) / (high - low)
    filled[row, column + first] = part[row, low] + share * (part[row, high] - part[row, low])
    rank[row, column + first] = INTERPOLATED_RANK


def _fill_from_profile(value: Floats, filled: Floats, rank: Integers, *, hours: Integers, grid: HourGrid) -> None:
    """The source's median of that local hour on days of the same kind (weekday, weekend), else on all recent days."""
    day = int(grid.day[hours[0]])
    is_recent = (grid.day <= day) & (grid.day >= day - grid.first_own_day)
    for hour in hours:
        rows = np.flatnonzero(np.isnan(filled[:, hour]))
        if not len(rows):
            continue
        is_same_hour = is_recent & (grid.local_hour == grid.local_hour[hour])
        is_same_kind = is_same_hour & (grid.is_weekend == grid.is_weekend[hour])
        profile = median_by_row(value[np.ix_(rows, np.flatnonzero(is_same_kind))])
        any_day = median_by_row(value[np.ix_(rows, np.flatnonzero(is_same_hour))])
        profile = np.where(np.isnan(profile), any_day, profile)
        supported = rows[~np.isnan(profile)]
        filled[supported, hour] = profile[~np.isnan(profile)]
        rank[supported, hour] = PROFILE_RANK
