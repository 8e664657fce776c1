"""The plan of one day of a scenario: the share cut of each source, and where each link's speed is in the road factors.

Belongs here: the layout of a day. Does not: the cut (cut_hours), which measure applies (measure_cuts), the factors
themselves (road_cuts).
"""

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import schema
from bigdata_emis.arrays import Flags, Floats, Integers, Positions
from bigdata_emis.control.scenario.measure_cuts import MeasureCuts
from bigdata_emis.control.scenario.road_cuts import RoadCuts, compute_road_cuts
from bigdata_emis.errors import RefusedError
from bigdata_emis.window import HOUR

HOUR_US = int(HOUR.total_seconds()) * 1_000_000
ABSENT = -1
BLOCK_ROWS = 1 << 15
"""Rows of a block: few enough that intermediate arrays stay in the cache of the processor."""


@dataclass
class DayTotals:
    """Totals of the region in the window hours of one day, by pollutant of the code list."""

    baseline_g: Floats
    cut_g: Floats
    is_hour_present: Flags


@dataclass
class DayPlan:
    """The layout of one day, by source and by link and hour.

    shares: share cut of each source, (sources,), 0 for links; link_rows: row of each source among the links, ABSENT for
    others; entries and fractions: position of each hour's speed in the factors, (links, hours); offsets: of each
    pollutant in the factors; hours: those of the day that are in the window.
    """

    start_us: int
    hour_count: int
    hours: range
    scenario_id: str
    source_rows: dict[str, int]
    shares: Floats
    link_rows: Positions
    entries: Positions
    fractions: Floats
    roads: RoadCuts
    totals: DayTotals = field(init=False)
    offsets: Positions = field(init=False)
    has_bans: bool = field(init=False)

    def __post_init__(self) -> None:
        codes = list(schema.codes()["pollutant"])
        stride, of_roads = self.roads.pollutant_stride, self.roads.pollutants
        offsets = [of_roads.index(code) * stride if code in of_roads else ABSENT for code in codes]
        self.offsets = np.array(offsets, dtype=np.intp)
        self.has_bans = bool(self.roads.banned.any())
        count = len(codes)
        self.totals = DayTotals(np.zeros(count), np.zeros(count), np.zeros(self.hour_count, dtype=bool))


def plan_day(
    *,
    control_source: pa.Table,
    road_emission_factor_hourly: pa.Table,
    traffic_hourly: pa.Table,
    cuts: MeasureCuts,
    scenario_id: str,
    start_us: int,
    hour_count: int,
    hours: range,
) -> DayPlan:
    """Plan one local day from `start_us` with `hour_count` hours, of which `hours` are wanted.

    Raises:
        RefusedError: a link has traffic but is not in the control basis.
    """
    roads = compute_road_cuts(road_emission_factor_hourly, cuts)
    is_link = pc.is_valid(control_source["road_class_code"]).to_numpy()
    links = control_source.filter(pa.array(is_link))
    entries, fractions = _locate_speeds(roads, links, traffic_hourly, start_us, hour_count)
    return DayPlan(
        start_us=start_us,
        hour_count=hour_count,
        hours=hours,
        scenario_id=scenario_id,
        source_rows={source_id: row for row, source_id in enumerate(control_source["source_id"].to_pylist())},
        shares=cuts.source_shares(control_source),
        link_rows=np.where(is_link, np.cumsum(is_link) - 1, ABSENT).astype(np.intp),
        entries=entries,
        fractions=fractions,
        roads=roads,
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
    classes = pc.fill_null(pc.index_in(links["road_class_code"], pa.array(roads.road_classes, pa.string())), ABSENT)
    class_of_link, hour_of_factors = classes.to_numpy().astype(np.intp), _factor_hours(roads, start_us, hour_count)
    for start in range(0, traffic_hourly.num_rows, BLOCK_ROWS):
        rows = slice(start, start + BLOCK_ROWS)
        link, hour = link_of_row[rows], (instants_us[rows] - start_us) // HOUR_US
        road_class, factor_hour = class_of_link.take(link), hour_of_factors.take(hour)
        entry, fraction = roads.locate(road_class, factor_hour, speeds[rows])
        entries[link, hour] = np.where((road_class != ABSENT) & (factor_hour != ABSENT), entry, ABSENT)
        fractions[link, hour] = fraction
    return entries, fractions


def _link_rows(link_id: pa.Array, link_ids: pa.ChunkedArray) -> Integers:
    encoded = link_id if pa.types.is_dictionary(link_id.type) else link_id.dictionary_encode()
    rows = pc.index_in(encoded.dictionary, link_ids.combine_chunks())
    if rows.null_count:
        unknown = encoded.dictionary.filter(pc.is_null(rows))[0].as_py()
        raise RefusedError(
            f"link {unknown} has traffic but is not in the control basis", "run `emis run control_basis` for the day"
        )
    link_rows: Integers = rows.to_numpy().astype(np.int64)[encoded.indices.to_numpy()]
    return link_rows


def _factor_hours(roads: RoadCuts, start_us: int, hour_count: int) -> Positions:
    """The position of each hour of the day among the hours of the factors."""
    positions = {instant: position for position, instant in enumerate(roads.hours_utc)}
    return np.array([positions.get(start_us + h * HOUR_US, ABSENT) for h in range(hour_count)], dtype=np.intp)
