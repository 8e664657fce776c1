"""Meters of one line compared with each other: a wrong factor, a clock of another zone, or a change that both show.

Belongs here: what a second meter of the same line (production, abatement) says about the first. Does not: the course of
one meter alone (meter_series), copies (twin_meters), or whether abatement is on, which is for compliance.

The thresholds are choices of this project, made on simulated faults of seeds 21 to 23 (`emis demo --fault-trials`).
"""

import warnings
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np

from bigdata_emis.arrays import Flags, Floats, Integers
from bigdata_emis.clean.readings.hour_grid import HourGrid
from bigdata_emis.clean.readings.outliers import SD_PER_MAD
from bigdata_emis.codes import MeterRole
from bigdata_emis.window import HOUR_US

LARGEST_GROUP = 8
"""So many meters of a line are compared; more would cost more than they say."""
LEAST_DAYS = 3
LEAST_HOURS = 6
NEIGHBOURS, REACH = 7, 0.1
"""What a meter showed in the past hours whose reading of the other was nearest, all within a tenth."""
LEAST_FACTOR = np.log(1.5)
LEAST_SPREADS, LEAST_SPREAD = 5.0, 0.02
STEADY = 0.2
"""Logarithms of the factor of six hours lie so near to their median."""
LARGER_BY = 0.4
"""The meter in doubt deviates more from its own profile than the other, by so much in logarithms."""
IDLE = -0.7
"""Below this deviation the other meter is of a line that stands: it says little."""
OFF = np.log(0.085)
"""A lower ratio is abatement that is off, which is no fault of a meter."""
WITNESS_SHARE = 0.5
"""A meter that deviates at least by this part of what the other does, in the same direction, has seen it too."""
FAR, NEAR = 1.4, 1.3
"""Residuals in units of the usual one: as small at the lag, as large without, and as much larger than at the lag."""
LEAST_CORRELATION = 0.6
LEAST_GAIN = 0.3
"""Of two meters that are apart by a lag, the one whose own profile fits better by so much in logarithms is shifted."""
LARGEST_LAG_H = 12
LEAST_OVERLAP_H = 8
HOURS_A_DAY = 24


@dataclass(frozen=True)
class SiblingDoubts:
    """Hours, `(sources, hours)`: in doubt by the other meters of the line, or a change that one of them has seen."""

    wrong_factor: Flags
    clock_shift: Flags
    is_witnessed: Flags


@dataclass(frozen=True)
class _ComparedDay:
    """One own day of pairs: logarithms of the first and the second meter, now and before, and their deviations."""

    hours: Integers
    before: Integers
    deviation: Floats
    profile: Floats


def compare_siblings(
    energy: Floats, line_ids: Sequence[str], role_codes: Sequence[str], grid: HourGrid
) -> SiblingDoubts:
    """Doubts about hourly energy, `(sources, hours)`, from the other meters of the same line.

    Production is compared with abatement; what a line generates itself is added to what it buys. A source with an empty
    line, or alone on its line, is never in doubt here. A day is judged against earlier days only.
    """
    doubts = SiblingDoubts(*(np.zeros(energy.shape, dtype=bool) for _ in range(3)))
    pairs = _pair_sources(line_ids, role_codes)
    if not len(pairs):
        return doubts
    site = _add_own_generation(energy, line_ids, role_codes)
    with np.errstate(divide="ignore", invalid="ignore"), warnings.catch_warnings():
        # Hours of which every day before is missing have no median, and are never in doubt.
        warnings.simplefilter("ignore", RuntimeWarning)
        course = np.log(np.where(site > 0, site, np.nan))
        for day in _days(course, grid):
            _mark_factors(doubts.wrong_factor, course, pairs, day)
            _mark_witnessed(doubts.is_witnessed, pairs, day)
            _mark_shifts(doubts.clock_shift, course, pairs, day, grid)
    return doubts


