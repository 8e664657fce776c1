"""The corrections of a region and a day: fuel sulphur, deterioration, load and altitude, with the origin of each.

Belongs here: which value applies, and the code that says where it is from. Does not: weather and speed, which change
by the hour (weather_correction, speed_correction).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from bigdata_emis import reference
from bigdata_emis.arrays import Floats
from bigdata_emis.codes import CorrectionSource
from bigdata_emis.inventory.roads.guide_tables import GuideTables, Rows, Vehicle, group_rows, step_factor

REFERENCE_ALTITUDE_M = 0.0
TRUCK_LOAD_OPTION = "truck_load_share"
SULPHUR, DETERIORATION, LOAD, ALTITUDE = NAMES = ("sulphur", "deterioration", "load", "altitude")

Lookup = Callable[[Rows], tuple[float, CorrectionSource]]
RowsByKey = Mapping[tuple[str, ...], Rows]


@dataclass(frozen=True)
class StateCorrection:
    """One correction on one day: factors `(vehicles, pollutants)`, and the origin by vehicle."""

    factors: Floats
    sources: tuple[CorrectionSource, ...]


def state_corrections(
    guide: GuideTables, vehicles: Sequence[Vehicle], pollutants: Sequence[str], *, day: date, options: Mapping[str, Any]
) -> dict[str, StateCorrection]:
    """The four corrections of each vehicle on a local day, by name.

    Fuel sulphur is that of the region, else the limit valid on the day; deterioration is that of the year, else of the
    nearest year; load and altitude are those of the region. What is unknown is at the reference state, factor 1.
    """
    sulphur, deterioration, load, altitude = (
        group_rows(table, key, values)
        for table, key, values in (
            (guide.road_sulphur_correction, (*_TECHNOLOGY, _P), ("fuel_sulphur_ppm", "sulphur_correction")),
            (guide.road_deterioration_correction, (*_VEHICLE, _P), ("reference_year", "deterioration_correction")),
            (guide.road_load_correction, (*_MODEL, _P), ("load_share", "load_correction")),
            (guide.road_altitude_correction, (*_MODEL, _P), ("lower_altitude_m", "altitude_correction")),
        )
    )
    fuel_sulphur = _fuel_sulphur(guide.road_fuel_sulphur, day, options)
    unknown = (None, CorrectionSource.REFERENCE_STATE)

    def correct(rows: RowsByKey, key_of: Callable[[Vehicle], tuple[str, ...]], lookup: Any) -> StateCorrection:
        return _correct(rows, key_of, vehicles, pollutants, lookup)

    return {
        SULPHUR: correct(sulphur, lambda v: v[1:], lambda v: _interpolate(*fuel_sulphur.get(v[1], unknown))),
        DETERIORATION: correct(deterioration, lambda v: v, lambda _: _nearest_year(day.year)),
        LOAD: correct(load, lambda v: v[:2], lambda _: _interpolate(*_stated(options, TRUCK_LOAD_OPTION))),
        ALTITUDE: correct(altitude, lambda v: v[:2], lambda _: _step(*_stated(options, "altitude_m"))),
    }


def _correct(
    rows: RowsByKey,
    key_of: Callable[[Vehicle], tuple[str, ...]],
    vehicles: Sequence[Vehicle],
    pollutants: Sequence[str],
    lookup_of: Callable[[Vehicle], Lookup],
) -> StateCorrection:
    """The factor of each vehicle and pollutant; a vehicle without rows has none of this correction."""
    factors = np.ones((len(vehicles), len(pollutants)))
    sources = []
    for i, vehicle in enumerate(vehicles):
        source = CorrectionSource.NONE
        for j, pollutant in enumerate(pollutants):
            listed = rows.get((*key_of(vehicle), pollutant))
            if listed:
                factors[i, j], source = lookup_of(vehicle)(listed)
        sources.append(source)
    return StateCorrection(factors, tuple(sources))


def _fuel_sulphur(
    road_fuel_sulphur: pa.Table, day: date, options: Mapping[str, Any]
) -> dict[str, tuple[float, CorrectionSource]]:
    """Sulphur in ppm by fuel, and where it is from; a fuel of which nothing is known is absent."""
    valid = reference.valid_on(road_fuel_sulphur, day)
    listed = zip(valid["fuel_code"].to_pylist(), valid["fuel_sulphur_ppm"].to_pylist(), strict=True)
    by_fuel = {fuel: (ppm, CorrectionSource.TABLE) for fuel, ppm in listed}
    fuels = set(road_fuel_sulphur["fuel_code"].to_pylist())
    stated = {fuel: options[f"{fuel}_sulphur_ppm"] for fuel in fuels if f"{fuel}_sulphur_ppm" in options}
    return {**by_fuel, **{fuel: (float(ppm), CorrectionSource.REGION) for fuel, ppm in stated.items()}}


def _stated(options: Mapping[str, Any], name: str) -> tuple[float | None, CorrectionSource]:
    if name not in options:
        return None, CorrectionSource.REFERENCE_STATE
    return float(options[name]), CorrectionSource.REGION


def _interpolate(value: float | None, source: CorrectionSource) -> Lookup:
    def lookup(rows: Rows) -> tuple[float, CorrectionSource]:
        nodes, factors = zip(*rows, strict=True)
        return (1.0 if value is None else float(np.interp(value, nodes, factors))), source

    return lookup


def _step(value: float | None, source: CorrectionSource) -> Lookup:
    def lookup(rows: Rows) -> tuple[float, CorrectionSource]:
        known = np.array([np.nan if value is None else value])
        return float(step_factor(rows, known, REFERENCE_ALTITUDE_M)[0]), source

    return lookup


def _nearest_year(year: int) -> Lookup:
    def lookup(rows: Rows) -> tuple[float, CorrectionSource]:
        nearest, factor = min(rows, key=lambda row: abs(row[0] - year))
        return factor, CorrectionSource.TABLE if nearest == year else CorrectionSource.NEAREST_YEAR

    return lookup


_P = "pollutant_code"
_TECHNOLOGY = ("fuel_code", "emission_stage_code")
_MODEL = ("vehicle_class_code", "fuel_code")
_VEHICLE = (*_MODEL, "emission_stage_code")
