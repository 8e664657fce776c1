"""Hours of a meter that contradict its own days before: a wrong factor, or moved in time.

Belongs here: doubts about the hours of a day against the profile of the meter. Does not: single readings
(readings.outliers), stuck ones (stuck_values), copies (twin_meters).

The thresholds are choices of this project, made on simulated faults (`emis demo --fault-trials`). A factor of two that
falls together with a change of production leaves no trace in the readings of one meter, and is not found here.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bigdata_emis.arrays import Flags, Floats, Integers
from bigdata_emis.clean.readings.hour_grid import HourGrid
from bigdata_emis.clean.readings.outliers import median_by_row

LEAST_DAYS = 3
"""Days looked back on from which a profile says something."""
LEAST_HOURS = 6
LEAST_FACTOR = 1.6
"""Smaller changes of level are the doing of the plant as often as of the meter."""
BELOW_BASE, ABOVE_RATED = 0.55, 1.25
"""Below this part of the base load, or above this multiple of the rated load, no line works; registered loads are
rough."""
ABOVE_RECORD = 1.5
"""Above this multiple of its record of the days before no meter has a reason to be."""
DAYS_OF_RECORD = 6
"""Days with readings from which on two of them may be faulty."""
TENTH_FROM, TENTH_TO = 0.03, 0.13
"""Around one tenth of the profile, where a line also produces less than usual. Standby is not meant."""
STANDBY_SHARE = 0.75
LARGEST_LAG_H = 12
LEAST_GIVEN_SHARE = 0.75
"""Of the hours of a day, below which its course says little: the rest of a day on which a meter was stuck."""
NEAR, FAR = 1.3, 2.0
"""Residuals from the profile in units of the usual one: as small when moved, as large when not."""
LEAST_GAIN = 0.05


@dataclass(frozen=True)
class LoadBounds:
    """By source, kWh an hour that its line uses at least and at most, by the registry; NaN where nothing is known."""

    base_kwh: Floats
    rated_kwh: Floats


@dataclass(frozen=True)
class _Day:
    """One own day: its hours, and the energy of the same local hours of the days before, `(sources, days, hours)`."""

    hours: Integers
    before: Floats

    @property
    def profile(self) -> Floats:
        """The median of each hour, `(sources, hours)`, NaN where there are few days."""
        sources, days, hours = self.before.shape
        by_hour = np.moveaxis(self.before, 1, 2).reshape(sources * hours, days)
        has_enough = (~np.isnan(by_hour)).sum(axis=1) >= LEAST_DAYS
        median = np.where(has_enough, median_by_row(by_hour), np.nan)
        return np.asarray(median.reshape(sources, hours))


def find_scaled_hours(energy: Floats, grid: HourGrid, bounds: LoadBounds) -> Flags:
    """Hours, `(sources, hours)`, whose energy needs another factor: beyond the line, the record, or about a tenth."""
    is_scaled = np.zeros(energy.shape, dtype=bool)
    base, rated = bounds.base_kwh[:, None], bounds.rated_kwh[:, None]
    for day in _days_before(energy, grid):
        own, profile = energy[:, day.hours], day.profile
        with np.errstate(invalid="ignore", divide="ignore"):
            ratio = own / profile
            is_low = (own < BELOW_BASE * base) & (ratio < 1 / LEAST_FACTOR)
            is_high = (own > ABOVE_RATED * rated) & (ratio > LEAST_FACTOR)
            is_record = own > ABOVE_RECORD * _record(day.before)[:, None]
            is_standby = own > STANDBY_SHARE * np.where(base > 0, base, np.inf)
        is_tenth = (ratio > TENTH_FROM) & (ratio < TENTH_TO) & ~is_standby
        for is_off in (is_low, is_high, is_record, is_tenth):
            is_scaled[:, day.hours] |= is_off & (is_off.sum(axis=1) >= LEAST_HOURS)[:, None]
    return is_scaled


def find_shifted_hours(energy: Floats, grid: HourGrid) -> Flags:
    """Hours of days whose course is that of the days before, but some hours earlier or later.

    The course is the logarithm without its mean. Its residual from the profile is large, and at another lag as small as
    on the days before.
    """
    with np.errstate(divide="ignore"):
        course = np.log(np.where(energy > 0, energy, np.nan))
    is_shifted = np.zeros(energy.shape, dtype=bool)
    for day in _days_before(course, grid):
        own, profile = course[:, day.hours], day.profile
        present = course_residual(own, profile)
        moved = [
            course_residual(own, np.roll(profile, lag, axis=1))
            for lag in range(-LARGEST_LAG_H, LARGEST_LAG_H + 1)
            if lag
        ]
        usual = median_by_row(
            np.stack([course_residual(day.before[:, n], profile) for n in range(day.before.shape[1])], axis=1)
        )
        best = np.fmin.reduce(moved)
        with np.errstate(invalid="ignore"):
            is_hit = (best <= NEAR * usual) & (present >= FAR * usual) & (present - best >= LEAST_GAIN)
        is_shifted[:, day.hours] |= is_hit[:, None] & ~np.isnan(own)
    return is_shifted


def _days_before(energy: Floats, grid: HourGrid) -> Iterator[_Day]:
    """The own days that have days before them. A local hour that comes twice or never counts as the nearest one."""
    for number in grid.own_days:
        hours = np.flatnonzero(grid.day == number)
        earlier = [np.flatnonzero(grid.day == day) for day in range(number - grid.first_own_day, number)]
        if len(earlier) >= LEAST_DAYS:
            places = [np.minimum(np.arange(len(hours)), len(day) - 1) for day in earlier]
            yield _Day(
                hours, np.stack([energy[:, day[place]] for day, place in zip(earlier, places, strict=True)], axis=1)
            )


def _record(before: Floats) -> Floats:
    """The record of each source: of the daily maxima of a week the third highest, infinite where there are few days.

    A fault that has lasted two days is in two of them, and is no record. Of fewer days the second highest counts.
    """
    highest = np.sort(np.fmax.reduce(before, axis=2), axis=1)
    count = (~np.isnan(highest)).sum(axis=1)
    place = np.where(count >= DAYS_OF_RECORD, count - 3, np.maximum(count - 2, 0))
    return np.where(count >= LEAST_DAYS, highest[np.arange(len(highest)), place], np.inf)


def course_residual(own: Floats, profile: Floats) -> Floats:
    """The root mean square of a course about the profile, both without their mean, by source."""
    difference = own - profile
    is_given = ~np.isnan(difference)
    count = np.maximum(is_given.sum(axis=1), 1)
    difference = np.where(is_given, difference, 0.0)
    mean = difference.sum(axis=1) / count
    square = (difference**2).sum(axis=1) / count - mean**2
    return np.where(is_given.sum(axis=1) >= LEAST_GIVEN_SHARE * own.shape[1], np.sqrt(np.maximum(square, 0.0)), np.nan)
