"""The flow of links at free speed, where speed says nothing about flow.

Belongs here: the lower bound of a flow that is derived from speed. Does not: the speed-flow relation
(equations.traffic), or the flow of other links (clean_traffic).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bigdata_emis.arrays import Flags, Floats, Integers
from bigdata_emis.equations.traffic import SPEED_AT_CAPACITY_SHARE
from bigdata_emis.window import HOURS_PER_DAY

POOLED_DAYS = 3
"""Days before a day whose counts are used with its own: as many as the stage reads."""


@dataclass(frozen=True)
class LinkHours:
    """Hours of links, one row each.

    capacity_veh_per_h: not calibrated. factor: calibration of the class on the day. counted_veh_per_h: NaN where nobody
    counted. road_class: its number.
    """

    speed_km_per_h: Floats
    free_speed_km_per_h: Floats
    capacity_veh_per_h: Floats
    factor: Floats
    counted_veh_per_h: Floats
    day: Integers
    road_class: Integers
    local_hour: Integers

    def capacity_as_on(self, day: int) -> Floats:
        """Capacity of every row with the calibration of its class on one day; 0 for a class without rows on it.

        A day's result thus rests on nothing before the days that it pools.
        """
        factor = np.zeros(int(self.road_class.max(initial=0)) + 1)
        rows = self.day == day
        factor[self.road_class[rows]] = self.factor[rows]
        return np.asarray(self.capacity_veh_per_h * factor[self.road_class])

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


def estimate_least_flow_veh_per_h(hours: LinkHours, usual_share: Floats, *, prior_count: int) -> Floats:
    """The least flow of an uncongested link: that of its class at free speed.

    On the uncongested branch flow falls with speed, so the flow at free speed is a lower bound; a congested link has
    none (0). The bound is a share of capacity. It begins with `usual_share` of the local hour, shape `(24,)`, and is
    shrunk towards what counters saw at free speed: on links of every class, then of the class, then of the class in
    the local hour.

        share = (n × counted share + n0 × share before) ÷ (n + n0)

    n: counted link-hours of the day and the POOLED_DAYS before it. n0: `prior_count`.
    """
    share = usual_share[hours.local_hour]
    every_class = np.zeros_like(hours.road_class)
    for group in (every_class, hours.road_class, hours.road_class * HOURS_PER_DAY + hours.local_hour):
        share = _shrunk_share(hours, group, share, prior_count=prior_count)
    return np.where(hours.is_uncongested, share * hours.capacity_veh_per_h * hours.factor, 0.0)


def pooled_ratio(
    numerator: Floats, denominator_on: Callable[[int], Floats], *, is_used: Flags, group: Integers, day: Integers
) -> tuple[Floats, Integers]:
    """Σ numerator ÷ Σ denominator of each row's group, and the rows summed: of its day and the POOLED_DAYS before.

    denominator_on: the denominators of all rows as they count for a day. The ratio is 0 where nothing can be summed.
    """
    size = int(group.max(initial=0)) + 1
    ratio, count = np.zeros(len(group)), np.zeros(len(group), dtype=np.int64)
    for one in np.unique(day):
        denominator = denominator_on(int(one))
        is_pooled = is_used & (denominator > 0) & (day <= one) & (day >= one - POOLED_DAYS)
        above, below = (
            np.bincount(group[is_pooled], part[is_pooled], minlength=size) for part in (numerator, denominator)
        )
        number = np.where(below > 0, np.bincount(group[is_pooled], minlength=size), 0)
        rows = day == one
        ratio[rows] = np.divide(above, below, out=np.zeros(size), where=below > 0)[group[rows]]
        count[rows] = number[group[rows]]
    return ratio, count


def shrink(value: Floats, count: Integers, *, prior: Floats, prior_count: int) -> Floats:
    """The mean of a value and a prior, weighted by their counts; the prior where both counts are 0."""
    total = count + prior_count
    weight = np.divide(count, total, out=np.zeros(len(value)), where=total > 0)
    return np.asarray(weight * value + (1.0 - weight) * prior, dtype=np.float64)


def _shrunk_share(hours: LinkHours, group: Integers, share: Floats, *, prior_count: int) -> Floats:
    """The share of each row's group, at free speed, shrunk from the share before."""
    counted, count = pooled_ratio(
        hours.counted_veh_per_h, hours.capacity_as_on, is_used=hours.is_free_and_counted, group=group, day=hours.day
    )
    return shrink(counted, count, prior=share, prior_count=prior_count)
