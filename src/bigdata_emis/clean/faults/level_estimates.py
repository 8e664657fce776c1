"""What a meter should read by its neighbours: the other meters of its line, and the total of its district and industry.

Belongs here: an estimate of the level of a meter that does not use the meter itself. Does not: what follows from a
difference (level_steps).

The thresholds are choices of this project, made on simulated faults of seeds 11, 12, 21 and 22
(`emis demo --fault-trials`).
"""

import warnings
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np

from bigdata_emis.arrays import Floats, Integers
from bigdata_emis.clean.faults.meter_places import MeterPlace
from bigdata_emis.clean.readings.outliers import SD_PER_MAD

LARGEST_GROUP = 8
"""So many meters of a line are compared; more would cost more than they say."""
LEAST_DAYS = 3
LEAST_DAY_SHARE = 2 / 3
"""A day with this part of its hours in both meters says how one follows the other."""
LEAST_CORRELATION = 0.6
"""The median of the daily correlations: a fan of constant power does not follow its line, and says nothing of it."""
LEAST_LEVEL = 0.03
"""Of the usual level: a straight line through busy hours says little of a standing line, which draws some power."""
LARGEST_REST = 1.15
"""A total that is more than this multiple of its meters has large users without one: it says nothing of a meter."""
LARGEST_SPREAD = 0.15
"""An estimate that followed its meter more loosely is none."""
BY_TOTAL, BY_SIBLING, OF_GENERATION = range(3)


@dataclass(frozen=True)
class LevelEstimates:
    """Estimates of meters, `(estimates,)` and `(estimates, hours)`, for one day and the days before it.

    meter: whose level it is. witness: the other meter, −1 for a total. kind: BY_TOTAL, BY_SIBLING, OF_GENERATION.
    reading: the logarithm of what the meter reads. level: of what is compared, maybe a site with its own generation.
    estimate: of what the witness says of it. usual, spread: median and robust standard deviation of level over
    estimate, as logarithms, on the days before.
    """

    meter: Integers
    witness: Integers
    kind: Integers
    reading: Floats
    level: Floats
    estimate: Floats
    usual: Floats
    spread: Floats

    @property
    def excess(self) -> Floats:
        """The logarithm of level over estimate, about its usual value."""
        return np.asarray(self.level - self.estimate - self.usual[:, None])


@dataclass(frozen=True)
class _Pairs:
    """The estimates of one kind: numbers of meters and witnesses, levels and estimates in kWh."""

    meter: Integers
    witness: Integers
    level: Floats
    estimate: Floats


def estimate_levels(
    energy: Floats, places: Sequence[MeterPlace], total_kwh: Floats, before: Integers
) -> LevelEstimates | None:
    """Estimates for hourly energy, `(meters, hours)`, from what followed what on the days before, or None.

    before: the hours of the days before, `(days, hours)`, as columns. A day that has more hours than those before it
    is compared as it is. Shared meters have no siblings, since those measure one line of several.
    """
    with np.errstate(divide="ignore", invalid="ignore"), warnings.catch_warnings():
        # Hours and days without a reading have no median, and are never in doubt.
        warnings.simplefilter("ignore", RuntimeWarning)
        site, generation = add_own_generation(energy, places)
        siblings = _compare_siblings(site, pair_meters(places), before)
        parts = (_compare_totals(energy, places, total_kwh, before), siblings, _split_off(siblings, energy, generation))
        meter, witness = (np.concatenate([getattr(part, name) for part in parts]) for name in ("meter", "witness"))
        if not len(meter):
            return None
        level, estimate = (_log(np.concatenate([getattr(p, name) for p in parts])) for name in ("level", "estimate"))
        difference = (level - estimate)[:, before.ravel()]
        usual = np.nanmedian(difference, axis=1)
        spread = SD_PER_MAD * np.nanmedian(np.abs(difference - usual[:, None]), axis=1)
        kind = np.repeat([BY_TOTAL, BY_SIBLING, OF_GENERATION], [len(part.meter) for part in parts])
        close = np.flatnonzero(spread < LARGEST_SPREAD)
        arrays = {"meter": meter, "witness": witness, "kind": kind, "reading": _log(energy)[meter]}
        arrays |= {"level": level, "estimate": estimate, "usual": usual, "spread": spread}
        return LevelEstimates(**{name: values[close] for name, values in arrays.items()}) if len(close) else None


def _log(energy: Floats) -> Floats:
    return np.asarray(np.log(np.where(energy > 0, energy, np.nan)))


