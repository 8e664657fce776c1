"""The detour of one day of a scenario: banned traffic that leaves links, by group of links, pollutant and hour.

Belongs here: from the inventory of links to the emission that is moved. Does not: which links take it (detour_links).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import schema
from bigdata_emis.arrays import Floats, Positions
from bigdata_emis.control.inventory_versions import EMISSIONS, INVENTORY
from bigdata_emis.control.moved.moved_options import Detour
from bigdata_emis.control.scenario.cut_hours import InventoryRows, read_rows, row_base
from bigdata_emis.control.scenario.day_plan import ABSENT, BLOCK_ROWS, DayPlan, hour_conditions
from bigdata_emis.control.scenario.road_cuts import RoadCuts, compute_road_cuts
from bigdata_emis.control.scenario_days import (
    OrderInForce,
    ScenarioEvent,
    hours_of_day,
    plan_scenario_day,
    read_road_factors,
)
from bigdata_emis.equations.control import cut_emission_g, moved_emission_g
from bigdata_emis.storage.scenario_lake import ScenarioStore

FACTOR = "emission_factor_g_per_km"


@dataclass(frozen=True)
class DetourDay:
    """Emission that leaves the links of each group, (groups, pollutants, hours of the day from start_us)."""

    start_us: int
    moved_g: Floats


def leave_links(
    detour: Detour, day: date, event: ScenarioEvent, lake: ScenarioStore, in_force: Sequence[OrderInForce]
) -> DetourDay:
    """The emission of the banned vehicles of a detour, times its share, on the links that they leave.

        moved = share × base × factor of the banned vehicles of these classes ÷ factor of all vehicles

    Raises as plan_scenario_day.
    """
    plan = plan_scenario_day(day, event, lake, in_force=in_force)
    roads = _roads_of_classes(detour, plan, event, lake, day)
    group_of_source = _groups(detour, plan)
    count = 1 if detour.links is None else len(detour.links.receivers)
    moved = np.zeros((count, len(schema.codes()["pollutant"]), plan.hour_count))
    if not roads.banned.any():
        return DetourDay(plan.start_us, moved)
    for rows in read_rows(plan, lake.pieces(INVENTORY, day, list(EMISSIONS))):
        for selected in _blocks(rows, group_of_source):
            source, pollutant, hour, normal = row_base(plan, rows, selected)
            is_moved = (group_of_source[source] != ABSENT) & (plan.offsets[pollutant] != ABSENT)
            source, pollutant, hour = source[is_moved], pollutant[is_moved], hour[is_moved]
            link = plan.link_rows[source]
            share = roads.banned_share(plan.entries[link, hour] + plan.offsets[pollutant], plan.fractions[link, hour])
            grams = moved_emission_g(cut_emission_g(normal.base[is_moved], share), detour.share)
            np.add.at(moved, (group_of_source[source], pollutant, hour), grams)
    return DetourDay(plan.start_us, moved)


def _roads_of_classes(detour: Detour, plan: DayPlan, event: ScenarioEvent, lake: ScenarioStore, day: date) -> RoadCuts:
    """The factors of the fleet, and of its banned vehicles of the classes of the detour."""
    factors = read_road_factors(lake, day)
    is_class = pc.is_in(factors["vehicle_class_code"].cast(pa.string()), pa.array(list(detour.vehicle_classes)))
    of_classes = pc.if_else(is_class, factors[FACTOR], 0.0)
    factors = factors.set_column(factors.schema.get_field_index(FACTOR), FACTOR, of_classes)
    from_utc, to_utc = hours_of_day(event, day)
    conditions = hour_conditions(plan, event.conditions(to_utc, from_utc=from_utc))
    return replace(plan.roads, banned=compute_road_cuts(factors, event.cuts, conditions).banned)


def _groups(detour: Detour, plan: DayPlan) -> Positions:
    """The group of each source that is a link of the closed area, ABSENT of others."""
    if detour.links is None:
        return np.where(plan.link_rows != ABSENT, 0, ABSENT)
    groups = np.full(len(plan.source_ids), ABSENT, dtype=np.intp)
    for link, group in detour.links.group_of.items():
        row = plan.row_of_source.get(link)
        if row is not None and plan.link_rows[row] != ABSENT:
            groups[row] = group
    return groups


def _blocks(rows: InventoryRows, group_of_source: Positions) -> Iterator[slice]:
    """Blocks of rows, of pieces that have a link of the closed area."""
    if (group_of_source[rows.source_row_of_code] == ABSENT).all():
        return
    for start in range(0, len(rows.emission), BLOCK_ROWS):
        yield slice(start, min(start + BLOCK_ROWS, len(rows.emission)))
