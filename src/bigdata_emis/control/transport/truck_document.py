"""The plants with an order on their trucks, and what their gates recorded: the document of an inspector.

Belongs here: reading tables, names, hours of orders in force. Does not: the verdict (truck_compliance), lines (cli).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pyarrow.compute as pc

from bigdata_emis.codes import AlertLevel
from bigdata_emis.control.scenario.measures import levels_up_to
from bigdata_emis.control.transport.truck_compliance import GateHours, PlantTrucks, judge_plant
from bigdata_emis.control.transport.truck_orders import TruckOrder, orders_of_plant, read_orders
from bigdata_emis.errors import InputError, shorten
from bigdata_emis.region import Region
from bigdata_emis.storage import database
from bigdata_emis.storage.lake import open_lake
from bigdata_emis.storage.registries.alert_record import fold_alerts, read_alert_events
from bigdata_emis.window import Window, day_window

USUAL_DAYS = 14
"""Days before the orders, with which a day is compared; own choice, two weeks have every weekday twice."""
SHARE_DIGITS = 6
NAMED_LEVEL = "level named for the whole day, whatever was in force 按全天指定级别，不代表当时已下达"
HOURLY, QUARANTINED = "gate_hourly", "gate_quarantine"


@dataclass(frozen=True)
class OrderedHours:
    """Hours in which a level is in force. source: the scenario, or that a person named the level."""

    window: Window
    level: str
    source: str


def judge_trucks(region: Region, *, day: date, level: str = "", plant: str = "") -> dict[str, Any]:
    """Every plant with an order on its trucks in hours of a day, those with the most banned trucks first.

    level: instead of the scenarios in force, for the whole day. plant: its identifier or Chinese name alone.

    Raises:
        InputError: the level or the plant is unknown, no gate was ever collected, nothing was in force on the day, or
            there is no order on trucks.
    """
    hours = _ordered_hours(region, day, level)
    orders, plants = read_orders(region.region_id), _plants(region, plant)
    if not orders:
        what = f"region {region.region_id} has no order on the trucks of plants"
        raise InputError(what, "write registry/transport_order.csv, or import the city's emergency list")
    first = day_window(day - timedelta(days=USUAL_DAYS), region.time_zone).from_utc
    gates = _read_gates(region, Window(first, day_window(day, region.time_zone).to_utc))
    usual = _usual_days(region, day)
    return {
        "region": region.region_id,
        "day": day.isoformat(),
        "orders": [
            {
                "level": part.level,
                "source": part.source,
                "from_utc": part.window.from_utc.isoformat(),
                "to_utc": part.window.to_utc.isoformat(),
                "plants": _judge_plants(plants, orders, gates, part, usual, region.time_zone),
            }
            for part in hours
        ],
    }


def _judge_plants(
    plants: Sequence[dict[str, Any]],
    orders: Sequence[TruckOrder],
    gates: GateHours,
    part: OrderedHours,
    usual: Sequence[Window],
    time_zone: str,
) -> list[dict[str, Any]]:
    levels = levels_up_to(part.level)
    judged = [
        (
            plant,
            own,
            judge_plant(_of_plant(gates, plant["enterprise_id"]), own, part.window, usual, time_zone=time_zone),
        )
        for plant in plants
        if (own := orders_of_plant(orders, plant, levels))
    ]
    judged.sort(key=lambda one: (-one[2].ordered_off, one[2].verdict.value, one[0]["enterprise_id"]))
    return [_describe(*one) for one in judged]


def _describe(plant: dict[str, Any], orders: Sequence[TruckOrder], trucks: PlantTrucks) -> dict[str, Any]:
    return {
        "enterprise_id": plant["enterprise_id"],
        "name_zh": plant["name_zh"],
        "name_en": plant["name_en"],
        "county_id": plant["county_id"],
        "verdict": trucks.verdict.value,
        "reason": trucks.reason.in_english,
        "reason_zh": trucks.reason.in_chinese,
        "banned": sorted({(order.vehicle_class_code, order.stage_threshold_code) for order in orders}),
        "sources": sorted({order.source for order in orders}),
        "entries": trucks.entries,
        "unknown_entries": trucks.unknown_entries,
        "ordered_off": trucks.ordered_off,
        "ordered_off_share": round(trucks.ordered_off_share, SHARE_DIGITS),
        "exits_ordered_off": trucks.exits,
        "usual_ordered_off_per_day": trucks.usual_per_day,
        "first_hour_utc": trucks.first_utc.isoformat() if trucks.first_utc else None,
        "last_hour_utc": trucks.last_utc.isoformat() if trucks.last_utc else None,
        "trips": trucks.trips,
    }


def _ordered_hours(region: Region, day: date, level: str) -> list[OrderedHours]:
    window = day_window(day, region.time_zone)
    if level:
        levels_up_to(level)
        return [OrderedHours(window, level, NAMED_LEVEL)]
    found = []
    for row in database.read("scenario", region.region_id).to_pylist():
        start, end = row["in_force_from_utc"], row["in_force_to_utc"]
        if start is None or row["alert_level_code"] in (None, AlertLevel.NONE):
            continue
        start, end = max(start, window.from_utc), min(end, window.to_utc)
        if start < end:
            found.append(OrderedHours(Window(start, end), row["alert_level_code"], row["scenario_id"]))
    if not found:
        raise InputError(f"no scenario was in force on {day}", "name the level with --level")
    return sorted(found, key=lambda part: part.window.from_utc)


def _plants(region: Region, plant: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = database.read("enterprise", region.region_id).to_pylist()
    if not plant:
        return rows
    named = [row for row in rows if plant in (row["enterprise_id"], row["name_zh"], row["name_en"])]
    if not named:
        raise InputError(f"plant '{shorten(plant)}' is not registered", "give its enterprise_id or its name")
    return named


def _read_gates(region: Region, window: Window) -> GateHours:
    lake, days = open_lake(region), window.days(region.time_zone)
    if not lake.days(HOURLY):
        what = f"region {region.region_id} has no record of a gate"
        raise InputError(what, "declare feed gate in feeds.toml, then emis run collect_gate and clean_gate")
    return GateHours(*(lake.read(name, days) for name in (HOURLY, QUARANTINED)))


def _of_plant(gates: GateHours, enterprise_id: str) -> GateHours:
    return GateHours(
        *(table.filter(pc.equal(table["enterprise_id"], enterprise_id)) for table in (gates.hourly, gates.quarantined))
    )


def _usual_days(region: Region, day: date) -> list[Window]:
    """The days before a day that have no hour of an alert or of a scenario in force."""
    held: list[tuple[Any, Any]] = [
        (alert.from_utc, alert.to_utc) for alert in fold_alerts(read_alert_events(region.region_id))
    ]
    scenarios = database.read("scenario", region.region_id)
    held += list(zip(*(scenarios[f"in_force_{side}_utc"].to_pylist() for side in ("from", "to")), strict=True))
    days = [day_window(day - timedelta(days=back), region.time_zone) for back in range(1, USUAL_DAYS + 1)]
    return [
        one
        for one in days
        if not any(start and start < one.to_utc and (end is None or end > one.from_utc) for start, end in held)
    ]
