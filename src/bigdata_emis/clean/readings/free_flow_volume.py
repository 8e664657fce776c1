"""The flow of links at free speed, where speed says nothing about flow.

Belongs here: the lower bound of a flow that is derived from speed. Does not: the speed-flow relation
(equations.traffic), or the flow of other links (clean_traffic).
"""

from dataclasses import dataclass

import numpy as np

from bigdata_emis.arrays import Flags, Floats, Integers
from bigdata_emis.equations.traffic import SPEED_AT_CAPACITY_SHARE

HOURS_PER_DAY = 24


@dataclass(frozen=True)
class LinkHours:
    """Hours of links, one row each.

    capacity_veh_per_h: calibrated. counted_veh_per_h: NaN where nobody counted. class_day: the number of road class and
    day together.
    """

    speed_km_per_h: Floats
    free_speed_km_per_h: Floats
    capacity_veh_per_h: Floats
    counted_veh_per_h: Floats
    day: Integers
    class_day: Integers
    local_hour: Integers

    @property
    def is_uncongested(self) -> Flags:
        """Faster than at capacity: there a slower link carries more."""
        is_faster: Flags = self.speed_km_per_h > SPEED_AT_CAPACITY_SHARE * self.free_speed_km_per_h
        return is_faster

    @property
    def is_free_and_counted(self) -> Flags:
        """At or above free speed, and counted."""
        is_free: Flags = (self.speed_km_per_h >= self.free_speed_km_per_h) & ~np.isnan(self.counted_veh_per_h)
        return is_free


def estimate_least_flow_veh_per_h(hours: LinkHours, usual_share: Floats, *, least_count: int) -> Floats:
    """The least flow of an uncongested link: that of its class at free speed.

    On the uncongested branch flow falls with speed, so the flow at free speed is a lower bound; a congested link has
    none (0). The bound is the share of capacity that counters saw at free speed on links of the class in that local
    hour of the day; where fewer than `least_count` link-hours were counted, in the whole day; then on links of every
    class; where there are fewer still, `usual_share` of the local hour, shape `(24,)`.
    """
    share = usual_share[hours.local_hour]
    for group in (hours.day, hours.class_day, hours.class_day * HOURS_PER_DAY + hours.local_hour):
        share = _counted_share(hours, group, least_count=least_count, fallback=share)
    return np.where(hours.is_uncongested, share * hours.capacity_veh_per_h, 0.0)


def _counted_share(hours: LinkHours, group: Integers, *, least_count: int, fallback: Floats) -> Floats:
    """Counted flow over capacity of each row's group, at free speed; the fallback where too few were counted."""
    is_counted, size = hours.is_free_and_counted, int(group.max(initial=0)) + 1
    count = np.bincount(group[is_counted], minlength=size)
    flow = np.bincount(group[is_counted], hours.counted_veh_per_h[is_counted], minlength=size)
    capacity = np.bincount(group[is_counted], hours.capacity_veh_per_h[is_counted], minlength=size)
    has_share = (count >= least_count) & (capacity > 0)
    share = np.divide(flow, capacity, out=np.zeros(size), where=has_share)
    return np.asarray(np.where(has_share[group], share[group], fallback), dtype=np.float64)
