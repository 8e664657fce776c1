"""Files of positions: fires as NASA FIRMS writes them, and ships with a name, a time and a place.

Belongs here: which column is what, rows that repeat, bad rows. Does not: the areas (area_counts).

Source: NASA Earthdata, attribute fields of near real-time MODIS and VIIRS active fire data (Acq_Time is the overpass in
UTC, as HHMM; Latitude and Longitude are the centre of the fire pixel).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from bigdata_emis.arrays import Floats
from bigdata_emis.errors import InputError, shorten
from bigdata_emis.text_file import CsvRows, read_csv_rows
from bigdata_emis.text_values import read_value

FIRE_COLUMNS = ("latitude", "longitude", "acq_date", "acq_time")
SHIP_COLUMNS = ("ship_id", "time_utc", "longitude_deg", "latitude_deg")
SENSOR = "instrument"
LARGEST_FILE_BYTES = 1 << 29
HHMM = 4
LARGEST_LONGITUDE_DEG, LARGEST_LATITUDE_DEG = 180.0, 90.0


@dataclass(frozen=True)
class Positions:
    """Positions in any order, each (positions,); `mover` is empty for fires. repeated: rows that were left out."""

    mover: list[str]
    time_utc: list[datetime]
    longitude_deg: Floats
    latitude_deg: Floats
    repeated: int


@dataclass(frozen=True)
class _Row:
    """One row of a file by its column, and where it is."""

    cells: dict[str, str]
    place: str


def read_fires(paths: Sequence[Path]) -> Positions:
    """The fires of files of one satellite product; a fire that several files hold is one.

    Raises:
        InputError: a column is missing, a cell is no date, time or place, or the files are of several instruments.
    """
    rows = _read_rows(paths, FIRE_COLUMNS)
    sensors = sorted({row.cells[SENSOR] for row in rows if SENSOR in row.cells})
    if len(sensors) > 1:
        raise InputError(
            f"{paths[0]}: fires of {' and '.join(sensors)}; expected one instrument, that of the year in counted_area",
            "give the files of one product",
        )
    return _positions(rows, lambda _: "", _time_of_fire, ("longitude", "latitude"))


def read_ships(paths: Sequence[Path]) -> Positions:
    """The positions of ships, as a receiver of AIS gives them; a report that several files hold is one.

    Raises:
        InputError: a column is missing, or a cell is no time or place, or names no ship.
    """
    rows = _read_rows(paths, SHIP_COLUMNS)
    return _positions(rows, _ship, lambda row: _value(row, "time_utc", "instant"), ("longitude_deg", "latitude_deg"))


def _read_rows(paths: Sequence[Path], expected: Sequence[str]) -> list[_Row]:
    rows = []
    for path in paths:
        table = read_csv_rows(path, remark="# ", largest_bytes=LARGEST_FILE_BYTES)
        names = [name.lower() for name in table.header]
        missing = [name for name in expected if name not in names]
        if missing:
            raise InputError(f"{path}: column '{missing[0]}' is missing", f"expected {', '.join(expected)}")
        rows += _rows_of(table, names, path)
    return rows


def _rows_of(table: CsvRows, names: Sequence[str], path: Path) -> list[_Row]:
    return [
        _Row(dict(zip(names, cells, strict=True)), f"{path}, row {line}")
        for line, cells in zip(table.lines, table.rows, strict=True)
    ]


def _positions(
    rows: Sequence[_Row], mover: Callable[[_Row], str], time: Callable[[_Row], datetime], place: tuple[str, str]
) -> Positions:
    distinct: dict[tuple[str, datetime, float, float], None] = {}
    for row in rows:
        longitude = _degrees(row, place[0], LARGEST_LONGITUDE_DEG)
        latitude = _degrees(row, place[1], LARGEST_LATITUDE_DEG)
        distinct[mover(row), time(row), longitude, latitude] = None
    return Positions(
        [key[0] for key in distinct],
        [key[1] for key in distinct],
        np.array([key[2] for key in distinct], dtype=np.float64),
        np.array([key[3] for key in distinct], dtype=np.float64),
        len(rows) - len(distinct),
    )


def _ship(row: _Row) -> str:
    if not row.cells["ship_id"]:
        raise InputError(f"{row.place}, column ship_id: it is empty", "give the name or number of the ship")
    return row.cells["ship_id"]


def _time_of_fire(row: _Row) -> datetime:
    day = _value(row, "acq_date", "date")
    text = row.cells["acq_time"].replace(":", "").zfill(HHMM)
    try:
        return datetime(day.year, day.month, day.day, int(text[:2]), int(text[2:]), tzinfo=UTC)
    except ValueError:
        what = f"{row.place}, column acq_time: '{shorten(row.cells['acq_time'])}'"
        raise InputError(what, "give hour and minute in UTC, such as 0512") from None


def _degrees(row: _Row, name: str, largest: float) -> float:
    degrees = float(_value(row, name, "number"))
    if not -largest <= degrees <= largest:
        raise InputError(
            f"{row.place}, column {name}: '{shorten(row.cells[name])}'", f"give -{largest:g} to {largest:g}"
        )
    return degrees


def _value(row: _Row, name: str, kind: str) -> Any:
    try:
        return read_value(row.cells[name], kind)
    except ValueError as problem:
        raise InputError(f"{row.place}, column {name}: '{shorten(row.cells[name])}'", str(problem)) from None
