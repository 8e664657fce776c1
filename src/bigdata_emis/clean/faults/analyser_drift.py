"""Analysers whose zero drifts: even their lowest values are higher than any before.

Belongs here: doubts about a concentration that has left its low values behind. Does not: zero checks that the monitor
itself reports (its status flags).
"""

import numpy as np

from bigdata_emis.arrays import Flags, Floats
from bigdata_emis.clean.readings.hour_grid import HourGrid

BLOCK_H = 6
ABOVE_RECORD = 1.2
"""The low value of six hours over the second highest one of the days before. A choice of this project, made on
simulated drifts."""
LEAST_BLOCKS = 4


def find_drifting_hours(concentration: Floats, grid: HourGrid) -> Flags:
    """Hours, `(sources, hours)`, of six hours whose second lowest value is a record of the days looked back on.

    A day is judged against earlier days only, one fewer than are looked back on, so alike in whatever window. The day
    before the window is judged, too: a gap that begins in it is filled alike. A drift below a fifth is not found.
    """
    earlier_days = grid.first_own_day - 1
    is_drifting = np.zeros(concentration.shape, dtype=bool)
    lows = {day: _low_values(concentration[:, grid.day == day]) for day in range(int(grid.day[-1]) + 1)}
    for day in range(earlier_days, int(grid.day[-1]) + 1) if earlier_days > 0 else ():
        earlier = [lows[number] for number in range(day - earlier_days, day)]
        known = np.sort(np.concatenate(earlier, axis=1), axis=1)
        count = (~np.isnan(known)).sum(axis=1)
        second = known[np.arange(len(known)), np.maximum(count - 2, 0)]
        with np.errstate(invalid="ignore"):
            is_record = (lows[day] > ABOVE_RECORD * second[:, None]) & (count >= LEAST_BLOCKS)[:, None]
        hours = np.flatnonzero(grid.day == day)
        blocks = np.minimum(np.arange(len(hours)) // BLOCK_H, is_record.shape[1] - 1)
        is_drifting[:, hours] = is_record[:, blocks]
    return is_drifting & ~np.isnan(concentration)


def _low_values(day: Floats) -> Floats:
    """The second lowest value of each whole six hours of a day, NaN where there is none."""
    count = max(day.shape[1] // BLOCK_H, 1)
    blocks = day[:, : count * BLOCK_H].reshape(len(day), count, -1)
    return np.asarray(np.sort(blocks, axis=2)[:, :, min(1, blocks.shape[2] - 1)])
