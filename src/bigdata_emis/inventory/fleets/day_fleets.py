"""The fleet of each road class and place in each hour: the most specific one that holds, less what may not drive.

Belongs here: the choice of a fleet and restrictions in force. Does not: emission factors (road_factors), refusals at
registration (collect/registry/fleet_rules).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bigdata_emis import schema
from bigdata_emis.arrays import Flags, Floats
from bigdata_emis.codes import FleetDay, FleetSource, FlowMethod
from bigdata_emis.equations.traffic import restricted_fleet_share
from bigdata_emis.errors import InputError
from bigdata_emis.inventory.roads.guide_tables import Vehicle
from bigdata_emis.reference.fleet_places import FleetPlace
from bigdata_emis.reference.work_calendar import FRIDAY, WorkCalendar

VEHICLE = ("vehicle_class_code", "fuel_code", "emission_stage_code")
WEEKDAYS = (
    FleetDay.MONDAY,
    FleetDay.TUESDAY,
    FleetDay.WEDNESDAY,
    FleetDay.THURSDAY,
    FleetDay.FRIDAY,
    FleetDay.SATURDAY,
    FleetDay.SUNDAY,
)
TYPICAL_FLOWS = (FlowMethod.FREE_FLOW, FlowMethod.FREE_FLOW_PHONES, FlowMethod.FREE_FLOW_TRUCKS)
"""Methods of a flow that counters of other places and days are behind, so that no restriction has reduced it.

