"""Inputs of the model of hourly volume: calendar with the shape of holidays, weather, and other weeks.

Belongs here: how hours become columns, without the count of the hour's own week. Does not: the model
(hourly_volume), reading files.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from bigdata_emis.arrays import Flags, Floats, Integers

Weeks = Literal["surrounding", "earlier"]
"""Which counted weeks an hour may look at: those around it, or earlier ones only."""
HOURS_A_WEEK = 168
MONDAY_DAY_NUMBER = -3
"""Day number of the Monday before 1970-01-01, a Thursday."""
HOLIDAY_REACH_D = 4
"""Days before and after a holiday on which traffic may differ."""
FAR_D = 9
"""Offset of a day that no holiday is near."""
WEEK_SCALES = (1.5, 4.0, 12.0)
"""Weeks over which the weight of another week falls to 1/e."""
PROFILE_SCALE = 1
"""Position in WEEK_SCALES of the profile from which deviations are estimated."""
YEAR_WEEKS, SEASON_SCALE, SEASON_GAP = 52.18, 2.0, 8
PRIOR_WEIGHT = 0.02
"""Weight of the profile of all weeks, in weeks: decides only where no other week is near."""
RECENT_H, DAY_H, AHEAD_H, AROUND_H = 6, 24, 12, 2


@dataclass(frozen=True)
class VolumeHours:
    """Hours of a counter with what is known of them without a count.

    `local_hour` counts hours from 1970-01-01 00:00 local time, in order and each once, (hours,). `weather` is
    (hours, 6): air temperature, rain, snow, cloud cover, rank of severity, code of the description; NaN is unknown.
    `holiday_code` is by local day number; codes are positive.
    """

    local_hour: Integers
    weather: Floats
    holiday_code: Mapping[int, int]

    @cached_property
    def hour_of_week(self) -> Integers:
        """Hours since Monday 00:00."""
        hour: Integers = (self.local_hour - 24 * MONDAY_DAY_NUMBER) % HOURS_A_WEEK
        return hour

    @cached_property
    def week_number(self) -> Integers:
        """Weeks from Monday to Sunday, from 0 at the first hour."""
        week = (self.local_hour - 24 * MONDAY_DAY_NUMBER) // HOURS_A_WEEK
        number: Integers = week - week.min()
        return number

    @cached_property
    def holiday_offset(self) -> Integers:
        """Days since the nearest holiday, negative before it; 9 where none is near."""
        return self._holidays[0]

    @cached_property
    def _holidays(self) -> tuple[Integers, Integers]:
        days = self.local_hour // 24
        offset, code = np.full(len(days), FAR_D), np.zeros(len(days), dtype=np.int64)
        known = np.array(sorted(self.holiday_code), dtype=np.int64)
        if not len(known):
            return offset, code
        codes = np.array([self.holiday_code[day] for day in known.tolist()], dtype=np.int64)
        following = np.searchsorted(known, days)
        for nearest in (np.minimum(following, len(known) - 1), np.maximum(following - 1, 0)):
            gap = days - known[nearest]
            is_nearer = (np.abs(gap) <= HOLIDAY_REACH_D) & (np.abs(gap) < np.abs(offset))
            offset = np.where(is_nearer, gap, offset)
            code = np.where(is_nearer, codes[nearest], code)
        return offset, code

    @cached_property
    def calendar(self) -> Floats:
        """Hour, weekday, hour of week, day of year, holiday offset, holiday with offset, (hours, 6)."""
        day = self.local_hour // 24
        dates = day.astype("datetime64[D]")
        day_of_year = (dates - dates.astype("datetime64[Y]")).astype(np.int64)
        offset, code = self._holidays
        near = np.where(code > 0, code * 10 + offset, 0)
        return np.column_stack(
            [self.local_hour % 24, self.hour_of_week // 24, self.hour_of_week, day_of_year, offset, near]
        ).astype(np.float64)

    @cached_property
    def recent_weather(self) -> Floats:
        """Weather, its means over 6 and 24 h before and 12 h after, and around the hour; temperature against them."""
        hour = self.local_hour - self.local_hour[0]
        grid = np.full((int(hour[-1]) + 1, self.weather.shape[1] - 1), np.nan)
        grid[hour] = self.weather[:, :-1]
        spans = ((RECENT_H - 1, 0), (DAY_H - 1, 0), (0, AHEAD_H - 1), (AROUND_H, AROUND_H))
        means = [window_means(grid, back=back, ahead=ahead)[hour] for back, ahead in spans]
        return np.column_stack([self.weather, *means, self.weather[:, 0] - means[1][:, 0]])


def volume_inputs(hours: VolumeHours, volume: Floats, *, weeks: Weeks) -> tuple[Floats, Floats]:
    """Columns of each hour, and the weekly profile from which its volume deviates.

    `volume` is NaN in hours without a count. No column of an hour holds a count of its own week, so a counted hour
    and one without a count are described alike.
    """
    table = _by_week(hours, volume)
    mean_week = _mean_of_other_weeks(table)
    season = _season_profile(table, mean_week)
    at = (hours.week_number, hours.hour_of_week)
    own = np.column_stack([hours.calendar, hours.recent_weather, season[at], mean_week[at]])
    if weeks == "earlier":
        return own, mean_week[at]
    near = [_near_profile(table, mean_week, scale)[at] for scale in WEEK_SCALES]
    gap = np.full((1, HOURS_A_WEEK), np.nan)
    beside = [np.concatenate([gap, table[:-1]]), np.concatenate([table[1:], gap])]
    levels = [_week_levels(other - mean_week)[hours.week_number] for other in beside]
    date = hours.local_hour // 24
    return np.column_stack([own, *near, *levels, date]), near[PROFILE_SCALE]


def window_means(series: Floats, *, back: int, ahead: int) -> Floats:
    """Mean of the known values from `back` rows before to `ahead` rows after each row; NaN where none is known."""
    is_known = np.isfinite(series)
    rows = np.arange(len(series))
    first, last = np.maximum(rows - back, 0), np.minimum(rows + ahead + 1, len(series))
    total, count = (
        np.concatenate([np.zeros((1, series.shape[1])), np.cumsum(values, axis=0)])
        for values in (np.where(is_known, series, 0.0), is_known.astype(np.float64))
    )
    known = count[last] - count[first]
    return np.where(known > 0, (total[last] - total[first]) / np.maximum(known, 1), np.nan)


def _by_week(hours: VolumeHours, volume: Floats) -> Floats:
    """Counts by week and hour of the week, NaN on and next to holidays."""
    table = np.full((int(hours.week_number.max()) + 1, HOURS_A_WEEK), np.nan)
    is_plain: Flags = np.isfinite(volume) & (np.abs(hours.holiday_offset) > 1)
    table[hours.week_number[is_plain], hours.hour_of_week[is_plain]] = volume[is_plain]
    return table


def _mean_of_other_weeks(table: Floats) -> Floats:
    """Mean of each hour of the week over all other weeks; of all hours where no other was counted."""
    is_known = np.isfinite(table)
    counts = np.where(is_known, table, 0.0)
    number = is_known.sum(axis=0) - is_known
    everything = counts.sum() / max(is_known.sum(), 1)
    others = (counts.sum(axis=0) - counts) / np.maximum(number, 1)
    mean: Floats = np.where(number > 0, others, everything)
    return mean


def _near_profile(table: Floats, mean_week: Floats, scale: float) -> Floats:
    """Weighted mean of other weeks, weight exp(−|weeks apart| / scale)."""
    apart = _weeks_apart(len(table))
    return _weighted_weeks(table, mean_week, np.where(apart > 0, np.exp(-apart / scale), 0.0))


def _season_profile(table: Floats, mean_week: Floats) -> Floats:
    """Weighted mean of weeks of other years at the same time of the year."""
    apart = _weeks_apart(len(table))
    out_of_season = np.abs((apart + YEAR_WEEKS / 2) % YEAR_WEEKS - YEAR_WEEKS / 2)
    weight = np.where(apart > SEASON_GAP, np.exp(-out_of_season / SEASON_SCALE), 0.0)
    return _weighted_weeks(table, mean_week, weight)


def _weighted_weeks(table: Floats, mean_week: Floats, weight: Floats) -> Floats:
    is_known = np.isfinite(table)
    total = weight @ np.where(is_known, table, 0.0) + PRIOR_WEIGHT * mean_week
    profile: Floats = total / (weight @ is_known.astype(np.float64) + PRIOR_WEIGHT)
    return profile


def _week_levels(deviation: Floats) -> Floats:
    """Mean of the known deviations of each week; NaN without any."""
    is_known = np.isfinite(deviation)
    count = is_known.sum(axis=1)
    return np.where(count > 0, np.where(is_known, deviation, 0.0).sum(axis=1) / np.maximum(count, 1), np.nan)


def _weeks_apart(count: int) -> Floats:
    number = np.arange(count, dtype=np.float64)
    apart: Floats = np.abs(number[:, None] - number[None, :])
    return apart
