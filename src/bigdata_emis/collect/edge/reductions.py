"""What is taken out of the rows of a feed before they are stored, also in the raw archive.

Belongs here: which feed has which reduction, with what it needs of its region. Does not: the reductions themselves.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import pyarrow as pa

from bigdata_emis.collect.edge.gate_records import reduce_gate_records
from bigdata_emis.collect.edge.truck_positions import RoadPlaces, reduce_positions
from bigdata_emis.collect.feed_config import Feed
from bigdata_emis.collect.privacy.device_counts import TABLE as SIGNALLING
from bigdata_emis.collect.privacy.device_counts import suppress_small_counts
from bigdata_emis.collect.register import read_registry_table
from bigdata_emis.region import Region


@dataclass(frozen=True)
class Reduction:
    """A step on rows as they were read. is_of_pass: it needs the rows of all answers of a pass together."""

    reduce: Callable[[pa.Table], pa.Table]
    is_of_pass: bool = False


def reduction_of(feed: Feed, region: Region) -> Reduction | None:
    """The reduction of a feed; None where answers are stored as they came.

    Raises:
        InputError: the region allows too little anonymity, or has no roads on which positions could lie.
    """
    if feed.table_name == SIGNALLING:
        return Reduction(partial(suppress_small_counts, feed=feed, least_count=region.anonymity_count))
    if feed.table_name == "truck_position":
        links = read_registry_table(region.folder / "registry", "road_link")
        roads = RoadPlaces(links["link_id"].to_pylist(), links["geometry_wkt"].to_pylist())
        return Reduction(partial(reduce_positions, roads=roads), is_of_pass=True)
    if feed.table_name == "gate_record":
        return Reduction(reduce_gate_records, is_of_pass=True)
    return None
