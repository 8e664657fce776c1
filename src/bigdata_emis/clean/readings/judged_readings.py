"""Readings sorted by source and time and judged by the rules: the form in which every feed is cleaned.

Belongs here: the common first half of cleaning (sort, rules, duplicates, outliers), and matrices of sources by hours.
Does not: how the readings of a feed become an hour.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import schema
from bigdata_emis.arrays import Flags, Floats, Integers
from bigdata_emis.clean.readings.hour_grid import HourGrid, to_microseconds
from bigdata_emis.clean.readings.outliers import find_outliers
from bigdata_emis.clean.readings.rules import (
    QuarantineReasons,
    ReadingRule,
    apply_rules,
    mark_duplicates,
    select_quarantined,
)
from bigdata_emis.clean.readings.thresholds import CleaningOptions
from bigdata_emis.codes import Flag

SEPARATOR = "\x1f"


@dataclass
class JudgedReadings:
    """Sorted readings with their reasons for quarantine.

    source: the number of each reading's source, whose key is that row of `keys`. hour: its hour in the grid. interval:
    what may hold one reading of a source: the hour of an hourly feed, else the start of the reading.
    """

    rows: pa.Table
    reasons: QuarantineReasons
    source: Integers
    keys: pa.Table
    hour: Integers
    grid: HourGrid
    interval: Integers

    @property
    def usable_rows(self) -> Integers:
        """The rows without a reason, in order of source and time."""
        return np.flatnonzero(~self.reasons.has_reason)

    @property
    def shape(self) -> tuple[int, int]:
        """Sources by hours."""
        return self.keys.num_rows, self.grid.hour_count

    def mark_superseded(self) -> None:
        """Mark as duplicates all usable readings of a source and interval but the last to arrive."""
        mark_duplicates(self.reasons, self.source, self.interval, self.rows["record_number"].to_numpy())

    def values(self, name: str) -> Floats:
        """A number of every row, NaN where missing."""
        column = self.rows[name].cast(pa.float64())
        return np.asarray(column.to_numpy(), dtype=np.float64)

    def count_by_hour(self) -> Floats:
        """The count of usable readings by source and hour."""
        return self._add_by_hour(None)

    def sum_by_hour(self, values: Floats) -> Floats:
        """The sum of the values of usable readings by source and hour."""
        return self._add_by_hour(values)

    def value_by_hour(self, name: str) -> Floats:
        """The value of the one usable reading of each source and hour, NaN where there is none."""
        matrix = np.full(self.shape, np.nan)
        rows = self.usable_rows
        matrix[self.source[rows], self.hour[rows]] = self.values(name)[rows]
        return matrix

    def row_by_hour(self) -> Integers:
        """The row of the one usable reading of each source and hour, −1 where there is none."""
        matrix = np.full(self.shape, -1, dtype=np.int64)
        rows = self.usable_rows
        matrix[self.source[rows], self.hour[rows]] = rows
        return matrix

    def quarantined_rows(self, table_name: str) -> pa.Table:
        """The readings of the window with a reason, as the quarantine table."""
        is_own = (self.hour >= 0) & self.grid.is_own[np.maximum(self.hour, 0)]
        return select_quarantined(self.rows, self.reasons, table_name, is_own)

    def hourly_rows(self, columns: dict[str, Any], is_given: Flags, hours: Flags | None = None) -> pa.Table:
        """Matrices of sources by hours as rows of the window's hours that have ended, where `is_given`.

        The keys of the sources and hour_utc are added. `hours` are others than those of the window, shape (hours,).
        """
        row, hour = np.nonzero(is_given & (self.grid.is_written if hours is None else hours)[None, :])
        table: dict[str, Any] = {name: self.keys[name].take(pa.array(row)) for name in self.keys.column_names}
        table["hour_utc"] = self.grid.hour_starts(hour)
        for name, matrix in columns.items():
            table[name] = as_column(matrix[row, hour])
        return pa.table(table)

    def _add_by_hour(self, weights: Floats | None) -> Floats:
        rows = self.usable_rows
        position = self.source[rows] * self.grid.hour_count + self.hour[rows]
        size = self.shape[0] * self.shape[1]
        total = np.bincount(position, None if weights is None else weights[rows], minlength=size)
        return np.asarray(total, dtype=np.float64).reshape(self.shape)


def judge_readings(
    rows: pa.Table, rules: Sequence[ReadingRule], *, reading_table: str, grid: HourGrid
) -> JudgedReadings:
    """Readings sorted and judged by the rules.

    Duplicates are marked afterwards (mark_superseded), when the feed's own checks are done. A source is a key without
    its time and order of arrival.
    """
    table = schema.table(reading_table)
    names = [name for name in table.key if name not in (table.time, "record_number")]
    source, keys = _number_sources(rows, names)
    time = to_microseconds(rows[table.time])
    order = np.lexsort((rows["record_number"].to_numpy(), time, source))
    rows, source, time = rows.take(pa.array(order)), source[order], time[order]
    reasons = apply_rules(rows, rules)
    hour = grid.number_hours(time)
    reasons.add(Flag.OUT_OF_WINDOW, hour < 0)
    reasons.add(Flag.FUTURE, hour >= grid.ended_hour_count)
    return JudgedReadings(rows, reasons, source, keys, hour, grid, hour if table.time == "hour_utc" else time)


def mark_outliers(judged: JudgedReadings, name: str, options: CleaningOptions) -> None:
    """Quarantine readings whose value is far above its neighbours'."""
    judged.reasons.add(Flag.OUTLIER, find_far_readings(judged, name, options))


def find_far_readings(judged: JudgedReadings, name: str, options: CleaningOptions) -> Flags:
    """Usable readings whose value is far above its neighbours', without those that a person released."""
    rows = judged.usable_rows
    rows = rows[~np.isnan(judged.values(name)[rows])]
    day = judged.grid.day[judged.hour[rows]]
    is_outlier = np.zeros(judged.rows.num_rows, dtype=bool)
    is_outlier[rows] = find_outliers(
        judged.values(name)[rows], judged.source[rows], day, first_own_day=judged.grid.first_own_day, options=options
    )
    return is_outlier & ~judged.reasons.is_released


def as_column(values: Any) -> pa.Array:
    """A vector as an Arrow column: NaN is a missing value."""
    if values.dtype.kind == "f":
        return pa.array(values, pa.float64(), mask=np.isnan(values))
    return pa.array(values)


def _number_sources(rows: pa.Table, names: list[str]) -> tuple[Integers, pa.Table]:
    """Sources numbered in the order of their keys, so that results do not depend on how rows arrive."""
    joined = (
        rows[names[0]] if len(names) == 1 else pc.binary_join_element_wise(*(rows[name] for name in names), SEPARATOR)
    )
    coded = joined.combine_chunks().dictionary_encode()
    coded = coded.combine_chunks() if isinstance(coded, pa.ChunkedArray) else coded
    order = pc.sort_indices(coded.dictionary).to_numpy()
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    split = [key.split(SEPARATOR) for key in coded.dictionary.take(pa.array(order)).to_pylist()]
    keys = pa.table({name: pa.array([key[i] for key in split], pa.string()) for i, name in enumerate(names)})
    return rank[coded.indices.to_numpy()], keys
