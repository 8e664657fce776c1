"""A forecast as air: the index of its particles without dust, and the whole index of every 24 hours.

Belongs here: running means and their index, by the standard valid on the day. Does not: alert levels (level).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.lib.stride_tricks import sliding_window_view

from bigdata_emis.arrays import Flags, Floats
from bigdata_emis.control.alert.dust import DustWord, find_dust, read_dust_rule
from bigdata_emis.control.alert.forecast_values import HourlyForecast, read_hourly
from bigdata_emis.control.alert.plan_air import DAY_H, LEAST_HOURS, PlanAir, plan_particles, standards_of
from bigdata_emis.errors import InputError
from bigdata_emis.reference.aqi import Item, Standard
from bigdata_emis.window import HOUR

AHEAD_H = 168
"""How far ahead a level is evaluated, as far as the forecast covers it: the longest spell of the rules is 96 h."""


class NoForecastError(InputError):
    """No forecast known at a time has a value for the hours ahead of it."""


@dataclass(frozen=True)
class IndexSeries:
    """The air of the hours around now, and its indices.

    `hours` are hour starts from 23 h before now to the last hour ahead. `aqi[k]` is the index of the plan over the 24
    hours that end with hour k, and `primary[k]` its primary pollutants; `all_aqi` and `all_primary` are those of all
    pollutants, with dust. `gap_hours` counts the hours without a value among the `hours_ahead`.
    `time_zone` is that of the region, for words.
    """

    hours: tuple[datetime, ...]
    air: PlanAir
    aqi: Floats
    primary: tuple[tuple[str, ...], ...]
    all_aqi: Floats
    all_primary: tuple[tuple[str, ...], ...]
    is_dust: Flags
    missing_pollutants: tuple[str, ...]
    older_utc: Mapping[str, datetime]
    hours_ahead: int
    gap_hours: int
    time_zone: str = "UTC"

    @property
    def now(self) -> int:
        """The position of the hour that begins now."""
        return DAY_H - 1


def compute_index_series(
    forecast: pa.Table,
    *,
    at_utc: datetime,
    time_zone: str = "UTC",
    region_folder: Path | None = None,
    dust: str = DustWord.AUTO,
) -> IndexSeries:
    """The indices of the forecast known at a time, over the hours from its hour on.

    The newest issue known at that time with a value applies, by hour and pollutant. A value of a step of several hours
    applies to each of them; any other hour without a value remains missing.

    Raises:
        NoForecastError: no issue known at that time has a value ahead of it.
    """
    start = at_utc.replace(minute=0, second=0, microsecond=0) - (DAY_H - 1) * HOUR
    hours = tuple(start + k * HOUR for k in range(DAY_H - 1 + AHEAD_H))
    hourly = read_hourly(forecast, hours, at_utc=at_utc)
    known = np.any([np.isfinite(v) for v in hourly.concentrations.values()] or [np.zeros(len(hours), bool)], axis=0)
    ahead = np.flatnonzero(known[DAY_H - 1 :])
    if ahead.size == 0:
        raise NoForecastError(
            f"the forecast known at {at_utc.isoformat()} has no value for the hours ahead", "collect a newer forecast"
        )
    reach = int(ahead[-1]) + 1
    standards = standards_of(hours, time_zone=time_zone, region_folder=region_folder)
    is_dust, is_mixed = _find_dust(hourly, dust, region_folder)
    particles = plan_particles(hourly.concentrations, is_dust=is_dust, is_mixed=is_mixed)
    required = dict.fromkeys(pollutant for standard, _ in standards for pollutant, _ in standard.items(daily=True))
    aqi, primary = _running_index(particles, len(hours), standards)
    all_aqi, all_primary = _running_index(hourly.concentrations, len(hours), standards)
    return IndexSeries(
        hours=hours,
        air=PlanAir(particles, standards),
        aqi=aqi,
        primary=primary,
        all_aqi=all_aqi,
        all_primary=all_primary,
        is_dust=is_dust | is_mixed,
        missing_pollutants=tuple(pollutant for pollutant in required if pollutant not in hourly.concentrations),
        older_utc=hourly.older_utc,
        hours_ahead=reach,
        gap_hours=reach - int(ahead.size),
        time_zone=time_zone,
    )


def _find_dust(hourly: HourlyForecast, word: str, region_folder: Path | None) -> tuple[Flags, Flags]:
    unknown = np.full(len(hourly.hours), np.nan)
    pm25, pm10 = (hourly.concentrations.get(name, unknown) for name in ("PM2.5", "PM10"))
    return find_dust(pm25, pm10, hourly.wind_m_per_s, rule=read_dust_rule(region_folder), word=word)


def _running_index(
    concentrations: Mapping[str, Floats], hour_count: int, standards: tuple[tuple[Standard, Flags], ...]
) -> tuple[Floats, tuple[tuple[str, ...], ...]]:
    """The index of the 24 hours that end with each hour, and its primary pollutants."""
    aqi = np.full(hour_count, np.nan)
    primary: list[tuple[str, ...]] = [()] * hour_count
    for standard, is_valid in standards:
        items = [item for item in standard.items(daily=True) if item[0] in concentrations]
        daily = {item: daily_values(standard, item, concentrations[item[0]]) for item in items}
        sub_indices = {item: standard.iaqi(item, values) for item, values in daily.items()}
        if not sub_indices:
            continue
        series = standard.aqi(sub_indices)
        for k in np.flatnonzero(is_valid):
            aqi[k], primary[k] = series[k], standard.primary_pollutants(sub_indices, int(k))
    return aqi, tuple(primary)


def daily_values(standard: Standard, item: Item, values: Floats) -> Floats:
    """The value of an item over the 24 hours that end with each hour; NaN with more than a quarter of them missing.

    It is the mean of the 24 hours, or the largest of the shorter means within them, as the standard defines.
    """
    rule = standard.rules[item]
    means = _running_mean(values, rule.averaging_h, min(rule.least_hour_count, rule.averaging_h * 3 // 4 or 1))
    within = sliding_window_view(means, DAY_H)[:, rule.averaging_h - 1 :]
    value_count = np.isfinite(sliding_window_view(values, DAY_H)).sum(axis=1)
    largest = np.where(np.isfinite(within), within, -np.inf).max(axis=1)
    is_complete = (value_count >= LEAST_HOURS) & np.isfinite(largest)
    daily = np.full(len(values), np.nan)
    daily[DAY_H - 1 :] = np.where(is_complete, largest, np.nan)
    return daily


def _running_mean(values: Floats, length: int, min_count: int) -> Floats:
    """The mean of the `length` values that end at each position; NaN with fewer than `min_count` of them."""
    within = sliding_window_view(values, length)
    count = np.isfinite(within).sum(axis=1)
    means = np.full(len(values), np.nan)
    means[length - 1 :] = np.where(count >= min_count, np.nansum(within, axis=1) / np.maximum(count, 1), np.nan)
    return means
