"""How much phones that move near a link change the flow that follows from its speed: as much as counters confirm.

Belongs here: what phones say of links, and the share of it that held-out counters confirm. Does not: the flow from
speed (clean_traffic), the anonymity of counts (clean_signalling).
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from bigdata_emis.arrays import Flags, Floats, Integers
from bigdata_emis.clean.road_flow.free_flow_volume import POOLED_DAYS

LEAST_HOURS = 6
"""Hours with phones of a cell, or with counts of a link and day, from which they are used. A choice of this project."""
ROUNDING = 1e-9
"""Below it present devices and distance have the same course, and cannot be separated."""
LEAST_SENSORS = 8
"""Counted links with phones from which a slope is learnt. A choice of this project."""
LEAST_KNOWN_SHARE = 0.5
"""Of the length of a link, in cells with phones."""


@dataclass(frozen=True)
class PhoneCells:
    """Phones by cell, and the links that lie in the cells.

    present, moving: devices that are in the cell, and that move in it, in an hour, (cells, hours), NaN where unknown or
    suppressed. link, cell, share: one row for each part of a link in a cell, with the share of its length.
    """

    present: Floats
    moving: Floats
    link: Integers
    cell: Integers
    share: Floats


@dataclass(frozen=True)
class LinkFlows:
    """What is known of links without phones, each (links, hours), NaN where there is no row.

    vehicle_km: driven on the link in an hour, from speed alone. flow_veh_per_h: from speed alone. counted_veh_per_h:
    NaN where nobody counted. day: of each hour, (hours,).
    """

    vehicle_km: Floats
    flow_veh_per_h: Floats
    counted_veh_per_h: Floats
    day: Integers


@dataclass(frozen=True)
class CounterEvidence:
    """What was learnt for a day: the slope, and the share of the variance of left-out counters that it explains."""

    slope: float
    explained_share: float
    sensors: int
    mean_index: float
    index_range: tuple[float, float]

    @property
    def is_used(self) -> bool:
        """Whether the index says something of counters that the slope was not learnt from."""
        return self.slope > 0 and self.explained_share > 0

    def factor(self, index: Floats) -> Floats:
        """The factor of the flow of links with this index, NaN where the index is; none beyond what counters saw."""
        known = np.clip(index, *self.index_range)
        return np.asarray(np.exp(self.explained_share * self.slope * (known - self.mean_index)))


def phone_factors(phones: PhoneCells, flows: LinkFlows) -> tuple[Floats, Floats]:
    """The factor of the flow of each link by day, (links, days), and the share of counters explained, (days,).

    The factor is NaN where phones are unknown or of no use.

    How far the index of a link lies above the mean of counted links moves its flow by the slope b that counters show,
    over the day and the POOLED_DAYS before it, times the share e of the variance between counters which that explains
    of counters that were left out when it was learnt:

        ln(flow ÷ flow from speed) = e × b × (index − mean index of counted links)

    Devices are no vehicles, and phones that say nothing of counters (e ≤ 0) change nothing.
    """
    days = np.unique(flows.day)
    index, ratio = np.stack([link_index(phones, flows, day) for day in days], axis=1), count_ratio(flows, days)
    factors, explained = np.full(index.shape, np.nan), np.zeros(len(days))
    for position, day in enumerate(days):
        pooled = np.flatnonzero((days <= day) & (days >= day - POOLED_DAYS))
        evidence = learn_slope(*(mean_known(part[:, pooled]) for part in (index, ratio)))
        if evidence.is_used:
            factors[:, position] = evidence.factor(index[:, position])
            explained[position] = evidence.explained_share
    return factors, explained


def link_index(phones: PhoneCells, flows: LinkFlows, day: int) -> Floats:
    """The logarithm of the devices that drive for each vehicle-km which speeds imply, around each link, (links,).

    Of a cell, from the hours of the day and the POOLED_DAYS before it, by least squares weighted by 1 ÷ moving:

        moving = a × present + c × vehicle-km    a, c ≥ 0

    a: those who move and do not drive. c: what the index is of. A device that passes a cell is counted once, and cells
    are of one size, so devices rise with the distance driven in it.
    """
    hours = (flows.day <= day) & (flows.day >= day - POOLED_DAYS)
    shape = (len(phones.moving), len(flows.vehicle_km))
    parts = csr_array((phones.share, (phones.cell, phones.link)), shape=shape)
    driven = parts @ np.nan_to_num(flows.vehicle_km[:, hours])
    by_cell, is_cell_used = _devices_per_vehicle_km(phones.present[:, hours], phones.moving[:, hours], driven)
    known_share = parts.T @ is_cell_used.astype(np.float64)
    is_link_used = known_share >= LEAST_KNOWN_SHARE
    mean = np.divide(parts.T @ by_cell, known_share, out=np.ones(len(known_share)), where=is_link_used)
    return np.where(is_link_used, np.log(mean), np.nan)


def _devices_per_vehicle_km(present: Floats, moving: Floats, driven: Floats) -> tuple[Floats, Flags]:
    """The coefficient c of each cell, (cells,), and whether it is known; each argument (cells, hours)."""
    is_known = (moving > 0) & ~np.isnan(present) & (driven > 0)
    weight = np.divide(1.0, moving, out=np.zeros(moving.shape), where=is_known)
    p, m, v = (np.where(is_known, part, 0.0) for part in (present, moving, driven))
    pp, pv, vv, pm, vm = ((weight * one * other).sum(axis=1) for one, other in ((p, p), (p, v), (v, v), (p, m), (v, m)))
    determinant = pp * vv - pv**2
    is_regular = determinant > ROUNDING * pp * vv
    divisor = np.where(is_regular, determinant, 1.0)
    walking, driving = (pm * vv - vm * pv) / divisor, (pp * vm - pv * pm) / divisor
    alone = np.divide(vm, vv, out=np.zeros(len(vv)), where=vv > 0)
    found = np.where(is_regular & (walking >= 0), driving, alone)
    is_used = (is_known.sum(axis=1) >= LEAST_HOURS) & (found > 0)
    return np.where(is_used, found, 0.0), is_used


def count_ratio(flows: LinkFlows, days: Integers) -> Floats:
    """The logarithm of counted over implied flow by link and day, (links, days); NaN where few hours are counted."""
    is_counted = ~np.isnan(flows.counted_veh_per_h) & (flows.flow_veh_per_h > 0)
    ratio = np.full((len(is_counted), len(days)), np.nan)
    for position, day in enumerate(days):
        used = is_counted & (flows.day == day)
        counted, implied = (
            np.where(used, part, 0.0).sum(axis=1) for part in (flows.counted_veh_per_h, flows.flow_veh_per_h)
        )
        is_enough = (used.sum(axis=1) >= LEAST_HOURS) & (counted > 0)
        ratio[is_enough, position] = np.log(counted[is_enough] / implied[is_enough])
    return ratio


def learn_slope(index: Floats, ratio: Floats) -> CounterEvidence:
    """The slope of counted ratios on indices of links, both (links,), and what it explains of left-out links.

    explained share = 1 − Σ (y − y predicted without the link)² ÷ Σ (y − mean of the others)²
    """
    is_sensor: Flags = np.isfinite(index) & np.isfinite(ratio)
    x, y = index[is_sensor], ratio[is_sensor]
    if len(x) < LEAST_SENSORS or np.ptp(x) == 0.0:
        return CounterEvidence(0.0, 0.0, len(x), 0.0, (0.0, 0.0))
    count, dx, dy = len(x), x - x.mean(), y - y.mean()
    slope = float(dx @ dy / (dx @ dx))
    leverage = 1.0 / count + dx**2 / (dx @ dx)
    missed = ((dy - slope * dx) / (1.0 - leverage)) ** 2
    spread = (dy / (1.0 - 1.0 / count)) ** 2
    explained = 1.0 - float(missed.sum() / spread.sum()) if spread.sum() > 0 else 0.0
    return CounterEvidence(slope, explained, count, float(x.mean()), (float(x.min()), float(x.max())))


def mean_known(values: Floats) -> Floats:
    """The mean of the days that are known, (links,); NaN where none is."""
    is_known = np.isfinite(values)
    count = is_known.sum(axis=1)
    total = np.where(is_known, values, 0.0).sum(axis=1)
    mean: Floats = np.divide(total, count, out=np.full(len(total), np.nan), where=count > 0)
    return mean
