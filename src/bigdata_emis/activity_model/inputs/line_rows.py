"""Rows of one line, as the engine passes them, turned into the series that its models see.

Belongs here: order, calendar and missing values of a group of rows, and the rows of sibling lines among them.
Does not: calls of the engine, or any model.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from bigdata_emis.activity_model.inputs.line_series import LineSeries, build_line_series
from bigdata_emis.arrays import Floats, Integers

LINE = "production_line_id"
SIBLING = "sibling_line_id"
"""Column that names the sibling line in a row that was added to the rows of a line (union_sibling_hours)."""
SIBLING_ENERGY = "sibling_energy_kwh:"
MAX_SIBLINGS = 4
"""Lines of larger enterprises use no siblings: on New York units of 2018, many siblings added mostly noise."""

Siblings = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class HourlyEnergy:
    """Energy of another line by hour since 1970, in order of time."""

    hour_number: Integers
    energy_kwh: Floats

    def at(self, hour_number: Integers) -> Floats:
        """Energy in the given hours, NaN where it is unknown."""
        if not len(self.hour_number):
            return np.full(len(hour_number), np.nan)
        position = np.minimum(np.searchsorted(self.hour_number, hour_number), len(self.hour_number) - 1)
        return np.where(self.hour_number[position] == hour_number, self.energy_kwh[position], np.nan)


def read_series(rows: pa.Table, time_zone: str, *, covariates: tuple[str, ...] = ()) -> tuple[LineSeries, pa.Table]:
    """Series of the line's own rows that have energy, and those rows, both in order of time.

    `covariates` names columns with further measurements (air temperature); an absent column counts as unknown. Rows of
    siblings become covariates too.
    """
    own = drop_sibling_rows(rows)
    with_energy = own.filter(own["energy_kwh"].is_valid()).sort_by("hour_utc")
    hour_number = hour_numbers(with_energy["hour_utc"])
    energy = with_energy["energy_kwh"].to_numpy().astype(np.float64)
    values = {name: column_values(with_energy, name) for name in covariates if name in with_energy.column_names}
    values |= {sibling_covariate_name(line): load.at(hour_number) for line, load in read_sibling_energy(rows).items()}
    series = build_line_series(hour_number, hours_of_week(hour_number, time_zone), energy, covariates=values)
    return series, with_energy


def drop_sibling_rows(rows: pa.Table) -> pa.Table:
    """The rows of the line itself."""
    return rows.filter(pc.is_null(rows[SIBLING])) if SIBLING in rows.column_names else rows


def read_sibling_energy(rows: pa.Table, name: str = SIBLING) -> dict[str, HourlyEnergy]:
    """Known energy by hour of each line that the column `name` names."""
    if name not in rows.column_names:
        return {}
    sibling_rows = rows.filter(pc.and_(rows[name].is_valid(), rows["energy_kwh"].is_valid())).sort_by(
        [(name, "ascending"), ("hour_utc", "ascending")]
    )
    lines = sibling_rows[name].cast(pa.string()).to_pylist()
    hour_number, energy = hour_numbers(sibling_rows["hour_utc"]), column_values(sibling_rows, "energy_kwh")
    edges = [at for at in range(len(lines)) if at == 0 or lines[at] != lines[at - 1]] + [len(lines)]
    return {lines[start]: HourlyEnergy(hour_number[start:end], energy[start:end]) for start, end in pairwise(edges)}


def sibling_covariate_name(line_id: str) -> str:
    """Name of another line's energy among the covariates of a series, and in stored models."""
    return f"{SIBLING_ENERGY}{line_id}"


def parse_sibling_covariate(covariate: str) -> str | None:
    """Line whose energy a covariate is; None if the covariate is something else."""
    return covariate.removeprefix(SIBLING_ENERGY) if covariate.startswith(SIBLING_ENERGY) else None


def hour_numbers(hours: pa.ChunkedArray) -> Integers:
    """Instants as whole hours since 1970."""
    return np.asarray(hours.cast(pa.timestamp("us", "UTC")).to_numpy().astype("datetime64[h]").astype(np.int64))


def hours_of_week(hour_number: Integers, time_zone: str) -> Integers:
    """Local hours of the week, 0 for Monday at midnight.

    Read only, since lines of one region share the result.
    """
    return _hours_of_week(hour_number.astype(np.int64).tobytes(), time_zone)


@lru_cache(maxsize=8)
def _hours_of_week(hour_bytes: bytes, time_zone: str) -> Integers:
    """Cached, since ten thousand lines of a day share their hours, and the calendar costs more than a model."""
    local = local_hours(np.frombuffer(hour_bytes, dtype=np.int64), time_zone)
    hour_of_week = np.asarray(local.dayofweek * 24 + local.hour, dtype=np.int64)
    hour_of_week.flags.writeable = False
    return hour_of_week


def local_years(hour_number: Integers, time_zone: str) -> Integers:
    """Local calendar years of hours since 1970."""
    return np.asarray(local_hours(hour_number, time_zone).year, dtype=np.int64)


def local_hours(hour_number: Integers, time_zone: str) -> pd.DatetimeIndex:
    """Hours since 1970 as local times."""
    return pd.DatetimeIndex(hour_number.astype("datetime64[h]").astype("datetime64[ns]"), tz="UTC").tz_convert(
        time_zone
    )


def column_values(rows: pa.Table, name: str) -> Floats:
    """A column as numbers, NaN where it is missing."""
    return np.asarray(rows[name].cast(pa.float64()).to_numpy(), dtype=np.float64)


def siblings_by_line(production_line: pa.Table) -> dict[str, tuple[str, ...]]:
    """Other lines of each line's enterprise, sorted; lines with none or too many are left out."""
    lines_by_enterprise: dict[str, list[str]] = {}
    for line, enterprise in zip(
        production_line[LINE].to_pylist(), production_line["enterprise_id"].to_pylist(), strict=True
    ):
        if enterprise is not None:
            lines_by_enterprise.setdefault(enterprise, []).append(line)
    groups = [sorted(lines) for lines in lines_by_enterprise.values() if 1 < len(lines) <= MAX_SIBLINGS + 1]
    return {line: tuple(sibling for sibling in lines if sibling != line) for lines in groups for line in lines}


def union_sibling_hours(hours: DataFrame, line_energy_hourly: DataFrame, siblings: Siblings) -> DataFrame:
    """Hours of lines, with the hours of each line's siblings added under the line's name.

    A sibling's row carries the line's id, the sibling's id in sibling_line_id, and the sibling's energy; a sibling of
    two lines is added twice. The energy is the working energy, as for the line itself.
    """
    pairs = [(line, sibling) for line, others in sorted(siblings.items()) for sibling in others]
    if not pairs:
        return hours
    table = pa.table({LINE: [line for line, _ in pairs], SIBLING: [sibling for _, sibling in pairs]})
    line_siblings = hours.sparkSession.createDataFrame(table)
    names = sorted({sibling for _, sibling in pairs})
    # The range of names lets the reader skip parts of sorted files.
    energy = line_energy_hourly.where(F.col(LINE).between(names[0], names[-1]) & F.col(LINE).isin(names))
    sibling_hours = energy.select(
        F.col(LINE).alias(SIBLING), "hour_utc", F.coalesce("working_energy_kwh", "energy_kwh").alias("energy_kwh")
    )
    # Many hours of a sibling to the few lines of its enterprise (n : m).
    return hours.withColumn(SIBLING, F.lit(None).cast("string")).unionByName(
        sibling_hours.join(F.broadcast(line_siblings), SIBLING), allowMissingColumns=True
    )
