"""The hourly weather of a region, read from the engine into what models ask.

Belongs here: the mean of the stations. Does not: finding an hour in it (weather).
"""

import numpy as np
from pyspark.sql import DataFrame

from bigdata_emis.proxy.line_table import hour_numbers, values
from bigdata_emis.proxy.series import Floats, Integers
from bigdata_emis.proxy.weather import NO_WEATHER, WEATHER, Weather


def weather_of(weather_hourly: DataFrame) -> Weather:
    """The mean of the region's stations by hour, as traffic takes it; some thousand numbers, which ride with the work to where the lines are."""
    rows = weather_hourly.select("station_id", "hour_utc", *WEATHER).toArrow().sort_by([("hour_utc", "ascending"), ("station_id", "ascending")])
    if not len(rows):
        return NO_WEATHER
    hour_number, first = np.unique(hour_numbers(rows["hour_utc"]), return_index=True)
    return Weather(hour_number, {name: _mean(values(rows, name), first) for name in WEATHER})


def _mean(value: Floats, first: Integers) -> Floats:
    """The mean of what is known from each place to the next, always added in the same order; NaN where nothing is."""
    is_known = np.isfinite(value)
    total, count = np.add.reduceat(np.where(is_known, value, 0.0), first), np.add.reduceat(is_known.astype(np.float64), first)
    return np.asarray(np.divide(total, count, out=np.full(len(total), np.nan), where=count > 0), dtype=np.float64)
