"""Rows of a feed as the declared table of readings: flags of collecting, and numbers in order of arrival.

Belongs here: the marks of a row as its flags. Does not: which rows belong to a day (collect_feeds).
"""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import schema
from bigdata_emis.arrays import Flags, Integers
from bigdata_emis.codes import Flag
from bigdata_emis.collect.feed_config import Feed
from bigdata_emis.collect.merged_rows import ARRIVAL
from bigdata_emis.collect.privacy.device_counts import PRIVATE_MARK
from bigdata_emis.collect.raw_archive import Pass


def is_early(rows: pa.Table, passes: list[Pass], feed: Feed) -> Flags:
    """Readings that arrived before their interval began, so nobody can have measured them; a forecast may."""
    table = schema.table(feed.stored_table)
    if not table.name.endswith("_reading"):
        return np.zeros(rows.num_rows, dtype=bool)
    arrival = {received.number: received.received_utc.replace(tzinfo=None) for received in passes}
    numbers = np.asarray(sorted(arrival), dtype=np.int64)
    instants = np.asarray([arrival[number] for number in sorted(arrival)], dtype="datetime64[us]")
    arrived = instants[np.searchsorted(numbers, rows[ARRIVAL].to_numpy())]
    began_later: Flags = rows[table.time].to_numpy().astype("datetime64[us]") > arrived
    return began_later


def as_readings(rows: pa.Table, day_number: Integers, is_early: Flags, table_name: str) -> pa.Table:
    """Rows as the declared table: empty key texts, flags of collecting, and numbers in order of arrival."""
    table = schema.table(table_name)
    columns: dict[str, Any] = {name: rows[name] for name in rows.column_names}
    for name in table.key:
        if name in columns and pa.types.is_string(columns[name].type):
            columns[name] = pc.fill_null(columns[name], "")
    marks = {name: np.asarray(rows[name], dtype=bool) for name in ("is_unreadable", "is_invalid")}
    is_private = np.zeros(rows.num_rows, dtype=bool)
    if PRIVATE_MARK in rows.column_names:
        is_private = np.asarray(pc.fill_null(rows[PRIVATE_MARK], False), dtype=bool)
    columns["flag_codes"] = _flag_lists(marks["is_unreadable"], is_early, marks["is_invalid"], is_private)
    columns["record_number"] = pa.array(_number_within_day(day_number))
    return pa.table({name: columns[name] for name in table.names})


def _flag_lists(is_unreadable: Flags, is_early: Flags, is_invalid: Flags, is_private: Flags) -> pa.ListArray:
    hits = np.stack([is_unreadable, is_early, is_invalid, is_private], axis=1)
    offsets = np.concatenate([[0], np.cumsum(hits.sum(axis=1))])
    codes = np.broadcast_to(np.array([Flag.NOT_A_NUMBER, Flag.FUTURE, Flag.INVALID_STATUS, Flag.PRIVACY]), hits.shape)[
        hits
    ]
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), pa.array(codes.tolist(), pa.string()))


def _number_within_day(day_number: Integers) -> Integers:
    """Order of arrival within each day, from 1."""
    numbers = np.empty(len(day_number), dtype=np.int64)
    for day in np.unique(day_number):
        is_of_day = day_number == day
        numbers[is_of_day] = np.arange(1, is_of_day.sum() + 1)
    return numbers
