"""Long hourly series as matrices over the hours of a period, with the energy mix.

Belongs here: the way from rows to matrices, and energy shares.
Does not: comparisons (pairs, methods), or deweathering.
"""

from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis.arrays import Floats
from bigdata_emis.schema.row_times import INSTANT
from bigdata_emis.window import HOUR, Window

Period = tuple[datetime, datetime]
TOTAL_POWER = "power:total"
SHARE_KINDS = {"power": "energy_share", "power_fuel": "energy_share_fuel"}
"""Kinds of series whose share of the total is an indicator of the energy mix, with the kind of that share."""
SHARE_ONLY_KIND = "power_fuel"


@dataclass(frozen=True)
class NamedSeries:
    """Series in order of name, one row each; `targets` where each has a target of its own."""

    names: tuple[str, ...]
    values: Floats
    targets: tuple[str, ...] = ()


@dataclass(frozen=True)
class PeriodSeries:
    """The series of one period, and a longer history of air quality and weather.

    Weather has shape `(hours, variables)`.
    """

    indicators: NamedSeries
    targets: NamedSeries
    own: NamedSeries
    weather: Floats
    history: NamedSeries
    history_weather: Floats
    history_local: list[datetime] = field(default_factory=list)


def build_period_series(series: pa.Table, period: Period, history: Period, *, time_zone: str) -> PeriodSeries:
    """Each series over every hour of the period, NaN where it has no value."""
    by_role = {
        role: series.filter(pc.equal(series["role"], role)) for role in ("indicator", "target", "own", "weather")
    }
    air = by_role["target"].filter(pc.starts_with(by_role["target"]["series"], "air_quality:"))
    past = (max(history[0], _first_hour(air, period[0])), history[1])
    local = [at for _, at in Window(*past).local_hours(time_zone)]
    weather = build_matrix(by_role["weather"], period)
    return PeriodSeries(
        indicators=add_energy_shares(build_matrix(by_role["indicator"], period)),
        targets=build_matrix(by_role["target"], period),
        own=build_matrix(by_role["own"], period),
        weather=weather.values.T,
        history=build_matrix(air, past),
        history_weather=build_matrix(by_role["weather"], past).values.T,
        history_local=local,
    )


def build_matrix(series: pa.Table, period: Period) -> NamedSeries:
    """The rows of one role as a matrix `(series, hours)`, in order of name and target."""
    hours = int((period[1] - period[0]) / HOUR)
    start, end = (pa.scalar(instant, INSTANT) for instant in period)
    at = series["hour_utc"].cast(INSTANT)
    inside = series.filter(pc.and_(pc.greater_equal(at, start), pc.less(at, end)))
    column = pc.hours_between(start, inside["hour_utc"].cast(INSTANT)).to_numpy()
    keys = pc.binary_join_element_wise(inside["series"], inside["target"], "\n").combine_chunks().dictionary_encode()
    order = pc.sort_indices(keys.dictionary).to_numpy()
    row_number = np.empty(len(order), np.int64)
    row_number[order] = np.arange(len(order))
    values = np.full((len(order), hours), np.nan)
    values[row_number[keys.indices.to_numpy(zero_copy_only=False)], column] = inside["value"].to_numpy()
    names = [key.split("\n") for key in keys.dictionary.take(pa.array(order)).to_pylist()]
    return NamedSeries(tuple(name for name, _ in names), values, tuple(target for _, target in names))


def add_energy_shares(indicators: NamedSeries) -> NamedSeries:
    """The indicators, with energy by fuel replaced by shares of each industry and fuel."""
    if TOTAL_POWER not in indicators.names:
        return indicators
    total = indicators.values[indicators.names.index(TOTAL_POWER)]
    divisor = np.where(total > 0, total, np.nan)
    named = list(zip(indicators.names, indicators.values, strict=True))
    rows = {name: row for name, row in named if series_kind(name) != SHARE_ONLY_KIND}
    for name, row in named:
        if series_kind(name) in SHARE_KINDS and name != TOTAL_POWER:
            # An industry that used no energy in an hour has no row there: its share is zero.
            rows[f"{SHARE_KINDS[series_kind(name)]}:{name.partition(':')[2]}"] = np.nan_to_num(row) / divisor
    names = tuple(sorted(rows))
    shape = len(names), indicators.values.shape[1]
    return NamedSeries(names, np.array([rows[name] for name in names]).reshape(shape))


def series_kind(name: str) -> str:
    """The kind of a series: the part of its name before the colon."""
    return name.partition(":")[0]


def _first_hour(air: pa.Table, latest: datetime) -> datetime:
    """The first hour with air quality, at the latest the start of the period: the forest needs no empty days."""
    first = pc.min(air["hour_utc"].cast(INSTANT)).as_py()
    return latest if first is None else min(first, latest)
