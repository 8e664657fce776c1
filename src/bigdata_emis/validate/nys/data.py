"""Hourly load and fuel heat input of New York thermal units, read as the tables that the flow works on.

Belongs here: the layout of the files and their traps. Does not: models, or the region nys that ships with the project.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyarrow import csv

from bigdata_emis.errors import InputError

FOLDER = "cems_nys_hourly_heat"
TIME_ZONE = "Etc/GMT+5"
"""Local standard time, five hours behind UTC all year; POSIX names count the other way."""
KWH_PER_MWH = 1000.0
GJ_PER_MMBTU = 1.055056
"""Million British thermal units (international table) in gigajoules; NIST SP 811, appendix B.8."""
PLANTS, PLANT_COLUMNS = "ptid_to_epa_unit_2019.csv", ("NYISO Name", "Facility ID")
COLUMNS = ("ts_local", "unit_name", "gross_load_mw", "heat_input_mmbtu")


@dataclass(frozen=True)
class UnitHours:
    """Hours of all units (production_line_id, hour_utc, energy_kwh, activity), and how many rows could not be used and why.

    An hour whose heat is not known has no activity: it is neither taught nor scored, but its load stands beside its neighbours
    and siblings.
    """

    hours: pa.Table
    unusable: dict[str, int]


def read_years(data: Path, years: tuple[int, ...]) -> UnitHours:
    """The hours of the years. A unit is told by its name: one market number may stand for two units.

    Raises InputError when a year's file is missing or unreadable, lacks a column, or holds other types or another year.
    """
    parts = [_read_year(_path(data, year), year) for year in years]
    unusable = {reason: sum(part.unusable[reason] for part in parts) for reason in parts[0].unusable}
    return UnitHours(pa.concat_tables([part.hours for part in parts]), unusable)


def read_plants(data: Path) -> dict[str, str]:
    """The plant of each unit, by name; of a unit that is not listed, or without the list, it is not known what stands beside it.

    Raises InputError when the list lacks a column.
    """
    path = _found(data, PLANTS)
    if path is None:
        return {}
    try:
        as_text = csv.ConvertOptions(
            include_columns=list(PLANT_COLUMNS), column_types=dict.fromkeys(PLANT_COLUMNS, pa.string())
        )
        listed = csv.read_csv(path, convert_options=as_text)
    except (OSError, pa.ArrowException, KeyError) as problem:
        raise InputError(
            f"{path}: {str(problem).splitlines()[0][:120]}", f"it must have {', '.join(PLANT_COLUMNS)}"
        ) from None
    named = zip(*(listed[name].to_pylist() for name in PLANT_COLUMNS), strict=True)
    return {unit: plant for unit, plant in named if unit and plant and plant.strip()}


def _found(data: Path, name: str) -> Path | None:
    """A file in the folder that is given, or in the one of this data set within it."""
    return next((folder / name for folder in (data / FOLDER, data) if (folder / name).is_file()), None)


def _path(data: Path, year: int) -> Path:
    name = f"thermal_hourly_{year}.parquet"
    path = _found(data, name)
    if path is not None:
        return path
    raise InputError(f"{data / FOLDER / name} is missing", "give --data the folder that holds it, or other years")


def _read_year(path: Path, year: int) -> UnitHours:
    try:
        held = pq.read_schema(path).names
        missing = [name for name in COLUMNS if name not in held]
        raw = None if missing else pq.read_table(path, columns=list(COLUMNS), partitioning=None)
    except (OSError, pa.ArrowException) as problem:
        raise InputError(f"{path}: {str(problem).splitlines()[0][:120]}", "give a whole Parquet file") from None
    if raw is None:
        raise InputError(f"{path}: column '{missing[0]}' is missing", f"it must have {', '.join(COLUMNS)}")
    try:
        typed = _typed(raw)
    except (pa.ArrowException, ValueError) as problem:
        raise InputError(f"{path}: {str(problem).splitlines()[0][:120]}", "give times, texts and numbers") from None
    return _usable(typed, path, year)


def _typed(raw: pa.Table) -> pa.Table:
    """Our names and units: energy over the hour is load times one hour, since load is the rate while running."""
    local = _standard_time(raw["ts_local"])
    return pa.table(
        {
            "production_line_id": raw["unit_name"].cast(pa.string()),
            "hour_utc": pc.assume_timezone(local, TIME_ZONE).cast(pa.timestamp("us", "UTC")),
            "local_year": pc.year(local),
            "energy_kwh": pc.multiply(raw["gross_load_mw"].cast(pa.float64()), KWH_PER_MWH),
            "activity": pc.multiply(raw["heat_input_mmbtu"].cast(pa.float64()), GJ_PER_MMBTU),
        }
    )


def _standard_time(stamp: pa.ChunkedArray) -> pa.ChunkedArray:
    """The stamps in standard time of the place: those without a time zone are that already, those with one are instants."""
    if getattr(stamp.type, "tz", None) is None:
        return stamp.cast(pa.timestamp("us"))
    return pc.local_timestamp(stamp.cast(pa.timestamp("us", TIME_ZONE)))


def _usable(typed: pa.Table, path: Path, year: int) -> UnitHours:
    """Of an hour that is told twice the first row counts, one that knows its heat before one that does not. A stamp within an hour is none."""
    stamped = typed.filter(pc.and_(pc.is_valid(typed["hour_utc"]), pc.is_valid(typed["production_line_id"])))
    timed = stamped.filter(pc.equal(stamped["hour_utc"], pc.floor_temporal(stamped["hour_utc"], unit="hour")))
    loaded = timed.filter(_is_quantity(timed["energy_kwh"]))
    has_heat = _is_quantity(loaded["activity"])
    _check(loaded, has_heat, path, year)
    blind = loaded.filter(pc.invert(has_heat))
    unknown = pa.nulls(blind.num_rows, pa.float64())
    told = pa.concat_tables(
        [loaded.filter(has_heat), blind.set_column(blind.column_names.index("activity"), "activity", unknown)]
    )
    first = pc.ScalarAggregateOptions(skip_nulls=False)
    grouped = told.group_by(["production_line_id", "hour_utc"], use_threads=False).aggregate(
        [("energy_kwh", "first", first), ("activity", "first", first)]
    )
    hours = grouped.rename_columns(["production_line_id", "hour_utc", "energy_kwh", "activity"])
    return UnitHours(
        hours,
        {
            "no_time_or_name": typed.num_rows - stamped.num_rows,
            "not_on_the_hour": stamped.num_rows - timed.num_rows,
            "no_number": timed.num_rows - loaded.num_rows,
            "no_heat_input": hours["activity"].null_count,
            "repeated": loaded.num_rows - hours.num_rows,
        },
    )


def _check(loaded: pa.Table, has_heat: Any, path: Path, year: int) -> None:
    """Raises InputError when the rows of a file can teach nothing of its year."""
    others = sorted(set(pc.unique(loaded["local_year"]).to_pylist()) - {year})
    if others:
        raise InputError(
            f"{path}: holds hours of other years ({', '.join(map(str, others))}, in standard time)",
            f"give the file of {year}",
        )
    if not loaded.num_rows:
        raise InputError(
            f"{path}: holds no row with a load, its whole hour and its unit", "give the file of that year whole"
        )
    if not pc.any(has_heat).as_py():
        raise InputError(f"{path}: holds no row with heat input", "give the file of that year whole")


def _is_quantity(column: Any) -> Any:
    return pc.fill_null(pc.and_(pc.is_finite(column), pc.greater_equal(column, 0.0)), False)
