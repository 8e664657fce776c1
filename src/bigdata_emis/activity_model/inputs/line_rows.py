"""One line's rows as they ride in the engine, turned into the series that its models see.

Belongs here: order, calendar and missing values of a group of rows, and what rides with them. Does not: the engine's calls, or any model.
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
from pyspark.sql import functions as F  # noqa: N812

from bigdata_emis.activity_model.inputs.line_series import LineSeries, line_series
from bigdata_emis.arrays import Floats, Integers

SIBLING = "sibling_line_id"
"""The column that names a sibling in a row that rides with those of a line (siblings.py)."""
SIBLING_ENERGY = "sibling_energy_kwh:"


def read_series(rows: pa.Table, time_zone: str, *, covariates: tuple[str, ...] = ()) -> tuple[LineSeries, pa.Table]:
    """The series of the line's own rows that have energy, in order of time, and those rows in the same order.

    `covariates` names columns of what else is measured in each hour (air temperature); a column that is absent is not known.
    Rows of siblings, if any ride with those of the line, become covariates too.
    """
    own = own_rows(rows)
    known = own.filter(own["energy_kwh"].is_valid()).sort_by("hour_utc")
    hour_number = hour_numbers(known["hour_utc"])
    energy = known["energy_kwh"].to_numpy().astype(np.float64)
    beside = {name: values(known, name) for name in covariates if name in known.column_names}
    beside |= {sibling_covariate(line): load.at(hour_number) for line, load in sibling_loads(rows).items()}
    return line_series(hour_number, hours_of_week(hour_number, time_zone), energy, covariates=beside), known


def own_rows(rows: pa.Table) -> pa.Table:
    """The rows of the line itself, without those of its siblings that ride with them."""
    return rows.filter(pc.is_null(rows[SIBLING])) if SIBLING in rows.column_names else rows


@dataclass(frozen=True)
class Load:
    """Energy by hour of another line, in order of time."""

    hour_number: Integers
    energy_kwh: Floats

    def at(self, asked: Integers) -> Floats:
        """The energy in the asked hours, NaN where it is not known."""
        if not len(self.hour_number):
            return np.full(len(asked), np.nan)
        place = np.minimum(np.searchsorted(self.hour_number, asked), len(self.hour_number) - 1)
        return np.where(self.hour_number[place] == asked, self.energy_kwh[place], np.nan)


def sibling_loads(rows: pa.Table, name: str = SIBLING) -> dict[str, Load]:
    """The energy of each line that `name` names, where it is known."""
    if name not in rows.column_names:
        return {}
    told = rows.filter(pc.and_(rows[name].is_valid(), rows["energy_kwh"].is_valid())).sort_by(
        [(name, "ascending"), ("hour_utc", "ascending")]
    )
    lines = told[name].cast(pa.string()).to_pylist()
    hour_number, energy = hour_numbers(told["hour_utc"]), values(told, "energy_kwh")
    edges = [at for at in range(len(lines)) if at == 0 or lines[at] != lines[at - 1]] + [len(lines)]
    return {lines[one]: Load(hour_number[one:other], energy[one:other]) for one, other in pairwise(edges)}


def sibling_covariate(line_id: str) -> str:
    """The name under which the energy of another line stands among the covariates of a series, and in stored models."""
    return f"{SIBLING_ENERGY}{line_id}"


def sibling_of(covariate: str) -> str | None:
    """The line that a covariate tells the energy of; None when it tells something else."""
    return covariate.removeprefix(SIBLING_ENERGY) if covariate.startswith(SIBLING_ENERGY) else None


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
    return pd.DatetimeIndex(hour_number.astype("datetime64[h]").astype("datetime64[ns]"), tz="UTC").tz_convert(
        time_zone
    )


def values(rows: pa.Table, name: str) -> Floats:
    """A column as numbers, NaN where it is missing."""
    return np.asarray(rows[name].cast(pa.float64()).to_numpy(), dtype=np.float64)


LINE = "production_line_id"
MOST_SIBLINGS = 4
"""Lines of a larger enterprise go without: on New York units of 2018 the loads of many siblings taught trees more noise than plant."""

Siblings = Mapping[str, tuple[str, ...]]


def siblings_by_line(production_line: pa.Table) -> dict[str, tuple[str, ...]]:
    """The other lines of the enterprise of each line, in order of their names; a line without any, or with too many, is left out."""
    lines_of: dict[str, list[str]] = {}
    for line, enterprise in zip(
        production_line[LINE].to_pylist(), production_line["enterprise_id"].to_pylist(), strict=True
    ):
        if enterprise is not None:
            lines_of.setdefault(enterprise, []).append(line)
    related = [sorted(lines) for lines in lines_of.values() if 1 < len(lines) <= MOST_SIBLINGS + 1]
    return {line: tuple(other for other in lines if other != line) for lines in related for line in lines}


def with_siblings(hours: DataFrame, line_energy_hourly: DataFrame, siblings: Siblings) -> DataFrame:
    """The hours of lines, and under them those of the siblings of each, with the sibling's name in sibling_line_id and its energy.

    A row of a sibling carries the name of the line that it rides with; a sibling of two lines rides twice. The energy is the one
    that goes with the work alone, as for the line itself.
    """
    pairs = [(line, other) for line, others in sorted(siblings.items()) for other in others]
    if not pairs:
        return hours
    table = pa.table({LINE: [line for line, _ in pairs], SIBLING: [other for _, other in pairs]})
    of_line = hours.sparkSession.createDataFrame(table)
    names = sorted({other for _, other in pairs})
    # The range of names lets sorted files be read in part only.
    energy = line_energy_hourly.where(F.col(LINE).between(names[0], names[-1]) & F.col(LINE).isin(names))
    told = energy.select(
        F.col(LINE).alias(SIBLING), "hour_utc", F.coalesce("working_energy_kwh", "energy_kwh").alias("energy_kwh")
    )
    # Many hours of a sibling to the few lines that it is a sibling of.
    return hours.withColumn(SIBLING, F.lit(None).cast("string")).unionByName(
        told.join(F.broadcast(of_line), SIBLING), allowMissingColumns=True
    )
