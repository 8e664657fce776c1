"""Long hourly series as matrices over the hours of a period, with what is derived from them.

Belongs here: the way from rows to matrices, energy shares, and air quality with the weather taken out. Does not: comparisons.
"""

from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis.arrays import Floats
from bigdata_emis.window import HOUR, Window

Period = tuple[datetime, datetime]
INSTANT = pa.timestamp("us", tz="UTC")
TOTAL = "power:total"
SHARED = {"power": "energy_share", "power_fuel": "energy_share_fuel"}
"""Series whose part of the total is an indicator of the energy mix."""
ONLY_SHARED = "power_fuel"


@dataclass(frozen=True)
class Named:
    """Series by name: one row of the matrix each, in order of name; `targets` where a series has a target of its own."""

    names: tuple[str, ...]
    values: Floats
    targets: tuple[str, ...] = ()


@dataclass(frozen=True)
class Matrices:
    """The series of one period, and the longer history of air quality and weather that it ends."""

    indicators: Named
    targets: Named
    own: Named
    weather: Floats
    history: Named
    history_weather: Floats
    history_local: list[datetime] = field(default_factory=list)


def matrices(series: pa.Table, period: Period, history: Period, *, time_zone: str) -> Matrices:
    """Each series over every hour of the period, NaN where it has no value."""
    by_role = {
        role: series.filter(pc.equal(series["role"], role)) for role in ("indicator", "target", "own", "weather")
    }
    air = by_role["target"].filter(pc.starts_with(by_role["target"]["series"], "air_quality:"))
    past = (max(history[0], _first_hour(air, period[0])), history[1])
    local = [at for _, at in Window(*past).local_hours(time_zone)]
    weather = matrix(by_role["weather"], period)
    return Matrices(
        indicators=with_shares(matrix(by_role["indicator"], period)),
        targets=matrix(by_role["target"], period),
        own=matrix(by_role["own"], period),
        weather=weather.values.T,
        history=matrix(air, past),
        history_weather=matrix(by_role["weather"], past).values.T,
        history_local=local,
    )


def matrix(series: pa.Table, period: Period) -> Named:
    """The rows of a role as one matrix, in order of name and target."""
    hours = int((period[1] - period[0]) / HOUR)
    start, end = (pa.scalar(instant, INSTANT) for instant in period)
    at = series["hour_utc"].cast(INSTANT)
    inside = series.filter(pc.and_(pc.greater_equal(at, start), pc.less(at, end)))
    column = pc.hours_between(start, inside["hour_utc"].cast(INSTANT)).to_numpy()
    keys = pc.binary_join_element_wise(inside["series"], inside["target"], "\n").combine_chunks().dictionary_encode()
    order = pc.sort_indices(keys.dictionary).to_numpy()
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    values = np.full((len(order), hours), np.nan)
    values[place[keys.indices.to_numpy(zero_copy_only=False)], column] = inside["value"].to_numpy()
    split = [name.split("\n") for name in keys.dictionary.take(pa.array(order)).to_pylist()]
    return Named(tuple(name for name, _ in split), values, tuple(target for _, target in split))


def with_shares(indicators: Named) -> Named:
    """The indicators with the part of each industry and each fuel in the energy of the hour; energy by fuel itself is not kept."""
    if TOTAL not in indicators.names:
        return indicators
    total = indicators.values[indicators.names.index(TOTAL)]
    divisor = np.where(total > 0, total, np.nan)
    rows = {
        name: row for name, row in zip(indicators.names, indicators.values, strict=True) if kind_of(name) != ONLY_SHARED
    }
    for name, row in zip(indicators.names, indicators.values, strict=True):
        if kind_of(name) in SHARED and name != TOTAL:
            # An industry that used nothing in an hour has no row there; its share is then zero.
            rows[f"{SHARED[kind_of(name)]}:{name.partition(':')[2]}"] = np.nan_to_num(row) / divisor
    names = tuple(sorted(rows))
    return Named(names, np.array([rows[name] for name in names]).reshape(len(names), indicators.values.shape[1]))


def kind_of(name: str) -> str:
    """What a series is of: the part of its name before the colon."""
    return name.partition(":")[0]


def _first_hour(air: pa.Table, latest: datetime) -> datetime:
    """The first hour of air quality there is, at the latest the start of the period: empty days before it teach nothing."""
    first = pc.min(air["hour_utc"].cast(INSTANT)).as_py()
    return latest if first is None else min(first, latest)
