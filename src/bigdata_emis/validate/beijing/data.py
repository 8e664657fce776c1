"""Hourly air quality and weather of twelve Beijing stations, as arrays.

Belongs here: the layout of the file and its traps. Does not: models, or the region jjj of the package.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bigdata_emis.arrays import Floats, Integers
from bigdata_emis.errors import InputError
from bigdata_emis.relate.association.deweather import clock_columns, wind_components
from bigdata_emis.validate.data_files import require_file, unreadable_file

FOLDER, FILE = "uci_beijing_multisite_aq", "prsa_12_stations.parquet"
POLLUTANTS = ("PM2.5", "PM10", "SO2", "NO2", "CO", "O3")
WEATHER = ("TEMP", "DEWP", "PRES", "RAIN", "WSPM")
WEATHER_NAMES = (
    "air_temperature",
    "dew_point",
    "pressure",
    "precipitation",
    "wind_speed",
    "wind_from_east",
    "wind_from_north",
)
TIME, STATION, WIND = "ts_beijing", "station", "wd"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Stations:
    """Every hour from the first to the last; hours and values that the file lacks are NaN.

    `local`: clock times. `clock` (hours, columns). `measured` (stations, pollutants, hours). `weather` (stations,
    hours, variables).
    """

    names: tuple[str, ...]
    local: list[datetime]
    clock: Floats
    measured: Floats
    weather: Floats

    @property
    def years(self) -> Integers:
        """The year of each hour."""
        return np.array([at.year for at in self.local], np.int64)


def read_stations(data: Path) -> Stations:
    """All hours of the stations.

    Raises InputError when the file is missing or unreadable, lacks a column, or holds other types or no rows.
    """
    path = require_file(data, FOLDER, FILE)
    try:
        table = pq.read_table(path, partitioning=None)
        return _arrange(_check_table(table, path))
    except (OSError, pa.ArrowException, ValueError) as problem:
        remedy = "give a complete Parquet file with times, texts and numbers"
        raise unreadable_file(path, problem, remedy) from None


def mean_over_stations(by_station: Floats) -> Floats:
    """Mean of the known values over stations (first axis); NaN where no station has one."""
    count = np.isfinite(by_station).sum(axis=0)
    mean: Floats = np.where(count > 0, np.nansum(by_station, axis=0) / np.maximum(count, 1), np.nan)
    return mean


def _check_table(table: pa.Table, path: Path) -> pa.Table:
    required = (STATION, TIME, *POLLUTANTS, *WEATHER, WIND)
    missing = [name for name in required if name not in table.column_names]
    if missing:
        raise InputError(f"{path}: column '{missing[0]}' is missing", f"it must have {', '.join(required)}")
    usable = table.filter(pc.and_(pc.is_valid(table[TIME]), pc.is_valid(table[STATION])))
    if usable.num_rows == 0:
        raise InputError(f"{path}: holds no rows with a time and a station", "give a file with hours of stations")
    return usable


def _arrange(table: pa.Table) -> Stations:
    """The rows as arrays; of repeated hours the last row counts."""
    number = pc.divide(table[TIME].cast(pa.timestamp("us")).cast(pa.int64()), 3_600_000_000).to_numpy()
    first, hours = int(number.min()), int(number.max() - number.min()) + 1
    texts = table[STATION].cast(pa.string()).combine_chunks().dictionary_encode()
    names = sorted(texts.dictionary.to_pylist())
    station = np.array([names.index(name) for name in texts.dictionary.to_pylist()])[
        texts.indices.to_numpy(zero_copy_only=False)
    ]
    at = (station, number - first)
    measured = np.full((len(names), len(POLLUTANTS), hours), np.nan)
    weather = np.full((len(names), hours, len(WEATHER_NAMES)), np.nan)
    for column, name in enumerate(POLLUTANTS):
        measured[at[0], column, at[1]] = _numbers(table[name])
    for column, name in enumerate(WEATHER):
        weather[at[0], at[1], column] = _numbers(table[name])
    weather[at[0], at[1], len(WEATHER) :] = wind_components(
        table[WIND].cast(pa.string()).to_pylist(), _numbers(table["WSPM"])
    )
    # The offset of Beijing is the same all year, so its clock is treated as one without zones.
    local = [EPOCH + timedelta(hours=first + hour) for hour in range(hours)]
    return Stations(tuple(names), local, clock_columns(local), np.where(measured >= 0, measured, np.nan), weather)


def _numbers(column: pa.ChunkedArray) -> Floats:
    values: Floats = column.cast(pa.float64()).to_numpy(zero_copy_only=False)
    return values
