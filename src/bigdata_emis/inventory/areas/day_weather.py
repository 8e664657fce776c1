"""The weather of local days against its usual value, and what it does to the emission of an industry.

Belongs here: means of a day, choice of the normals of a region, the product of the effects. Does not: the equations
(equations/area_weather), rain on dust (day_wetness).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from statistics import fmean
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from bigdata_emis.equations import area_weather as equations

LEAST_HOURS = 18
"""Hours of a local day with weather from which its mean counts; fewer would be the mean of a part of the day."""

Row = Mapping[str, Any]


@dataclass(frozen=True)
class DayWeather:
    """Means of a local day over stations and hours, and the precipitation of each hour (UTC).

    None where too few hours have a value.
    """

    air_temperature_degc: float | None
    wind_speed_m_per_s: float | None
    rain_mm: Mapping[datetime, float] | None


def day_weather(hourly: pa.Table, time_zone: str) -> dict[date, DayWeather]:
    """The weather of each local day from hourly means of the region."""
    by_day: dict[date, list[Row]] = defaultdict(list)
    for row in hourly.sort_by("hour_utc").to_pylist():
        by_day[row["hour_utc"].astimezone(ZoneInfo(time_zone)).date()].append(row)
    return {day: _of_hours(rows) for day, rows in by_day.items()}


def _of_hours(rows: Sequence[Row]) -> DayWeather:
    rain = {row["hour_utc"]: row["precipitation_mm"] for row in rows if row["precipitation_mm"] is not None}
    return DayWeather(
        _mean(_values(rows, "air_temperature_degc")),
        _mean(_values(rows, "wind_speed_m_per_s")),
        rain if len(rain) >= LEAST_HOURS else None,
    )


def _values(rows: Sequence[Row], name: str) -> list[float]:
    return [row[name] for row in rows if row[name] is not None]


def _mean(values: list[float]) -> float | None:
    return fmean(values) if len(values) >= LEAST_HOURS else None


def usual_weather(climate_normal: pa.Table, areas: Iterable[str]) -> dict[int, Row]:
    """The normals by month of the first of these areas that has any; empty where none has."""
    rows = climate_normal.to_pylist()
    for area in areas:
        months = {row["month_number"]: row for row in rows if row["calendar_area_code"] == area}
        if months:
            return months
    return {}


def weather_ratio(weather: DayWeather, usual: Row, response: Row) -> float | None:
    """Emission of an industry on a day against its usual value in the month: the product of its effects but rain.

    None where the industry has an effect whose weather is missing.
    """
    factors = [
        *_heating(weather, usual, response),
        *_evaporation(weather, usual, response),
        *_wind_erosion(weather, usual, response),
    ]
    product = 1.0
    for factor in factors:
        if factor is None:
            return None
        product *= factor
    return product


def _heating(weather: DayWeather, usual: Row, response: Row) -> list[float | None]:
    if response["constant_share"] is None:
        return []
    if weather.air_temperature_degc is None:
        return [None]
    degree = equations.heating_degree_degc(weather.air_temperature_degc)
    return [equations.heating_ratio(degree, usual["usual_heating_degree_degc"], response["constant_share"])]


def _evaporation(weather: DayWeather, usual: Row, response: Row) -> list[float | None]:
    factors: list[float | None] = []
    if (scale := response["temperature_scale_degc"]) is not None:
        degc = weather.air_temperature_degc
        usual_degc = usual["usual_temperature_degc"]
        factors.append(None if degc is None else equations.temperature_ratio(degc, usual_degc, scale))
    if (scale := response["wind_scale_m_per_s"]) is not None:
        wind = weather.wind_speed_m_per_s
        usual_wind = usual["usual_wind_speed_m_per_s"]
        factors.append(None if wind is None else equations.ventilation_ratio(wind, usual_wind, scale))
    return factors


def _wind_erosion(weather: DayWeather, usual: Row, response: Row) -> list[float | None]:
    if response["wind_exponent"] is None:
        return []
    wind = weather.wind_speed_m_per_s
    if wind is None:
        return [None]
    usual_wind, power = usual["usual_wind_speed_m_per_s"], response["usual_wind_power"]
    return [equations.wind_erosion_ratio(wind, usual_wind, response["wind_exponent"], power)]
