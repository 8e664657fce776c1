"""Hours without a value: filled on a straight line when few, from the source's own profile when many, and marked as such.

Belongs here: imputation of a matrix of sources by hours. Does not: which readings make an hour's value.
"""

import numpy as np

from bigdata_emis.arrays import Floats, Integers
from bigdata_emis.clean.readings.hour_grid import Clock
from bigdata_emis.clean.readings.outliers import row_median

NONE, SCALED, INTERPOLATED, PROFILE = 0, 1, 2, 3
CODES = ("none", "scaled", "interpolated", "profile")


def fill_gaps(value: Floats, clock: Clock, *, longest_h: int, from_profile: bool) -> tuple[Floats, Integers]:
    """The values with gaps filled where that is possible, and for each how it came about; NaN stays where nothing supports a value.

    A day is filled from itself and the days before, never from later ones, so that it is filled alike in whatever window it is made.
    """
    filled, code = value.copy(), np.full(value.shape, NONE, dtype=np.int64)
    for day in clock.days:
        hours = np.flatnonzero(clock.day == day)
        _interpolate(value, filled, code, hours=hours, longest_h=longest_h)
        if from_profile:
            _fill_from_profile(value, filled, code, hours=hours, clock=clock)
    return filled, code


def _interpolate(value: Floats, filled: Floats, code: Integers, *, hours: Integers, longest_h: int) -> None:
    """On a straight line between the last value before and the first after, both no later than the end of the day."""
    first = max(int(hours[0]) - longest_h - 1, 0)
    part = value[:, first : int(hours[-1]) + 1]
    place = np.arange(part.shape[1])
    known = ~np.isnan(part)
    before = np.maximum.accumulate(np.where(known, place, -1), axis=1)
    after = np.minimum.accumulate(np.where(known, place, part.shape[1])[:, ::-1], axis=1)[:, ::-1]
    short = (
        ~known
        & (before >= 0)
        & (after < part.shape[1])
        & (after - before - 1 <= longest_h)
        & (place >= hours[0] - first)
    )
    row, column = np.nonzero(short)
    low, high = before[row, column], after[row, column]
    share = (column - low) / (high - low)
    filled[row, column + first] = part[row, low] + share * (part[row, high] - part[row, low])
    code[row, column + first] = INTERPOLATED


def _fill_from_profile(value: Floats, filled: Floats, code: Integers, *, hours: Integers, clock: Clock) -> None:
    """The source's median of that local hour on days of the same kind (weekday, weekend), else on all days looked back on."""
    day = int(clock.day[hours[0]])
    recent = (clock.day <= day) & (clock.day >= day - clock.first_day)
    for hour in hours:
        rows = np.flatnonzero(np.isnan(filled[:, hour]))
        if not len(rows):
            continue
        same_hour = recent & (clock.local_hour == clock.local_hour[hour])
        alike = same_hour & (clock.is_weekend == clock.is_weekend[hour])
        profile = row_median(value[np.ix_(rows, np.flatnonzero(alike))])
        profile = np.where(np.isnan(profile), row_median(value[np.ix_(rows, np.flatnonzero(same_hour))]), profile)
        found = rows[~np.isnan(profile)]
        filled[found, hour] = profile[~np.isnan(profile)]
        code[found, hour] = PROFILE
