"""One day of a scenario: the cut of every source, pollutant and hour, worked through the inventory piece by piece.

Belongs here: the inner loop, whole columns at a time. Does not: reading or writing, or which measure holds.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bigdata_emis import schema
from bigdata_emis.control.cuts import Cuts
from bigdata_emis.control.roads import Places, RoadCuts, road_cuts
from bigdata_emis.equations.control import cut_emission_g
from bigdata_emis.errors import RefusedError
from bigdata_emis.window import HOUR

Floats = NDArray[np.float64]
HOUR_US = int(HOUR.total_seconds()) * 1_000_000
NOT_THERE = -1
BLOCK_ROWS = 1 << 16


@dataclass
class DayTotals:
    """Region totals of the hours of the window in one day, by pollutant in the order of the code list."""

    baseline_g: Floats
    cut_g: Floats
    is_hour_present: NDArray[np.bool_]


@dataclass
class DayPlan:
    """What one day needs to be cut: each source's share, and for links the place of each hour's speed in the factors."""

    start_us: int
    hour_count: int
    hours: range
    scenario_id: str
    source_ids: pa.Array
    shares: Floats
    link_rows: Places
    entries: Places
    fractions: Floats
    roads: RoadCuts
    totals: DayTotals = field(init=False)
    offsets: Places = field(init=False)
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
    *, control_source: pa.Table, road_emission_factor_hourly: pa.Table, traffic_hourly: pa.Table, cuts: Cuts,
    scenario_id: str, start_us: int, hour_count: int, hours: range,
) -> DayPlan:  # fmt: skip
    """Lay out one local day of `hour_count` hours that starts at `start_us`, of which `hours` lie in the window.

    Raises RefusedError when a link has traffic but is not in the control basis.
    """
    roads = road_cuts(road_emission_factor_hourly, cuts)
    is_link = pc.is_valid(control_source["road_class_code"]).to_numpy()
    links = control_source.filter(pa.array(is_link))
    link_rows = np.where(is_link, np.cumsum(is_link) - 1, NOT_THERE).astype(np.intp)
    entries, fractions = _road_places(roads, links, traffic_hourly, start_us, hour_count)
    source_ids = control_source["source_id"].combine_chunks()
    return DayPlan(
        start_us, hour_count, hours, scenario_id, source_ids, cuts.of_sources(control_source), link_rows, entries, fractions, roads
    )


def _road_places(roads: RoadCuts, links: pa.Table, traffic_hourly: pa.Table, start_us: int, hour_count: int) -> tuple[Places, Floats]:
    """By link and hour of the day: the place of its speed in the factors, NOT_THERE without traffic or factor."""
    entries = np.full(links.num_rows * hour_count, NOT_THERE, dtype=np.intp)
    fractions = np.zeros(links.num_rows * hour_count)
    if traffic_hourly.num_rows == 0 or not roads.pollutants:
        return entries, fractions
    link = _link_places(traffic_hourly["link_id"].combine_chunks(), links["source_id"])
    hour = (traffic_hourly["hour_utc"].cast(pa.int64()).to_numpy() - start_us) // HOUR_US
    classes = pc.fill_null(pc.index_in(links["road_class_code"], pa.array(roads.road_classes, pa.string())), NOT_THERE)
    road_class = classes.to_numpy().astype(np.intp)[link]
    factor_hour = _factor_hours(roads, start_us, hour_count)[hour]
    found, fraction = roads.place(road_class, factor_hour, traffic_hourly["speed_km_per_h"].to_numpy())
    places = link * hour_count + hour
    entries[places] = np.where((road_class != NOT_THERE) & (factor_hour != NOT_THERE), found, NOT_THERE)
    fractions[places] = fraction
    return entries, fractions


def _link_places(link_id: pa.Array, known_ids: pa.ChunkedArray) -> NDArray[np.int64]:
    coded = link_id if pa.types.is_dictionary(link_id.type) else link_id.dictionary_encode()
    places = pc.index_in(coded.dictionary, known_ids.combine_chunks())
    if places.null_count:
        unknown = coded.dictionary.filter(pc.is_null(places))[0].as_py()
        raise RefusedError(f"link {unknown} has traffic but is not in the control basis", "run `emis run control_basis` for the day")
    found: NDArray[np.int64] = places.to_numpy().astype(np.int64)[coded.indices.to_numpy()]
    return found


def _factor_hours(roads: RoadCuts, start_us: int, hour_count: int) -> Places:
    """Place of each hour of the day among the hours of the factors."""
    places = {instant: place for place, instant in enumerate(roads.hours_utc)}
    return np.array([places.get(start_us + h * HOUR_US, NOT_THERE) for h in range(hour_count)], dtype=np.intp)


def cut_pieces(plan: DayPlan, pieces: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Rows of control_hourly from rows of emission_hourly: those of the window in which something is cut.

    Adds baseline and cut to the plan's totals on the way, in the order of the rows. cut = emission * share.
    Raises RefusedError when a source or a link's hour is not in the control basis.
    """
    for whole in pieces:
        piece = _within(plan, whole)
        source, pollutant = piece["source_id"].combine_chunks(), piece["pollutant_code"].combine_chunks()
        sources, pollutants = _known_sources(plan, source.dictionary), _known_pollutants(pollutant)
        source_codes, pollutant_codes = source.indices.to_numpy(), pollutant.indices.to_numpy()
        hour_us, emission = (piece[name].combine_chunks() for name in ("hour_utc", "emission_g"))
        instants, amounts, cut = hour_us.cast(pa.int64()).to_numpy(), emission.to_numpy(), np.empty(piece.num_rows)
        for start in range(0, piece.num_rows, BLOCK_ROWS):
            rows = slice(start, start + BLOCK_ROWS)
            hour = (instants[rows] - plan.start_us) // HOUR_US
            cut[rows] = _cut_block(plan, sources.take(source_codes[rows]), pollutants.take(pollutant_codes[rows]), hour, amounts[rows])
        yield _rows(plan, {"source_id": source, "pollutant_code": pollutant, "hour_utc": hour_us}, cut)


