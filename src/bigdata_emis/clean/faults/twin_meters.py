"""Meters that send the same readings: one of them is a copy, whichever it is.

Belongs here: equal parts of days of different meters. Does not: meters that several lines share, which are registered.
"""

from collections import defaultdict

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis.arrays import Flags
from bigdata_emis.codes import Imputation

PART_H = 6
LEAST_DISTINCT = 4
"""Different values within a part that no two meters have by chance. A choice of this project."""


def find_twin_hours(hours: pa.Table) -> Flags:
    """The rows of power_hourly whose meter has the same measured energy as another in six hours, one after another.

    Parts with few different values are not compared: two idle meters are alike.
    """
    order = np.lexsort((hours["hour_utc"].cast(pa.int64()).to_numpy(), _numbers(hours["meter_id"])))
    meter, energy = _numbers(hours["meter_id"])[order], hours["energy_kwh"].to_numpy()[order]
    part = hours["hour_utc"].cast(pa.int64()).to_numpy()[order] // (PART_H * 3_600_000_000)
    is_measured = np.asarray(pc.equal(hours["imputation_code"], Imputation.NONE))[order]
    if not len(order):
        return np.zeros(0, dtype=bool)
    starts = np.flatnonzero(np.r_[True, (meter[1:] != meter[:-1]) | (part[1:] != part[:-1])])
    ends = np.r_[starts[1:], len(order)]
    alike: dict[tuple[int, bytes], list[tuple[int, int]]] = defaultdict(list)
    for start, end in zip(starts, ends, strict=True):
        is_whole = end - start == PART_H and is_measured[start:end].all()
        if is_whole and len(np.unique(energy[start:end])) >= LEAST_DISTINCT:
            alike[int(part[start]), energy[start:end].tobytes()].append((int(start), int(end)))
    is_twin = np.zeros(len(order), dtype=bool)
    for spans in alike.values():
        for first, last in spans if len(spans) > 1 else []:
            is_twin[order[first:last]] = True
    return is_twin


def _numbers(column: pa.ChunkedArray) -> np.ndarray:
    coded = column.combine_chunks()
    coded = coded if pa.types.is_dictionary(coded.type) else coded.dictionary_encode()
    coded = coded.combine_chunks() if isinstance(coded, pa.ChunkedArray) else coded
    return np.asarray(coded.indices.to_numpy(zero_copy_only=False), dtype=np.int64)
