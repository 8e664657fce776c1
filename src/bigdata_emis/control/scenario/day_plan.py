"""What one day of a scenario needs to be cut: each source's share, each link's place in the road factors, room for totals.

Belongs here: the layout of a day. Does not: the cut (hours.py), which measure holds (cuts.py), the factors themselves (roads.py).
"""

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import schema
from bigdata_emis.arrays import Flags, Floats, Integers, Positions
from bigdata_emis.control.scenario.measure_cuts import Cuts
from bigdata_emis.control.scenario.road_cuts import RoadCuts, road_cuts
from bigdata_emis.errors import RefusedError
from bigdata_emis.window import HOUR

HOUR_US = int(HOUR.total_seconds()) * 1_000_000
NOT_THERE = -1
BLOCK_ROWS = 1 << 15
"""So few that what is made of them on the way stays in the processor's cache."""


@dataclass
class DayTotals:
    """Region totals of the hours of the window in one day, by pollutant in the order of the code list."""

    baseline_g: Floats
    cut_g: Floats
    is_hour_present: Flags


@dataclass
class DayPlan:
    """What one day needs to be cut: each source's share, and for links the place of each hour's speed in the factors."""

    start_us: int
    hour_count: int
    hours: range
    scenario_id: str
    place_of_source: dict[str, int]
    shares: Floats
    link_rows: Positions
    entries: Positions
    fractions: Floats
    roads: RoadCuts
    totals: DayTotals = field(init=False)
    offsets: Positions = field(init=False)
    has_bans: bool = field(init=False)

    def __post_init__(self) -> None:
        listed = list(schema.codes()["pollutant"])
        count = len(listed)
        stride = self.roads.pollutant_stride
        places = [self.roads.pollutants.index(p) * stride if p in self.roads.pollutants else NOT_THERE for p in listed]
        self.offsets = np.array(places, dtype=np.intp)
        self.has_bans = bool(self.roads.banned.any())
        self.totals = DayTotals(np.zeros(count), np.zeros(count), np.zeros(self.hour_count, dtype=bool))


def plan_day(
    *,
    control_source: pa.Table,
    road_emission_factor_hourly: pa.Table,
    traffic_hourly: pa.Table,
    cuts: Cuts,
    scenario_id: str,
    start_us: int,
    hour_count: int,
    hours: range,
) -> DayPlan:
    """Lay out one local day of `hour_count` hours that starts at `start_us`, of which `hours` lie in the window.

    Raises RefusedError when a link has traffic but is not in the control basis.
    """
    roads = road_cuts(road_emission_factor_hourly, cuts)
    is_link = pc.is_valid(control_source["road_class_code"]).to_numpy()
    links = control_source.filter(pa.array(is_link))
    link_rows = np.where(is_link, np.cumsum(is_link) - 1, NOT_THERE).astype(np.intp)
    entries, fractions = _road_places(roads, links, traffic_hourly, start_us, hour_count)
    place_of_source = {source_id: place for place, source_id in enumerate(control_source["source_id"].to_pylist())}
    return DayPlan(
        start_us,
        hour_count,
        hours,
        scenario_id,
        place_of_source,
        cuts.of_sources(control_source),
        link_rows,
        entries,
        fractions,
        roads,
    )


def _road_places(
    roads: RoadCuts, links: pa.Table, traffic_hourly: pa.Table, start_us: int, hour_count: int
) -> tuple[Positions, Floats]:
    """By link and hour of the day: the place of its speed in the factors, NOT_THERE without traffic or factor."""
    entries = np.full((links.num_rows, hour_count), NOT_THERE, dtype=np.intp)
    fractions = np.zeros((links.num_rows, hour_count))
    if traffic_hourly.num_rows == 0 or not roads.pollutants:
        return entries, fractions
    links_of_rows = _link_places(traffic_hourly["link_id"].combine_chunks(), links["source_id"])
    instants, speeds = (
        traffic_hourly["hour_utc"].cast(pa.int64()).to_numpy(),
        traffic_hourly["speed_km_per_h"].to_numpy(),
    )
    classes = pc.fill_null(pc.index_in(links["road_class_code"], pa.array(roads.road_classes, pa.string())), NOT_THERE)
    class_of_link, hour_of_factors = classes.to_numpy().astype(np.intp), _factor_hours(roads, start_us, hour_count)
    for start in range(0, traffic_hourly.num_rows, BLOCK_ROWS):
        rows = slice(start, start + BLOCK_ROWS)
        link, hour = links_of_rows[rows], (instants[rows] - start_us) // HOUR_US
        road_class, factor_hour = class_of_link.take(link), hour_of_factors.take(hour)
        found, fraction = roads.place(road_class, factor_hour, speeds[rows])
        entries[link, hour] = np.where((road_class != NOT_THERE) & (factor_hour != NOT_THERE), found, NOT_THERE)
        fractions[link, hour] = fraction
    return entries, fractions


def _link_places(link_id: pa.Array, known_ids: pa.ChunkedArray) -> Integers:
    coded = link_id if pa.types.is_dictionary(link_id.type) else link_id.dictionary_encode()
    places = pc.index_in(coded.dictionary, known_ids.combine_chunks())
    if places.null_count:
        unknown = coded.dictionary.filter(pc.is_null(places))[0].as_py()
        raise RefusedError(
            f"link {unknown} has traffic but is not in the control basis", "run `emis run control_basis` for the day"
        )
    found: Integers = places.to_numpy().astype(np.int64)[coded.indices.to_numpy()]
    return found


def _factor_hours(roads: RoadCuts, start_us: int, hour_count: int) -> Positions:
    """Place of each hour of the day among the hours of the factors."""
    places = {instant: place for place, instant in enumerate(roads.hours_utc)}
    return np.array([places.get(start_us + h * HOUR_US, NOT_THERE) for h in range(hour_count)], dtype=np.intp)
