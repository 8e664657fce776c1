"""Instruments that repeat one value: stuck meters, frozen analysers, loops that count nothing, speeds filled in.

Belongs here: long runs of one value where the instrument reads finely otherwise. Does not: stations, whose runs have
rules of their own (readings.station_rules).
"""

import numpy as np

from bigdata_emis.arrays import Flags, Floats, Integers
from bigdata_emis.clean.readings.judged_readings import JudgedReadings
from bigdata_emis.clean.readings.station_rules import find_constant_runs

LEAST_OTHERS = 12
"""Readings outside runs that say how finely a source reads. A choice of this project."""
LEAST_DISTINCT_SHARE = 0.2
"""A source whose other readings repeat more often than this reads coarsely, as kWh of a small load: it says nothing."""
LARGEST_CHANCE = 0.001
"""Of a run by chance: a source that repeats a value seldom reads finely, however few values it has. Own choice."""
FINE_STEP_SHARE = 0.001
"""A source whose least step is a larger share of the value reads coarsely too: a steady load in whole MW repeats it
for hours (11 of 137 New York units on one summer day). A choice of this project."""


def find_stuck(
    judged: JudgedReadings, name: str, *, least_count: int, is_zero: bool = False, step_share: float = np.inf
) -> Flags:
    """Usable readings in a run of at least so many equal values; `is_zero`: runs of zero, else of any other value.

    Runs of a value of which the least step of the source is more than `step_share` are left out: a steady process
    gives them too. A run is counted on its day and the days looked back on, never on later ones. A source that has
    read nothing else in these days is not doubted: nothing says that it could.
    """
    grid, value = judged.grid, judged.values(name)
    rows = judged.usable_rows
    rows = rows[~np.isnan(value[rows])]
    day = grid.day[judged.hour[rows]]
    is_stuck = np.zeros(len(value), dtype=bool)
    for last_day in grid.own_days:
        near = rows[(day <= last_day) & (day >= last_day - grid.first_own_day)]
        is_run = find_constant_runs(value[near], judged.source[near], least_count=least_count)
        is_hit = is_run & ((value[near] == 0) == is_zero) & (grid.day[judged.hour[near]] == last_day)
        if is_hit.any():
            is_fine = _reads_finely(
                value[near],
                judged.source[near],
                is_run=is_run,
                suspects=judged.source[near[is_hit]],
                least_count=least_count,
            )
            is_hit &= is_fine[judged.source[near]]
            if np.isfinite(step_share):
                is_hit &= _least_step(value[near], judged.source[near]) <= step_share * np.abs(value[near])
            is_stuck[near[is_hit]] = True
    return is_stuck


def _least_step(value: Floats, source: Integers) -> Floats:
    """By reading, the least difference of two values of its source; infinite where all are equal."""
    order = np.lexsort((value, source))
    step = np.diff(value[order])
    is_step = (np.diff(source[order]) == 0) & (step > 0)
    least = np.full(int(source.max()) + 1, np.inf)
    np.minimum.at(least, source[order][1:][is_step], step[is_step])
    return least[source]


def _reads_finely(value: Floats, source: Integers, *, is_run: Flags, suspects: Integers, least_count: int) -> Flags:
    """By source, whether its readings outside runs are many, and mostly of different values or seldom repeated.

        N p^(n − 1) < 0.001

    is the expected count of runs of n equal values among N readings of which the part p is equal to the one before.
    """
    size = int(source.max()) + 1
    is_suspect = np.zeros(size, dtype=bool)
    is_suspect[suspects] = True
    others = ~is_run & is_suspect[source]
    value, source = value[others], source[others]
    order = np.lexsort((value, source))
    is_new = np.r_[True, (np.diff(source[order]) != 0) | (np.diff(value[order]) != 0)] if len(order) else order > 0
    count = np.bincount(source, minlength=size)
    distinct = np.bincount(source[order][is_new], minlength=size)
    is_repeat = (np.diff(source) == 0) & (np.diff(value) == 0)
    repeated = np.bincount(source[1:][is_repeat], minlength=size)
    chance = count * ((repeated + 1) / (count + 1)) ** (least_count - 1)
    is_varied = (distinct >= LEAST_DISTINCT_SHARE * count) | (chance < LARGEST_CHANCE)
    is_fine: Flags = (count >= LEAST_OTHERS) & is_varied
    return is_fine
