"""Fleet-weighted road emission factors by class and stage at the knots of the speed correction.

Belongs here: the factors of the control basis. Does not: traffic, what a measure bans (road_cuts).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis.arrays import Flags, Floats, Positions
from bigdata_emis.equations.traffic import (
    REFERENCE_HUMIDITY_SHARE,
    REFERENCE_SPEED_KM_PER_H,
    REFERENCE_TEMPERATURE_DEGC,
    WEATHER_DECIMALS,
    emission_factor_g_per_km,
)
from bigdata_emis.schema.arrow import TYPES

Axes = dict[str, list[Any]]
HOURS_PER_DAY = 24


def compute_road_emission_factors(
    *,
    fleet_mix: pa.Table,
    weather_hourly: pa.Table,
    base: pa.Table,
    speed: pa.Table,
    temperature: pa.Table,
    humidity: pa.Table,
    hours: Sequence[datetime],
    time_zone: str,
) -> pa.Table:
    """Table road_emission_factor_hourly of these hours.

        EF = Σ over fuels of fleet share × base factor × speed × temperature × humidity correction

    The speed correction is linear between the knots and constant outside them, so the factors at the knots are enough
    for any speed. Weather is the mean of the stations; an hour without weather has the corrections of the reference
    state (1).

    Source: technical guide for on-road vehicle inventories, China 2014 (trial); corrections of the reference tables.
    """
    axes = _distinct_values(fleet_mix, base, speed)
    degrees, damp = (
        _hourly_mean(weather_hourly, name, hours) for name in ("air_temperature_degc", "relative_humidity_share")
    )
    factors = emission_factor_g_per_km(
        _base_factors(axes, base)[:, None, :, None],
        temperature_correction=_temperature_factors(axes, temperature, degrees)[:, :, :, None],
        humidity_correction=_humidity_factors(axes, humidity, degrees, damp)[:, :, :, None],
        speed_correction=_speed_factors(axes, speed)[:, None],
    )
    mix = _fleet_shares(axes, fleet_mix)[:, [hour.astimezone(ZoneInfo(time_zone)).hour for hour in hours]]
    dense = np.zeros((len(hours), len(axes["road_class_code"]), *factors.shape[2:], len(axes["group"])))
    group_numbers = {group: number for number, group in enumerate(axes["group"])}
    for number, (vehicle, _, stage) in enumerate(axes["vehicle"]):
        weighted = mix[:, :, number].T[:, :, None, None] * factors[number][:, None]
        dense[..., group_numbers[vehicle, stage]] += weighted
    return _factor_rows(dense, axes, hours)


def _distinct_values(fleet_mix: pa.Table, base: pa.Table, speed: pa.Table) -> Axes:
    vehicles = zip(
        *(fleet_mix[c].to_pylist() for c in ("vehicle_class_code", "fuel_code", "emission_stage_code")), strict=True
    )
    distinct_vehicles = sorted(set(vehicles))
    return {
        "vehicle": distinct_vehicles,
        "group": sorted({(vehicle, stage) for vehicle, _, stage in distinct_vehicles}),
        "road_class_code": sorted(set(fleet_mix["road_class_code"].to_pylist())),
        "pollutant_code": sorted(set(base["pollutant_code"].to_pylist())),
        "speed": sorted({REFERENCE_SPEED_KM_PER_H, *speed["centre_speed_km_per_h"].to_pylist()}),
    }


def _base_factors(axes: Axes, base: pa.Table) -> Floats:
    """By vehicle and pollutant; a vehicle that the guide does not list (electric) has no exhaust emission."""
    names = (
        "vehicle_class_code",
        "fuel_code",
        "emission_stage_code",
        "pollutant_code",
        "base_emission_factor_g_per_km",
    )
    listed = {tuple(row[:-1]): row[-1] for row in zip(*(base[n].to_pylist() for n in names), strict=True)}
    factors = [[listed.get((*v, p), 0.0) for p in axes["pollutant_code"]] for v in axes["vehicle"]]
    return np.array(factors).reshape(len(axes["vehicle"]), len(axes["pollutant_code"]))


def _speed_factors(axes: Axes, speed: pa.Table) -> Floats:
    names = ("fuel_code", "emission_stage_code", "pollutant_code", "centre_speed_km_per_h", "speed_correction")
    curves: dict[tuple[str, str, str], dict[float, float]] = {}
    for fuel, stage, pollutant, centre, factor in zip(*(speed[n].to_pylist() for n in names), strict=True):
        curves.setdefault((fuel, stage, pollutant), {REFERENCE_SPEED_KM_PER_H: 1.0})[centre] = factor
    factors = np.ones((len(axes["vehicle"]), len(axes["pollutant_code"]), len(axes["speed"])))
    for i, (_, fuel, stage) in enumerate(axes["vehicle"]):
        for j, pollutant in enumerate(axes["pollutant_code"]):
            curve = curves.get((fuel, stage, pollutant))
            if curve:
                centres = sorted(curve)
                factors[i, j] = np.interp(axes["speed"], centres, [curve[c] for c in centres])
    return factors


def _fleet_shares(axes: Axes, fleet_mix: pa.Table) -> Floats:
    """By road class, local hour and vehicle."""
    classes = {code: i for i, code in enumerate(axes["road_class_code"])}
    vehicles = {vehicle: i for i, vehicle in enumerate(axes["vehicle"])}
    shares = np.zeros((len(classes), HOURS_PER_DAY, len(vehicles)))
    names = ("road_class_code", "local_hour", "vehicle_class_code", "fuel_code", "emission_stage_code", "fleet_share")
    for road, hour, vehicle, fuel, stage, share in zip(*(fleet_mix[n].to_pylist() for n in names), strict=True):
        shares[classes[road], hour, vehicles[vehicle, fuel, stage]] = share
    return shares


def _hourly_mean(weather_hourly: pa.Table, name: str, hours: Sequence[datetime]) -> Floats:
    """Mean of the stations by hour; NaN where no station has it."""
    means = weather_hourly.group_by("hour_utc", use_threads=False).aggregate([(name, "mean")])
    by_hour = dict(zip(means["hour_utc"].to_pylist(), means[f"{name}_mean"].to_pylist(), strict=True))
    values = [np.nan if by_hour.get(hour) is None else round(by_hour[hour], WEATHER_DECIMALS) for hour in hours]
    return np.array(values, dtype=float)


def _temperature_factors(axes: Axes, temperature: pa.Table, degrees: Floats) -> Floats:
    names = ("vehicle_class_code", "fuel_code", "pollutant_code", "lower_temperature_degc", "temperature_correction")
    steps: dict[tuple[str, str, str], list[tuple[float, float]]] = {}
    for *key, lower, factor in zip(*(temperature[n].to_pylist() for n in names), strict=True):
        steps.setdefault((key[0], key[1], key[2]), []).append((lower, factor))
    factors = np.ones((len(axes["vehicle"]), len(degrees), len(axes["pollutant_code"])))
    for i, (vehicle, fuel, _) in enumerate(axes["vehicle"]):
        for j, pollutant in enumerate(axes["pollutant_code"]):
            factors[i, :, j] = _step_factor(
                steps.get((vehicle, fuel, pollutant), []), degrees, REFERENCE_TEMPERATURE_DEGC
            )
    return factors


def _humidity_factors(axes: Axes, humidity: pa.Table, degrees: Floats, shares: Floats) -> Floats:
    names = (
        "fuel_code",
        "pollutant_code",
        "lower_temperature_degc",
        "upper_temperature_degc",
        "lower_humidity_share",
        "humidity_correction",
    )
    steps: dict[tuple[str, str], dict[tuple[float, float], list[tuple[float, float]]]] = {}
    for fuel, pollutant, low, high, lower, factor in zip(*(humidity[n].to_pylist() for n in names), strict=True):
        steps.setdefault((fuel, pollutant), {}).setdefault((low, high), []).append((lower, factor))
    factors = np.ones((len(axes["vehicle"]), len(degrees), len(axes["pollutant_code"])))
    for i, (_, fuel, _) in enumerate(axes["vehicle"]):
        for j, pollutant in enumerate(axes["pollutant_code"]):
            for (low, high), rows in steps.get((fuel, pollutant), {}).items():
                within = _has_reached(low, degrees, REFERENCE_TEMPERATURE_DEGC) & ~_has_reached(
                    high, degrees, REFERENCE_TEMPERATURE_DEGC
                )
                within &= shares != REFERENCE_HUMIDITY_SHARE
                factors[i, within, j] = _step_factor(rows, shares[within], REFERENCE_HUMIDITY_SHARE)
    return factors


def _step_factor(rows: list[tuple[float, float]], values: Floats, reference: float) -> Floats:
    """The factor of the last bin that each value has reached; 1 where the value is unknown (NaN)."""
    factors = np.ones(len(values))
    for edge, factor in sorted(rows):
        factors[_has_reached(edge, values, reference)] = factor
    return factors


def _has_reached(edge: float, values: Floats, reference: float) -> Flags:
    """Whether each value is at or above an edge; an edge is in the bin nearer the reference state (24 °C, 25 °C)."""
    has_reached: Flags = values > edge if edge >= reference else values >= edge
    return has_reached


def _factor_rows(dense: Floats, axes: Axes, hours: Sequence[datetime]) -> pa.Table:
    """One row for each factor that is not zero."""
    hour, road, pollutant, knot, group = np.nonzero(dense)

    def code_of(values: list[Any], numbers: Positions) -> pa.Array:
        return pc.take(pa.array(values, pa.string()), pa.array(numbers))

    return pa.table(
        {
            "road_class_code": code_of(axes["road_class_code"], road),
            "vehicle_class_code": code_of([g[0] for g in axes["group"]], group),
            "emission_stage_code": code_of([g[1] for g in axes["group"]], group),
            "pollutant_code": code_of(axes["pollutant_code"], pollutant),
            "speed_km_per_h": np.array(axes["speed"], dtype=float)[knot],
            "hour_utc": pc.take(pa.array(list(hours), TYPES["instant"]), pa.array(hour)),
            "emission_factor_g_per_km": dense[hour, road, pollutant, knot, group],
        }
    )
