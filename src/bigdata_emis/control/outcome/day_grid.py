"""Rows by hour as dense arrays of local days and hours of the day.

Belongs here: where an hour lies in the array. Does not: which days are normal (normal_hours).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis.arrays import Flags, Floats, Integers
from bigdata_emis.statistics.normal_profile import HOURS
from bigdata_emis.window import HOUR_US

EPOCH = date(1970, 1, 1)
SATURDAY = 5


@dataclass(frozen=True)
class DayGrid:
    """Consecutive local days of a region; an hour that the clocks repeat is one hour, one that they skip is missing."""

    first_day: date
    day_count: int
    time_zone: str

    @property
    def days(self) -> list[date]:
        """The local days."""
        return [self.first_day + timedelta(days=number) for number in range(self.day_count)]

    @property
    def day_types(self) -> Integers:
        """0 from Monday to Friday, 1 on Saturday, 2 on Sunday, (days,)."""
        return np.array([max(day.weekday() - SATURDAY + 1, 0) for day in self.days], dtype=np.int64)

    def positions(self, hour_utc: pa.ChunkedArray) -> Integers:
        """The number of each hour, counted from the first hour of the first day; -1 outside the days."""
        zoned = hour_utc.cast(pa.timestamp("us", tz=self.time_zone))
        local_us = pc.local_timestamp(zoned).cast(pa.int64()).to_numpy()
        number = local_us // HOUR_US - (self.first_day - EPOCH).days * HOURS
        is_inside = (number >= 0) & (number < self.day_count * HOURS)
        return np.where(is_inside, number, -1).astype(np.int64)

    def dense(self, hour_utc: pa.ChunkedArray, row: Integers, values: Floats, row_count: int) -> Floats:
        """Values by row, day and hour, (rows, days, 24), NaN where there is none; a negative row is left out."""
        filled = np.full((row_count, self.day_count * HOURS), np.nan)
        position = self.positions(hour_utc)
        is_used = (position >= 0) & (row >= 0)
        filled[row[is_used], position[is_used]] = values[is_used]
        return filled.reshape(row_count, self.day_count, HOURS)

    def flags(self, hour_utc: pa.ChunkedArray) -> Flags:
        """Which hours occur, (days, 24)."""
        marks = np.zeros(self.day_count * HOURS, dtype=bool)
        position = self.positions(hour_utc)
        marks[position[position >= 0]] = True
        return marks.reshape(self.day_count, HOURS)


def grid_of(days: Sequence[date], time_zone: str) -> DayGrid:
    """The grid from the first to the last of these days."""
    return DayGrid(min(days), (max(days) - min(days)).days + 1, time_zone)


def row_numbers(ids: pa.ChunkedArray, known: Sequence[str]) -> Integers:
    """The number of each identifier in a list, -1 where it is not listed."""
    found = pc.index_in(ids.cast(pa.string()), pa.array(known, pa.string()))
    rows: Integers = pc.fill_null(found, -1).to_numpy().astype(np.int64)
    return rows


def numbers(column: pa.ChunkedArray) -> Floats:
    """A column as floats, NaN where it is empty."""
    values: Floats = pc.cast(column, pa.float64()).to_numpy(zero_copy_only=False).astype(np.float64)
    return values
