"""Hourly westbound volume of a motorway counter at Minneapolis, with weather and holidays, one row an hour.

Belongs here: the layout of the file and its traps. Does not: models, or which weeks are hidden.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
from pandas.tseries.holiday import USFederalHolidayCalendar

from bigdata_emis.arrays import Floats, Texts
from bigdata_emis.errors import InputError
from bigdata_emis.inventory.roads.volume_inputs import VolumeHours
from bigdata_emis.validate.data_files import require_file, unreadable_file

FOLDER, FILE = "uci_metro_interstate_traffic", "Metro_Interstate_Traffic_Volume.csv.gz"
COUNTER = "i94_westbound"
NUMBERS = ("temp", "rain_1h", "snow_1h", "clouds_all")
TEXTS = ("holiday", "weather_main", "weather_description")
TIME, VOLUME = "date_time", "traffic_volume"
NO_HOLIDAY = "None"
ZERO_DEGC_K = 273.15
COLDEST_K, WETTEST_MM = 200.0, 100.0
"""The file holds 0 K in ten hours and 9,831 mm of rain in one: unknown there."""
LARGEST_VOLUME = 20_000
"""Vehicles an hour that no carriageway carries."""
SEVERITY = {
    "Clear": 0,
    "Clouds": 0,
    "Haze": 1,
    "Smoke": 1,
    "Mist": 1,
    "Drizzle": 2,
    "Fog": 2,
    "Rain": 3,
    "Thunderstorm": 4,
    "Squall": 5,
    "Snow": 6,
}
"""Rank by how much a kind of weather slows traffic; only the order counts. A kind that is not listed is unknown."""


@dataclass(frozen=True)
class CounterHours:
    """Hours of the counter: `volume` is vehicles an hour, NaN where blank; `iso_week` like 2016-W05."""

    times: list[datetime]
    iso_week: Texts
    hours: VolumeHours
    volume: Floats
    unusable: dict[str, int]


def read_counter(data: Path) -> CounterHours:
    """The hours of the file in order of time; rows of the same hour (several kinds of weather) are joined.

    Raises InputError when the file is missing or unreadable, lacks a column, or holds a time or volume that is none.
    """
    rows = _read_rows(require_file(data, FOLDER, FILE))
    is_cold, is_wet = rows["temp"] < COLDEST_K, rows["rain_1h"] > WETTEST_MM
    rows["temp"] = rows["temp"].where(~is_cold) - ZERO_DEGC_K
    rows["rain_1h"] = rows["rain_1h"].where(~is_wet)
    rows["severity"] = rows["weather_main"].map(SEVERITY)
    rows["description"] = rows["weather_description"].astype("category").cat.codes
    columns = {"temp": "mean", "rain_1h": "max", "snow_1h": "max", "clouds_all": "mean", "severity": "max"}
    hourly = rows.groupby(TIME).agg({**columns, "description": "last", VOLUME: "mean"})
    times = pd.DatetimeIndex(hourly.index)
    calendar = times.isocalendar()
    weather = hourly[[*columns, "description"]].to_numpy(dtype=np.float64)
    return CounterHours(
        times=times.to_pydatetime().tolist(),
        iso_week=np.array([f"{y}-W{w:02d}" for y, w in zip(calendar["year"], calendar["week"], strict=True)]),
        hours=VolumeHours(times.to_numpy("datetime64[h]").astype(np.int64), weather, _holidays(rows, times)),
        volume=hourly[VOLUME].to_numpy(dtype=np.float64),
        unusable={
            "temperature below 200 K": int(is_cold.sum()),
            "rain above 100 mm": int(is_wet.sum()),
            "rows of an hour that has another": len(rows) - len(hourly),
        },
    )


def _read_rows(path: Path) -> pd.DataFrame:
    wanted = [*TEXTS, *NUMBERS, TIME, VOLUME]
    try:
        rows = pd.read_csv(path, keep_default_na=False, na_values={name: [""] for name in (*NUMBERS, VOLUME)})[wanted]
        rows[TIME] = pd.to_datetime(rows[TIME], format="%Y-%m-%d %H:%M:%S")
        rows[[*NUMBERS, VOLUME]] = rows[[*NUMBERS, VOLUME]].astype(float)
    except KeyError as problem:
        raise InputError(f"{path}: column {problem} is missing", f"it must have {', '.join(wanted)}") from None
    except (OSError, EOFError, ValueError) as problem:
        raise unreadable_file(path, problem, "give a complete CSV file of hourly rows") from None
    is_wrong = ~(rows[VOLUME].isna() | rows[VOLUME].between(0, LARGEST_VOLUME))
    if is_wrong.any() or rows.empty or (rows[TIME] != rows[TIME].dt.floor("h")).any():
        what = f"row {int(is_wrong.to_numpy().argmax()) + 2}" if is_wrong.any() else "the times"
        raise InputError(
            f"{path}: {what}: expected whole hours with a volume from 0 to {LARGEST_VOLUME:,}", "correct the file"
        )
    return rows.replace({name: [np.inf, -np.inf] for name in NUMBERS}, np.nan)


def _holidays(rows: pd.DataFrame, times: pd.DatetimeIndex) -> dict[int, int]:
    """A code for each holiday by local day number: federal ones, and others that the file names."""
    first, last = times[0].normalize() - pd.DateOffset(days=7), times[-1] + pd.DateOffset(days=7)
    federal = USFederalHolidayCalendar().holidays(first, last, return_name=True)
    named = rows[~rows["holiday"].isin([NO_HOLIDAY, ""])]
    by_day = dict(zip(named[TIME].dt.normalize(), named["holiday"].astype(str).str.split().str[0], strict=True))
    by_day |= {day: str(name).split()[0] for day, name in federal.items()}
    code = {name: number for number, name in enumerate(sorted(set(by_day.values())), 1)}
    return {(pd.Timestamp(day) - pd.Timestamp(0)).days: code[name] for day, name in by_day.items()}
