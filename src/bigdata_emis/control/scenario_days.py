"""The planned days of a scenario: what is read of each day, and under which conditions its hours are cut.

Belongs here: from the versions of a day to its plan. Does not: the plan itself (scenario/day_plan), what is written
(recalculate).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bigdata_emis import schema
from bigdata_emis.control.scenario.day_plan import HOUR_US, DayPlan, plan_day
from bigdata_emis.control.scenario.measure_cuts import HourCondition, MeasureCuts
from bigdata_emis.control.scenario.measures import Measure
from bigdata_emis.control.scenario.process_limits import read_machine_shares, read_process_limits
from bigdata_emis.errors import RefusedError
from bigdata_emis.region import Region
from bigdata_emis.storage.scenario_lake import ScenarioStore
from bigdata_emis.window import Window, day_window

FACTORS = schema.table("road_emission_factor_hourly").names
TRAFFIC = ("link_id", "hour_utc", "speed_km_per_h")
ONE_DAY = timedelta(days=1)
MICROSECONDS = 1_000_000


@dataclass(frozen=True)
class ScenarioEvent:
    """What a scenario is computed for: a region, its measures, and the level of each hour of a window."""

    region: Region
    window: Window
    level: str
    cuts: MeasureCuts

    def conditions(self, to_utc: datetime | None = None) -> list[HourCondition]:
        """The level and the local hour of each hour from the first of the event to an instant, by default its end."""
        zone = ZoneInfo(self.region.time_zone)
        hours = [hour for hour in self.window.hour_starts_utc() if to_utc is None or hour < to_utc]
        return [HourCondition(self.level, hour.astimezone(zone).hour) for hour in hours]


def make_event(region: Region, window: Window, level: str, measures: Sequence[Measure]) -> ScenarioEvent:
    """The event with the process limits and machine shares of the region."""
    return ScenarioEvent(
        region, window, level, MeasureCuts(measures, read_process_limits(region), read_machine_shares(region))
    )


def plan_scenario_day(day: date, event: ScenarioEvent, lake: ScenarioStore) -> DayPlan:
    """Plan the hours of a day that are in the window of the event.

    Raises:
        RefusedError: the day has no control basis, or a link has traffic that is not in it.
    """
    sources = lake.read("control_source", [day])
    if sources.num_rows == 0:
        raise RefusedError(
            f"{day}: the inventory has no control basis",
            f"run emis run control_basis --region {event.region.region_id} --from {day} --to {day + ONE_DAY}",
        )
    whole_day = day_window(day, event.region.time_zone)
    start_us = _microseconds(whole_day.from_utc)
    from_utc, to_utc = max(event.window.from_utc, whole_day.from_utc), min(event.window.to_utc, whole_day.to_utc)
    first, after = (_microseconds(instant) - start_us for instant in (from_utc, to_utc))
    return plan_day(
        control_source=sources,
        road_emission_factor_hourly=lake.coded("road_emission_factor_hourly", day, list(FACTORS)),
        traffic_hourly=lake.coded("traffic_hourly", day, list(TRAFFIC)),
        cuts=event.cuts,
        conditions=event.conditions(to_utc),
        scenario_id=lake.scenario_id,
        start_us=start_us,
        hour_count=whole_day.hours,
        hours=range(first // HOUR_US, after // HOUR_US),
    )


def _microseconds(instant: datetime) -> int:
    return int(instant.timestamp()) * MICROSECONDS
