"""Fuel that evaporates from driving vehicles, as a part of the road emission factor of VOCs.

Belongs here: the loss by vehicle at the knots of speed, and which pollutant it adds to. Does not: exhaust
(road_factors), parked vehicles (areas/counted_units).
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from bigdata_emis.arrays import Floats
from bigdata_emis.codes import EvaporationProcess, Pollutant
from bigdata_emis.equations.traffic import SLOWEST_SPEED_KM_PER_H, running_loss_g_per_km
from bigdata_emis.inventory.roads.guide_tables import Vehicle

EVAPORATES_AS = Pollutant.VOCS
KNOTS_KM_PER_H = (SLOWEST_SPEED_KM_PER_H, 7.0, 10.0, 15.0, 20.0, 25.0, 35.0, 45.0, 60.0, 75.0, 90.0, 120.0)
"""The loss by distance is 1 ÷ speed; between these knots a line is above it by at most 4.2 %."""


def evaporation_knots(road_evaporation_factor: pa.Table) -> tuple[float, ...]:
    """Speeds between which factors with evaporation may be interpolated; none where nothing evaporates."""
    return KNOTS_KM_PER_H if any(_loss_by_fuel(road_evaporation_factor).values()) else ()


def running_losses(
    road_evaporation_factor: pa.Table,
    vehicles: Sequence[Vehicle],
    pollutants: Sequence[str],
    knots_km_per_h: Sequence[float],
) -> Floats:
    """The loss of each vehicle by distance, g/km, `(vehicles, pollutants, knots)`; 0 for what does not evaporate."""
    by_fuel = _loss_by_fuel(road_evaporation_factor)
    loss_g_per_h = np.array([by_fuel.get(fuel, 0.0) for _, fuel, _ in vehicles], dtype=float)
    losses = np.zeros((len(vehicles), len(pollutants), len(knots_km_per_h)))
    if EVAPORATES_AS in pollutants:
        speeds = np.array(knots_km_per_h, dtype=float)
        by_distance = running_loss_g_per_km(loss_g_per_h[:, None], speeds[None, :])
        losses[:, list(pollutants).index(EVAPORATES_AS)] = by_distance
    return losses


def _loss_by_fuel(road_evaporation_factor: pa.Table) -> dict[str, float]:
    return {
        row["fuel_code"]: row["running_loss_g_per_h"]
        for row in road_evaporation_factor.to_pylist()
        if row["evaporation_process_code"] == EvaporationProcess.RUNNING
    }
