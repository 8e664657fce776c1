"""Meters of one line compared with each other: a wrong factor, a clock of another zone, or a change that both show.

Belongs here: what a second meter of the same line (production, abatement) says about the first. Does not: the course of
one meter alone (meter_series), copies (twin_meters), or whether abatement is on, which is for compliance.

The thresholds are choices of this project, made on simulated faults of seeds 21 to 23 (`emis demo --fault-trials`).
"""

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from bigdata_emis.arrays import Flags, Floats, Integers
from bigdata_emis.clean.faults.level_estimates import add_own_generation, pair_meters
from bigdata_emis.clean.faults.meter_places import MeterPlace
from bigdata_emis.clean.readings.hour_grid import HourGrid

LEAST_DAYS = 3
FAR, NEAR = 1.4, 1.3
"""Residuals in units of the usual one: as small at the lag, as large without, and as much larger than at the lag."""
LEAST_CORRELATION = 0.6
LEAST_GAIN = 0.3
"""Of two meters that are apart by a lag, the one whose own profile fits better by so much in logarithms is shifted."""
LARGEST_LAG_H = 12
LEAST_OVERLAP_H = 8


@dataclass(frozen=True)
class _ComparedDay:
    """One own day of pairs: logarithms of the first and the second meter, their hours and usual course."""

    hours: Integers
    before: Integers
    profile: Floats


def find_shifted_siblings(energy: Floats, places: Sequence[MeterPlace], grid: HourGrid) -> Flags:
    """Hours, `(meters, hours)`, of a meter whose clock is off by the offset of the zone, by another of its line.

    Production is compared with abatement; what a line generates itself is added to what it buys. A day is judged
    against earlier days only.
    """
    is_shifted, pairs = np.zeros(energy.shape, dtype=bool), pair_meters(places)
    if not len(pairs):
        return is_shifted
    site, _ = add_own_generation(energy, places)
    with np.errstate(divide="ignore", invalid="ignore"), warnings.catch_warnings():
        # Hours of which every day before is missing have no median, and are never in doubt.
        warnings.simplefilter("ignore", RuntimeWarning)
        course = np.log(np.where(site > 0, site, np.nan))
        for day in _days(course, grid):
            _mark_shifts(is_shifted, course, pairs, day, grid)
    return is_shifted


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
        yield _ComparedDay(hours, np.concatenate(earlier), profile)


def _mark_shifts(is_shifted: Flags, course: Floats, pairs: Integers, day: _ComparedDay, grid: HourGrid) -> None:
    """Mark days on which two meters agree only when one is moved by the offset of the zone from UTC.

    Which of the two it is, their own profiles decide; where they do not, neither is marked.
    """
    offset_h = grid.utc_offset_h
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
