"""Wear of tyres, brakes and road surface, as parts of the road emission factor of particulate.

Belongs here: the wear by vehicle and process at the knots of speed. Does not: exhaust (road_factors), road dust that
traffic raises again (emit_area).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from bigdata_emis.arrays import Floats
from bigdata_emis.codes import Fuel, RoadProcess
from bigdata_emis.equations.traffic import load_correction, wear_factor_g_per_km
from bigdata_emis.inventory.roads.guide_tables import Vehicle, group_rows
from bigdata_emis.inventory.roads.state_correction import TRUCK_LOAD_OPTION

PROCESSES = (RoadProcess.TYRE_WEAR, RoadProcess.BRAKE_WEAR, RoadProcess.ROAD_SURFACE_WEAR)
REFERENCE_LOAD_SHARE = 0.5
"""The load for which the factors of heavy vehicles are valid, and the one where the region states none."""


def wear_knots(road_wear_speed_correction: pa.Table) -> tuple[float, ...]:
    """Speeds between which the correction of wear is linear."""
    return tuple(sorted(set(road_wear_speed_correction["speed_km_per_h"].to_pylist())))


def wear_pollutants(road_wear_factor: pa.Table) -> set[str]:
    """The pollutants that wear is a part of."""
    return set(road_wear_factor["pollutant_code"].to_pylist())


def wear_factors(
    road_wear_factor: pa.Table,
    road_wear_speed_correction: pa.Table,
    vehicles: Sequence[Vehicle],
    pollutants: Sequence[str],
    *,
    knots_km_per_h: Sequence[float],
    options: Mapping[str, Any],
) -> Floats:
    """The wear of each vehicle by distance, g/km, `(processes, vehicles, pollutants, knots)`; 0 for what has no row.

    It depends on the vehicle class alone: an electric vehicle wears as one with an engine. That it brakes less with its
    motor and is heavier is not counted, since no factor with a source is at hand.
    """
    loads = options.get(TRUCK_LOAD_OPTION, REFERENCE_LOAD_SHARE)
    names = ("base_wear_factor_g_per_km", "unladen_wear", "laden_wear_increase")
    listed = group_rows(road_wear_factor, ("road_process_code", "vehicle_class_code", "pollutant_code"), names)
    curves = group_rows(road_wear_speed_correction, ("road_process_code",), ("speed_km_per_h", "speed_correction"))
    wear = np.zeros((len(PROCESSES), len(vehicles), len(pollutants), len(knots_km_per_h)))
    for p, process in enumerate(PROCESSES):
        by_speed = _speed_corrections(curves.get((process,), []), knots_km_per_h)
        for v, (vehicle_class, _, _) in enumerate(vehicles):
            for j, pollutant in enumerate(pollutants):
                for base, unladen, increase in listed.get((process, vehicle_class, pollutant), []):
                    load = load_correction(
                        float(loads),
                        unladen_wear=unladen,
                        laden_wear_increase=increase,
                        reference_load_share=REFERENCE_LOAD_SHARE,
                    )
                    wear[p, v, j] = wear_factor_g_per_km(base, speed_correction=by_speed, load_correction=load)
    return wear


def has_exhaust(fuel: str) -> bool:
    """Whether a vehicle has an exhaust; what it wears is emitted by every vehicle."""
    return fuel != Fuel.ELECTRIC


def _speed_corrections(curve: Sequence[tuple[float, ...]], knots_km_per_h: Sequence[float]) -> Floats:
    """The correction at each knot; constant beyond the curve, and 1 where a process has none."""
    if not curve:
        return np.ones(len(knots_km_per_h))
    speeds, corrections = zip(*curve, strict=True)
    return np.asarray(np.interp(knots_km_per_h, speeds, corrections), dtype=float)
