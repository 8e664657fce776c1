"""Hours of recent days as hours of days to come, by local hour; the day types.

Belongs here: how hours of days with 23, 24 or 25 hours correspond. Does not: emissions.
"""

from collections.abc import Sequence
from datetime import date

import numpy as np

from bigdata_emis.arrays import Integers, Positions
from bigdata_emis.window import day_window

SATURDAY = 5


def day_types(days: Sequence[date]) -> Integers:
    """0 from Monday to Friday, 1 on Saturday, 2 on Sunday, (days,)."""
    return np.array([max(day.weekday() - SATURDAY + 1, 0) for day in days], dtype=np.int64)


def day_numbers(days: Sequence[date]) -> Integers:
    """Days as consecutive numbers, (days,)."""
    return np.array([day.toordinal() for day in days], dtype=np.int64)


def day_start_us(day: date, time_zone: str) -> int:
    """The first instant of a local day, in microseconds of UTC."""
    return int(day_window(day, time_zone).from_utc.timestamp()) * 1_000_000


def local_hours(day: date, time_zone: str) -> Positions:
    """The local hour of each hour of a day, (hours of the day,): 0 to 23, once repeated or skipped by clocks."""
    hours = [local.hour for _, local in day_window(day, time_zone).local_hours(time_zone)]
    return np.array(hours, dtype=np.intp)
