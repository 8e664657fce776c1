"""Hourly weather of a region, as the models of its lines see it.

Belongs here: the regional mean, and its value in given hours. Does not: what a model does with it (forms).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from pyspark.sql import DataFrame

from bigdata_emis.activity_model.inputs.line_rows import column_values, hour_numbers
from bigdata_emis.activity_model.inputs.line_series import LineSeries
from bigdata_emis.arrays import Floats, Integers

WEATHER = ("air_temperature_degc", "relative_humidity_share")
"""Weather fields that a model may use."""


@dataclass(frozen=True)
class Weather:
    """Weather by hour since 1970, in ascending order; NaN where a value is unknown.

    All arrays are `(hours,)`.
    """

    hour_number: Integers
    values: Mapping[str, Floats]

    def at(self, hour_number: Integers) -> dict[str, Floats]:
        """Values of the given hours, NaN where unknown; empty if there is no weather at all."""
        if not len(self.hour_number):
            return {}
        position = np.minimum(np.searchsorted(self.hour_number, hour_number), len(self.hour_number) - 1)
        is_known = self.hour_number[position] == hour_number
        return {name: np.where(is_known, value[position], np.nan) for name, value in self.values.items()}

    def add_to(self, series: LineSeries) -> LineSeries:
        """The series with the weather of its hours among its covariates."""
        return replace(series, covariates={**series.covariates, **self.at(series.hour_number)})


NO_WEATHER = Weather(np.empty(0, dtype=np.int64), {})


def drop_weather(series: LineSeries) -> LineSeries:
    """The series without weather, for a form that uses none."""
    return replace(series, covariates={name: value for name, value in series.covariates.items() if name not in WEATHER})


def has_weather(series: LineSeries) -> bool:
    """Whether any weather value of any hour is known."""
    return any(bool(np.isfinite(series.covariates[name]).any()) for name in WEATHER if name in series.covariates)


def read_region_weather(weather_hourly: DataFrame) -> Weather:
    """Mean of the region's stations by hour, as for road traffic.

    The result is a few thousand numbers, which are sent to the workers together with the function that uses them.
    """
    rows = (
        weather_hourly.select("station_id", "hour_utc", *WEATHER)
        .toArrow()
        .sort_by([("hour_utc", "ascending"), ("station_id", "ascending")])
    )
    if not len(rows):
        return NO_WEATHER
    hour_number, first_row = np.unique(hour_numbers(rows["hour_utc"]), return_index=True)
    return Weather(hour_number, {name: _hourly_mean(column_values(rows, name), first_row) for name in WEATHER})


def _hourly_mean(value: Floats, first_row: Integers) -> Floats:
    """Mean of the known values from each first row to the next, added in a fixed order; NaN where none is known."""
    is_known = np.isfinite(value)
    total, count = (
        np.add.reduceat(np.where(is_known, value, 0.0), first_row),
        np.add.reduceat(is_known.astype(np.float64), first_row),
    )
    return np.asarray(np.divide(total, count, out=np.full(len(total), np.nan), where=count > 0), dtype=np.float64)
