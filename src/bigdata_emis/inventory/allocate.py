"""Emission by source onto the cells of the grid.

Belongs here: the grain of the gridded inventory, sector by sector. Does not: the product with the weights (spread), how weights are made (grid).
"""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from bigdata_emis import schema
from bigdata_emis.inventory.spread import Integers, distinct, spread, weights_of
from bigdata_emis.schema.arrow import empty


def allocate(emission_hourly: pa.Table, grid_weight: pa.Table) -> pa.Table:
    """The emission of each cell, sector, pollutant and hour: that of each source times its weights, which sum to 1.

    A source without weights is put outside the grid, where it is counted, never dropped. One sector and pollutant at a time goes
    through a product of sparse weights and a dense block of hours: a row for each source, cell and hour would be many times as much.
    """
    (source_ids, source), (sectors, sector), (pollutants, pollutant), (hours, hour) = (
        distinct(emission_hourly[name]) for name in ("source_id", "sector_code", "pollutant_code", "hour_utc")
    )
    weights = weights_of(grid_weight, source_ids)
    emission_g = emission_hourly["emission_g"].to_numpy()
    parts = []
    for (sector_row, pollutant_row), rows in _groups(sector, pollutant):
        cell, at, grams = spread(source[rows], hour[rows], emission_g[rows], weights)
        parts.append(pa.table({
            "cell_id": _coded(weights.cell_ids, cell), "sector_code": _coded(sectors, np.full(len(cell), sector_row)),
            "pollutant_code": _coded(pollutants, np.full(len(cell), pollutant_row)), "hour_utc": hours.take(pa.array(at)), "emission_g": grams,
        }))  # fmt: skip
    return pa.concat_tables(parts) if parts else empty(schema.table("emission_gridded_hourly"))


def _groups(sector: Integers, pollutant: Integers) -> Iterator[tuple[tuple[int, int], Integers]]:
    """Each sector and pollutant that is met, with the numbers of its rows."""
    columns = int(pollutant.max(initial=0)) + 1
    group = sector * columns + pollutant
    order = np.argsort(group, kind="stable")
    found, begins = np.unique(group[order], return_index=True)
    for number, rows in zip(found, np.split(order, begins)[1:], strict=True):
        yield divmod(int(number), columns), rows


def _coded(values: pa.Array, place: Integers) -> pa.DictionaryArray:
    """Text by its number: it is met once a value, not once a row."""
    return pa.DictionaryArray.from_arrays(pa.array(place, pa.int32()), values)
