"""What is published for the hours of an export: mass by kind of source, and cells as rows of numbers.

Belongs here: published rows as arrays, and mass beyond the grid. Does not: species (speciation, gridded_species).
"""

import re
from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis.arrays import Floats, Integers
from bigdata_emis.errors import InputError, shorten
from bigdata_emis.publish.export.export_hours import ExportHours
from bigdata_emis.publish.export.speciation import Kind

CELL = re.compile(r"r(\d+)c(\d+)")
OUTSIDE = "outside"
NOWHERE = -1
ALL_SECTORS = "all"
LINE, LINK, AREA = "production_line", "road_link", "activity_area"
SOURCE_TABLES = {LINE: "production_line_id", LINK: "link_id", AREA: "activity_area_id"}
"""The tables of the published registry, and their column that is the source_id of emission_hourly."""


@dataclass(frozen=True)
class CellRows:
    """Rows of one pollutant: the hour (steps beyond the last are the hour after), the cell, the sector and the mass.

    cell: row × columns + column; NOWHERE for mass beyond the grid.
    """

    hour: Integers
    cell: Integers
    sector: Integers
    emission_g: Floats


@dataclass(frozen=True)
class CellMasses:
    """The published cells of the hours of an export."""

    hours: ExportHours
    rows: int
    columns: int
    sectors: tuple[str, ...]
    by_pollutant: dict[str, CellRows]

    def inside_g(self, pollutant: str) -> dict[str, float]:
        """The mass in the cells during the hours, by sector; without the hour after the last."""
        rows = self.by_pollutant[pollutant]
        is_counted = (rows.hour < self.hours.count) & (rows.cell != NOWHERE)
        sums = sums_by_number(rows.sector[is_counted], rows.emission_g[is_counted], len(self.sectors))
        return dict(zip(self.sectors, sums.tolist(), strict=True))

    def outside_g(self, pollutant: str) -> float:
        """The mass beyond the grid during the hours."""
        rows = self.by_pollutant[pollutant]
        return float(rows.emission_g[(rows.hour < self.hours.count) & (rows.cell == NOWHERE)].sum())


def read_cells(hours: ExportHours, rows: int, columns: int) -> CellMasses:
    """The published cells of the hours, and of the hour after the last where it is published.

    rows, columns: those of the grid with which the day was published.
    Raises InputError when a cell is not one of the grid.
    """
    table = hours.rows(
        "emission_gridded_hourly", ["cell_id", "sector_code", "pollutant_code", "emission_g"], is_with_following=True
    )
    cell, cells = encode_values(table["cell_id"])
    sector, sectors = encode_values(table["sector_code"])
    pollutant, pollutants = encode_values(table["pollutant_code"])
    cell_number = np.array([cell_index(name, rows, columns) for name in cells] or [0], dtype=np.int64)[cell]
    hour, mass = hours.hour_numbers(table), table["emission_g"].to_numpy()
    by_pollutant = {}
    for number, name in enumerate(pollutants):
        chosen = np.flatnonzero(pollutant == number)
        by_pollutant[name] = CellRows(hour[chosen], cell_number[chosen], sector[chosen], mass[chosen])
    return CellMasses(hours, rows, columns, tuple(sectors), dict(sorted(by_pollutant.items())))


def read_kinds(hours: ExportHours) -> dict[Kind, float]:
    """The published mass of the hours by pollutant, sector and industry of its sources."""
    table = hours.rows("emission_hourly", ["source_id", "sector_code", "pollutant_code", "emission_g"])
    keys = ["pollutant_code", "sector_code", "source_id"]
    sums = table.group_by(keys, use_threads=False).aggregate([("emission_g", "sum")])
    industry = industry_of_sources(hours)
    mass: dict[Kind, float] = defaultdict(float)
    for row in sums.to_pylist():
        kind = Kind(row["pollutant_code"], row["sector_code"], industry.get(row["source_id"], ""))
        mass[kind] += row["emission_g_sum"]
    return dict(mass)


def industry_of_sources(hours: ExportHours) -> dict[str, str]:
    """The industry of each line and area; road links have none."""
    day = hours.days[0]
    found: dict[str, str] = {}
    for table in (LINE, AREA):
        rows = day.region_table(table, [SOURCE_TABLES[table], "industry_code"])
        found |= dict(zip(rows[0].to_pylist(), rows[1].to_pylist(), strict=True))
    return found


def published_g(cells: CellMasses, pollutant: str) -> float:
    """The published mass of a pollutant in the hours of an export, in the grid and beyond."""
    return sum(cells.inside_g(pollutant).values()) + cells.outside_g(pollutant)


def cell_index(cell_id: str, rows: int, columns: int) -> int:
    """The number of a cell, row × columns + column; NOWHERE of "outside". Raises InputError for any other text."""
    if cell_id == OUTSIDE:
        return NOWHERE
    named = CELL.fullmatch(cell_id)
    if named is None or int(named[1]) >= rows or int(named[2]) >= columns:
        raise InputError(
            f"emission_gridded_hourly has the cell {shorten(cell_id)}: expected {rows} rows and {columns} columns",
            "publish the day again with the grid of its region",
        )
    return int(named[1]) * columns + int(named[2])


def sums_by_number(number: Integers, mass: Floats, count: int) -> Floats:
    """The sum of the masses of each number from 0 to count − 1."""
    sums: Floats = np.bincount(number, weights=mass, minlength=count).astype(np.float64, copy=False)
    return sums


def encode_values(column: pa.ChunkedArray) -> tuple[Integers, list[str]]:
    """Each value as its number in the sorted list of values."""
    encoded = pc.dictionary_encode(column).combine_chunks()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = (
            encoded.chunk(0) if encoded.num_chunks else pa.DictionaryArray.from_arrays(pa.array([], pa.int32()), [])
        )
    values = encoded.dictionary.to_pylist()
    order = sorted(range(len(values)), key=lambda number: str(values[number]))
    rank = np.empty(len(values), dtype=np.int64)
    rank[order] = np.arange(len(values))
    numbers: Integers = rank[encoded.indices.to_numpy()] if values else np.empty(0, dtype=np.int64)
    return numbers, [values[number] for number in order]
