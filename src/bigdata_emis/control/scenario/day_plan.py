"""The plan of one day of a scenario: the share cut of each source, and where each link's speed is in the road factors.

Belongs here: the layout of a day. Does not: the cut (cut_hours), which measure applies (measure_cuts), the factors
themselves (road_cuts).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import schema
from bigdata_emis.arrays import Flags, Floats, Integers, Positions
from bigdata_emis.codes import Industry
from bigdata_emis.control.outcome.normal_emission import NormalEmission
from bigdata_emis.control.scenario.cut_errors import DayErrors
from bigdata_emis.control.scenario.measure_cuts import PLACE, HourCondition, MeasureCuts, SourceCuts
from bigdata_emis.control.scenario.process_limits import counted_shares
from bigdata_emis.control.scenario.road_cuts import RoadCuts, compute_road_cuts
from bigdata_emis.equations.control import combined_cut_share
from bigdata_emis.errors import RefusedError
from bigdata_emis.reference.error_correlations import ErrorCorrelations
from bigdata_emis.reference.fleet_places import REGION, minor_road_class
from bigdata_emis.window import HOUR_US

ABSENT = -1
BLOCK_ROWS = 1 << 15
"""Rows of a block: few enough that intermediate arrays stay in the cache of the processor."""


@dataclass
class DayTotals:
    """Totals of the window hours of one day, by source, pollutant of the code list and segment.

    A segment is a run of hours in which the same measures are in force. road_km: of links, by entry of the factors.
    Rows whose base is not the inventory, since an order was in force: known_count: it was estimated with the outcome;
    reconstructed_count: it follows from the share ordered; bounded_count: of these, those of which less than a tenth
    was left. obeyed_g: the part of the base that is not in the inventory, by pollutant and segment, of those rows: it
    was emitted without the order only if the order was obeyed.
    """

    baseline_g: Floats
    cut_g: Floats
    road_km: Floats
    is_hour_present: Flags
    obeyed_g: Floats
    known_count: int = 0
    reconstructed_count: int = 0
    bounded_count: int = 0


@dataclass
class DayPlan:
    """The layout of one day, by source and by link and hour.

    cuts: of sources by kind; its shares have one column, or one for each hour of the window; link_rows: row of each
    source among the links, ABSENT for others; entries and fractions: position of each hour's speed in the factors,
    (links, hours); offsets: of each pollutant in the factors; hours: those of the day that are in the window;
    segments: position of the first hour of each; minor_road_class: whose fleet is that of roads without a link;
    in_force: plans, for the same hours, of scenarios whose cuts the inventory contains; normal: of such a scenario,
    what would have been emitted without it, once that was estimated; errors: of the cuts, where the inventory is read
    with its intervals; is_projected: its inventory is in no table, so that rows with a cut state their base.
    """

    start_us: int
    hour_count: int
    hours: range
    scenario_id: str
    sources: pa.Table
    source_ids: pa.Array
    cuts: SourceCuts
    link_rows: Positions
    entries: Positions
    fractions: Floats
    roads: RoadCuts
    segments: Positions
    minor_road_class: str | None
    in_force: list["DayPlan"] = field(default_factory=list)
    normal: NormalEmission | None = None
    errors: DayErrors | None = None
    is_projected: bool = False
    totals: DayTotals = field(init=False)
    offsets: Positions = field(init=False)
    has_bans: bool = field(init=False)

    def __post_init__(self) -> None:
        codes = list(schema.codes()["pollutant"])
        stride, of_roads = self.roads.pollutant_stride, self.roads.pollutants
        offsets = [of_roads.index(code) * stride if code in of_roads else ABSENT for code in codes]
        self.offsets = np.array(offsets, dtype=np.intp)
        self.has_bans = bool(self.roads.banned.any())
        shape = (len(self.source_ids), len(codes), len(self.segments))
        road_km, present = np.zeros(len(self.roads.whole)), np.zeros(self.hour_count, dtype=bool)
        self.totals = DayTotals(np.zeros(shape), np.zeros(shape), road_km, present, np.zeros(shape[1:]))

    def with_errors(self, correlations: ErrorCorrelations) -> "DayPlan":
        """The plan of an inventory that is read with intervals and methods."""
        self.errors = DayErrors(correlations, self.sources["sector_code"], len(self.hours), self.segments)
        return self

    def without_layout(self) -> "DayPlan":
        """The plan after its last row was cut: what finds rows of the inventory is no longer in memory."""
        self.entries, self.fractions, self.normal = self.entries[:0].copy(), self.fractions[:0].copy(), None
        self.__dict__.pop("row_of_source", None)
        for before in self.in_force:
            before.without_layout()
        return self

    @cached_property
    def row_of_source(self) -> dict[str, int]:
        """The row of each source; looked up for every piece of the inventory."""
        return dict(zip(self.source_ids.to_pylist(), range(len(self.source_ids)), strict=True))

    def segment_of_hour(self) -> Positions:
        """The segment of each hour of the window."""
        return np.searchsorted(self.segments, np.arange(len(self.hours)), side="right") - 1


def plan_day(
    *,
    control_source: pa.Table,
    road_emission_factor_hourly: pa.Table,
    traffic_hourly: pa.Table,
    counted_emission: pa.Table,
    cuts: MeasureCuts,
    conditions: Sequence[HourCondition],
    scenario_id: str,
    start_us: int,
    hour_count: int,
    hours: range,
) -> DayPlan:
    """Plan one local day from `start_us` with `hour_count` hours, of which `hours` are wanted.

    conditions: of every hour from the first of the event to the last wanted one of the day.

    Raises:
        RefusedError: a link has traffic but is not in the control basis.
    """
    of_day = range(len(conditions) - len(hours), len(conditions))
    instants = {start_us + h * HOUR_US: conditions[p] for h, p in zip(hours, of_day, strict=True)}
    roads = compute_road_cuts(road_emission_factor_hourly, cuts, instants)
    is_link = pc.is_valid(control_source["road_class_code"]).to_numpy()
    links = control_source.filter(pa.array(is_link))
    entries, fractions = _locate_speeds(roads, links, traffic_hourly, start_us, hour_count)
    source_cuts = cuts.source_cuts(control_source, conditions, of_day, counted=counted_shares(counted_emission))
    minor = minor_road_class(road_class for road_class, place in roads.fleets if place == REGION)
    factor_hours = _factor_hours(roads, start_us, hour_count)[hours.start : hours.stop]
    return DayPlan(
        start_us=start_us,
        hour_count=hour_count,
        hours=hours,
        scenario_id=scenario_id,
        sources=control_source,
        source_ids=control_source["source_id"].combine_chunks(),
        cuts=_with_minor_roads(source_cuts, roads, minor, factor_hours),
        link_rows=np.where(is_link, np.cumsum(is_link) - 1, ABSENT).astype(np.intp),
        entries=entries,
        fractions=fractions,
        roads=roads,
        segments=_segments(source_cuts),
        minor_road_class=minor,
    )


def plan_part(plan: DayPlan, cuts: MeasureCuts, conditions: Sequence[HourCondition], roads: RoadCuts) -> DayPlan:
    """The plan of the same day for a part of its measures, with new totals; in_force and errors are left out.

    roads: the factors of the day with what the part of the measures bans.
    """
    of_day = range(len(conditions) - len(plan.hours), len(conditions))
    kinds_of = plan.cuts.kinds, plan.cuts.kind_of_source
    counted = plan.cuts.counted
    source_cuts = cuts.source_cuts(plan.sources, conditions, of_day, counted=counted, kinds_of=kinds_of)
    factor_hours = _factor_hours(roads, plan.start_us, plan.hour_count)[plan.hours.start : plan.hours.stop]
    return replace(
        plan,
        cuts=_with_minor_roads(source_cuts, roads, plan.minor_road_class, factor_hours),
        roads=roads,
        segments=_segments(source_cuts),
        in_force=[],
        errors=None,
    )


def sum_totals(plans: Sequence[DayPlan]) -> dict[str, tuple[float, float]]:
    """Baseline and cut by pollutant, summed in order of the days."""
    baseline, cut = (
        np.sum([getattr(plan.totals, name).sum(axis=(0, 2)) for plan in plans], axis=0)
        for name in ("baseline_g", "cut_g")
    )
    return {code: (float(b), float(c)) for code, b, c in zip(schema.codes()["pollutant"], baseline, cut, strict=True)}


def sum_obeyed(plans: Sequence[DayPlan]) -> dict[str, float]:
    """The part of the base by pollutant that rests on orders which count as obeyed, as nobody judged them."""
    obeyed = np.sum([plan.totals.obeyed_g.sum(axis=1) for plan in plans], axis=0)
    return dict(zip(schema.codes()["pollutant"], obeyed.tolist(), strict=True))


def hour_conditions(plan: DayPlan, conditions: Sequence[HourCondition]) -> dict[int, HourCondition]:
    """The condition of each wanted hour by its instant in microseconds; conditions: as in plan_day."""
    of_day = conditions[len(conditions) - len(plan.hours) :]
    return {plan.start_us + hour * HOUR_US: one for hour, one in zip(plan.hours, of_day, strict=True)}


def _segments(cuts: SourceCuts) -> Positions:
    """The first hour of each run of hours in which the same measures are in force."""
    return np.flatnonzero(np.diff(cuts.variant_of_hour, prepend=ABSENT))


def _with_minor_roads(cuts: SourceCuts, roads: RoadCuts, road_class: str | None, factor_hours: Positions) -> SourceCuts:
    """The cuts with those of vehicles on roads without a link, and shares in one column or one for each hour.

    combined = 1 − (1 − cut of the source) × (1 − banned share at the reference speed)
    """
    minor = [row for row, kind in enumerate(cuts.kinds) if kind[1] == Industry.MINOR_ROAD]
    if cuts.shares.shape[2] == 1 and not (minor and roads.banned.any()):
        return cuts
    shares = cuts.shares[:, :, cuts.column_of_hour]
    if minor and road_class is not None:
        codes = list(schema.codes()["pollutant"])
        places = [codes.index(pollutant) for pollutant in roads.pollutants]
        for row in minor:
            place = cuts.kinds[row][PLACE] or REGION
            banned = roads.shares_at_reference_speed(roads.banned, road_class, place)[:, factor_hours]
            banned[:, factor_hours == ABSENT] = 0.0
            shares[row, places] = combined_cut_share(shares[row, places], banned)
    return SourceCuts(
        cuts.kind_of_source,
        cuts.kinds,
        cuts.winners,
        shares,
        cuts.variant_of_hour,
        np.arange(shares.shape[2]),
        cuts.counted,
    )


def _locate_speeds(
    roads: RoadCuts, links: pa.Table, traffic_hourly: pa.Table, start_us: int, hour_count: int
) -> tuple[Positions, Floats]:
    """Position of the speed of each link and hour in the factors, ABSENT without traffic or factor, (links, hours)."""
    entries = np.full((links.num_rows, hour_count), ABSENT, dtype=np.intp)
    fractions = np.zeros((links.num_rows, hour_count))
    if traffic_hourly.num_rows == 0 or not roads.pollutants:
        return entries, fractions
    link_of_row = _link_rows(traffic_hourly["link_id"].combine_chunks(), links["source_id"])
    instants_us = traffic_hourly["hour_utc"].cast(pa.int64()).to_numpy()
    speeds = traffic_hourly["speed_km_per_h"].to_numpy()
    fleet_of_link, hour_of_factors = _fleets_of_links(roads, links), _factor_hours(roads, start_us, hour_count)
    flat_entries, flat_fractions = entries.reshape(-1), fractions.reshape(-1)
    for start in range(0, traffic_hourly.num_rows, BLOCK_ROWS):
        rows = slice(start, start + BLOCK_ROWS)
        link, hour = link_of_row[rows], (instants_us[rows] - start_us) // HOUR_US
        fleet, factor_hour = fleet_of_link.take(link), hour_of_factors.take(hour)
        entry, fraction = roads.locate(fleet, factor_hour, speeds[rows])
        place = link * hour_count + hour
        flat_entries[place] = np.where((fleet != ABSENT) & (factor_hour != ABSENT), entry, ABSENT)
        flat_fractions[place] = fraction
    return entries, fractions


def _fleets_of_links(roads: RoadCuts, links: pa.Table) -> Positions:
    """The position of the fleet of each link in the factors, ABSENT where they have none.

    A basis of an earlier version has no places: its links have the fleets of the region.
    """
    position = {fleet: number for number, fleet in enumerate(roads.fleets)}
    classes = links["road_class_code"].to_pylist()
    places = links["fleet_place"].to_pylist() if "fleet_place" in links.column_names else [None] * len(classes)
    wanted = ((road_class, place or REGION) for road_class, place in zip(classes, places, strict=True))
    return np.array([position.get(fleet, ABSENT) for fleet in wanted], dtype=np.intp)


def _link_rows(link_id: pa.Array, link_ids: pa.ChunkedArray) -> Integers:
    encoded = link_id if pa.types.is_dictionary(link_id.type) else link_id.dictionary_encode()
    rows = pc.index_in(encoded.dictionary, link_ids.combine_chunks())
    if rows.null_count:
        unknown = encoded.dictionary.filter(pc.is_null(rows))[0].as_py()
        raise RefusedError(
            f"link {unknown} has traffic but is not in the control basis",
            "run `emis run control_basis` and `emis run publish` for the day",
        )
    link_rows: Integers = rows.to_numpy().astype(np.int64)[encoded.indices.to_numpy()]
    return link_rows


def _factor_hours(roads: RoadCuts, start_us: int, hour_count: int) -> Positions:
    """The position of each hour of the day among the hours of the factors."""
    positions = {instant: position for position, instant in enumerate(roads.hours_utc)}
    return np.array([positions.get(start_us + h * HOUR_US, ABSENT) for h in range(hour_count)], dtype=np.intp)
