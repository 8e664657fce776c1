"""Observed city means of particles in the folders of shared data, as hourly air of the plans.

Belongs here: the layout of the files, and the mean over stations. Does not: rules, alerts (alert_backtest).
"""

import csv
import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from bigdata_emis.arrays import Flags, Floats
from bigdata_emis.control.alert.dust import find_dust, read_dust_rule
from bigdata_emis.control.alert.plan_air import PlanAir, plan_particles, standards_of
from bigdata_emis.errors import InputError, shorten
from bigdata_emis.validate.beijing.data import FILE as STATION_FILE
from bigdata_emis.validate.beijing.data import FOLDER as STATION_FOLDER
from bigdata_emis.validate.beijing.data import POLLUTANTS, WEATHER_NAMES, mean_over_stations, read_stations
from bigdata_emis.window import HOUR

TIME_ZONE = "Asia/Shanghai"
OFFSET = timedelta(hours=8)
CITY_FOLDER, CITY_SUFFIX = "uci_five_cities_pm25", "PM_"
MOST_BYTES = 200_000_000
LARGEST_UG_PER_M3 = 5000.0


@dataclass(frozen=True)
class ObservedAir:
    """The particles of a city without dust, hour by hour, and which hours are dust."""

    name: str
    city_name: str
    hours: tuple[datetime, ...]
    air: PlanAir
    is_dust: Flags


def read_observed(data: Path) -> list[ObservedAir]:
    """Every series that the folder holds: the twelve stations of Beijing, and each city of the second data set.

    Raises InputError when it holds neither, or a file cannot be read.
    """
    series = []
    if any((data / place).is_file() for place in (f"{STATION_FOLDER}/{STATION_FILE}", STATION_FILE)):
        series.append(_read_beijing(data))
    folder = data / CITY_FOLDER if (data / CITY_FOLDER).is_dir() else data
    series += [_read_city(path) for path in sorted(folder.glob(f"*{CITY_SUFFIX}*.csv.gz"))]
    if not series:
        what = f"{data} holds neither {STATION_FOLDER}/{STATION_FILE} nor {CITY_FOLDER}/*{CITY_SUFFIX}*.csv.gz"
        raise InputError(what, "give --data the folder that holds one of them")
    return series


def _read_beijing(data: Path) -> ObservedAir:
    stations = read_stations(data)
    means = mean_over_stations(stations.measured)
    wind = mean_over_stations(stations.weather)[:, WEATHER_NAMES.index("wind_speed")]
    hours = tuple(local - OFFSET for local in stations.local)
    particles = {name: means[POLLUTANTS.index(name)] for name in ("PM2.5", "PM10")}
    return _make_air("mean of 12 stations", "Beijing", hours, particles, wind)


def _read_city(path: Path) -> ObservedAir:
    """Hourly means over the PM2.5 columns of a city's file; of repeated hours the last row counts."""
    city = path.name.partition(CITY_SUFFIX)[0]
    try:
        values = dict(_read_rows(path))
    except (OSError, EOFError, zlib.error, UnicodeDecodeError, KeyError, ValueError, csv.Error) as problem:
        what = f"{path}: {shorten(problem)}"
        raise InputError(what, "give a complete CSV with year, month, day, hour and columns PM_…") from None
    if not values:
        raise InputError(f"{path}: holds no hours", "give a file with rows")
    first, count = min(values), int((max(values) - min(values)) / HOUR) + 1
    hours = tuple(first + k * HOUR for k in range(count))
    pm25: Floats = np.array([values.get(hour, np.nan) for hour in hours])
    return _make_air(f"PM2.5 in {path.name}", city, hours, {"PM2.5": pm25}, np.full(count, np.nan))


def _read_rows(path: Path) -> Iterator[tuple[datetime, float]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = csv.DictReader(_at_most(lines, path))
        columns = [name for name in rows.fieldnames or () if name.startswith(CITY_SUFFIX)]
        for row in rows:
            year, month, day, hour = (int(row[name]) for name in ("year", "month", "day", "hour"))
            local = datetime(year, month, day, hour, tzinfo=UTC)
            known = [value for name in columns if np.isfinite(value := _number(row[name]))]
            yield local - OFFSET, float(np.mean(known)) if known else np.nan


def _at_most(lines: Iterator[str], path: Path) -> Iterator[str]:
    size = 0
    for line in lines:
        size += len(line)
        if size > MOST_BYTES:
            raise InputError(f"{path}: more than {MOST_BYTES} bytes unpacked", "give the file of one city")
        yield line


def _number(text: str | None) -> float:
    """A concentration; NaN for a mark, a negative or an impossible value."""
    try:
        value = float(text or "nan")
    except ValueError:
        return float("nan")
    return value if 0 <= value <= LARGEST_UG_PER_M3 else float("nan")


def _make_air(
    name: str, city: str, hours: tuple[datetime, ...], particles: dict[str, Floats], wind_m_per_s: Floats
) -> ObservedAir:
    unknown = np.full(len(hours), np.nan)
    pm10 = particles.get("PM10", unknown)
    is_dust, is_mixed = find_dust(particles["PM2.5"], pm10, wind_m_per_s, rule=read_dust_rule())
    counted = plan_particles(particles, is_dust=is_dust, is_mixed=is_mixed)
    standards = standards_of(hours, time_zone=TIME_ZONE, region_folder=None)
    return ObservedAir(name, city, hours, PlanAir(counted, standards), is_dust | is_mixed)
