"""Meters that repeat the hours before them by the offset of the zone: since then their times are of another zone.

Belongs here: the moment at which a clock was changed, and how long that lasts. Does not: courses that are moved
(meter_series, sibling_meters), which a line with a flat course does not show.

An export that reads a day in UTC where local time is meant begins with the hours before midnight a second time, to the
last digit. That shows which meter is moved, and when, whatever its course. A logger whose clock is set ahead leaves a
gap in place of the repetition, and is not found here.
"""

import numpy as np

from bigdata_emis.arrays import Flags, Floats, Integers
from bigdata_emis.clean.faults.meter_series import FAR, LEAST_DAYS, LEAST_GAIN, course_residual
from bigdata_emis.clean.readings.hour_grid import HourGrid
from bigdata_emis.clean.readings.outliers import median_by_row

LEAST_REPEATED_H = 6
LEAST_DISTINCT = 4
"""Equal hours, and different values among them, that no meter has by chance: as of twin meters. A choice of ours."""


def find_repeated_shifts(energy: Floats, grid: HourGrid) -> Flags:
    """Hours, `(meters, hours)`, of own days since a meter has repeated its hours, until its course is right again.

    Each day is judged from itself and the days before it that it looks back on, so alike in whatever window.
    """
    is_shifted = np.zeros(energy.shape, dtype=bool)
    lag = abs(grid.utc_offset_h)
    if not lag or energy.shape[1] <= lag:
        return is_shifted
    is_equal = np.zeros(energy.shape, dtype=bool)
    is_equal[:, lag:] = (energy[:, lag:] == energy[:, :-lag]) & (energy[:, lag:] > 0)
    for number in grid.own_days:
        near = np.flatnonzero((grid.day >= number - grid.first_own_day) & (grid.day <= number))
        own = np.flatnonzero(grid.day == number)
        for meter in np.flatnonzero(is_equal[:, near].sum(axis=1) >= LEAST_REPEATED_H):
            start = _last_onset(energy[meter, near], is_equal[meter, near], lag)
            if start >= 0 and not _is_right_again(energy[meter], near, near[start], own, lag, grid):
                is_shifted[meter, own[own >= near[start]]] = True
    return is_shifted & ~np.isnan(energy)


def _last_onset(energy: Floats, is_equal: Flags, lag: int) -> int:
    """The first hour of the last repetition that is as long as the lag at most; −1 where there is none.

    The hour before is of it, too, when the clock was changed within that hour. What repeats itself for longer is the
    rhythm of a meter, or no course at all.
    """
    edges = np.flatnonzero(np.diff(np.r_[False, is_equal, False].astype(np.int8)))
    for start, end in zip(edges[0::2][::-1], edges[1::2][::-1], strict=True):
        is_long = LEAST_REPEATED_H <= end - start <= lag
        if is_long and len(np.unique(energy[start:end])) >= LEAST_DISTINCT:
            return int(start) - int(end - start < lag and start > 0)
    return -1


def _is_right_again(energy: Floats, near: Integers, start: int, own: Integers, lag: int, grid: HourGrid) -> bool:
    """Whether a day is far nearer to the usual course of the days before the change than to that of the lag before."""
    if grid.day[own[0]] == grid.day[start]:
        return False
    with np.errstate(divide="ignore"):
        course = np.log(np.where(energy > 0, energy, np.nan))
    days = [np.flatnonzero(grid.day == day) for day in range(int(grid.day[near[0]]), int(grid.day[start]))]
    if len(days) < LEAST_DAYS:
        return False
    before = np.stack([course[day[np.minimum(np.arange(len(own)), len(day) - 1)]] for day in days])
    profile = median_by_row(before.T)[None, :]
    present = course_residual(course[own][None, :], profile)[0]
    moved = course_residual(course[own][None, :], np.roll(profile, lag, axis=1))[0]
    return bool(moved >= FAR * present and moved - present >= LEAST_GAIN)
