"""Road emission factors by vehicle, fleet and hour at the knots of the speed correction.

Belongs here: the one table of road factors, which inventory and control use, and its shape for the join with links.
Does not: traffic (emit_traffic), which fleet holds (fleets/day_fleets), what a measure bans (road_cuts).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis.arrays import Flags, Floats, Positions
from bigdata_emis.codes import CorrectionSource
from bigdata_emis.engine.columns import pollutant_column
from bigdata_emis.equations.traffic import emission_factor_g_per_km
from bigdata_emis.inventory.fleets.day_fleets import VEHICLE, DayFleets
from bigdata_emis.inventory.roads.guide_tables import GuideTables, Vehicle, group_rows
from bigdata_emis.inventory.roads.parts.carbon_factors import add_carbon, carbon_pollutants
from bigdata_emis.inventory.roads.parts.running_loss import evaporation_knots, running_losses
from bigdata_emis.inventory.roads.parts.wear_factors import wear_factors, wear_knots, wear_pollutants
from bigdata_emis.inventory.roads.speed_correction import speed_corrections, speed_knots
from bigdata_emis.inventory.roads.state_correction import NAMES, StateCorrection, state_corrections
from bigdata_emis.inventory.roads.weather_correction import (
    humidity_corrections,
    is_weather_known,
    mean_weather_by_hour,
    temperature_corrections,
)
from bigdata_emis.schema.arrow import TYPES

FACTOR = "emission_factor_g_per_km"
LOSS = "running_loss_g_per_km"
WEAR = "wear_factor_g_per_km"
UNRESTRICTED = "unrestricted_emission_factor_g_per_km"


@dataclass(frozen=True)
class RoadFactors:
    """Factors of one vehicle of each kind, and the share of the kind in the flow of each fleet.

    g_per_km: exhaust, fuel that evaporates and wear, `(vehicles, hours, pollutants, knots)`; loss_g_per_km: the part
    that evaporates; wear_g_per_km: the part of each process of wear, `(processes, vehicles, pollutants, knots)`.
    fleets: of road classes in places; their vehicles are those of the factors. sources: origin of each correction of
    the state by name, `(hours, vehicles)`.
    """

    fleets: DayFleets
    pollutants: tuple[str, ...]
    knots_km_per_h: tuple[float, ...]
    g_per_km: Floats
    loss_g_per_km: Floats
    wear_g_per_km: Floats
    is_weather_known: Flags
    sources: Mapping[str, "np.typing.NDArray[np.object_]"]

    @property
    def hours(self) -> tuple[datetime, ...]:
        """The hours of the factors."""
        return self.fleets.hours

    def rows(self) -> pa.Table:
        """Table road_emission_factor_hourly: share × factor, one row for each that is not zero without restrictions."""
        # Axes in the order of the key, so that the rows are in it too.
        shares = self.fleets.shares
        unrestricted = weighted = np.einsum("fhv,vhpk->hfpkv", shares, self.g_per_km)
        if self.fleets.restricted.any():
            unrestricted = np.einsum("fhv,vhpk->hfpkv", self.fleets.unrestricted, self.g_per_km)
        hour, fleet, pollutant, knot, vehicle = np.nonzero(unrestricted)
        share = shares[fleet, hour, vehicle]
        codes = {name: _code_of([v[n] for v in self.fleets.vehicles], vehicle) for n, name in enumerate(VEHICLE)}
        weather = np.where(self.is_weather_known, CorrectionSource.MEASURED, CorrectionSource.REFERENCE_STATE)
        return pa.table(
            {
                "road_class_code": _code_of(self.fleets.road_classes, fleet),
                "fleet_place": _code_of(self.fleets.places, fleet),
                **codes,
                "pollutant_code": _code_of(self.pollutants, pollutant),
                "speed_km_per_h": np.array(self.knots_km_per_h, dtype=float)[knot],
                "hour_utc": pc.take(pa.array(self.hours, TYPES["instant"]), pa.array(hour)),
                FACTOR: weighted[hour, fleet, pollutant, knot, vehicle],
                LOSS: share * self.loss_g_per_km[vehicle, pollutant, knot],
                WEAR: share * self.wear_g_per_km.sum(axis=0)[vehicle, pollutant, knot],
                "weather_source_code": _code_of(list(weather), hour),
                **{f"{name}_source_code": pa.array(self.sources[name][hour, vehicle], pa.string()) for name in NAMES},
                "fleet_source_code": pa.array(self.fleets.sources[fleet, hour], pa.string()),
                "restricted_share": self.fleets.restricted[fleet, hour, vehicle],
                UNRESTRICTED: unrestricted[hour, fleet, pollutant, knot, vehicle],
            }
        )

    def of_fleet(self) -> Floats:
        """Share × factor summed over the fleet, g/km, `(fleets, hours, pollutants, knots)`.

        Summed by a plain loop over vehicles in their order, so that a rerun gives the same bytes.
        """
        return self._sum_of_fleet(self.g_per_km)

    def wear_of_fleet(self, process: int) -> Floats:
        """Share × wear of one process summed over the fleet, g/km, `(fleets, hours, pollutants, knots)`."""
        return self._sum_of_fleet(self.wear_g_per_km[process][:, None])

    def _sum_of_fleet(self, of_vehicle: Floats) -> Floats:
        shares = self.fleets.shares
        total = np.zeros((*shares.shape[:2], *of_vehicle.shape[2:]))
        for v in range(shares.shape[2]):
            total += shares[:, :, v, None, None] * of_vehicle[v]
        return total

    def segments(self) -> pa.Table:
        """Factors of each vehicle at both ends of each speed segment, pollutants as columns.

        A small table, whatever the number of links.
        """
        share, factors = self.fleets.shares, self.g_per_km
        segments = len(self.knots_km_per_h) - 1
        fleet, hour, vehicle = (np.repeat(axis, segments) for axis in np.nonzero(share))
        segment = np.tile(np.arange(segments), len(fleet) // max(segments, 1))
        knots = np.array(self.knots_km_per_h)
        ends = {
            pollutant_column(f"{side}_{FACTOR}", p): factors[vehicle, hour, j, segment + step]
            for step, side in enumerate(("lower", "upper"))
            for j, p in enumerate(self.pollutants)
        }
        return pa.table(
            {
                "road_class_code": _code_of(self.fleets.road_classes, fleet),
                "fleet_place": _code_of(self.fleets.places, fleet),
                "hour_utc": pc.take(pa.array(self.hours, TYPES["instant"]), pa.array(hour)),
                "segment": pa.array(segment, pa.int32()),
                **{name: _code_of([v[n] for v in self.fleets.vehicles], vehicle) for n, name in enumerate(VEHICLE)},
                "fleet_share": share[fleet, hour, vehicle],
                "kept_share": self.fleets.kept[fleet, hour],
                "is_reference_state": ~self.is_weather_known[hour],
                "lower_speed_km_per_h": knots[segment],
                "upper_speed_km_per_h": knots[segment + 1],
                **ends,
            }
        )


def compute_road_factors(
    fleets: DayFleets, weather_hourly: pa.Table, guide: GuideTables, *, time_zone: str, options: Mapping[str, Any]
) -> RoadFactors:
    """The factors of every vehicle of the fleets in their hours, with all corrections of the guide.

    Factors are linear between the knots and constant outside them, so the factors at the knots are enough
    for any speed. Weather is the mean of the stations. `options` are those of the region.

    Source: technical guide for on-road vehicle inventories, China 2014 (trial); corrections of the reference tables.
    """
    listed, hours = fleets.vehicles, fleets.hours
    pollutants, knots = _pollutants(guide), _knots(guide)
    temperature, humidity = mean_weather_by_hour(weather_hourly, hours)
    local = [hour.astimezone(ZoneInfo(time_zone)) for hour in hours]
    days = sorted({instant.date() for instant in local})
    by_day = [state_corrections(guide, listed, pollutants, day=day, options=options) for day in days]
    day_of = np.array([days.index(instant.date()) for instant in local], dtype=np.intp)
    state = {name: _by_hour([one[name] for one in by_day], day_of) for name in NAMES}
    exhaust = emission_factor_g_per_km(
        _base_factors(guide.road_base_emission_factor, listed, pollutants)[:, None, :, None],
        temperature_correction=temperature_corrections(
            guide.road_temperature_correction, listed, pollutants, temperature
        )[..., None],
        humidity_correction=humidity_corrections(
            guide.road_humidity_correction, listed, pollutants, temperature_degc=temperature, humidity_share=humidity
        )[..., None],
        speed_correction=speed_corrections(guide.road_speed_correction, listed, pollutants, knots)[:, None],
        **{f"{name}_correction": state[name][..., None] for name in NAMES},
    )
    losses, wear = _beside_exhaust(guide, listed, pollutants, knots=knots, options=options)
    return RoadFactors(
        fleets=fleets,
        pollutants=tuple(pollutants),
        knots_km_per_h=tuple(knots),
        g_per_km=add_carbon(exhaust, guide.road_carbon_share, listed, pollutants)
        + (losses + wear.sum(axis=0))[:, None],
        loss_g_per_km=losses,
        wear_g_per_km=wear,
        is_weather_known=is_weather_known(temperature, humidity),
        sources={name: _sources_by_hour([one[name] for one in by_day], day_of) for name in NAMES},
    )


def _pollutants(guide: GuideTables) -> list[str]:
    """The pollutants of the exhaust, of its carbon and of wear."""
    exhaust = set(guide.road_base_emission_factor["pollutant_code"].to_pylist())
    return sorted(exhaust | carbon_pollutants(guide.road_carbon_share) | wear_pollutants(guide.road_wear_factor))


def _knots(guide: GuideTables) -> list[float]:
    """Speeds between which every part of the factor may be interpolated."""
    of_wear = wear_knots(guide.road_wear_speed_correction)
    evaporation = evaporation_knots(guide.road_evaporation_factor)
    return sorted({*speed_knots(guide.road_speed_correction), *evaporation, *of_wear})


def _beside_exhaust(
    guide: GuideTables,
    vehicles: Sequence[Vehicle],
    pollutants: Sequence[str],
    *,
    knots: Sequence[float],
    options: Mapping[str, Any],
) -> tuple[Floats, Floats]:
    """Fuel that evaporates, `(vehicles, pollutants, knots)`, and wear, with the process before the vehicle."""
    wear = wear_factors(
        guide.road_wear_factor,
        guide.road_wear_speed_correction,
        vehicles,
        pollutants,
        knots_km_per_h=knots,
        options=options,
    )
    return running_losses(guide.road_evaporation_factor, vehicles, pollutants, knots), wear


def _by_hour(days: Sequence[StateCorrection], day_of: Positions) -> Floats:
    """A correction of the state by hour, `(vehicles, hours, pollutants)`."""
    by_day: Floats = np.stack([one.factors for one in days], axis=1)
    return by_day[:, day_of]


def _sources_by_hour(days: Sequence[StateCorrection], day_of: Positions) -> "np.typing.NDArray[np.object_]":
    by_day = np.array([[str(source) for source in one.sources] for one in days], dtype=object)
    return by_day.reshape(len(days), -1)[day_of]


def _base_factors(base: pa.Table, vehicles: Sequence[Vehicle], pollutants: Sequence[str]) -> Floats:
    """By vehicle and pollutant; what the guide does not list (electric vehicles, carbon) has none."""
    listed = group_rows(base, (*VEHICLE, "pollutant_code"), ("base_emission_factor_g_per_km",))
    factors = [[listed.get((*v, p), [(0.0,)])[0][0] for p in pollutants] for v in vehicles]
    return np.array(factors, dtype=float).reshape(len(vehicles), len(pollutants))


def _code_of(values: Sequence[str], numbers: Positions) -> pa.Array:
    return pc.take(pa.array([str(value) for value in values], pa.string()), pa.array(numbers))
