"""The hours that a cleaning stage sees: those of the window's local days, and of the days before that it looks back on.

Belongs here: numbering of hours and days. Does not: the rule of the local day itself (window).
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from bigdata_emis.arrays import Flags, Integers
from bigdata_emis.context import Context
from bigdata_emis.schema.row_times import INSTANT
from bigdata_emis.window import HOUR_US, HOURS_PER_DAY

FIRST_WEEKEND_DAY = 5


@dataclass(frozen=True)
class HourGrid:
    """Consecutive hours from `start_us`, in microseconds since 1970.

    day: the local day of each hour, numbered from 0. local_hour: its hour of that day. is_weekend: of a Saturday or
    Sunday. first_own_day: the first day of the window; days before it are only looked back on. ended_hour_count: how
    many hours have ended at the known time; later ones hold no reading and get no value.
    """

    start_us: int
    day: Integers
    local_hour: Integers
    is_weekend: Flags
    first_own_day: int
    ended_hour_count: int

    @property
    def hour_count(self) -> int:
        """How many hours there are."""
        return len(self.day)

    @property
    def utc_offset_h(self) -> int:
        """The offset of local time from UTC at the start, in whole hours."""
        offset_h = int(self.local_hour[0] - self.start_us // HOUR_US) % HOURS_PER_DAY
        return offset_h - HOURS_PER_DAY if offset_h > HOURS_PER_DAY // 2 else offset_h

    @property
    def own_days(self) -> range:
        """The numbers of the window's own days."""
        return range(self.first_own_day, int(self.day[-1]) + 1)

    @property
    def is_own(self) -> Flags:
        """The hours of the window, not those of the days before."""
        own: Flags = self.day >= self.first_own_day
        return own

    @property
    def is_ended(self) -> Flags:
        """The hours that have ended, of the window and of the days before."""
        ended: Flags = np.arange(self.hour_count) < self.ended_hour_count
        return ended

    @property
    def is_written(self) -> Flags:
        """The hours of the window that have ended."""
        written: Flags = self.is_own & self.is_ended
        return written

    def number_hours(self, time_us: Integers) -> Integers:
        """The number of the hour in which each instant lies; −1 outside."""
        number = (time_us - self.start_us) // HOUR_US
        inside: Integers = np.where((number >= 0) & (number < self.hour_count), number, -1)
        return inside

    def hour_starts(self, hour: Integers) -> pa.Array:
        """The start of these hours as instants."""
        return pa.array(self.start_us + hour * HOUR_US, pa.int64()).cast(INSTANT)


def build_hour_grid(context: Context) -> HourGrid:
    """The hours of the window's whole local days and of the days that the stage looks back on."""
    zone = context.region.time_zone
    own = context.window.whole_days(zone)
    reach = own.widened(days_before=context.lookback_days, time_zone=zone)
    local = [start.astimezone(ZoneInfo(zone)) for start in reach.hour_starts_utc()]
    first = local[0].date()
    start_us = (reach.from_utc - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    ended = (context.known_hour_utc - reach.from_utc) // timedelta(hours=1)
    return HourGrid(
        start_us=start_us,
        day=np.array([(start.date() - first).days for start in local], dtype=np.int64),
        local_hour=np.array([start.hour for start in local], dtype=np.int64),
        is_weekend=np.array([start.weekday() >= FIRST_WEEKEND_DAY for start in local], dtype=bool),
        first_own_day=(own.from_utc.astimezone(ZoneInfo(zone)).date() - first).days,
        ended_hour_count=max(ended, 0),
    )


def to_microseconds(column: Any) -> Integers:
    """Instants as whole microseconds since 1970."""
    values: Integers = column.cast(INSTANT).cast(pa.int64()).to_numpy()
    return values