Phones and trucks move it by how far a link lies from the mean of counted links, and not with the traffic of the day.
"""
Row = Mapping[str, Any]
Shares = Mapping[Vehicle, float]


@dataclass(frozen=True)
class FleetTables:
    """The registry tables that decide which vehicles drive."""

    fleet_mix: pa.Table
    local_fleet: pa.Table
    traffic_restriction: pa.Table


@dataclass(frozen=True)
class DayFleets:
    """Fleets by road class and place.

    places: of each fleet, with its road class in road_classes. shares: in the flow, under restrictions, `(fleets,
    hours, vehicles)`; unrestricted: without them; restricted: the share of each kind of vehicle that restrictions keep
    off the road; kept: the share of a flow without restrictions that still drives, and sources: code of where the fleet
    is from, `(fleets, hours)`.
    """

    hours: tuple[datetime, ...]
    road_classes: tuple[str, ...]
    places: tuple[str, ...]
    vehicles: tuple[Vehicle, ...]
    shares: Floats
    unrestricted: Floats
    restricted: Floats
    kept: Floats
    sources: "npt.NDArray[np.object_]"

    @property
    def labels(self) -> list[str]:
        """One text for each fleet, to find that of a link."""
        return [fleet_label(road, place) for road, place in zip(self.road_classes, self.places, strict=True)]


def fleet_label(road_class: str, place: str) -> str:
    """The text by which a link finds its fleet."""
    return f"{road_class} {place}"


def day_fleets(
    tables: FleetTables,
    links: Iterable[tuple[str, FleetPlace]],
    *,
    hours: Sequence[datetime],
    time_zone: str,
    calendar: WorkCalendar,
) -> DayFleets:
    """The fleets of some hours for road classes in places, and for each class of fleet_mix in the region.

    Of the own fleets that hold, the most specific is taken: county before city before region, then one for a road
    class, then one for a weekday before one for workdays or days off, then one for hours; without any, fleet_mix.
    What restrictions keep off the road is 1 − Π (1 − banned × obeying); it changes no fleet that was counted on the
    road while they were in force.

    Raises:
        InputError: restrictions leave no vehicle on a road class.
    """
    usual = _usual_fleets(tables.fleet_mix)
    own = _own_fleets(tables.local_fleet)
    restrictions = tables.traffic_restriction.to_pylist()
    region = {(road, FleetPlace()) for road, _ in usual}
    listed = sorted(region | set(links), key=lambda one: (one[0], one[1].code))
    vehicles = sorted({v for shares in usual.values() for v in shares} | {v for _, shares in own for v in shares})
    local = [hour.astimezone(ZoneInfo(time_zone)) for hour in hours]
    shape = (len(listed), len(hours), len(vehicles))
    shares, restricted = np.zeros(shape), np.zeros(shape)
    sources = np.empty(shape[:2], dtype=object)
    for fleet, (road, place) in enumerate(listed):
        of_place = [one for one in own if _is_for(one[0], road, place)]
        bans = [row for row in restrictions if _is_for(row, road, place)]
        for hour, instant in enumerate(local):
            weekday = calendar.profile_weekday(instant.date())
            row, of_fleet = _choose(of_place, instant, weekday) or (None, usual.get((road, instant.hour), {}))
            sources[fleet, hour] = _source(row)
            shares[fleet, hour] = [of_fleet.get(vehicle, 0.0) for vehicle in vehicles]
            if row is None or not row["is_counted_on_road"]:
                held = [ban for ban in bans if holds(ban, instant, weekday)]
                restricted[fleet, hour] = [_restricted_share(vehicle, held) for vehicle in vehicles]
    kept = _kept_shares(shares, restricted, listed, local)
    return DayFleets(
        hours=tuple(hours),
        road_classes=tuple(road for road, _ in listed),
        places=tuple(place.code for _, place in listed),
        vehicles=tuple(vehicles),
        shares=_under_restrictions(shares, restricted, kept),
        unrestricted=shares,
        restricted=restricted,
        kept=kept,
        sources=sources,
    )


def holds(row: Row, instant: datetime, weekday: int) -> bool:
    """Whether a fleet or a restriction holds in a local hour, of a day that counts as this weekday (1 Monday)."""
    return (
        _is_valid_on(row, instant.date())
        and _is_on_weekday(row["fleet_day_code"], weekday)
        and _is_in_hours(row["from_local_hour"], row["to_local_hour"], instant.hour)
    )


def _usual_fleets(fleet_mix: pa.Table) -> dict[tuple[str, int], dict[Vehicle, float]]:
    """Shares by road class and local hour."""
    fleets: dict[tuple[str, int], dict[Vehicle, float]] = {}
    names = ("road_class_code", "local_hour", *VEHICLE, "fleet_share")
    for road, hour, vehicle, fuel, stage, share in zip(*(fleet_mix[n].to_pylist() for n in names), strict=True):
        fleets.setdefault((road, hour), {})[vehicle, fuel, stage] = share
    return fleets


def _own_fleets(local_fleet: pa.Table) -> list[tuple[Row, Shares]]:
    """One row of each own fleet, which has its selectors, and its shares."""
    fleets: dict[str, tuple[Row, dict[Vehicle, float]]] = {}
    for row in local_fleet.to_pylist():
        _, shares = fleets.setdefault(row["local_fleet_id"], (row, {}))
        shares[row["vehicle_class_code"], row["fuel_code"], row["emission_stage_code"]] = row["fleet_share"]
    return list(fleets.values())


def _choose(fleets: Sequence[tuple[Row, Shares]], instant: datetime, weekday: int) -> tuple[Row, Shares] | None:
    held = [one for one in fleets if holds(one[0], instant, weekday)]
    return max(held, key=lambda one: specificity(one[0]), default=None)


def specificity(row: Row) -> tuple[int, ...]:
    """How closely an own fleet is described; of two that hold, the greater wins."""
    place = 2 if row["county_id"] else 1 if row["city_name"] else 0
    day = 0 if not row["fleet_day_code"] else 2 if row["fleet_day_code"] in WEEKDAYS else 1
    return (place, int(bool(row["road_class_code"])), day, int(row["from_local_hour"] is not None))


def _source(row: Row | None) -> str:
    if row is None:
        return FleetSource.USUAL
    if row["county_id"]:
        return FleetSource.OWN_COUNTY
    return FleetSource.OWN_CITY if row["city_name"] else FleetSource.OWN_REGION


def _is_for(row: Row, road_class: str, place: FleetPlace) -> bool:
    return (row["road_class_code"] or road_class) == road_class and place.is_within(row["city_name"], row["county_id"])


def _is_valid_on(row: Row, day: date) -> bool:
    return (row["valid_from"] or day) <= day <= (row["valid_to"] or day)


def _is_on_weekday(code: str | None, weekday: int) -> bool:
    if code in WEEKDAYS:
        return WEEKDAYS[weekday - 1] == code
    return not code or (weekday <= FRIDAY) == (code == FleetDay.WORKDAY)


def _is_in_hours(first: int | None, end: int | None, hour: int) -> bool:
    if first is None or end is None:
        return True
    return first <= hour < end if first < end else hour >= first or hour < end


def _restricted_share(vehicle: Vehicle, restrictions: Sequence[Row]) -> float:
    """The share of a kind of vehicle that restrictions keep off the road: 1 − Π (1 − banned × obeying)."""
    driving = 1.0
    for row in restrictions:
        if _selects(row, vehicle):
            driving *= 1.0 - row["banned_share"] * row["compliance_share"]
    return 1.0 - driving


def _selects(row: Row, vehicle: Vehicle) -> bool:
    stages = list(schema.codes()["emission_stage"])
    is_older = stages.index(vehicle[2]) <= stages.index(row["stage_threshold_code"] or stages[-1])
    return row["vehicle_class_code"] in (None, vehicle[0]) and row["fuel_code"] in (None, vehicle[1]) and is_older


def _kept_shares(
    shares: Floats, restricted: Floats, listed: Sequence[tuple[str, FleetPlace]], local: Sequence[datetime]
) -> Floats:
    """The share of a flow without restrictions that still drives, `(fleets, hours)`; 1 where nothing is restricted."""
    changed: Flags = np.asarray(restricted.any(axis=2))
    kept: Floats = np.where(changed, (shares * (1.0 - restricted)).sum(axis=2), 1.0)
    fleet, hour = np.nonzero((kept <= 0) & (shares.sum(axis=2) > 0))
    if len(fleet):
        (road, place), instant = listed[int(fleet[0])], local[int(hour[0])]
        raise InputError(
            f"table traffic_restriction: no vehicle is left on {road} roads of {place.code}, {instant:%Y-%m-%d %H:%M}",
            "correct banned_share, or the vehicles that are selected",
        )
    return kept


def _under_restrictions(shares: Floats, restricted: Floats, kept: Floats) -> Floats:
    """The shares in the flow that is left; bit by bit those given where nothing is restricted."""
    if not restricted.any():
        return shares
    under: Floats = restricted_fleet_share(shares, restricted, kept_share=kept[:, :, None])
    return np.where(restricted.any(axis=2, keepdims=True), under, shares)
