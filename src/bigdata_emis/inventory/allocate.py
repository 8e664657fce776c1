"""Emission by source onto the cells of the grid.

Belongs here: the grain of the gridded inventory, sector by sector. Does not: the product with the weights (spread), how weights are made (grid).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import schema
from bigdata_emis.arrays import Floats, Integers
from bigdata_emis.equations import allocation
from bigdata_emis.inventory.gridding.cell_ids import OUTSIDE_CELL_ID
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
        parts.append(
            pa.table(
                {
                    "cell_id": _coded(weights.cell_ids, cell),
                    "sector_code": _coded(sectors, np.full(len(cell), sector_row)),
                    "pollutant_code": _coded(pollutants, np.full(len(cell), pollutant_row)),
                    "hour_utc": hours.take(pa.array(at)),
                    "emission_g": grams,
                }
            )
        )
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


Integers: TypeAlias = Integers
Floats: TypeAlias = Floats


@dataclass(frozen=True)
class Weights:
    """Shares of sources in cells, in order of source: the entries of source k are `first[k]` to `first[k + 1]`."""

    cell_ids: pa.Array
    first: Integers
    cell: Integers
    share: Floats


def weights_of(grid_weight: pa.Table, source_ids: pa.Array) -> Weights:
    """The weights of these sources; one that has none lies outside the grid with its whole emission."""
    row = pc.index_in(grid_weight["source_id"], source_ids)
    known = grid_weight.append_column("row", row).filter(pc.is_valid(row))
    lost = np.setdiff1d(np.arange(len(source_ids)), known["row"].to_numpy())
    cell_ids, cell = distinct(
        pa.chunked_array([*known["cell_id"].chunks, pa.repeat(OUTSIDE_CELL_ID, max(len(lost), 1))])
    )
    source = np.append(known["row"].to_numpy(), lost).astype(np.int64)
    share = np.append(known["weight_share"].to_numpy(), np.ones(len(lost)))
    order = np.lexsort((cell[: len(source)], source))
    first = np.searchsorted(source[order], np.arange(len(source_ids) + 1))
    return Weights(cell_ids, first, cell[order], share[order])


def spread(source: Integers, hour: Integers, emission_g: Floats, weights: Weights) -> tuple[Integers, Integers, Floats]:
    """Cell, hour and emission of each cell and hour, from rows of source, hour and emission (one row a source and hour).

    E(cell, hour) = Σ over sources of weight(source, cell) × E(source, hour), added in order of source, so that the order of rows
    changes no bit. A cell has a row for an hour in which one of its sources has one.
    """
    sources, place = np.unique(source, return_inverse=True)
    by_hour, has_row = np.zeros((2, len(sources), int(hour.max()) + 1))
    by_hour[place, hour], has_row[place, hour] = emission_g, 1.0
    of_entry, entry = _entries(sources, weights)
    cells, begins = np.unique(weights.cell[entry], return_index=True)
    of_cell = np.add.reduceat(allocation.emission_g(by_hour[of_entry], weights.share[entry][:, None]), begins)
    cell, at = np.nonzero(np.add.reduceat(has_row[of_entry], begins))
    return cells[cell], at, of_cell[cell, at]


def distinct(column: pa.ChunkedArray) -> tuple[pa.Array, Integers]:
    """The distinct values in order, and the number of each value among them."""
    encoded = column.combine_chunks().dictionary_encode()
    encoded = encoded.combine_chunks() if isinstance(encoded, pa.ChunkedArray) else encoded
    order = pc.sort_indices(encoded.dictionary)
    number = np.empty(len(order), dtype=np.int64)
    number[order.to_numpy()] = np.arange(len(order))
    return encoded.dictionary.take(order), number[encoded.indices.to_numpy()]


def _entries(sources: Integers, weights: Weights) -> tuple[Integers, Integers]:
    """Every entry of these sources in order of cell and source: the place of its source among them, and its number."""
    count = weights.first[sources + 1] - weights.first[sources]
    place = np.repeat(np.arange(len(sources)), count)
    entry = np.arange(len(place)) - np.repeat(np.cumsum(count) - count, count) + weights.first[sources][place]
    order = np.argsort(weights.cell[entry], kind="stable")
    return place[order], entry[order]
