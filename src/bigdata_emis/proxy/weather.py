"""The weather of a region by hour, as the models of its lines see it.

Belongs here: finding the weather of an hour. Does not: reading it from the engine (weather_table), or what a model makes of it (forms).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from bigdata_emis.proxy.series import Floats, Integers, LineSeries

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