def _pair_sources(line_ids: Sequence[str], role_codes: Sequence[str]) -> Integers:
    """Every ordered pair of sources of one line, without generation on site, `(pairs, 2)`."""
    groups: dict[str, list[int]] = defaultdict(list)
    for number, (line_id, role) in enumerate(zip(line_ids, role_codes, strict=True)):
        if line_id and role != MeterRole.SELF_GENERATION:
            groups[line_id].append(number)
    pairs = [pair for group in groups.values() for pair in permutations(group[:LARGEST_GROUP], 2)]
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def _add_own_generation(energy: Floats, line_ids: Sequence[str], role_codes: Sequence[str]) -> Floats:
    """The energy, with what the meters of generation on site show added to the meters that buy for the same line."""
    site, generated = energy.copy(), dict[str, Floats]()
    for line_id, role, own in zip(line_ids, role_codes, energy, strict=True):
        if role == MeterRole.SELF_GENERATION:
            generated[line_id] = generated.get(line_id, 0.0) + own
    for number, (line_id, role) in enumerate(zip(line_ids, role_codes, strict=True)):
        if line_id in generated and role in (MeterRole.PRODUCTION, MeterRole.WHOLE_SITE):
            site[number] += generated[line_id]
    return site


def _days(course: Floats, grid: HourGrid) -> Iterator[_ComparedDay]:
    """The own days with enough days before them. A local hour that comes twice or never counts as the nearest one."""
    for number in grid.own_days:
        hours = np.flatnonzero(grid.day == number)
        earlier = [np.flatnonzero(grid.day == day) for day in range(number - grid.first_own_day, number)]
        if len(earlier) < LEAST_DAYS:
            continue
        places = [np.minimum(np.arange(len(hours)), len(day) - 1) for day in earlier]
        before = [course[:, day[place]] for day, place in zip(earlier, places, strict=True)]
        profile = np.nanmedian(np.stack(before), axis=0)
        yield _ComparedDay(hours, np.concatenate(earlier), course[:, hours] - profile, profile)


def _mark_factors(is_doubted: Flags, course: Floats, pairs: Integers, day: _ComparedDay) -> None:
    """Mark hours of the first of a pair that the second does not support, by one steady factor."""
    first, second = pairs.T
    expected, spread = _expect(course, pairs, day)
    ratio = course[first][:, day.hours] - expected
    own, other = day.deviation[first], day.deviation[second]
    is_off = (np.abs(ratio) > LEAST_FACTOR) & (np.abs(ratio) > LEAST_SPREADS * np.maximum(spread, LEAST_SPREAD))
    is_off &= (np.abs(own) > np.abs(other) + LARGER_BY) & (other > IDLE) & (ratio > OFF)
    for sign in (1, -1):
        is_side = is_off & (np.sign(ratio) == sign)
        for pair in np.flatnonzero(is_side.sum(axis=1) >= LEAST_HOURS):
            given = ratio[pair][is_side[pair]]
            if (np.abs(given - np.median(given)) < STEADY).sum() >= LEAST_HOURS:
                is_doubted[first[pair], day.hours] |= is_side[pair]


def _expect(course: Floats, pairs: Integers, day: _ComparedDay) -> tuple[Floats, Floats]:
    """What the first of a pair showed in past hours with a like reading of the second, and its robust spread."""
    own, other = (course[side][:, day.before] for side in pairs.T)
    now = course[pairs[:, 1]][:, day.hours]
    expected, spread = np.full(now.shape, np.nan), np.full(now.shape, np.nan)
    for hour in range(len(day.hours)):
        distance = np.abs(other - now[:, hour : hour + 1])
        distance = np.where(np.isnan(distance) | np.isnan(own), np.inf, distance)
        nearest = np.argpartition(distance, NEIGHBOURS - 1, axis=1)[:, :NEIGHBOURS]
        values = np.take_along_axis(own, nearest, axis=1)
        is_near = np.take_along_axis(distance, nearest, axis=1).max(axis=1) < REACH
        median = np.median(values, axis=1)
        expected[:, hour] = np.where(is_near, median, np.nan)
        spread[:, hour] = SD_PER_MAD * np.median(np.abs(values - median[:, None]), axis=1)
    return expected, spread


