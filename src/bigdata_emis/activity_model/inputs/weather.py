"""The weather of a region by hour, as the models of its lines see it.

Belongs here: finding the weather of an hour. Does not: reading it from the engine (weather_table), or what a model makes of it (forms).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from pyspark.sql import DataFrame

from bigdata_emis.activity_model.inputs.line_rows import hour_numbers, values
from bigdata_emis.activity_model.inputs.line_series import LineSeries
from bigdata_emis.arrays import Floats, Integers

WEATHER = ("air_temperature_degc", "relative_humidity_share")
"""What a model may ask of the weather, by field name."""


@dataclass(frozen=True)
class Weather:
    """Values by hour since 1970, in ascending order; NaN where a value is not known."""

    hour_number: Integers
    values: Mapping[str, Floats]

    def at(self, hour_number: Integers) -> dict[str, Floats]:
        """The values of given hours, NaN where the hour is not known; nothing at all where no weather is known."""
        if not len(self.hour_number):
            return {}
        place = np.minimum(np.searchsorted(self.hour_number, hour_number), len(self.hour_number) - 1)
        is_known = self.hour_number[place] == hour_number
        return {name: np.where(is_known, value[place], np.nan) for name, value in self.values.items()}

    def beside(self, series: LineSeries) -> LineSeries:
        """The series with the weather of its hours among what is measured beside the energy."""
        return replace(series, covariates={**series.covariates, **self.at(series.hour_number)})


NO_WEATHER = Weather(np.empty(0, dtype=np.int64), {})


def without_weather(series: LineSeries) -> LineSeries:
    """The series as a model sees it that asks for no weather."""
    return replace(series, covariates={name: value for name, value in series.covariates.items() if name not in WEATHER})


def knows_weather(series: LineSeries) -> bool:
    """Whether any hour has any weather."""
    return any(bool(np.isfinite(series.covariates[name]).any()) for name in WEATHER if name in series.covariates)


def weather_of(weather_hourly: DataFrame) -> Weather:
    """The mean of the region's stations by hour, as traffic takes it; some thousand numbers, which ride with the work to where the lines are."""
    rows = (
        weather_hourly.select("station_id", "hour_utc", *WEATHER)
        .toArrow()
        .sort_by([("hour_utc", "ascending"), ("station_id", "ascending")])
    )
    if not len(rows):
        return NO_WEATHER
    hour_number, first = np.unique(hour_numbers(rows["hour_utc"]), return_index=True)
    return Weather(hour_number, {name: _mean(values(rows, name), first) for name in WEATHER})


def _mean(value: Floats, first: Integers) -> Floats:
    """The mean of what is known from each place to the next, always added in the same order; NaN where nothing is."""
    is_known = np.isfinite(value)
    total, count = (
        np.add.reduceat(np.where(is_known, value, 0.0), first),
        np.add.reduceat(is_known.astype(np.float64), first),
    )
    return np.asarray(np.divide(total, count, out=np.full(len(total), np.nan), where=count > 0), dtype=np.float64)