def _within(plan: DayPlan, piece: pa.Table) -> pa.Table:
    if len(plan.hours) == plan.hour_count:
        return piece
    hour = (piece["hour_utc"].cast(pa.int64()).to_numpy() - plan.start_us) // HOUR_US
    return piece.filter(pa.array((hour >= plan.hours.start) & (hour < plan.hours.stop)))


def _known_sources(plan: DayPlan, named: pa.Array) -> Places:
    places = pc.index_in(named, plan.source_ids)
    if places.null_count:
        unknown = named.filter(pc.is_null(places))[0].as_py()
        raise RefusedError(f"source {unknown} has emission but is not in the control basis", "run `emis run control_basis` for the day")
    found: Places = places.to_numpy().astype(np.intp)
    return found


def _known_pollutants(pollutant: pa.DictionaryArray) -> Places:
    found: Places = pc.index_in(pollutant.dictionary, pa.array(list(schema.codes()["pollutant"]))).to_numpy().astype(np.intp)
    return found


def _cut_block(plan: DayPlan, source: Places, pollutant: Places, hour: Places, emission: Floats) -> Floats:
    """A block is small enough that what is made on the way stays in the processor's cache."""
    share, link = plan.shares.take(source), plan.link_rows.take(source)
    if plan.has_bans and (on_road := link != NOT_THERE).any():
        if on_road.all():
            share = _road_shares(plan, link, pollutant, hour)
        else:
            share[on_road] = _road_shares(plan, link[on_road], pollutant[on_road], hour[on_road])
    cut: Floats = cut_emission_g(emission, share)
    size = len(plan.totals.baseline_g)
    plan.totals.baseline_g += np.bincount(pollutant, emission, minlength=size)
    plan.totals.cut_g += np.bincount(pollutant, cut, minlength=size)
    plan.totals.is_hour_present[hour] = True
    return cut


def _road_shares(plan: DayPlan, link: Places, pollutant: Places, hour: Places) -> Floats:
    place = link * plan.hour_count + hour
    entry, offset = plan.entries.take(place), plan.offsets.take(pollutant)
    if entry.min() == NOT_THERE:
        raise RefusedError(
            f"{np.count_nonzero(entry == NOT_THERE)} link hours have emission but no traffic or no road factors", "run the day again: `emis day`"
        )
    if offset.min() != NOT_THERE:
        return plan.roads.share(entry + offset, plan.fractions.take(place))
    with_factor, share = offset != NOT_THERE, np.zeros(len(entry))
    share[with_factor] = plan.roads.share((entry + offset)[with_factor], plan.fractions[place][with_factor])
    return share


def _rows(plan: DayPlan, keys: dict[str, pa.Array], cut: Floats) -> pa.Table:
    scenario = pa.DictionaryArray.from_arrays(pa.array(np.zeros(len(cut), dtype=np.int32)), pa.array([plan.scenario_id]))
    rows = pa.table({"scenario_id": scenario, **keys, "cut_emission_g": cut})
    is_cut = cut > 0
    return rows if is_cut.all() else rows.filter(pa.array(is_cut))
