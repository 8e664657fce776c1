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


def find_stuck(judged: JudgedReadings, name: str, *, least_count: int, is_zero: bool = False) -> Flags:
    """Usable readings in a run of at least so many equal values; `is_zero`: runs of zero, else of any other value.

    A run is counted on its day and the days looked back on, never on later ones. A source that has read nothing else in
    these days is not doubted: nothing says that it could.
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
                value[near], judged.source[near], is_run=is_run, suspects=judged.source[near[is_hit]]
            )
            is_stuck[near[is_hit & is_fine[judged.source[near]]]] = True
    return is_stuck


def _reads_finely(value: Floats, source: Integers, *, is_run: Flags, suspects: Integers) -> Flags:
    """By source, whether its readings outside runs are many and mostly of different values."""
    size = int(source.max()) + 1
    is_suspect = np.zeros(size, dtype=bool)
    is_suspect[suspects] = True
    others = ~is_run & is_suspect[source]
    value, source = value[others], source[others]
    order = np.lexsort((value, source))
    is_new = np.r_[True, (np.diff(source[order]) != 0) | (np.diff(value[order]) != 0)] if len(order) else order > 0
    count = np.bincount(source, minlength=size)
    distinct = np.bincount(source[order][is_new], minlength=size)
    is_fine: Flags = (count >= LEAST_OTHERS) & (distinct >= LEAST_DISTINCT_SHARE * count)
    return is_fine
