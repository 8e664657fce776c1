"""Positions of ships and fires as counts of the areas in which they lie, for the feed area_activity.

Belongs here: which area a position is in, hours at berth, the file of counts. Does not: files of positions
(position_files), the emission of a count (inventory).
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from bigdata_emis.arrays import Floats, Integers
from bigdata_emis.codes import ActivityUnit
from bigdata_emis.collect.positions.position_files import Positions, read_fires, read_ships
from bigdata_emis.collect.register import read_registry_table
from bigdata_emis.errors import InputError
from bigdata_emis.region import Region
from bigdata_emis.storage.temporary_files import write_whole
from bigdata_emis.text_file import read_csv_rows
from bigdata_emis.window import Window, day_window

COLUMNS = ("activity_area_id", "hour_utc", "counted_activity")
READERS = {ActivityUnit.FIRE.value: read_fires, ActivityUnit.BERTH_H.value: read_ships}
"""The units that positions say something of."""
LONGEST_GAP = timedelta(hours=1)
"""Between two reports of a ship in one area, over which it is taken to stay there; own choice: a ship at berth reports
every few minutes."""
AREA_TYPES = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)
HOUR = timedelta(hours=1)
NOWHERE = -1
DECIMALS = 6


@dataclass(frozen=True)
class AreaCounts:
    """Counts of a local day, each with area, hour and number; and how many positions lay elsewhere.

    outside: positions of the day in none of the areas. other_days: positions of other days. repeated: rows that
    another row repeats.
    """

    rows: list[tuple[str, datetime, float]]
    outside: int
    other_days: int
    repeated: int


def count_day(region: Region, unit: str, paths: Sequence[Path], *, day: date) -> AreaCounts:
    """Fires, or hours of ships at berth, in each area of the region that is counted in this unit, zeros included.

    Fires have one row an area, at the start of the day. Ships have one an hour: the time between reports of a ship that
    lie in the same area and at most LONGEST_GAP apart. A position in several areas counts in the first by name.

    Raises InputError for a unit that positions do not count, a region without such areas, an area without extent, and
    files that cannot be used.
    """
    if unit not in READERS:
        raise InputError(f"--unit {unit} cannot be counted from positions", f"use one of {', '.join(sorted(READERS))}")
    names, shapes = _areas(region, unit)
    positions = READERS[unit](paths)
    window = day_window(day, region.time_zone)
    place = _place(positions, shapes)
    of_day = np.array([window.from_utc <= time < window.to_utc for time in positions.time_utc], dtype=bool)
    if unit == ActivityUnit.FIRE:
        numbers = np.bincount(place[of_day & (place != NOWHERE)], minlength=len(names))
        rows = [(name, window.from_utc, float(number)) for name, number in zip(names, numbers, strict=True)]
    else:
        hours = _berth_hours(positions, place, len(names), window)
        starts = [hour for hour, _ in window.local_hours(region.time_zone)]
        rows = [
            (name, start, round(float(hours[n, h]), DECIMALS))
            for n, name in enumerate(names)
            for h, start in enumerate(starts)
        ]
    outside = int((of_day & (place == NOWHERE)).sum())
    return AreaCounts(rows, outside, int((~of_day).sum()), positions.repeated)


def write_counts(path: Path, counts: AreaCounts) -> int:
    """Write counts as a file of the feed; rows of other areas that the file has stay. The rows of the file.

    Raises InputError when the file is there and is no file of counts.
    """
    areas = {row[0] for row in counts.rows}
    others = read_csv_rows(path, remark="# ", columns=COLUMNS) if path.exists() else None
    kept = [dict(zip(others.header, cells, strict=True)) for cells in others.rows] if others else []
    lines = [tuple(row[name] for name in COLUMNS) for row in kept if row[COLUMNS[0]] not in areas]
    lines += [(name, hour.isoformat(), _plain(number)) for name, hour, number in counts.rows]
    text = "".join(f"{','.join(_quoted(cell) for cell in line)}\n" for line in [COLUMNS, *sorted(lines)])
    write_whole(path, text.encode())
    return len(lines)


def _areas(region: Region, unit: str) -> tuple[list[str], list[Any]]:
    """Names and shapes of the areas that are counted in a unit, by name."""
    folder = region.folder / "registry"
    counted = read_registry_table(folder, "counted_area").to_pylist()
    wanted = {row["activity_area_id"] for row in counted if row["activity_unit_code"] == unit}
    area = read_registry_table(folder, "activity_area").to_pylist()
    shapes = {row["activity_area_id"]: row["geometry_wkt"] for row in area if row["activity_area_id"] in wanted}
    if not shapes:
        raise InputError(
            f"region {region.region_id} has no area that is counted in {unit}",
            "add it to activity_area.csv, and to counted_area.csv with this unit",
        )
    found = {name: shapely.from_wkt(text, on_invalid="ignore") for name, text in sorted(shapes.items())}
    for name, shape in found.items():
        if shape is None or shapely.get_type_id(shape) not in AREA_TYPES or not shapely.is_valid(shape):
            raise InputError(
                f"activity_area {name}: its geometry has no extent, so no position lies in it; expected a POLYGON",
                "give the outline of the quay or the county in activity_area.csv",
            )
    return list(found), list(found.values())


def _place(positions: Positions, shapes: Sequence[Any]) -> Integers:
    """The number of the first area in which each position lies, (positions,); NOWHERE where there is none."""
    place = np.full(len(positions.time_utc), NOWHERE, dtype=np.int64)
    for number in reversed(range(len(shapes))):
        shapely.prepare(shapes[number])
        place[shapely.intersects_xy(shapes[number], positions.longitude_deg, positions.latitude_deg)] = number
    return place


def _berth_hours(positions: Positions, place: Integers, area_count: int, window: Window) -> Floats:
    """Hours of ships by area and hour of the day, (areas, hours)."""
    hours = np.zeros((area_count, window.hours))
    order = sorted(range(len(place)), key=lambda n: (positions.mover[n], positions.time_utc[n]))
    for one, other in itertools.pairwise(order):
        is_same = positions.mover[one] == positions.mover[other] and place[one] == place[other] != NOWHERE
        start, end = positions.time_utc[one], positions.time_utc[other]
        if is_same and end - start <= LONGEST_GAP:
            _add_stay(hours[place[one]], max(start, window.from_utc), min(end, window.to_utc), window)
    return hours


def _add_stay(hours: Floats, start: datetime, end: datetime, window: Window) -> None:
    """Add the parts of a stay to the hours in which they lie."""
    while start < end:
        number = (start - window.from_utc) // HOUR
        until = min(end, window.from_utc + (number + 1) * HOUR)
        hours[number] += (until - start) / HOUR
        start = until


def _plain(number: float) -> str:
    """A number without an exponent and without zeros behind its last decimal."""
    return f"{number:.{DECIMALS}f}".rstrip("0").rstrip(".")


def _quoted(cell: str) -> str:
    return f'"{cell.replace(chr(34), chr(34) * 2)}"' if any(mark in cell for mark in ',"\n') else cell
