"""How far trucks that a platform sees on a link say that its flow differs from the one that follows from its speed.

Belongs here: the index of trucks by link, and which evidence a link has: trucks or phones. Does not: the slope and what
counters confirm of it (phone_scale), the trucks themselves (clean_truck).

A platform sees a share of the trucks, and trucks are a share of the flow. Neither is known, and neither has to be: both
are divided out with the mean of counted links. What remains of them, a link with more trucks than others of its flow,
is an error that left-out counters show, so that trucks which say nothing change nothing.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame

from bigdata_emis.arrays import Flags, Floats
from bigdata_emis.clean.readings.hour_grid import HourGrid, to_microseconds
from bigdata_emis.clean.road_flow.free_flow_volume import POOLED_DAYS
from bigdata_emis.clean.road_flow.phone_scale import LEAST_HOURS, LinkFlows, count_ratio, learn_slope, mean_known

LEAST_TRUCKS_SEEN = 30
"""Trucks of a link over the days pooled from which its index is used; chance moves it by 18 % then. Own choice."""
SUPPRESSED_TRUCKS = 1.5
"""An hour below the threshold of 3 has one truck or two."""


def read_truck_counts(truck_hourly: DataFrame, links: pa.Table, grid: HourGrid) -> Floats | None:
    """Trucks seen on each link in each hour, (links, hours); None where no position was collected.

    A link without a row has no truck in an hour in which other links have some, and is unknown in one in which none
    has.
    """
    rows = truck_hourly.select("link_id", "hour_utc", "truck_count").toArrow()
    hour = grid.number_hours(to_microseconds(rows["hour_utc"]))
    link = pc.fill_null(pc.index_in(rows["link_id"], links["link_id"].combine_chunks()), -1).to_numpy()
    is_used = (hour >= 0) & (link >= 0)
    if not is_used.any():
        return None
    seen = np.full((links.num_rows, grid.hour_count), np.nan)
    seen[:, np.unique(hour[is_used])] = 0.0
    count = pc.fill_null(rows["truck_count"].cast(pa.float64()), SUPPRESSED_TRUCKS).to_numpy()
    seen[link[is_used], hour[is_used]] = count[is_used]
    return seen


def choose_factors(phones: tuple[Floats, Floats] | None, trucks: tuple[Floats, Floats] | None) -> tuple[Floats, Flags]:
    """The factors of links by day, (links, days), and whether trucks gave each.

    Of phones and trucks the one that explains more of left-out counters on the day gives the factor, and the other
    where a link has none of it. Both at once would count twice what they share.
    """
    given = [one for one in (phones, trucks) if one is not None]
    factor, _ = given[0]
    if phones is None or trucks is None:
        return factor, np.full(factor.shape, trucks is not None) & np.isfinite(factor)
    is_better = trucks[1] > phones[1]
    is_by_trucks: Flags = np.isfinite(trucks[0]) & (is_better[None, :] | ~np.isfinite(phones[0]))
    return np.where(is_by_trucks, trucks[0], phones[0]), is_by_trucks


def truck_factors(trucks: Floats, flows: LinkFlows) -> tuple[Floats, Floats]:
    """The factor of each link by day, (links, days), NaN where trucks are unknown or of no use; and what they explain.

    trucks: seen on a link in an hour, (links, hours): 0 where none was seen, NaN where no position came from anywhere.
    The index of a link is the logarithm of its trucks per vehicle that speed implies, over the day and the POOLED_DAYS
    before it, and moves the flow as that of phones does (decision 0015). explained: of each day, (days,).
    """
    days = np.unique(flows.day)
    ratio = count_ratio(flows, days)
    factors, explained = np.full(ratio.shape, np.nan), np.zeros(len(days))
    for position, day in enumerate(days):
        pooled = np.flatnonzero((days <= day) & (days >= day - POOLED_DAYS))
        index = truck_index(trucks, flows, day)
        evidence = learn_slope(index, mean_known(ratio[:, pooled]))
        if evidence.is_used:
            factors[:, position] = evidence.factor(index)
            explained[position] = evidence.explained_share
    return factors, explained


def truck_index(trucks: Floats, flows: LinkFlows, day: int) -> Floats:
    """The logarithm of trucks seen for each vehicle that speed implies on a link, (links,); NaN where few were seen."""
    hours = (flows.day <= day) & (flows.day >= day - POOLED_DAYS)
    seen, implied = trucks[:, hours], flows.flow_veh_per_h[:, hours]
    is_known = np.isfinite(seen) & (implied > 0)
    total, vehicles = (np.where(is_known, part, 0.0).sum(axis=1) for part in (seen, implied))
    is_used = (total >= LEAST_TRUCKS_SEEN) & (is_known.sum(axis=1) >= LEAST_HOURS)
    index: Floats = np.log(np.divide(total, vehicles, out=np.full(len(total), np.nan), where=is_used))
    return index
