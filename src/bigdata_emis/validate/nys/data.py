"""Hourly load and fuel heat input of New York thermal units, read as tables of the flow.

Belongs here: the layout of the files and their traps. Does not: models, or the region nys of the package.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyarrow import csv

from bigdata_emis.errors import InputError
from bigdata_emis.validate.data_files import GIVE_FOLDER_OR_YEARS, find_file, require_file, unreadable_file

FOLDER = "cems_nys_hourly_heat"
TIME_ZONE = "Etc/GMT+5"
"""Local standard time, five hours behind UTC all year; the sign of POSIX names is reversed."""
KWH_PER_MWH = 1000.0
GJ_PER_MMBTU = 1.055056
"""Million British thermal units (international table) in gigajoules; NIST SP 811, appendix B.8."""
PLANTS, PLANT_COLUMNS = "ptid_to_epa_unit_2019.csv", ("NYISO Name", "Facility ID")
COLUMNS = ("ts_local", "unit_name", "gross_load_mw", "heat_input_mmbtu")


@dataclass(frozen=True)
class UnitHours:
    """Hours of all units, and counts of unusable rows by reason.

    Columns of `hours`: production_line_id, hour_utc, energy_kwh, activity.

    An hour without heat input has no activity: it is neither fitted nor scored, but its load is an input of
    neighbouring hours and of sibling units.
    """

    hours: pa.Table
    unusable: dict[str, int]


def read_years(data: Path, years: tuple[int, ...]) -> UnitHours:
    """The hours of some years.

    A unit is identified by its name, since two units may share a market number.

    Raises InputError when a year's file is missing or unreadable, lacks a column, or holds other types or another year.
    """
    parts = [_read_year(data, year) for year in years]
    unusable = {reason: sum(part.unusable[reason] for part in parts) for reason in parts[0].unusable}
    return UnitHours(pa.concat_tables([part.hours for part in parts]), unusable)


def read_plants(data: Path) -> dict[str, str]:
    """The plant of each unit, by unit name.

    Empty without the list; units that are not listed have no entry.

    Raises InputError when the list lacks a column.
    """
    path = find_file(data, FOLDER, PLANTS)
    if path is None:
        return {}
    try:
        as_text = csv.ConvertOptions(
            include_columns=list(PLANT_COLUMNS), column_types=dict.fromkeys(PLANT_COLUMNS, pa.string())
        )
        listed = csv.read_csv(path, convert_options=as_text)
    except (OSError, pa.ArrowException, KeyError) as problem:
        raise unreadable_file(path, problem, f"it must have {', '.join(PLANT_COLUMNS)}") from None
    named = zip(*(listed[name].to_pylist() for name in PLANT_COLUMNS), strict=True)
    return {unit: plant for unit, plant in named if unit and plant and plant.strip()}


def _read_year(data: Path, year: int) -> UnitHours:
    path = require_file(data, FOLDER, f"thermal_hourly_{year}.parquet", remedy=GIVE_FOLDER_OR_YEARS)
    try:
        names = pq.read_schema(path).names
        missing = [name for name in COLUMNS if name not in names]
        raw = None if missing else pq.read_table(path, columns=list(COLUMNS), partitioning=None)
    except (OSError, pa.ArrowException) as problem:
        raise unreadable_file(path, problem, "give a complete Parquet file") from None
    if raw is None:
        raise InputError(f"{path}: column '{missing[0]}' is missing", f"it must have {', '.join(COLUMNS)}")
    try:
        typed = _convert_units(raw)
    except (pa.ArrowException, ValueError) as problem:
        raise unreadable_file(path, problem, "give times, texts and numbers") from None
    return _select_usable(typed, path, year)


def _convert_units(raw: pa.Table) -> pa.Table:
    """Columns of the flow in its units.

    Heat is the total of the hour: its sum is that of the year (median ratio 1.0000, 79 units, 2019). Load is the rate
    while running, so MW × 1 h is too much in an hour of fewer minutes (sum over that of the year: median 1.004, at most
    1.24).
    """
    local = _to_standard_time(raw["ts_local"])
    return pa.table(
        {
            "production_line_id": raw["unit_name"].cast(pa.string()),
            "hour_utc": pc.assume_timezone(local, TIME_ZONE).cast(pa.timestamp("us", "UTC")),
            "local_year": pc.year(local),
            "energy_kwh": pc.multiply(raw["gross_load_mw"].cast(pa.float64()), KWH_PER_MWH),
            "activity": pc.multiply(raw["heat_input_mmbtu"].cast(pa.float64()), GJ_PER_MMBTU),
        }
    )


def _to_standard_time(stamp: pa.ChunkedArray) -> pa.ChunkedArray:
    """Time stamps in local standard time: those without a time zone are that already, those with one are instants."""
    if getattr(stamp.type, "tz", None) is None:
        return stamp.cast(pa.timestamp("us"))
    return pc.local_timestamp(stamp.cast(pa.timestamp("us", TIME_ZONE)))


def _select_usable(typed: pa.Table, path: Path, year: int) -> UnitHours:
    """Rows with a unit, a whole hour and a load, each hour once.

    Of repeated hours the first row with heat input counts, else the first. A time stamp within an hour is unusable.
    """
    stamped = typed.filter(pc.and_(pc.is_valid(typed["hour_utc"]), pc.is_valid(typed["production_line_id"])))
    timed = stamped.filter(pc.equal(stamped["hour_utc"], pc.floor_temporal(stamped["hour_utc"], unit="hour")))
    loaded = timed.filter(_is_quantity(timed["energy_kwh"]))
    has_heat = _is_quantity(loaded["activity"])
    _check(loaded, has_heat, path, year)
    without_heat = loaded.filter(pc.invert(has_heat))
    unknown = pa.nulls(without_heat.num_rows, pa.float64())
    activity_at = without_heat.column_names.index("activity")
    ordered = pa.concat_tables([loaded.filter(has_heat), without_heat.set_column(activity_at, "activity", unknown)])
    first = pc.ScalarAggregateOptions(skip_nulls=False)
    grouped = ordered.group_by(["production_line_id", "hour_utc"], use_threads=False).aggregate(
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
    """Raises InputError when the rows of a file are of another year, or none can be fitted."""
    others = sorted(set(pc.unique(loaded["local_year"]).to_pylist()) - {year})
    if others:
        raise InputError(
            f"{path}: holds hours of other years ({', '.join(map(str, others))}, in standard time)",
            f"give the file of {year}",
        )
    if not loaded.num_rows:
        raise InputError(
            f"{path}: holds no row with a load, a whole hour and a unit", "give the complete file of that year"
        )
    if not pc.any(has_heat).as_py():
        raise InputError(f"{path}: holds no row with heat input", "give the complete file of that year")


def _is_quantity(column: Any) -> Any:
    return pc.fill_null(pc.and_(pc.is_finite(column), pc.greater_equal(column, 0.0)), False)
