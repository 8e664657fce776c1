"""Air quality of years to come from weather, season and clock: boosted trees on a level that may drift.

Belongs here: the boosted estimate, and which pollutants have a trend. Does not: scores (task), the trees (relate).
"""

from typing import NamedTuple

import numpy as np

from bigdata_emis.arrays import Flags, Floats, Integers
from bigdata_emis.relate.association.deweather import BOOSTING_MEMORY_H, add_trailing_means, fit_boosting
from bigdata_emis.relate.association.level_trend import LevelTrend, estimate_level_trend
from bigdata_emis.validate.beijing.data import POLLUTANTS, Stations, mean_over_stations

DAYS_A_YEAR = 365.25
DATE_COLUMN, DAY_COLUMN, WEEKDAY_COLUMN, HOUR_COLUMN = range(4)
HEATING_FROM, HEATING_TO = 319, 74
"""Days of the year of the heating season of Beijing, 15 November to 15 March."""
NO_TREND = LevelTrend(0.0, 0.0)
LEAST_YEARS = 3
"""Fit years from which a trend can be tried: two to see it and one to judge it."""


class BoostedAir(NamedTuple):
    """Estimate of each hour, and the standard deviation of the logarithm of its level, (hours,)."""

    value: Floats
    level_sd: Floats


def boosting_inputs(stations: Stations, weather: Floats) -> Floats:
    """Season, clock, and the weather of the station and of all stations with memory of 3 to 72 h, (hours, columns).

    The season is one wave a year and the heating season: by the day of the year, trees would learn the weather of
    single weeks of the fit years. The mean over the stations has less noise than one of them.
    """
    day = stations.clock[:, DAY_COLUMN]
    angle = 2 * np.pi * day / DAYS_A_YEAR
    is_heated = ((day >= HEATING_FROM) | (day <= HEATING_TO)).astype(float)
    clock = stations.clock[:, [WEEKDAY_COLUMN, HOUR_COLUMN]]
    remembered = [
        add_trailing_means(part, memory_h=BOOSTING_MEMORY_H) for part in (mean_over_stations(stations.weather), weather)
    ]
    return np.hstack([np.column_stack([np.sin(angle), np.cos(angle), is_heated]), clock, *remembered])


def estimate_boosted(
    stations: Stations, measured: Floats, inputs: Floats, fitted: Flags, *, has_trend: bool
) -> BoostedAir:
    """Estimate of every hour by trees fitted on the level of the middle of the fitted hours.

        estimate = trees(weather, season, clock) × exp(slope × years from the middle)

    Without a trend the slope is zero, and its error still widens the level with the distance.
    """
    years = stations.clock[:, DATE_COLUMN] / DAYS_A_YEAR
    distance = years - years[fitted].mean()
    month = np.array([at.month for at in stations.local])
    trend = estimate_level_trend(measured[fitted], stations.years[fitted], month[fitted])
    factor = trend.factor(distance) if has_trend else np.ones(len(measured))
    trees = fit_boosting(inputs[fitted], (measured / factor)[fitted])
    value = trees.predict(inputs) * factor
    return BoostedAir(value, trend.margin(distance))


def choose_trends(stations: Stations, in_fit: Flags) -> dict[str, bool]:
    """Pollutants whose trend made the last fit year's error smaller, fitted on the years before it.

    Judged on the mean of the stations. With fewer than three fit years no trend is tried.
    """
    years = np.unique(stations.years[in_fit])
    if len(years) < LEAST_YEARS:
        return dict.fromkeys(POLLUTANTS, False)
    inputs = boosting_inputs(stations, mean_over_stations(stations.weather))
    has_weather = np.isfinite(inputs).any(axis=1)
    mean = mean_over_stations(stations.measured)
    return {
        name: _trend_helps(stations, series, inputs, in_fit & has_weather & np.isfinite(series), years)
        for name, series in zip(POLLUTANTS, mean, strict=True)
    }


def _trend_helps(stations: Stations, series: Floats, inputs: Floats, usable: Flags, years: Integers) -> bool:
    earlier, judged = usable & (stations.years < years[-1]), usable & (stations.years == years[-1])
    if not earlier.any() or not judged.any():
        return False
    errors = [
        float(((estimate_boosted(stations, series, inputs, earlier, has_trend=has).value - series)[judged] ** 2).mean())
        for has in (False, True)
    ]
    return errors[1] < errors[0]
