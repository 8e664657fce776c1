"""Analysers whose zero drifts: even their lowest values are higher than any before.

Belongs here: doubts about a concentration that has left its low values behind. Does not: zero checks that the monitor
itself reports (its status flags).
"""

import numpy as np

from bigdata_emis.arrays import Flags, Floats
from bigdata_emis.clean.readings.hour_grid import HourGrid

BLOCK_H = 6
ABOVE_RECORD, TWICE_ABOVE_RECORD = 1.2, 1.15
"""A low value of six hours over the record of the days before; and two of three such values in a row.

The record is the second highest. Choices of this project, made on simulated drifts of seeds 11 to 14, 21 and 22; two of
three points beyond a nearer limit are a rule of the Western Electric Statistical Quality Control Handbook (1956)."""
LEAST_BLOCKS = 4
REACH = 2
"""Blocks before the present one that count for two of three."""


def find_drifting_hours(concentration: Floats, grid: HourGrid) -> Flags:
    """Hours, `(sources, hours)`, of six hours whose second lowest value is a record of the days looked back on.

    An analyser that drifted at the end of a day does so until its low values are below the record of that day: drift
    does not heal by itself, and its own values must not become what is usual. A day is judged against earlier days
    only, two fewer than are looked back on, so alike in whatever window. The day before the window is judged, too: a
    gap that begins in it is filled alike. A drift below a seventh is not found.
    """
    earlier_days, last_day = grid.first_own_day - 2, int(grid.day[-1])
    is_drifting = np.zeros(concentration.shape, dtype=bool)
    lows = [_low_values(concentration[:, grid.day == day]) for day in range(last_day + 1)]
    yesterday: tuple[Flags, Floats] | None = None
    for day in range(earlier_days, last_day + 1) if earlier_days > 0 else ():
        record = _record(lows[day - earlier_days : day])
        own = _exceed(lows[day - 1], lows[day], record)
        blocks = own if yesterday is None else own | _continue(*yesterday, lows[day])
        yesterday = (own[:, -1], record)
        hours = np.flatnonzero(grid.day == day)
        if day > earlier_days:
            is_drifting[:, hours] = blocks[:, np.minimum(np.arange(len(hours)) // BLOCK_H, blocks.shape[1] - 1)]
    return is_drifting & ~np.isnan(concentration)


def _record(lows: list[Floats]) -> Floats:
    """The second highest low value of some days by source, infinite where there are few."""
    known = np.sort(np.concatenate(lows, axis=1), axis=1)
    count = (~np.isnan(known)).sum(axis=1)
    second = known[np.arange(len(known)), np.maximum(count - 2, 0)]
    return np.where(count >= LEAST_BLOCKS, second, np.inf)


def _exceed(before: Floats, lows: Floats, record: Floats) -> Flags:
    """The low values of a day above the record, alone or two of three in a row; of two in a day both."""
    near = np.concatenate([before[:, -REACH:], lows], axis=1)
    first = near.shape[1] - lows.shape[1]
    is_above = near > TWICE_ABOVE_RECORD * record[:, None]
    is_far = near > ABOVE_RECORD * record[:, None]
    for back in range(1, REACH + 1):
        is_pair = is_above[:, back:] & is_above[:, :-back]
        is_pair[:, : max(first - back, 0)] = False
        is_far[:, back:] |= is_pair
        is_far[:, :-back] |= is_pair
    return np.asarray(is_far[:, first:])


def _continue(was_drifting: Flags, record: Floats, lows: Floats) -> Flags:
    """The low values of a day up to the first one that is not above the record of the day before."""
    is_above = lows > TWICE_ABOVE_RECORD * record[:, None]
    return np.asarray(np.logical_and.accumulate(is_above & was_drifting[:, None], axis=1))


def _low_values(day: Floats) -> Floats:
    """The second lowest value of each whole six hours of a day, NaN where there is none."""
    count = max(day.shape[1] // BLOCK_H, 1)
    blocks = day[:, : count * BLOCK_H].reshape(len(day), count, -1)
    return np.asarray(np.sort(blocks, axis=2)[:, :, min(1, blocks.shape[2] - 1)])
