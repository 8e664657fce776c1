"""What the gates of a plant recorded in the hours of an order on its trucks, and whether it was obeyed.

Belongs here: trucks by stage in hours with an order, the verdict about a plant. Does not: which orders there are
(truck_orders), reading tables and names (truck_document).

A truck that was ordered off and entered is a breach, however many others stayed away. That none was recorded shows
obedience only where the gate recorded at all, where the stages of nearly all trucks are known, and where no more of the
banned trucks left than had entered: a gate that misses entries records their exits.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, TypedDict

import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis.codes import Compliance, VehicleClass
from bigdata_emis.control.transport.truck_orders import TruckOrder
from bigdata_emis.window import Window

TRUCKS = (
    VehicleClass.HEAVYT,
    VehicleClass.MEDIUMT,
    VehicleClass.LIGHTT,
    VehicleClass.MINIT_LIGHTT,
    VehicleClass.LOWSPEEDT,
)
KIND = ("vehicle_class_code", "fuel_code", "emission_stage_code")
MOST_UNKNOWN_SHARE = 0.1
"""Of what entered, with a class, fuel or stage that is no code; above it no plant is said to obey. Own choice."""
LOCAL_HOUR = "local_hour"
STAY = timedelta(hours=24)
"""A truck that leaves in the hours of an order may have entered in so many hours before it; own choice."""


class TruckReason(Enum):
    """What a verdict rests on."""

    ENTERED = ("trucks that were ordered off entered", "禁行货车进厂")
    NONE_ENTERED = ("no truck that was ordered off entered", "无禁行货车进厂")
    NO_RECORDS = ("the gate sent no record in these hours", "该时段门禁无记录")
    EXITS_WITHOUT_ENTRIES = (
        "more trucks that were ordered off left than had entered in a day before: the gate misses entries",
        "禁行货车出厂多于此前一日进厂，门禁漏记进厂",
    )
    KIND_UNKNOWN = ("class, fuel or stage of too many trucks is unknown", "车型、燃料或排放阶段不明的车次过多")

    @property
    def in_english(self) -> str:
        """The reason in English."""
        return self.value[0]

    @property
    def in_chinese(self) -> str:
        """The reason in Chinese."""
        return self.value[1]


class StageTrips(TypedDict):
    """Trucks of one class, fuel and stage that entered, and whether they were ordered off."""

    vehicle_class_code: str
    fuel_code: str
    emission_stage_code: str
    entries: int
    is_ordered_off: bool


@dataclass(frozen=True)
class GateHours:
    """Rows of the gates of one plant (gate_hourly), and of records that cannot be used (gate_quarantine)."""

    hourly: pa.Table
    quarantined: pa.Table

    def within(self, from_utc: datetime, to_utc: datetime) -> "GateHours":
        """Those of an interval of time."""
        return GateHours(*(_between(table, from_utc, to_utc) for table in (self.hourly, self.quarantined)))


@dataclass(frozen=True)
class PlantTrucks:
    """What is said of a plant. usual_per_day: banned trucks that entered on a usual day; None where none is known.

    first_utc, last_utc: of the hours in which banned trucks entered. exits: of banned trucks.
    """

    verdict: Compliance
    reason: TruckReason
    entries: int
    unknown_entries: int
    ordered_off: int
    exits: int
    first_utc: datetime | None
    last_utc: datetime | None
    usual_per_day: float | None
    trips: list[StageTrips] = field(default_factory=list)

    @property
    def ordered_off_share(self) -> float:
        """Of the trucks of known kind that entered."""
        return self.ordered_off / self.entries if self.entries else 0.0


def judge_plant(
    gates: GateHours, orders: Sequence[TruckOrder], window: Window, usual_days: Sequence[Window], *, time_zone: str
) -> PlantTrucks:
    """Whether the trucks that the orders keep out of a plant entered it in the hours of a window.

    usual_days: whole days before in which no order held, and for which the gate may have records. time_zone: of the
    hours of the day to which an order may be limited.
    """
    gates = GateHours(*(_with_local_hours(table, time_zone) for table in (gates.hourly, gates.quarantined)))
    during = gates.within(window.from_utc, window.to_utc)
    before = gates.within(window.from_utc - STAY, window.from_utc)
    banned = _banned(during.hourly, orders)
    entered = banned.filter(pc.greater(banned["entry_count"], 0))
    hours = pc.min_max(entered["hour_utc"]).as_py()
    entered_before = _sum(_banned(before.hourly, orders), "entry_count")
    facts = {
        "entries": _sum(_trucks(during.hourly), "entry_count"),
        "unknown_entries": _sum(during.quarantined, "entry_count"),
        "ordered_off": _sum(banned, "entry_count"),
        "exits": _sum(banned, "exit_count"),
    }
    verdict, reason = _verdict(facts, entered_before, has_records=bool(during.hourly.num_rows))
    usual = [_sum(_banned(day.hourly, orders), "entry_count") for day in _recorded(gates, usual_days)]
    return PlantTrucks(
        verdict,
        reason,
        **facts,
        first_utc=hours["min"],
        last_utc=hours["max"],
        usual_per_day=sum(usual) / len(usual) if usual else None,
        trips=_trips(during.hourly, orders),
    )


def _verdict(facts: dict[str, int], entered_before: int, *, has_records: bool) -> tuple[Compliance, TruckReason]:
    if facts["ordered_off"]:
        return Compliance.BREACHED, TruckReason.ENTERED
    if not has_records:
        return Compliance.UNKNOWN, TruckReason.NO_RECORDS
    if facts["exits"] > entered_before:
        return Compliance.UNKNOWN, TruckReason.EXITS_WITHOUT_ENTRIES
    if facts["unknown_entries"] > MOST_UNKNOWN_SHARE * (facts["entries"] + facts["unknown_entries"]):
        return Compliance.UNKNOWN, TruckReason.KIND_UNKNOWN
    return Compliance.OBEYED, TruckReason.NONE_ENTERED


def _recorded(gates: GateHours, days: Sequence[Window]) -> list[GateHours]:
    parts = (gates.within(day.from_utc, day.to_utc) for day in days)
    return [part for part in parts if part.hourly.num_rows]


def _trips(hourly: pa.Table, orders: Sequence[TruckOrder]) -> list[StageTrips]:
    grouped = _trucks(hourly).group_by(list(KIND), use_threads=False).aggregate([("entry_count", "sum")])
    return [
        StageTrips(
            vehicle_class_code=row["vehicle_class_code"],
            fuel_code=row["fuel_code"],
            emission_stage_code=row["emission_stage_code"],
            entries=row["entry_count_sum"],
            is_ordered_off=any(order.bans(*(row[name] for name in KIND)) for order in orders),
        )
        for row in grouped.sort_by([(name, "ascending") for name in KIND]).to_pylist()
        if row["entry_count_sum"]
    ]


def _trucks(hourly: pa.Table) -> pa.Table:
    return hourly.filter(pc.is_in(hourly["vehicle_class_code"], pa.array([code.value for code in TRUCKS])))


def _banned(hourly: pa.Table, orders: Sequence[TruckOrder]) -> pa.Table:
    """The rows of vehicles that are ordered off in their hour of the day."""
    rows = zip(hourly[LOCAL_HOUR].to_pylist(), *(hourly[name].to_pylist() for name in KIND), strict=True)
    banned = [any(order.holds_at(hour) and order.bans(*kind) for order in orders) for hour, *kind in rows]
    return hourly.filter(pa.array(banned, pa.bool_()))


def _with_local_hours(table: pa.Table, time_zone: str) -> pa.Table:
    local = pc.local_timestamp(table["hour_utc"].cast(pa.timestamp("us", time_zone)))
    return table.append_column(LOCAL_HOUR, pc.hour(local))


def _between(table: pa.Table, from_utc: datetime, to_utc: datetime) -> pa.Table:
    hour: Any = table["hour_utc"]
    first, end = (pa.scalar(instant, hour.type) for instant in (from_utc, to_utc))
    return table.filter(pc.and_(pc.greater_equal(hour, first), pc.less(hour, end)))


def _sum(table: pa.Table, name: str) -> int:
    return int(pc.sum(table[name]).as_py() or 0)
