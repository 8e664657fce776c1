"""Which days one raw file answers for, and which of its rows belong to the days asked for.

Belongs here: periods of files and the local day of a row. Does not: reading them.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np

from bigdata_emis.collect.declaration import Feed
from bigdata_emis.window import day_window

ALL_DAYS = (date(1970, 1, 1), date(2200, 1, 1))


@dataclass(frozen=True)
class Period:
    """The local days from `first` to before `end` that a file covers; its bytes are kept with the first of them."""

    first: date
    end: date

    @property
    def landing_day(self) -> date:
        """The day with which the raw bytes are kept."""
        return self.first


def period_of(feed: Feed, day: date) -> Period:
    """A day for HTTP and for files named by day, a year for files named by year, else all days."""
    if feed.comes_by_http(day) or "{day}" in feed.drop:
        return Period(day, day + timedelta(days=1))
    if "{year}" in feed.drop:
        return Period(date(day.year, 1, 1), date(day.year + 1, 1, 1))
    return Period(*ALL_DAYS)


def local_days(times: Any, days: list[date], period: Period, time_zone: str) -> tuple[Any, dict[str, int]]:
    """For each row the number of its day among `days`, or −1; and the rows without time or outside the file's period."""
    instants = times.to_numpy().astype("datetime64[us]")
    missing = np.isnat(instants)
    starts = np.array([_naive(day_window(day, time_zone).from_utc) for day in days], dtype="datetime64[us]")
    ends = np.array([_naive(day_window(day, time_zone).to_utc) for day in days], dtype="datetime64[us]")
    number = np.searchsorted(starts, instants, side="right") - 1
    number[missing] = -1
    number[(number >= 0) & (instants >= ends[np.maximum(number, 0)])] = -1
    first = np.datetime64(_naive(day_window(period.first, time_zone).from_utc))
    end = np.datetime64(_naive(day_window(period.end, time_zone).from_utc))
    outside = ~missing & ((instants < first) | (instants >= end))
    number[outside] = -1
    return number, {"out_of_window": int(outside.sum()), "no_time": int(missing.sum())}


def _naive(instant: datetime) -> datetime:
    return instant.replace(tzinfo=None)