def _mark_witnessed(is_witnessed: Flags, pairs: Integers, day: _ComparedDay) -> None:
    """Mark hours in which the second of a pair deviates from its profile like the first."""
    own, other = (day.deviation[side] for side in pairs.T)
    is_seen = (np.sign(own) == np.sign(other)) & (np.abs(other) >= WITNESS_SHARE * np.abs(own))
    is_seen &= np.abs(other) > LEAST_FACTOR
    for pair in np.flatnonzero(is_seen.any(axis=1)):
        is_witnessed[pairs[pair, 0], day.hours] |= is_seen[pair]


def _mark_shifts(is_shifted: Flags, course: Floats, pairs: Integers, day: _ComparedDay, grid: HourGrid) -> None:
    """Mark days on which two meters agree only when one is moved by the offset of the zone from UTC.

    Which of the two it is, their own profiles decide; where they do not, neither is marked.
    """
    offset_h = _utc_offset_h(grid)
    if not offset_h:
        return
    pairs = pairs[pairs[:, 0] < pairs[:, 1]]
    first, second, correlation = _standardise(course, pairs, day)
    days = [np.flatnonzero(grid.day == grid.day[day.hours[0]] - back) for back in range(1, grid.first_own_day + 1)]
    usual = np.nanmedian(np.stack([_apart(first, second, hours, 0, day) for hours in days]), axis=0)
    present = _apart(first, second, day.hours, 0, day)
    lags = np.array([lag for lag in range(-LARGEST_LAG_H, LARGEST_LAG_H + 1) if lag])
    moved = np.stack([_apart(first, second, day.hours, int(lag), day) for lag in lags])
    best = np.where(np.isnan(moved), np.inf, moved)
    lag, least = lags[best.argmin(axis=0)], best.min(axis=0)
    is_hit = (present >= FAR * usual) & (least <= NEAR * usual) & (FAR * least <= present)
    is_hit &= (np.abs(lag) == abs(offset_h)) & (correlation > LEAST_CORRELATION)
    for pair in np.flatnonzero(is_hit):
        one, other = pairs[pair]
        gain = _gain(course, one, int(lag[pair]), day) - _gain(course, other, -int(lag[pair]), day)
        if abs(gain) >= LEAST_GAIN:
            is_shifted[one if gain > 0 else other, day.hours] = True


def _utc_offset_h(grid: HourGrid) -> int:
    """The offset of local time from UTC at the start of the grid, in whole hours."""
    offset_h = int(grid.local_hour[0] - grid.start_us // HOUR_US) % HOURS_A_DAY
    return offset_h - HOURS_A_DAY if offset_h > HOURS_A_DAY // 2 else offset_h


def _standardise(course: Floats, pairs: Integers, day: _ComparedDay) -> tuple[Floats, Floats, Floats]:
    """Both courses of each pair in standard deviations of the days before, and their correlation in these."""
    before = [course[side][:, day.before] for side in pairs.T]
    mean, spread = (np.stack([f(part, axis=1) for part in before]) for f in (np.nanmean, np.nanstd))
    centred = [part - m[:, None] for part, m in zip(before, mean, strict=True)]
    correlation = np.nanmean(centred[0] * centred[1], axis=1) / (spread[0] * spread[1])
    first, second = ((course[side] - m[:, None]) / s[:, None] for side, m, s in zip(pairs.T, mean, spread, strict=True))
    return first, second, correlation


def _apart(first: Floats, second: Floats, hours: Integers, lag: int, day: _ComparedDay) -> Floats:
    """The root mean square by which the first course differs from the second of `lag` hours before, by pair."""
    is_given = (hours - lag >= day.before[0]) & (hours - lag <= day.hours[-1])
    difference = first[:, hours[is_given]] - second[:, hours[is_given] - lag]
    count = (~np.isnan(difference)).sum(axis=1)
    return np.where(count >= LEAST_OVERLAP_H, np.nanstd(difference, axis=1), np.nan)


def _gain(course: Floats, source: int, lag: int, day: _ComparedDay) -> float:
    """How much better a day fits the profile of its source when that is moved by so many hours, in logarithms."""
    own, profile = course[source, day.hours], day.profile[source]
    return float(np.log(np.nanstd(own - profile) / np.nanstd(own - np.roll(profile, lag))))
