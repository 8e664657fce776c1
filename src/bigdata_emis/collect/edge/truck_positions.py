"""Positions of trucks as the trucks of each road link and hour, so that no position and no vehicle is stored.

Belongs here: which link a position is on, which positions are not counted and why, the threshold below which a count is
not stored. Does not: what the counts say of the flow (clean).

A position is on the nearest registered link within REACH_M. The distance is in a plane around the middle latitude of
the links, in which a degree of longitude is wrong by some percent at the edges of a region: the reach by two metres.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from bigdata_emis.arrays import Flags, Floats, Integers
from bigdata_emis.codes import EdgeFault
from bigdata_emis.collect.privacy.device_counts import PRIVATE_MARK
from bigdata_emis.schema import field
from bigdata_emis.schema.arrow import TYPES

REACH_M = 40.0
"""Own choice: some ten metres of a receiver, half the width of a road, and a geometry that is generalised."""
LEAST_TRUCKS = 3
"""Trucks of a link and hour from which on their number is stored; own choice. A single truck names its driver, and two
drivers know each other. Ten, the threshold for phones, would leave no link of a usual platform."""
LEAST_MOVING_KM_PER_H = 1.0
"""Slower is standing; own choice, receivers at rest report some tenths."""
METRES_PER_DEGREE = 111_195.0
NOWHERE = -1
COORDINATES = (("longitude_deg", 180.0), ("latitude_deg", 90.0))
GROUP = ("link", "hour", "fault", "is_unreadable", "is_invalid")


class RoadPlaces:
    """Where the links of a region are."""

    def __init__(self, link_ids: Sequence[str], geometry_wkt: Sequence[str]) -> None:
        """One geometry a link, in degrees."""
        order = np.argsort(np.asarray(link_ids, dtype=str))
        self.link_ids = [link_ids[number] for number in order]
        shapes = shapely.from_wkt(np.asarray(geometry_wkt, dtype=object)[order])
        latitude = shapely.get_coordinates(shapes)[:, 1]
        middle = float(np.mean([latitude.min(), latitude.max()])) if len(latitude) else 0.0
        self._scale = METRES_PER_DEGREE * np.array([np.cos(np.radians(middle)), 1.0])
        self._tree = shapely.STRtree(shapely.transform(shapes, lambda degrees: degrees * self._scale))

    def nearest(self, longitude_deg: Floats, latitude_deg: Floats) -> Integers:
        """The number of the nearest link within reach of each place, (places,); NOWHERE where there is none."""
        link = np.full(len(longitude_deg), NOWHERE, dtype=np.int64)
        points = shapely.points(np.column_stack([longitude_deg, latitude_deg]) * self._scale)
        place, number = self._tree.query_nearest(points, max_distance=REACH_M)
        # Of links at one distance the first by name, whatever the order of the tree.
        order = np.lexsort((-number, place))
        link[place[order]] = number[order]
        return link


def reduce_positions(positions: pa.Table, roads: RoadPlaces) -> pa.Table:
    """The distinct trucks that drove on each link in each hour, with their mean speed over their positions.

    Positions that are not counted are one row for each hour and reason, without a link, so that none is dropped in
    silence. A truck none of whose positions of the hour on the link moves is standing.
    """
    place = _places(positions)
    fault, link = _judge(positions, place, roads)
    speed = np.asarray(positions["speed_km_per_h"].cast(pa.float64()).to_numpy(), dtype=np.float64)
    rows = pa.table(
        {
            "link": np.where(fault == EdgeFault.NONE, link, NOWHERE),
            "hour": pc.floor_temporal(positions["position_utc"], unit="hour"),
            "fault": pa.array(fault.tolist(), pa.string()),
            "is_unreadable": positions["is_unreadable"],
            "is_invalid": positions["is_invalid"],
            "vehicle": positions["vehicle_id"],
            "speed": pa.array(speed, from_pandas=True),
        }
    )
    trucks = rows.group_by([*GROUP, "vehicle"], use_threads=False).aggregate(
        [("speed", "sum"), ("speed", "count"), ("speed", "max"), ([], "count_all")]
    )
    return _with_links(_count_trucks(_mark_standing(trucks)), roads)


def _places(positions: pa.Table) -> Floats:
    """Longitude and latitude, (positions, 2); NaN where there is no place on earth, or 0, 0 as without a fix."""
    degrees = np.column_stack([positions[name].cast(pa.float64()).to_numpy() for name, _ in COORDINATES])
    limits = np.array([limit for _, limit in COORDINATES])
    is_on_earth = (np.abs(degrees) <= limits).all(axis=1) & (degrees != 0).any(axis=1)
    return np.where(is_on_earth[:, None], degrees, np.nan)


def _judge(positions: pa.Table, place: Floats, roads: RoadPlaces) -> tuple[Any, Integers]:
    """Why each position is not counted, and the number of its link."""
    speed = positions["speed_km_per_h"].cast(pa.float64()).to_numpy()
    declared = field("speed_km_per_h")
    has_speed = (speed >= (declared.minimum or 0.0)) & (speed <= (declared.maximum or np.inf))
    has_vehicle = np.asarray(pc.fill_null(pc.not_equal(positions["vehicle_id"], ""), False))
    has_place: Flags = np.asarray(np.isfinite(place).all(axis=1))
    link = np.full(len(place), NOWHERE, dtype=np.int64)
    link[has_place] = roads.nearest(place[has_place, 0], place[has_place, 1])
    conditions = [~has_vehicle, ~has_place, ~has_speed, link == NOWHERE]
    faults = [EdgeFault.NO_VEHICLE, EdgeFault.BAD_PLACE, EdgeFault.BAD_SPEED, EdgeFault.OFF_ROAD]
    return np.select(conditions, [code.value for code in faults], EdgeFault.NONE.value), link


def _mark_standing(trucks: pa.Table) -> pa.Table:
    """The trucks of each link and hour, where those that never moved have that as their reason and no link."""
    is_slow = pc.fill_null(pc.less(trucks["speed_max"], LEAST_MOVING_KM_PER_H), False)
    is_standing = pc.and_(pc.equal(trucks["fault"], EdgeFault.NONE.value), is_slow)
    for name, value in (("fault", EdgeFault.STANDING.value), ("link", NOWHERE)):
        changed = pc.if_else(is_standing, pa.scalar(value, trucks[name].type), trucks[name])
        trucks = trucks.set_column(trucks.column_names.index(name), name, changed)
    return trucks


def _count_trucks(trucks: pa.Table) -> pa.Table:
    grouped = trucks.group_by(list(GROUP), use_threads=False).aggregate(
        [("vehicle", "count_distinct"), ("count_all", "sum"), ("speed_sum", "sum"), ("speed_count", "sum")]
    )
    return grouped.sort_by([(name, "ascending") for name in GROUP])


def _with_links(counts: pa.Table, roads: RoadPlaces) -> pa.Table:
    """The rows as they are stored: names of links, and no number, position or speed below the threshold."""
    is_counted = pc.equal(counts["fault"], EdgeFault.NONE.value)
    is_private = pc.and_(is_counted, pc.less(counts["vehicle_count_distinct"], LEAST_TRUCKS))
    link = counts["link"].to_numpy()
    names = np.array([*roads.link_ids, ""], dtype=object)[link]
    count = pc.cast(counts["speed_count_sum"], pa.float64())
    speed = pc.divide(counts["speed_sum_sum"], pc.if_else(pc.equal(count, 0), pa.scalar(None, pa.float64()), count))
    values = {
        "truck_count": counts["vehicle_count_distinct"].cast(pa.int64()),
        "position_count": counts["count_all_sum"].cast(pa.int64()),
        "speed_km_per_h": pc.if_else(is_counted, speed, pa.scalar(None, pa.float64())),
    }
    return pa.table(
        {
            "link_id": pa.array(names.tolist(), pa.string()),
            "hour_utc": counts["hour"].cast(TYPES["instant"]),
            "edge_fault_code": counts["fault"],
            **{name: pc.if_else(is_private, pa.scalar(None, column.type), column) for name, column in values.items()},
            "is_unreadable": counts["is_unreadable"],
            "is_invalid": counts["is_invalid"],
            PRIVATE_MARK: is_private,
        }
    )
