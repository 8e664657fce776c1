"""Readings sorted by what sent them and by time, judged once: the form in which every feed is cleaned.

Belongs here: the common first half of cleaning (sort, rules, duplicates). Does not: how a feed's readings become an hour.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import schema
from bigdata_emis.arrays import Flags, Floats, Integers
from bigdata_emis.clean.readings.hour_grid import Clock, microseconds
from bigdata_emis.clean.readings.outliers import outliers
from bigdata_emis.clean.readings.rules import Rule, Verdict, judge, mark_duplicates, quarantine
from bigdata_emis.clean.readings.thresholds import Options

SEPARATOR = "\x1f"


@dataclass
class Judged:
    """Sorted readings with their verdict. `source` numbers the sources, whose keys are rows of `keys`."""

    rows: pa.Table
    verdict: Verdict
    source: Integers
    keys: pa.Table
    hour: Integers
    clock: Clock
    interval: Integers

    def keep_latest(self) -> None:
        """Give the reason duplicate to every usable reading but the last that arrived for its source and interval."""
        mark_duplicates(self.verdict, self.source, self.interval, self.rows["record_number"].to_numpy())

    @property
    def usable(self) -> Integers:
        """The rows without a reason, in order of source and time."""
        return np.flatnonzero(~self.verdict.is_bad)

    @property
    def shape(self) -> tuple[int, int]:
        """Sources by hours."""
        return self.keys.num_rows, self.clock.hours

    def values(self, name: str) -> Floats:
        """A number of every row, NaN where missing."""
        column = self.rows[name].cast(pa.float64())
        return np.asarray(column.to_numpy(), dtype=np.float64)

    def per_hour(self, weights: Floats | None = None) -> Floats:
        """The sum of weights, or the count, of usable readings by source and hour."""
        rows = self.usable
        cell = self.source[rows] * self.clock.hours + self.hour[rows]
        total = np.bincount(cell, None if weights is None else weights[rows], minlength=self.shape[0] * self.shape[1])
        return np.asarray(total, dtype=np.float64).reshape(self.shape)

    def one_per_hour(self, name: str) -> Floats:
        """The value of the one usable reading of each source and hour, NaN where there is none."""
        matrix = np.full(self.shape, np.nan)
        rows = self.usable
        matrix[self.source[rows], self.hour[rows]] = self.values(name)[rows]
        return matrix

    def set_aside(self, table_name: str) -> pa.Table:
        """The readings of the window with a reason, as the quarantine table."""
        own = (self.hour >= 0) & self.clock.is_own[np.maximum(self.hour, 0)]
        return quarantine(self.rows, self.verdict, table_name, own)

    def own_rows(self, columns: dict[str, Any], keep: Flags) -> pa.Table:
        """Matrices of sources by hours as rows of the window's hours, where `keep`; keys and hour_utc are added."""
        row, hour = np.nonzero(keep & self.clock.is_own[None, :])
        table: dict[str, Any] = {name: self.keys[name].take(pa.array(row)) for name in self.keys.column_names}
        table["hour_utc"] = self.clock.instants(hour)
        for name, matrix in columns.items():
            table[name] = as_column(matrix[row, hour])
        return pa.table(table)


def judge_readings(rows: pa.Table, rules: Sequence[Rule], *, reading_table: str, clock: Clock) -> Judged:
    """Readings sorted and judged by the rules; duplicates are marked afterwards (keep_latest), when a feed's own rules have spoken.

    A source is a key without its time and order of arrival.
    """
    table = schema.table(reading_table)
    names = [name for name in table.key if name not in (table.time, "record_number")]
    source, keys = _number_sources(rows, names)
    time = microseconds(rows[table.time])
    order = np.lexsort((rows["record_number"].to_numpy(), time, source))
    rows, source, time = rows.take(pa.array(order)), source[order], time[order]
    verdict = judge(rows, rules)
    hour = clock.hour_of(time)
    verdict.add("out_of_window", hour < 0)
    return Judged(rows, verdict, source, keys, hour, clock, hour if table.time == "hour_utc" else time)


def mark_outliers(judged: Judged, name: str, options: Options) -> None:
    """Give the reason outlier to readings whose value is far from its neighbours'."""
    rows = judged.usable
    day = judged.clock.day[judged.hour[rows]]
    found = np.zeros(judged.rows.num_rows, dtype=bool)
    found[rows] = outliers(
        judged.values(name)[rows], judged.source[rows], day, first_day=judged.clock.first_day, options=options
    )
    judged.verdict.add("outlier", found)


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
