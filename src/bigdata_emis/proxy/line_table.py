"""One line's rows as they ride in the engine, turned into the series that its models see.

Belongs here: order, calendar and missing values of a group of rows. Does not: the engine's calls, or any model.
"""

from functools import lru_cache

import numpy as np
import pandas as pd
import pyarrow as pa

from bigdata_emis.proxy.series import Floats, Integers, LineSeries, line_series


def read_series(rows: pa.Table, time_zone: str, *, covariates: tuple[str, ...] = ()) -> tuple[LineSeries, pa.Table]:
    """The series of the rows that have energy, in order of time, and those rows in the same order.

    `covariates` names columns of what else is measured in each hour (air temperature); a column that is absent is not known.
    """
    known = rows.filter(rows["energy_kwh"].is_valid()).sort_by("hour_utc")
    hour_number = hour_numbers(known["hour_utc"])
    energy = known["energy_kwh"].to_numpy().astype(np.float64)
    beside = {name: values(known, name) for name in covariates if name in known.column_names}
    return line_series(hour_number, hours_of_week(hour_number, time_zone), energy, covariates=beside), known


def hour_numbers(hours: pa.ChunkedArray) -> Integers:
    """Instants as whole hours since 1970."""
    return np.asarray(hours.cast(pa.timestamp("us", "UTC")).to_numpy().astype("datetime64[h]").astype(np.int64))


def hours_of_week(hour_number: Integers, time_zone: str) -> Integers:
    """Local hours of the week, 0 being Monday at midnight. Read only: lines of one region share their hours."""
    return _hours_of_week(hour_number.astype(np.int64).tobytes(), time_zone)


@lru_cache(maxsize=8)
def _hours_of_week(hour_bytes: bytes, time_zone: str) -> Integers:
    """Ten thousand lines of a day have the same hours, and the calendar costs more than a model."""
    local = local_hours(np.frombuffer(hour_bytes, dtype=np.int64), time_zone)
    found = np.asarray(local.dayofweek * 24 + local.hour, dtype=np.int64)
    found.flags.writeable = False
    return found


def local_years(hour_number: Integers, time_zone: str) -> Integers:
    """Local calendar years."""
    return np.asarray(local_hours(hour_number, time_zone).year, dtype=np.int64)


def local_hours(hour_number: Integers, time_zone: str) -> pd.DatetimeIndex:
    """Hours since 1970 as local times."""
    return pd.DatetimeIndex(hour_number.astype("datetime64[h]").astype("datetime64[ns]"), tz="UTC").tz_convert(time_zone)


def values(rows: pa.Table, name: str) -> Floats:
    """A column as numbers, NaN where it is missing."""
    return np.asarray(rows[name].cast(pa.float64()).to_numpy(), dtype=np.float64)