def add_own_generation(energy: Floats, places: Sequence[MeterPlace]) -> tuple[Floats, dict[int, list[int]]]:
    """The energy with what the site generates added to what it buys, and by buying meter those that generate for it."""
    generating: dict[str, list[int]] = defaultdict(list)
    for number, place in enumerate(places):
        if place.generates and place.line_id:
            generating[place.line_id].append(number)
    site, generation = energy.copy(), dict[int, list[int]]()
    for number, place in enumerate(places):
        if place.buys and place.line_id in generating:
            generation[number] = generating[place.line_id]
            site[number] += energy[generation[number]].sum(axis=0)
    return site, generation


def pair_meters(places: Sequence[MeterPlace]) -> Integers:
    """Every ordered pair of meters of one line, without shared ones and generation on site, `(pairs, 2)`."""
    groups: dict[str, list[int]] = defaultdict(list)
    for number, place in enumerate(places):
        if place.line_id and not place.is_shared and not place.generates:
            groups[place.line_id].append(number)
    pairs = [pair for group in groups.values() for pair in permutations(group[:LARGEST_GROUP], 2)]
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def _compare_siblings(site: Floats, pairs: Integers, before: Integers) -> _Pairs:
    """The first of each pair by a straight line from the second, where it followed it on most days before.

        estimate = offset + slope × other

    Both are medians of daily values, which a fault of a day or two among seven does not move.
    """
    own, other = (site[side][:, before] for side in pairs.T)
    is_given = ~np.isnan(own) & ~np.isnan(other)
    is_whole = is_given.sum(axis=2) >= LEAST_DAY_SHARE * before.shape[1]
    own, other = (np.where(is_given & is_whole[:, :, None], part, np.nan) for part in (own, other))
    own_part, other_part = (part - np.nanmean(part, axis=2)[:, :, None] for part in (own, other))
    own_square, other_square = (np.nanmean(part**2, axis=2) for part in (own_part, other_part))
    correlation = np.nanmedian(np.nanmean(own_part * other_part, axis=2) / np.sqrt(own_square * other_square), axis=1)
    slope = np.nanmedian(np.sqrt(own_square / other_square), axis=1)
    offset = np.nanmedian(np.nanmedian(own - slope[:, None, None] * other, axis=2), axis=1)
    chosen = np.flatnonzero((correlation > LEAST_CORRELATION) & (is_whole.sum(axis=1) >= LEAST_DAYS))
    least = LEAST_LEVEL * np.nanmedian(own[chosen].reshape(len(chosen), before.size), axis=1)
    pairs, slope, offset = pairs[chosen], slope[chosen], offset[chosen]
    estimate = np.fmax(offset[:, None] + slope[:, None] * site[pairs[:, 1]], least[:, None])
    estimate = np.where(np.isnan(site[pairs[:, 1]]), np.nan, estimate)
    return _Pairs(pairs[:, 0], pairs[:, 1], site[pairs[:, 0]], estimate)


def _split_off(siblings: _Pairs, energy: Floats, generation: dict[int, list[int]]) -> _Pairs:
    """Own generation by what a sibling says of the site, without what the site buys."""
    rows = [(row, own) for row, meter in enumerate(siblings.meter) for own in generation.get(int(meter), [])]
    row, own = np.array(rows, dtype=np.int64).reshape(-1, 2).T
    others = siblings.level[row] - energy[own]
    return _Pairs(own, siblings.witness[row], energy[own], siblings.estimate[row] - others)


def _compare_totals(energy: Floats, places: Sequence[MeterPlace], total_kwh: Floats, before: Integers) -> _Pairs:
    """Each meter by the total that contains it, without what the other meters of the total read.

    estimate = total ÷ usual ratio of total and meters − Σ other meters
    """
    total = np.array([place.total for place in places], dtype=np.int64)
    counted = np.flatnonzero(total >= 0)
    known = _fill_forward(energy[counted])
    metered = np.zeros(total_kwh.shape) if len(total_kwh) else np.zeros((0, energy.shape[1]))
    np.add.at(metered, total[counted], known)
    ratio = np.nanmedian((total_kwh[:, before.ravel()] / metered[:, before.ravel()]), axis=1)
    is_complete = (ratio < LARGEST_REST)[total[counted]]
    counted, known = counted[is_complete], known[is_complete]
    apart = (total_kwh / ratio[:, None] - metered)[total[counted]]
    return _Pairs(counted, np.full(len(counted), -1), energy[counted], known + apart)


def _fill_forward(energy: Floats) -> Floats:
    """The energy, with the last reading before each gap in it; the median before the first one."""
    hour = np.where(np.isnan(energy), 0, np.arange(energy.shape[1])[None, :])
    filled = np.take_along_axis(energy, np.maximum.accumulate(hour, axis=1), axis=1)
    return np.where(np.isnan(filled), np.nanmedian(energy, axis=1)[:, None], filled)
