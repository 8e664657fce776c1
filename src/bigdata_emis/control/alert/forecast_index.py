"""The forecast as a series of 24-hour air quality indices.

Belongs here: running means and the index of each, by the standard valid on the day. Does not: alert levels (alert.py).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeAlias
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis.arrays import Floats
from bigdata_emis.errors import InputError
from bigdata_emis.reference.aqi import Item, Standard, standard_on

Array: TypeAlias = Floats
HOUR = timedelta(hours=1)
DAY_H = 24
AHEAD_H = 96
"""How far ahead a level is looked for: the longest spell that any version of the rules names."""


@dataclass(frozen=True)
class IndexSeries:
    """Daily indices of every 24 hours of the forecast that end within the hours ahead.

    `hours` are hour starts from 23 h before now to the last hour ahead; `aqi[k]` is the index of the 24 hours that end with hour k.
    `day_ends` are the places where days end: local calendar days, and days counted from now.
    """

    hours: tuple[datetime, ...]
    aqi: Array
    primary: tuple[tuple[str, ...], ...]
    day_ends: tuple[tuple[int, ...], ...]
    missing_pollutants: tuple[str, ...]
    hours_ahead: int
    gap_hours: int


def index_series(
    forecast: pa.Table, *, at_utc: datetime, time_zone: str = "UTC", region_folder: Path | None = None
) -> IndexSeries:
    """The 24-hour running indices of the forecast known at an hour, over the hours ahead.

    Of several issues the newest known at that hour counts, hour by hour. An hour without a value stays missing.
    Raises InputError when no issue known at that hour holds a value ahead of it.
    """
    start = at_utc - (DAY_H - 1) * HOUR
    hours = tuple(start + k * HOUR for k in range(DAY_H - 1 + AHEAD_H))
    hourly = _hourly(_newest(forecast, at_utc), hours)
    known = np.any([np.isfinite(values) for values in hourly.values()] or [np.zeros(len(hours), bool)], axis=0)
    ahead = np.flatnonzero(known[DAY_H - 1 :])
    if ahead.size == 0:
        raise InputError(
            f"the forecast known at {at_utc.isoformat()} holds no value for the hours ahead", "collect a newer forecast"
        )
    reach = int(ahead[-1]) + 1
    versions = _standards(hours, time_zone, region_folder)
    wanted = dict.fromkeys(pollutant for one in versions for pollutant, _ in one.items(daily=True))
    aqi, primary = _index(hourly, hours, versions)
    missing = tuple(p for p in wanted if p not in hourly)
    return IndexSeries(hours, aqi, primary, _day_ends(hours, time_zone), missing, reach, reach - int(ahead.size))


def _day_ends(hours: tuple[datetime, ...], time_zone: str) -> tuple[tuple[int, ...], ...]:
    places = range(DAY_H - 1, len(hours))
    local = tuple(k for k in places if hours[k].astimezone(ZoneInfo(time_zone)).hour == DAY_H - 1)
    return local, tuple(range(2 * (DAY_H - 1), len(hours), DAY_H))


def _newest(forecast: pa.Table, at_utc: datetime) -> pa.Table:
    known = forecast.filter(pc.less_equal(forecast["issued_utc"], pa.scalar(at_utc, pa.timestamp("us", tz="UTC"))))
    return known.sort_by([("issued_utc", "ascending")])


def _hourly(forecast: pa.Table, hours: tuple[datetime, ...]) -> dict[str, Array]:
    """Concentration by pollutant at each hour; a later issue overwrites an earlier one."""
    place = {hour: k for k, hour in enumerate(hours)}
    series: dict[str, Array] = {}
    columns = (forecast[name].to_pylist() for name in ("pollutant_code", "hour_utc", "concentration_ug_per_m3"))
    for pollutant, hour, concentration in zip(*columns, strict=True):
        if hour in place and concentration is not None:
            series.setdefault(pollutant, np.full(len(hours), np.nan))[place[hour]] = concentration
    return series


def _standards(hours: tuple[datetime, ...], time_zone: str, region_folder: Path | None) -> list[Standard]:
    """The standard valid on the local day of each hour."""
    by_day = {hour.astimezone(ZoneInfo(time_zone)).date(): hour for hour in hours}
    found = {day: standard_on(day, region_folder=region_folder) for day in by_day}
    return [found[hour.astimezone(ZoneInfo(time_zone)).date()] for hour in hours]


def _index(
    hourly: dict[str, Array], hours: tuple[datetime, ...], standards: list[Standard]
) -> tuple[Array, tuple[tuple[str, ...], ...]]:
    aqi = np.full(len(hours), np.nan)
    primary: list[tuple[str, ...]] = [()] * len(hours)
    for standard in {one.rule_version: one for one in standards}.values():
        means = {
            item: _daily(standard, item, hourly[item[0]]) for item in standard.items(daily=True) if item[0] in hourly
        }
        sub_indices = {item: standard.iaqi(item, values) for item, values in means.items()}
        if not sub_indices:
            continue
        series = standard.aqi(sub_indices)
        for k in range(len(hours)):
            if standards[k].rule_version == standard.rule_version:
                aqi[k], primary[k] = series[k], standard.primary_pollutants(sub_indices, k)
    return aqi, tuple(primary)


def _daily(standard: Standard, item: Item, values: Array) -> Array:
    """The value of an item over the 24 hours that end with each hour: their mean, or the largest of the shorter means within them.

    A day with too many hours missing has no value.
    """
    rule = standard.rules[item]
    means = _running_mean(values, rule.averaging_h, rule.least_hour_count)
    whole = DAY_H - rule.averaging_h + 1
    daily = np.full(len(values), np.nan)
    for k in range(DAY_H - 1, len(values)):
        within = means[k - whole + 1 : k + 1]
        known = np.isfinite(values[k - DAY_H + 1 : k + 1]).sum()
        daily[k] = np.nanmax(within) if known >= standard.least_day_hour_count and np.isfinite(within).any() else np.nan
    return daily


def _running_mean(values: Array, length: int, least: int) -> Array:
    """The mean of the `length` values that end at each place; NaN with fewer than `least` of them."""
    means = np.full(len(values), np.nan)
    for k in range(length - 1, len(values)):
        within = values[k - length + 1 : k + 1]
        known = within[np.isfinite(within)]
        means[k] = known.mean() if known.size >= least else np.nan
    return means
