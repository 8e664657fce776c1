"""Which trucks may not enter a plant at an alert level: by the registry, and by the city's emergency list.

Belongs here: the orders and whom they are about. Does not: what the gates recorded (truck_compliance).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bigdata_emis import schema
from bigdata_emis.codes import EmissionStage, Fuel, ListItemStatus, MeasureKind
from bigdata_emis.control.emergency_list.list_versions import VERSION_ID, list_versions, read_items
from bigdata_emis.control.emergency_list.matching.list_registry import ListRegistry
from bigdata_emis.storage import database
from bigdata_emis.window import HOURS_PER_DAY

Row = Mapping[str, Any]
BANS = (MeasureKind.VEHICLE_BAN, MeasureKind.VEHICLE_ALLOW)
"""Measures of a list that keep trucks up to a stage out; others lower their number, which one day does not show."""
SELECTORS = ("enterprise_id", "industry_code", "grade_code")
LIMITING_FUELS = {"柴油": Fuel.DIESEL, "汽油": Fuel.GASOLINE}
"""Words of a measure that limit it to trucks of a fuel; without any it is about every truck that burns one."""
ADDED_FUELS = {"燃气": Fuel.GAS, "天然气": Fuel.GAS}
"""Words that add a fuel to those, and limit nothing by themselves, as in "heavy trucks, with gas, too"."""
REGISTERED = ("alert_level_code", "vehicle_class_code", "stage_threshold_code", "source", *SELECTORS)


@dataclass(frozen=True)
class TruckOrder:
    """One order: trucks of a class, of a stage and older, may not enter from a level on.

    An empty selector means any plant, no fuel any that burns. source: who ordered it, the place, what is exempt.
    local_hours: from which hour of the day to which it holds, also past midnight; None all day.
    """

    alert_level_code: str
    vehicle_class_code: str
    stage_threshold_code: str
    source: str
    enterprise_id: str = ""
    industry_code: str = ""
    grade_code: str = ""
    fuel_codes: tuple[str, ...] = ()
    local_hours: tuple[int, int] | None = None

    def is_about(self, plant: Row) -> bool:
        """Whether a plant of the registry is among those it selects."""
        return all(getattr(self, name) in ("", plant[name] or "") for name in SELECTORS)

    def bans(self, vehicle_class: str, fuel: str, stage: str) -> bool:
        """Whether a truck is ordered off; an electric one has no stage, and is only by an order on all."""
        if vehicle_class != self.vehicle_class_code or (self.fuel_codes and fuel not in self.fuel_codes):
            return False
        if self.stage_threshold_code == EmissionStage.ALL:
            return True
        stages = list(schema.codes()["emission_stage"])
        return fuel != Fuel.ELECTRIC and stages.index(stage) <= stages.index(self.stage_threshold_code)

    def holds_at(self, local_hour: int) -> bool:
        """Whether it holds in this hour of the day."""
        if self.local_hours is None:
            return True
        first, end = self.local_hours
        return first <= local_hour < end if first < end else local_hour >= first or local_hour < end


def read_orders(region_id: str) -> list[TruckOrder]:
    """The orders of the registry, and those of the newest emergency list whose plants are registered."""
    rows: list[dict[str, Any]] = database.read("transport_order", region_id).to_pylist()
    registered: list[dict[str, Any]] = [{name: row[name] or "" for name in REGISTERED} for row in rows]
    return [*(TruckOrder(**row) for row in registered), *_listed_orders(region_id)]


def orders_of_plant(orders: Iterable[TruckOrder], plant: Row, levels: Sequence[str]) -> list[TruckOrder]:
    """The orders on a plant at these levels."""
    return [order for order in orders if order.alert_level_code in levels and order.is_about(plant)]


def orders_of_items(items: Sequence[dict[str, Any]], registry: ListRegistry) -> list[TruckOrder]:
    """The accepted items of a list that keep trucks of a stage out of a registered plant."""
    return [
        TruckOrder(
            alert_level_code=item["alert_level_code"],
            vehicle_class_code=vehicle_class,
            stage_threshold_code=item["stage_text"],
            source=_source(item),
            enterprise_id=registry.enterprise(item),
            fuel_codes=_fuels(item["measure_text"] or ""),
            local_hours=_hours(item["hours_text"] or ""),
        )
        for item in items
        if _is_ban(item) and registry.enterprise(item)
        for vehicle_class in item["vehicle_class_codes"]
    ]


def _source(item: Row) -> str:
    place = f"{item['sheet_name']} {item['excel_row_number']}: {item['measure_text']}"
    return f"{place}; exempt 豁免: {item['exemption']}" if item["exemption"] else place


def _fuels(text: str) -> tuple[str, ...]:
    limits = {fuel.value for word, fuel in LIMITING_FUELS.items() if word in text}
    added = {fuel.value for word, fuel in ADDED_FUELS.items() if word in text}
    return tuple(sorted(limits | added)) if limits else ()


def _hours(text: str) -> tuple[int, int] | None:
    first, _, end = text.partition("-")
    return (int(first) % HOURS_PER_DAY, int(end)) if end else None


def _listed_orders(region_id: str) -> list[TruckOrder]:
    versions = list_versions(region_id)
    if not versions:
        return []
    items = read_items(region_id, versions[-1][VERSION_ID])
    return orders_of_items(items, ListRegistry(region_id, items))


def _is_ban(item: Row) -> bool:
    return (
        item["list_item_status_code"] == ListItemStatus.ACCEPTED
        and item["measure_kind_code"] in BANS
        and bool(item["vehicle_class_codes"])
        and item["stage_text"] in set(EmissionStage)
    )
