"""The cut of a list of measures that grows step by step: each step computes only what it changes.

Belongs here: the inventory of a day in memory, and which of its rows a step touches. Does not: the arithmetic of a cut
(scenario/cut_hours), the steps (waterfall).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from bigdata_emis.arrays import Flags, Floats, Positions
from bigdata_emis.control.inventory_versions import EMISSIONS, INVENTORY
from bigdata_emis.control.results.scenario_replay import ScenarioReplay
from bigdata_emis.control.scenario.cut_hours import (
    InventoryRows,
    read_rows,
    row_base,
    row_shares,
    split_blocks,
    strip_base,
    strip_shares,
)
from bigdata_emis.control.scenario.day_plan import ABSENT, BLOCK_ROWS, DayPlan, hour_conditions, plan_part
from bigdata_emis.control.scenario.measure_cuts import HourCondition, MeasureCuts
from bigdata_emis.control.scenario.measures import Measure
from bigdata_emis.control.scenario.road_cuts import RoadCuts, compute_road_cuts
from bigdata_emis.control.scenario_days import hours_of_day, plan_scenario_day, read_road_factors
from bigdata_emis.equations.control import cut_emission_g


@dataclass(frozen=True)
class _Strips:
    """The rows of a day that come in strips: every hour of one source and pollutant; base and cut: (strips, hours)."""

    source: Positions
    pollutant: Positions
    base: Floats
    cut: Floats


@dataclass(frozen=True)
class _SingleRows:
    """A block of the other rows of a day, in their order."""

    source: Positions
    pollutant: Positions
    hour: Positions
    base: Floats


class StepCuts:
    """The days of a scenario in memory, cut by one more step of its measures at a time."""

    def __init__(self, replay: ScenarioReplay) -> None:
        self._replay, self._measures = replay, list[Measure]()
        self._days = [_SteppedDay(replay, day) for day in replay.days]

    def add_step(self, measures: Sequence[Measure]) -> list[DayPlan]:
        """The days cut by the measures of all steps so far, to the last bit as by a pass over the whole inventory."""
        self._measures += measures
        cuts = replace(self._replay.event.cuts, measures=tuple(self._measures))
        has_traffic = any(measure.is_for_roads for measure in measures)
        return [day.cut(cuts, has_traffic=has_traffic) for day in self._days]


class _SteppedDay:
    """One day: its rows, read once, and its last plan with totals."""

    def __init__(self, replay: ScenarioReplay, day: date) -> None:
        self._conditions = _conditions(replay, day)
        self._factors = read_road_factors(replay.lake, day)
        whole = plan_scenario_day(day, replay.event, replay.lake, in_force=replay.orders_in_force(day))
        rows = read_rows(whole, replay.lake.pieces(INVENTORY, day, list(EMISSIONS)))
        self._strips, self._single_rows = _split(whole, rows)
        nothing = replace(replay.event.cuts, measures=())
        self._plan = plan_part(whole, nothing, self._conditions, self._road_cuts(whole, nothing))

    def cut(self, cuts: MeasureCuts, *, has_traffic: bool) -> DayPlan:
        """The plan of a longer list of measures with the totals of its cut.

        has_traffic: whether the new measures can select traffic; else the bans of the last step hold.
        """
        before = self._plan
        roads = self._road_cuts(before, cuts) if has_traffic else before.roads
        plan = plan_part(before, cuts, self._conditions, roads)
        touched = np.flatnonzero(_touched_strips(before, plan, self._strips))
        self._cut_strips(plan, touched)
        if np.array_equal(before.segments, plan.segments):
            plan.totals.cut_g[:] = before.totals.cut_g
            self._clear_single_rows(plan)
        else:
            touched = np.arange(len(self._strips.source))
        for part in _blocks(touched, len(plan.hours)):
            source, pollutant = self._strips.source[part], self._strips.pollutant[part]
            plan.totals.cut_g[source, pollutant] = np.add.reduceat(self._strips.cut[part], plan.segments, axis=1)
        self._add_single_rows(plan)
        self._plan = plan
        return plan

    def _road_cuts(self, plan: DayPlan, cuts: MeasureCuts) -> RoadCuts:
        return compute_road_cuts(self._factors, cuts, hour_conditions(plan, self._conditions))

    def _cut_strips(self, plan: DayPlan, touched: Positions) -> None:
        for part in _blocks(touched, len(plan.hours)):
            source, pollutant, base = self._strips.source[part], self._strips.pollutant[part], self._strips.base[part]
            self._strips.cut[part] = cut_emission_g(base, strip_shares(plan, source, pollutant, base))

    def _clear_single_rows(self, plan: DayPlan) -> None:
        for rows in self._single_rows:
            plan.totals.cut_g[rows.source, rows.pollutant] = 0.0

    def _add_single_rows(self, plan: DayPlan) -> None:
        """Add the cut of single rows in their order, since a sum of rows depends on it in the last digit."""
        for rows in self._single_rows:
            share = row_shares(plan, rows.source, rows.pollutant, rows.hour, rows.base)
            segment = plan.segment_of_hour()[rows.hour - plan.hours.start]
            np.add.at(plan.totals.cut_g, (rows.source, rows.pollutant, segment), cut_emission_g(rows.base, share))


def _conditions(replay: ScenarioReplay, day: date) -> list[HourCondition]:
    from_utc, to_utc = hours_of_day(replay.event, day)
    return replay.event.conditions(to_utc, from_utc=from_utc)


def _split(plan: DayPlan, pieces: Iterable[InventoryRows]) -> tuple[_Strips, list[_SingleRows]]:
    """The strips of a day and its other rows, as a recalculation distinguishes them."""
    strips: list[tuple[Positions, Positions, Floats]] = []
    single_rows: list[_SingleRows] = []
    for rows in pieces:
        for selected, is_strips in split_blocks(plan, rows):
            if is_strips:
                source, pollutant, normal = strip_base(plan, rows, selected)
                strips.append((source, pollutant, normal.base))
            else:
                source, pollutant, hour, normal = row_base(plan, rows, selected)
                single_rows.append(_SingleRows(source, pollutant, hour, normal.base))
    empty = np.zeros(0, dtype=np.intp)
    columns = zip(*(strips or [(empty, empty, np.zeros((0, len(plan.hours))))]), strict=True)
    sources, pollutants, base = (np.concatenate(column) for column in columns)
    return _Strips(sources, pollutants, base, np.zeros_like(base)), single_rows


def _touched_strips(before: DayPlan, plan: DayPlan, strips: _Strips) -> Flags:
    """Whether the share of a strip differs from that of the last step."""
    differs: Flags = (_hourly(before) != _hourly(plan)).any(axis=2)
    is_changed: Flags = differs[plan.cuts.kind_of_source.take(strips.source), strips.pollutant]
    if before.roads is plan.roads or not len(plan.roads.pollutants):
        return is_changed
    by_pollutant: Flags = (plan.roads.banned != before.roads.banned).reshape(len(plan.roads.pollutants), -1).any(axis=1)
    offset = plan.offsets.take(strips.pollutant)
    is_banned = (offset != ABSENT) & by_pollutant[np.maximum(offset, 0) // plan.roads.pollutant_stride]
    is_changed |= is_banned & (plan.link_rows.take(strips.source) != ABSENT)
    return is_changed


def _hourly(plan: DayPlan) -> Floats:
    """The shares of kinds in each hour of the window."""
    shares = plan.cuts.shares
    return shares if shares.shape[2] == len(plan.hours) else np.repeat(shares, len(plan.hours), axis=2)


def _blocks(places: Positions, hours: int) -> list[Positions]:
    """Strips in blocks small enough that intermediate arrays stay in the cache of the processor."""
    size = max(BLOCK_ROWS // max(hours, 1), 1)
    return [places[start : start + size] for start in range(0, len(places), size)]
