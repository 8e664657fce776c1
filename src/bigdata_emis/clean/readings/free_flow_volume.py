"""The flow of links at free speed, where speed says nothing of it.

Belongs here: the floor under a flow that is derived from speed. Does not: the speed-flow relation (equations.traffic), other links' flow (traffic).
"""

from dataclasses import dataclass

import numpy as np

from bigdata_emis.arrays import Flags, Floats, Integers
from bigdata_emis.equations.traffic import SPEED_AT_CAPACITY_SHARE

HOURS_PER_DAY = 24


@dataclass(frozen=True)
class LinkHours:
    """Links in hours: their speed and free speed, calibrated capacity, counted flow (NaN where nobody counted), day, class and day, local hour."""

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
        faster: Flags = self.speed_km_per_h > SPEED_AT_CAPACITY_SHARE * self.free_speed_km_per_h
        return faster

    @property
    def is_free_and_counted(self) -> Flags:
        """At or above free speed, and counted."""
        free: Flags = (self.speed_km_per_h >= self.free_speed_km_per_h) & ~np.isnan(self.counted_veh_per_h)
        return free


def least_flow_veh_per_h(hours: LinkHours, usual_share: Floats, *, least: int) -> Floats:
    """What an uncongested link carries at least: the flow of its class at free speed; 0 on a congested one.

    On the uncongested branch flow falls with speed, so what links carry at free speed is a floor below it. It is the share of
    capacity that counters saw at free speed on links of the class in that local hour of the day; where fewer than `least`
    link-hours were counted, in the whole day; then on links of every class; where there are fewer still, the usual share of the hour.
    """
    share = usual_share[hours.local_hour]
    for group in (hours.day, hours.class_day, hours.class_day * HOURS_PER_DAY + hours.local_hour):
        share = _counted_share(hours, group, least=least, otherwise=share)
    return np.where(hours.is_uncongested, share * hours.capacity_veh_per_h, 0.0)


def _counted_share(hours: LinkHours, group: Integers, *, least: int, otherwise: Floats) -> Floats:
    seen, size = hours.is_free_and_counted, int(group.max(initial=0)) + 1
    number = np.bincount(group[seen], minlength=size)
    counted = np.bincount(group[seen], hours.counted_veh_per_h[seen], minlength=size)
    capacity = np.bincount(group[seen], hours.capacity_veh_per_h[seen], minlength=size)
    is_known = (number >= least) & (capacity > 0)
    share = np.divide(counted, capacity, out=np.zeros(size), where=is_known)
    return np.asarray(np.where(is_known[group], share[group], otherwise), dtype=np.float64)
