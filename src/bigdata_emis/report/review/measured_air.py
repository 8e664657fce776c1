"""The air while an alert was in force: measured means, the forecast of the same hours, and the cause of pollution.

Belongs here: means over the same hours of both. Does not: forecasts of the level (control), the index (reference.aqi).
"""

from collections import defaultdict
from datetime import datetime
from typing import Any, TypedDict

import numpy as np
import pyarrow as pa

from bigdata_emis.codes import Cause
from bigdata_emis.reference.aqi import Standard
from bigdata_emis.window import Window

DAY, HOUR = "24h", "1h"
Row = dict[str, Any]


class AirComparison(TypedDict):
    """A pollutant over the hours with a measured and a forecast value.

    The forecast is the last one issued before the start.
    """

    pollutant: str
    hours: int
    measured_ug_per_m3: float
    forecast_ug_per_m3: float | None
    forecast_issued_utc: datetime | None


def measured_means(air_quality_hourly: pa.Table, window: Window) -> dict[str, dict[datetime, float]]:
    """The mean of the stations by pollutant and hour of the window."""
    values: dict[tuple[str, datetime], list[float]] = defaultdict(list)
    for row in _within(air_quality_hourly, window):
        if row["concentration_ug_per_m3"] is not None:
            values[row["pollutant_code"], row["hour_utc"]].append(row["concentration_ug_per_m3"])
    means: dict[str, dict[datetime, float]] = defaultdict(dict)
    for (pollutant, hour), of_stations in sorted(values.items()):
        means[pollutant][hour] = sum(of_stations) / len(of_stations)
    return dict(means)


def compare_with_forecast(
    means: dict[str, dict[datetime, float]], air_quality_forecast: pa.Table, window: Window
) -> list[AirComparison]:
    """Measured beside forecast, over the same hours; without a forecast over all measured ones."""
    forecasts, issued = _last_forecast(air_quality_forecast, window)
    comparisons: list[AirComparison] = []
    for pollutant, by_hour in means.items():
        own = forecasts.get(pollutant, {})
        hours = sorted(set(by_hour) & set(own)) if own else sorted(by_hour)
        if not hours:
            continue
        comparisons.append(
            {
                "pollutant": pollutant,
                "hours": len(hours),
                "measured_ug_per_m3": sum(by_hour[hour] for hour in hours) / len(hours),
                "forecast_ug_per_m3": sum(own[hour] for hour in hours) / len(hours) if own else None,
                "forecast_issued_utc": issued if own else None,
            }
        )
    return comparisons


def find_cause(means: dict[str, dict[datetime, float]], standard: Standard) -> Cause:
    """The cause by the pollutant with the largest sub-index: of ozone by its highest hour, of others by their mean."""
    sub_indices = {}
    for pollutant, by_hour in means.items():
        item = (pollutant, HOUR if pollutant == "O3" else DAY)
        if item in standard.rules:
            values = list(by_hour.values())
            sub_indices[item] = standard.iaqi(item, max(values) if pollutant == "O3" else float(np.mean(values)))
    if not sub_indices:
        return Cause.UNKNOWN
    primary = standard.primary_pollutants(sub_indices)
    if not primary:
        return Cause.CLEAN
    named = {"PM2.5": Cause.FINE_PARTICLES, "PM10": Cause.COARSE_PARTICLES, "O3": Cause.OZONE}
    return min((named.get(pollutant, Cause.GAS) for pollutant in primary), key=list(Cause).index)


def _last_forecast(forecast: pa.Table, window: Window) -> tuple[dict[str, dict[datetime, float]], datetime | None]:
    """Values by pollutant and hour of the last issue before the window begins; members and cities are averaged."""
    rows = [row for row in _within(forecast, window) if row["issued_utc"] <= window.from_utc]
    issued = max((row["issued_utc"] for row in rows), default=None)
    values: dict[tuple[str, datetime], list[float]] = defaultdict(list)
    for row in rows:
        if row["issued_utc"] == issued and row["concentration_ug_per_m3"] is not None and not row["flag_codes"]:
            values[row["pollutant_code"], row["hour_utc"]].append(row["concentration_ug_per_m3"])
    means: dict[str, dict[datetime, float]] = defaultdict(dict)
    for (pollutant, hour), of_members in values.items():
        means[pollutant][hour] = sum(of_members) / len(of_members)
    return dict(means), issued


def _within(frame: pa.Table, window: Window) -> list[Row]:
    return [row for row in frame.to_pylist() if window.from_utc <= row["hour_utc"] < window.to_utc]
