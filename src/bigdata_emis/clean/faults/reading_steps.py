"""Days on which the readings of a meter come at another step than its registered interval.

Belongs here: the step of one meter and day. Does not: the step of a whole pass, which refuses it (collect/passes).

Hourly energy of a meter that is registered with 15 minutes looks like one reading of four, and would be scaled up
fourfold. Readings that are lost leave gaps of different lengths; those of another interval are all as far apart.
"""

import numpy as np

from bigdata_emis.arrays import Flags, Floats, Integers
from bigdata_emis.clean.readings.hour_grid import to_microseconds
from bigdata_emis.clean.readings.judged_readings import JudgedReadings

LEAST_STEPS = 6
"""Steps of a day from which on they show an interval."""
FINER, COARSER = 0.75, 1.5
FINER_SHARE, COARSER_SHARE = 0.4, 0.9
"""A day is of a finer step when so many steps are below the first multiple of the interval (every second where each
reading comes twice, a little later), and of a coarser one when none is below the second and so many are alike."""
US_PER_MIN = 60_000_000


def find_other_steps(judged: JudgedReadings, expected_min: Floats) -> Flags:
    """The usable readings of a meter and local day that come at another step than expected, by source in minutes."""
    is_other = np.zeros(judged.rows.num_rows, dtype=bool)
    rows = judged.usable_rows
    if not len(rows):
        return is_other
    time_us = to_microseconds(judged.rows["interval_start_utc"])[rows]
    day = judged.source[rows] * (int(judged.grid.day[-1]) + 1) + judged.grid.day[judged.hour[rows]]
    group, step_us = day[1:], np.diff(time_us)
    is_step = (np.diff(day) == 0) & (step_us > 0)
    group, ratio = group[is_step], step_us[is_step] / (US_PER_MIN * expected_min[judged.source[rows[1:][is_step]]])
    days = _days_of_other_steps(group, ratio)
    is_other[rows] = np.isin(day, days)
    return is_other


def _days_of_other_steps(group: Integers, ratio: Floats) -> Integers:
    """The groups of steps, as multiples of the expected one, that are of another one; `group` is sorted."""
    if not len(group):
        return group
    names, first, count = np.unique(group, return_index=True, return_counts=True)
    with np.errstate(invalid="ignore"):
        finer = np.add.reduceat((ratio < FINER).astype(np.int64), first)
        least = np.minimum.reduceat(ratio, first)
        alike = np.add.reduceat((np.abs(ratio - np.repeat(least, count)) < FINER / 2).astype(np.int64), first)
        is_other = (finer >= FINER_SHARE * count) | ((least > COARSER) & (alike >= COARSER_SHARE * count))
    return np.asarray(names[is_other & (count >= LEAST_STEPS)])
