"""The temperature and humidity corrections of road emission factors by vehicle, hour and pollutant.

Belongs here: the mean weather of the region, and the bin of the guide that it is in. Does not: emission factors
(road_factors).
"""

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import pyarrow as pa

from bigdata_emis.arrays import Flags, Floats
from bigdata_emis.equations.traffic import REFERENCE_HUMIDITY_SHARE, REFERENCE_TEMPERATURE_DEGC, WEATHER_DECIMALS
from bigdata_emis.inventory.roads.guide_tables import Vehicle, group_rows, has_reached, step_factor

STATION_HOUR = [("hour_utc", "ascending"), ("station_id", "ascending")]


def mean_weather_by_hour(weather_hourly: pa.Table, hours: Sequence[datetime]) -> tuple[Floats, Floats]:
    """Mean temperature in °C and mean humidity share of the stations by hour; NaN where no station has it."""
    # In one order, since sums of floats in another order differ in the last bit, and engines return rows in their own.
    ordered = weather_hourly.sort_by(STATION_HOUR)
    temperature, humidity = (
        _mean_by_hour(ordered, name, hours) for name in ("air_temperature_degc", "relative_humidity_share")
    )
    return temperature, humidity


def is_weather_known(temperature_degc: Floats, humidity_share: Floats) -> Flags:
    """Whether both corrections of an hour rest on measured weather."""
    return ~(np.isnan(temperature_degc) | np.isnan(humidity_share))


def temperature_corrections(
    road_temperature_correction: pa.Table,
    vehicles: Sequence[Vehicle],
    pollutants: Sequence[str],
    temperature_degc: Floats,
) -> Floats:
    """The correction of each hour, `(vehicles, hours, pollutants)`; 1 where the temperature is unknown."""
    key = ("vehicle_class_code", "fuel_code", "pollutant_code")
    steps = group_rows(road_temperature_correction, key, ("lower_temperature_degc", "temperature_correction"))
    corrections = np.ones((len(vehicles), len(temperature_degc), len(pollutants)))
    for i, (vehicle, fuel, _) in enumerate(vehicles):
        for j, pollutant in enumerate(pollutants):
            rows = steps.get((vehicle, fuel, pollutant), [])
            corrections[i, :, j] = step_factor(rows, temperature_degc, REFERENCE_TEMPERATURE_DEGC)
    return corrections


def humidity_corrections(
    road_humidity_correction: pa.Table,
    vehicles: Sequence[Vehicle],
    pollutants: Sequence[str],
    *,
    temperature_degc: Floats,
    humidity_share: Floats,
) -> Floats:
    """The correction of each hour, `(vehicles, hours, pollutants)`.

    One row applies, that up to 24 °C or that above, never both. It is 1 at exactly the reference humidity and where the
    weather is unknown.
    """
    key, values = ("fuel_code", "pollutant_code"), ("lower_temperature_degc", "upper_temperature_degc")
    bins = group_rows(road_humidity_correction, key, (*values, "lower_humidity_share", "humidity_correction"))
    corrections = np.ones((len(vehicles), len(temperature_degc), len(pollutants)))
    for i, (_, fuel, _) in enumerate(vehicles):
        for j, pollutant in enumerate(pollutants):
            for low, high, lower, factor in bins.get((fuel, pollutant), []):
                is_reached = _is_between(low, high, temperature_degc)
                is_reached &= has_reached(lower, humidity_share, REFERENCE_HUMIDITY_SHARE)
                corrections[i, is_reached & (humidity_share != REFERENCE_HUMIDITY_SHARE), j] = factor
    return corrections


def _is_between(low: float, high: float, temperature_degc: Floats) -> Flags:
    is_above = has_reached(low, temperature_degc, REFERENCE_TEMPERATURE_DEGC)
    return is_above & ~has_reached(high, temperature_degc, REFERENCE_TEMPERATURE_DEGC)


def _mean_by_hour(weather_hourly: pa.Table, name: str, hours: Sequence[datetime]) -> Floats:
    means = weather_hourly.group_by("hour_utc", use_threads=False).aggregate([(name, "mean")])
    by_hour = dict(zip(means["hour_utc"].to_pylist(), means[f"{name}_mean"].to_pylist(), strict=True))
    # Rounded, because a mean of 24.000000000001 would be on the other side of a bin edge.
    values = [np.nan if by_hour.get(hour) is None else round(by_hour[hour], WEATHER_DECIMALS) for hour in hours]
    return np.array(values, dtype=float)
