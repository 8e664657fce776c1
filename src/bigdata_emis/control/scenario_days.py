"""The planned days of a scenario: what is read of each day, and under which conditions its hours are cut.

Belongs here: from the versions of a day to its plan. Does not: the plan itself (scenario/day_plan), what is written
(recalculate).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa

from bigdata_emis import schema
from bigdata_emis.control.outcome.normal_emission import COUNTERFACTUAL, NormalEmission
from bigdata_emis.control.scenario.day_plan import DayPlan, plan_day
from bigdata_emis.control.scenario.level_orders import LevelOrder
from bigdata_emis.control.scenario.measure_cuts import HourCondition, MeasureCuts
from bigdata_emis.control.scenario.measures import Measure
from bigdata_emis.control.scenario.process_limits import read_machine_shares, read_process_limits
from bigdata_emis.errors import RefusedError
from bigdata_emis.region import Region
from bigdata_emis.schema.row_times import select_between
from bigdata_emis.storage.lake import Version
from bigdata_emis.storage.scenario_lake import ScenarioStore
from bigdata_emis.window import HOUR, HOUR_US, MICROSECONDS_PER_S, Window, day_window

FACTORS = (
    "road_class_code",
    "fleet_place",
    "vehicle_class_code",
    "emission_stage_code",
    "pollutant_code",
    "speed_km_per_h",
    "hour_utc",
    "emission_factor_g_per_km",
    "restricted_share",
)
TRAFFIC = ("link_id", "hour_utc", "speed_km_per_h")
OUTCOME = "counterfactual_hourly"
PLACE = "fleet_place"
"""Trait that a basis of an earlier version may be without: its links have the fleets of the region."""
COUNTED = ("activity_area_id", "pollutant_code", "emission_stage_code", "annual_emission_t", "annual_source_code")
ONE_DAY = timedelta(days=1)
NO_LEVEL = ""


@dataclass(frozen=True)
class ScenarioEvent:
    """What a scenario is computed for: a region, its measures, and the level in the hours of a window.

    level: the highest that is ordered; orders: of an event that changes, in order of time, else none.
    """

    region: Region
    window: Window
    level: str
    cuts: MeasureCuts
    orders: Sequence[LevelOrder] = field(default_factory=tuple)

    def level_at(self, hour_utc: datetime) -> str:
        """The level that is ordered in an hour; none outside the window."""
        if not self.window.from_utc <= hour_utc < self.window.to_utc:
            return NO_LEVEL
        ordered = [order.level for order in self.orders if order.from_utc <= hour_utc]
        return ordered[-1] if ordered else self.level

    def at_level(self, level: str) -> "ScenarioEvent":
        """The event with one level all along."""
        return replace(self, level=level, orders=())

    def conditions(self, to_utc: datetime | None = None, *, from_utc: datetime | None = None) -> list[HourCondition]:
        """What decides in each hour from the first of the event, or before, to an instant or its end."""
        zone = ZoneInfo(self.region.time_zone)
        first_day = self.window.from_utc.astimezone(zone).date()
        hour = min(self.window.from_utc, from_utc or self.window.from_utc)
        listed = []
        while hour < (to_utc or self.window.to_utc):
            local = hour.astimezone(zone)
            days = (local.date() - first_day).days
            listed.append(HourCondition(self.level_at(hour), local.hour, _microseconds(hour), days))
            hour += HOUR
        return listed


@dataclass(frozen=True)
class OrderInForce:
    """A scenario whose order was in force, with these hours as the window of its event.

    outcome: versions of counterfactual_hourly by day, of days of which its outcome was judged.
    """

    scenario_id: str
    event: ScenarioEvent
    outcome: Mapping[str, Version] = field(default_factory=dict)


def make_event(
    region: Region, window: Window, level: str, measures: Sequence[Measure], orders: Sequence[LevelOrder] = ()
) -> ScenarioEvent:
    """The event with the process limits and machine shares of the region."""
    cuts = MeasureCuts(measures, read_process_limits(region), read_machine_shares(region))
    return ScenarioEvent(region, window, level, cuts, tuple(orders))


def read_sources(lake: ScenarioStore, day: date) -> pa.Table:
    """Table control_source of a day.

    Raises:
        RefusedError: the day has none, or one that an earlier version of the program wrote, without a trait.
    """
    window = f"--region {lake.region_id} --from {day} --to {day + ONE_DAY}"
    remedy = f"run emis run control_basis {window}, then emis run publish {window}"
    declared = [name for name in schema.table("control_source").names if name != PLACE]
    for path in lake.paths("control_source", [day]):
        missing = [name for name in declared if name not in lake.files.read_names(lake.files.plain(path))]
        if missing:
            raise RefusedError(
                f"{day}: the control basis has no {', '.join(missing)}; an earlier version of the program wrote it",
                remedy,
            )
    sources = lake.read("control_source", [day])
    if sources.num_rows == 0:
        raise RefusedError(f"{day}: the inventory has no control basis", remedy)
    return sources


def read_road_factors(lake: ScenarioStore, day: date) -> pa.Table:
    """The columns of table road_emission_factor_hourly of a day that a plan needs.

    Days of earlier versions are without places and restrictions.
    """
    return lake.coded("road_emission_factor_hourly", day, list(FACTORS))


def hours_of_day(event: ScenarioEvent, day: date) -> tuple[datetime, datetime]:
    """The first wanted instant of a day, and the one after its last."""
    whole_day = day_window(day, event.region.time_zone)
    return max(event.window.from_utc, whole_day.from_utc), min(event.window.to_utc, whole_day.to_utc)


def plan_scenario_day(
    day: date, event: ScenarioEvent, lake: ScenarioStore, *, in_force: Sequence[OrderInForce] = ()
) -> DayPlan:
    """Plan the hours of a day that are in the window of the event.

    in_force: the orders whose cuts the inventory of the window contains.

    Raises:
        ChangedFileError: an outcome is not what was recorded.
        RefusedError: the day has no control basis, or a link has traffic that is not in it.
    """
    sources = read_sources(lake, day)
    factors = read_road_factors(lake, day)
    traffic = lake.coded("traffic_hourly", day, list(TRAFFIC))
    counted = lake.read("counted_emission", [day], columns=list(COUNTED))
    whole_day = day_window(day, event.region.time_zone)
    from_utc, to_utc = hours_of_day(event, day)
    start_us = _microseconds(whole_day.from_utc)
    first, after = (_microseconds(instant) - start_us for instant in (from_utc, to_utc))

    def planned(one: ScenarioEvent) -> DayPlan:
        return plan_day(
            control_source=sources,
            road_emission_factor_hourly=factors,
            traffic_hourly=traffic,
            counted_emission=counted,
            cuts=one.cuts,
            conditions=one.conditions(to_utc, from_utc=from_utc),
            scenario_id=lake.scenario_id,
            start_us=start_us,
            hour_count=whole_day.hours,
            hours=range(first // HOUR_US, after // HOUR_US),
        )

    plan = planned(event)
    plan.is_projected = lake.is_projected(day)
    for order in in_force:
        held = order.event.window
        if held.from_utc < to_utc and held.to_utc > from_utc:
            before = planned(order.event)
            before.normal = _normal_emission(order, day, lake, before, start_us + first)
            plan.in_force.append(before)
    return plan


def _normal_emission(
    order: OrderInForce, day: date, lake: ScenarioStore, plan: DayPlan, first_us: int
) -> NormalEmission | None:
    """What would have been emitted without an order in the hours of a day in which it was in force, where judged."""
    version, held = order.outcome.get(str(day)), order.event.window
    if version is None:
        return None
    lake.verify(version)
    outcome = ScenarioStore(lake, order.scenario_id, {OUTCOME: {str(day): version}})
    rows = select_between(outcome.coded(OUTCOME, day, list(COUNTERFACTUAL)), "hour_utc", held.from_utc, held.to_utc)
    return NormalEmission.of_rows(rows.combine_chunks(), plan.row_of_source, first_us, len(plan.hours))


def _microseconds(instant: datetime) -> int:
    return int(instant.timestamp()) * MICROSECONDS_PER_S
