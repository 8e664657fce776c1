"""The forecast as a series of 24-hour air quality indices.

Belongs here: running means and their index, by the standard valid on the day. Does not: alert levels (level).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis.arrays import Floats
from bigdata_emis.errors import InputError
from bigdata_emis.reference.aqi import Item, Standard, standard_on

HOUR = timedelta(hours=1)
DAY_H = 24
AHEAD_H = 96
"""How far ahead a level is evaluated: the longest spell of any version of the rules."""


@dataclass(frozen=True)
class IndexSeries:
    """Daily indices of every 24 hours of the forecast that end within the hours ahead.

    `hours` are hour starts from 23 h before now to the last hour ahead; `aqi[k]` is the index of the 24 hours that end
    with hour k, and `primary[k]` its primary pollutants. `day_ends` are the positions where days end: local calendar
    days, and days counted from now. `gap_hours` counts the hours without a value among the `hours_ahead`.
    """

    hours: tuple[datetime, ...]
    aqi: Floats
    primary: tuple[tuple[str, ...], ...]
    day_ends: tuple[tuple[int, ...], ...]
    missing_pollutants: tuple[str, ...]
    hours_ahead: int
    gap_hours: int


def compute_index_series(
    forecast: pa.Table, *, at_utc: datetime, time_zone: str = "UTC", region_folder: Path | None = None
) -> IndexSeries:
    """The 24-hour running indices of the forecast known at an hour, over the hours ahead.

    The newest issue known at that hour with a value applies, hour by hour. An hour without a value remains missing.

    Raises:
        InputError: no issue known at that hour has a value ahead of it.
    """
    start = at_utc - (DAY_H - 1) * HOUR
    hours = tuple(start + k * HOUR for k in range(DAY_H - 1 + AHEAD_H))
    hourly = _hourly_concentrations(_known_issues(forecast, at_utc), hours)
    has_value = np.any([np.isfinite(values) for values in hourly.values()] or [np.zeros(len(hours), bool)], axis=0)
    ahead = np.flatnonzero(has_value[DAY_H - 1 :])
    if ahead.size == 0:
        raise InputError(
            f"the forecast known at {at_utc.isoformat()} has no value for the hours ahead", "collect a newer forecast"
        )
    reach = int(ahead[-1]) + 1
    standards = _standard_by_hour(hours, time_zone, region_folder)
    required = dict.fromkeys(pollutant for standard in standards for pollutant, _ in standard.items(daily=True))
    aqi, primary = _running_index(hourly, hours, standards)
    missing = tuple(pollutant for pollutant in required if pollutant not in hourly)
    return IndexSeries(hours, aqi, primary, _day_ends(hours, time_zone), missing, reach, reach - int(ahead.size))


def _day_ends(hours: tuple[datetime, ...], time_zone: str) -> tuple[tuple[int, ...], ...]:
    positions = range(DAY_H - 1, len(hours))
    local = tuple(k for k in positions if hours[k].astimezone(ZoneInfo(time_zone)).hour == DAY_H - 1)
    return local, tuple(range(2 * (DAY_H - 1), len(hours), DAY_H))


def _known_issues(forecast: pa.Table, at_utc: datetime) -> pa.Table:
    """The issues known at an hour, oldest first."""
    known = forecast.filter(pc.less_equal(forecast["issued_utc"], pa.scalar(at_utc, pa.timestamp("us", tz="UTC"))))
    return known.sort_by([("issued_utc", "ascending")])


def _hourly_concentrations(forecast: pa.Table, hours: tuple[datetime, ...]) -> dict[str, Floats]:
    """Concentration by pollutant at each hour; a later issue overwrites an earlier one."""
    position = {hour: k for k, hour in enumerate(hours)}
    series: dict[str, Floats] = {}
    columns = (forecast[name].to_pylist() for name in ("pollutant_code", "hour_utc", "concentration_ug_per_m3"))
    for pollutant, hour, concentration in zip(*columns, strict=True):
        if hour in position and concentration is not None:
            series.setdefault(pollutant, np.full(len(hours), np.nan))[position[hour]] = concentration
    return series


def _standard_by_hour(hours: tuple[datetime, ...], time_zone: str, region_folder: Path | None) -> list[Standard]:
    """The standard valid on the local day of each hour."""
    by_day = {hour.astimezone(ZoneInfo(time_zone)).date() for hour in hours}
    standards = {day: standard_on(day, region_folder=region_folder) for day in by_day}
    return [standards[hour.astimezone(ZoneInfo(time_zone)).date()] for hour in hours]


def _running_index(
    hourly: dict[str, Floats], hours: tuple[datetime, ...], standards: list[Standard]
) -> tuple[Floats, tuple[tuple[str, ...], ...]]:
    aqi = np.full(len(hours), np.nan)
    primary: list[tuple[str, ...]] = [()] * len(hours)
    for standard in {each.rule_version: each for each in standards}.values():
        items = [item for item in standard.items(daily=True) if item[0] in hourly]
        daily = {item: _daily_values(standard, item, hourly[item[0]]) for item in items}
        sub_indices = {item: standard.iaqi(item, values) for item, values in daily.items()}
        if not sub_indices:
            continue
        series = standard.aqi(sub_indices)
        for k in range(len(hours)):
            if standards[k].rule_version == standard.rule_version:
                aqi[k], primary[k] = series[k], standard.primary_pollutants(sub_indices, k)
    return aqi, tuple(primary)


def _daily_values(standard: Standard, item: Item, values: Floats) -> Floats:
    """The value of an item over the 24 hours that end with each hour; NaN with too many hours missing.

    It is the mean of the 24 hours, or the largest of the shorter means within them, as the standard defines.
    """
    rule = standard.rules[item]
    means = _running_mean(values, rule.averaging_h, rule.least_hour_count)
    window_count = DAY_H - rule.averaging_h + 1
    daily = np.full(len(values), np.nan)
    for k in range(DAY_H - 1, len(values)):
        within = means[k - window_count + 1 : k + 1]
        value_count = np.isfinite(values[k - DAY_H + 1 : k + 1]).sum()
        is_complete = value_count >= standard.least_day_hour_count and np.isfinite(within).any()
        daily[k] = np.nanmax(within) if is_complete else np.nan
    return daily


def _running_mean(values: Floats, length: int, min_count: int) -> Floats:
    """The mean of the `length` values that end at each position; NaN with fewer than `min_count` of them."""
    means = np.full(len(values), np.nan)
    for k in range(length - 1, len(values)):
        within = values[k - length + 1 : k + 1]
        finite = within[np.isfinite(within)]
        means[k] = finite.mean() if finite.size >= min_count else np.nan
    return means
