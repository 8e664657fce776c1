"""The hours that a cleaning sees: those of the window's local days, and of the days before on which it looks back.

Belongs here: numbering of hours and days. Does not: the rule of the local day itself (window).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from bigdata_emis.arrays import Flags, Integers
from bigdata_emis.context import Context

HOUR_US = 3_600_000_000
FIRST_WEEKEND_DAY = 5


@dataclass(frozen=True)
class Clock:
    """Hours in order from `start_us`; each with its local day (numbered from the first), local hour and kind of day."""

    start_us: int
    day: Integers
    local_hour: Integers
    is_weekend: Flags
    first_day: int

    @property
    def hours(self) -> int:
        """How many hours there are."""
        return len(self.day)

    @property
    def days(self) -> Iterator[int]:
        """The numbers of the window's own days."""
        return iter(range(self.first_day, int(self.day[-1]) + 1))

    @property
    def is_own(self) -> Flags:
        """The hours of the window, not those of the days before."""
        own: Flags = self.day >= self.first_day
        return own

    def hour_of(self, time_us: Integers) -> Integers:
        """The number of the hour in which an instant lies; −1 outside."""
        number = (time_us - self.start_us) // HOUR_US
        inside: Integers = np.where((number >= 0) & (number < self.hours), number, -1)
        return inside

    def instants(self, hour: Integers) -> pa.Array:
        """The start of these hours."""
        return pa.array(self.start_us + hour * HOUR_US, pa.int64()).cast(pa.timestamp("us", tz="UTC"))


def clock_of(context: Context, *, lookback_days: int) -> Clock:
    """The hours of the window's whole local days and of so many days before."""
    zone = context.region.time_zone
    own = context.window.whole_days(zone)
    reach = own.widened(days_before=lookback_days, time_zone=zone)
    local = [start.astimezone(ZoneInfo(zone)) for start in reach.hour_starts_utc()]
    first = local[0].date()
    start_us = (reach.from_utc - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    return Clock(
        start_us=start_us,
        day=np.array([(start.date() - first).days for start in local], dtype=np.int64),
        local_hour=np.array([start.hour for start in local], dtype=np.int64),
        is_weekend=np.array([start.weekday() >= FIRST_WEEKEND_DAY for start in local], dtype=bool),
        first_day=int((own.from_utc.astimezone(ZoneInfo(zone)).date() - first) / timedelta(days=1)),
    )


def microseconds(column: Any) -> Integers:
    """Instants as whole microseconds since 1970."""
    values: Integers = column.cast(pa.timestamp("us", tz="UTC")).cast(pa.int64()).to_numpy()
    return values
