"""The stage that allocates the emission of each source to the cells of the grid.

Belongs here: the gridded inventory by sector, and the product of emission and weights. Does not: how the weights are
computed (grid).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import schema
from bigdata_emis.arrays import Floats, Integers
from bigdata_emis.equations import allocation
from bigdata_emis.gridding.cell_ids import OUTSIDE_CELL_ID
from bigdata_emis.schema.arrow import empty


@dataclass(frozen=True)
class GridWeights:
    """Shares of sources in cells, in order of source.

    The entries of source k are `first[k]` to `first[k + 1]`.
    """

    cell_ids: pa.Array
    first: Integers
    cell: Integers
    share: Floats


def allocate(emission_hourly: pa.Table, grid_weight: pa.Table) -> pa.Table:
    """Emission by cell, sector, pollutant and hour: that of each source times its weights.

    The weights of a source sum to 1. A source without weights is allocated outside the grid, where it is counted,
    never dropped. Each sector and pollutant is one product of sparse weights and a dense block of hours: a row for
    each source, cell and hour would be many times as much.
    """
    (source_ids, source), (sectors, sector), (pollutants, pollutant), (hours, hour) = (
        encode_distinct(emission_hourly[name]) for name in ("source_id", "sector_code", "pollutant_code", "hour_utc")
    )
    weights = index_weights(grid_weight, source_ids)
    emission_g = emission_hourly["emission_g"].to_numpy()
    parts = []
    for (sector_number, pollutant_number), rows in _groups(sector, pollutant):
        cell, hour_number, cell_g = spread_to_cells(source[rows], hour[rows], emission_g[rows], weights)
        columns = {
            "cell_id": _dictionary_array(weights.cell_ids, cell),
            "sector_code": _dictionary_array(sectors, np.full(len(cell), sector_number)),
            "pollutant_code": _dictionary_array(pollutants, np.full(len(cell), pollutant_number)),
            "hour_utc": hours.take(pa.array(hour_number)),
            "emission_g": cell_g,
        }
        parts.append(pa.table(columns))
    return pa.concat_tables(parts) if parts else empty(schema.table("emission_gridded_hourly"))


def encode_distinct(column: pa.ChunkedArray) -> tuple[pa.Array, Integers]:
    """The distinct values in order, and the number of each value among them."""
    encoded = column.combine_chunks().dictionary_encode()
    encoded = encoded.combine_chunks() if isinstance(encoded, pa.ChunkedArray) else encoded
    order = pc.sort_indices(encoded.dictionary)
    number = np.empty(len(order), dtype=np.int64)
    number[order.to_numpy()] = np.arange(len(order))
    return encoded.dictionary.take(order), number[encoded.indices.to_numpy()]


def index_weights(grid_weight: pa.Table, source_ids: pa.Array) -> GridWeights:
    """The weights of these sources; a source without weights is outside the grid."""
    row = pc.index_in(grid_weight["source_id"], source_ids)
    weighted = grid_weight.append_column("row", row).filter(pc.is_valid(row))
    unweighted = np.setdiff1d(np.arange(len(source_ids)), weighted["row"].to_numpy())
    cell_ids, cell = encode_distinct(
        pa.chunked_array([*weighted["cell_id"].chunks, pa.repeat(OUTSIDE_CELL_ID, max(len(unweighted), 1))])
    )
    source = np.append(weighted["row"].to_numpy(), unweighted).astype(np.int64)
    share = np.append(weighted["weight_share"].to_numpy(), np.ones(len(unweighted)))
    order = np.lexsort((cell[: len(source)], source))
    first = np.searchsorted(source[order], np.arange(len(source_ids) + 1))
    return GridWeights(cell_ids, first, cell[order], share[order])


def spread_to_cells(
    source: Integers, hour: Integers, emission_g: Floats, weights: GridWeights
) -> tuple[Integers, Integers, Floats]:
    """Cell, hour and emission of each cell and hour, from one row for each source and hour.

        E(cell, hour) = Σ over sources of weight(source, cell) × E(source, hour)

    summed in order of source, so that the order of rows changes no bit. A cell has a row for an hour in which one of
    its sources has one.
    """
    is_present = np.zeros(len(weights.first) - 1, dtype=bool)
    is_present[source] = True
    sources, position = np.flatnonzero(is_present), (np.cumsum(is_present) - 1)[source]
    by_hour, has_row = np.zeros((2, len(sources), int(hour.max()) + 1))
    by_hour[position, hour], has_row[position, hour] = emission_g, 1.0
    source_of_entry, entry = _entries_by_cell(sources, weights)
    cells, first_entry = np.unique(weights.cell[entry], return_index=True)
    entry_g = allocation.emission_g(by_hour[source_of_entry], weights.share[entry][:, None])
    cell_g = np.add.reduceat(entry_g, first_entry)
    cell, hour_number = np.nonzero(np.add.reduceat(has_row[source_of_entry], first_entry))
    return cells[cell], hour_number, cell_g[cell, hour_number]


def _groups(sector: Integers, pollutant: Integers) -> Iterator[tuple[tuple[int, int], Integers]]:
    """Each sector and pollutant that occurs, with the numbers of its rows."""
    columns = int(pollutant.max(initial=0)) + 1
    group = sector * columns + pollutant
    order, count = _stable_order(group), np.bincount(group)
    for number, rows in enumerate(np.split(order, np.cumsum(count)[:-1])):
        if len(rows):
            yield divmod(number, columns), rows


def _entries_by_cell(sources: Integers, weights: GridWeights) -> tuple[Integers, Integers]:
    """Every entry of these sources in order of cell and source: the position of its source, and its number."""
    count = weights.first[sources + 1] - weights.first[sources]
    position = np.repeat(np.arange(len(sources)), count)
    entry = np.arange(len(position)) - np.repeat(np.cumsum(count) - count, count) + weights.first[sources][position]
    order = _stable_order(weights.cell[entry])
    return position[order], entry[order]


def _stable_order(numbers: Integers) -> Integers:
    """The order of small numbers that are not negative; NumPy sorts those of 16 bits several times faster."""
    fits = numbers.max(initial=0) <= np.iinfo(np.uint16).max
    order: Integers = np.argsort(numbers.astype(np.uint16) if fits else numbers, kind="stable")
    return order


def _dictionary_array(values: pa.Array, number: Integers) -> pa.DictionaryArray:
    """Text by its number: stored once for each value, not once for each row."""
    return pa.DictionaryArray.from_arrays(pa.array(number, pa.int32()), values)
