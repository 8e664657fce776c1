"""The traffic of local days on the counted links, and what it does to area sources that follow it.

Belongs here: traffic by hour, days that can be compared, the ratio of each hour. Does not: the equations
(equations/area_traffic), which industry follows traffic (reference area_traffic_response).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import fmean

import pyarrow as pa

from bigdata_emis.codes import ProfileDimension
from bigdata_emis.equations import area_traffic as equations
from bigdata_emis.reference.work_calendar import WorkCalendar
from bigdata_emis.window import day_window

LEAST_OBSERVED_SHARE = 0.5
"""Part of the vehicle-kilometres of a day that must come from readings; below it the day has no ratio."""
LARGEST_LEVEL, SMALLEST_LEVEL = 3.0, 0.2
"""Bounds of a day against the days before: beyond them the links changed, not the traffic."""


@dataclass(frozen=True)
class ProfileWeights:
    """Relative weights of a profile, by weekday (1 to 7) and by local hour (0 to 23)."""

    weekday: dict[int, float]
    hour: dict[int, float]


@dataclass(frozen=True)
class HourTraffic:
    """Vehicle-kilometres of all links in an hour, and those of them that follow from readings."""

    vehicle_km: float
    observed_vehicle_km: float


def traffic_by_hour(hourly: pa.Table) -> dict[datetime, HourTraffic]:
    """The rows of hour_utc, vehicle_km and observed_vehicle_km by hour; an hour without a sum is left out."""
    return {
        row["hour_utc"]: HourTraffic(row["vehicle_km"], row["observed_vehicle_km"] or 0.0)
        for row in hourly.to_pylist()
        if row["vehicle_km"] is not None
    }


def profile_weights(profiles: pa.Table) -> dict[tuple[str, str], ProfileWeights]:
    """The weights of weekday and hour of each profile, by sector and industry."""
    weights: dict[tuple[str, str], ProfileWeights] = {}
    for row in profiles.to_pylist():
        of_profile = weights.setdefault((row["sector_code"], row["industry_code"]), ProfileWeights({}, {}))
        dimension = row["profile_dimension_code"]
        if dimension != ProfileDimension.MONTH:
            by_index = of_profile.weekday if dimension == ProfileDimension.WEEKDAY else of_profile.hour
            by_index[row["profile_index"]] = row["profile_weight"]
    return weights


def traffic_ratios(
    traffic: Mapping[datetime, HourTraffic],
    weights: ProfileWeights,
    days: Sequence[date],
    *,
    lookback_days: int,
    calendar: WorkCalendar,
    time_zone: str,
) -> dict[datetime, float]:
    """The ratio of each hour of these days that have traffic; the days before each say what is usual.

    A day counts when every hour has traffic, and at least half of the vehicle-kilometres follow from readings. Days are
    compared after division by the weight of their weekday. Without a day before that counts, the level is 1 and the
    traffic gives the hours only.
    """

    def level_of(day: date) -> float | None:
        total = _vehicle_km_of_day(traffic, day, time_zone)
        return None if total is None else total / weights.weekday[calendar.profile_weekday(day)]

    ratios: dict[datetime, float] = {}
    for day in days:
        of_day = level_of(day)
        if of_day is None:
            continue
        earlier = [level_of(day - timedelta(days=n)) for n in range(1, lookback_days + 1)]
        usual = [value for value in earlier if value is not None]
        level = equations.traffic_level_ratio(of_day, fmean(usual)) if usual else 1.0
        if SMALLEST_LEVEL <= level <= LARGEST_LEVEL:
            ratios |= _of_hours(traffic, weights, day, level=level, time_zone=time_zone)
    return ratios


def _vehicle_km_of_day(traffic: Mapping[datetime, HourTraffic], day: date, time_zone: str) -> float | None:
    """Vehicle-kilometres of a local day; None when an hour is missing or too little was observed."""
    hours = [traffic.get(hour) for hour, _ in day_window(day, time_zone).local_hours(time_zone)]
    known = [hour for hour in hours if hour is not None]
    total = sum(hour.vehicle_km for hour in known)
    observed = sum(hour.observed_vehicle_km for hour in known)
    return total if len(known) == len(hours) and 0 < total * LEAST_OBSERVED_SHARE <= observed else None


def _of_hours(
    traffic: Mapping[datetime, HourTraffic], weights: ProfileWeights, day: date, *, level: float, time_zone: str
) -> dict[datetime, float]:
    hours = [(hour, local.hour) for hour, local in day_window(day, time_zone).local_hours(time_zone)]
    all_km = sum(traffic[hour].vehicle_km for hour, _ in hours)
    all_weights = sum(weights.hour[local_hour] for _, local_hour in hours)
    return {
        hour: equations.traffic_ratio(
            traffic[hour].vehicle_km / all_km, weights.hour[local_hour] / all_weights, traffic_level_ratio=level
        )
        for hour, local_hour in hours
        if weights.hour[local_hour] > 0
    }
