"""Readings that a person released from quarantine: their names, who released them, and the flag that they carry.

Belongs here: the record of releases of a feed and day, and the readings that it names. Does not: who may release what
(workflow.quarantine_desk), or what a released reading is used for (clean).
"""

import hashlib
import json
from collections.abc import Iterable
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from bigdata_emis import schema
from bigdata_emis.codes import Flag
from bigdata_emis.collect.passes.decision_documents import read_decisions, write_decisions
from bigdata_emis.storage.lake import Store

ID_LENGTH = 12
NOT_CONTENT = frozenset({"record_number", "reason_codes", "flag_codes"})
Releases = dict[str, dict[str, Any]]
"""By the name of a reading what was recorded when it was released."""


def name_readings(rows: pa.Table, quarantine_table: str) -> list[str]:
    """A short name of each reading, of what it says: the same in the readings and in the quarantine.

    Two readings that say the same have the same name.
    """
    fields = [name for name in schema.table(quarantine_table).names if name not in NOT_CONTENT]
    columns = [_as_texts(rows[name]) for name in fields]
    return [
        hashlib.sha256(json.dumps(values, ensure_ascii=False).encode()).hexdigest()[:ID_LENGTH]
        for values in zip(*columns, strict=True)
    ]


def read_releases(store: Store, feed_id: str, day: date) -> Releases:
    """The releases of a feed on a local day. Raises InputError for a damaged record."""
    return read_decisions(store, _document(feed_id, day))


def write_release(store: Store, feed_id: str, day: date, name: str, record: dict[str, Any]) -> None:
    """Add a release; one that is there stays as it was."""
    releases = {name: record} | read_releases(store, feed_id, day)
    write_decisions(store, _document(feed_id, day), releases)


def mark_released(rows: pa.Table, store: Store, feed_id: str, days: Iterable[date]) -> pa.Table:
    """The readings, those that were released with the flag that says so."""
    names = {name for day in days for name in read_releases(store, feed_id, day)}
    if not names:
        return rows
    is_released = [name in names for name in name_readings(rows, f"{feed_id}_quarantine")]
    flags = [
        [*(flags or []), *([Flag.RELEASED] if hit and Flag.RELEASED not in (flags or []) else [])]
        for flags, hit in zip(rows["flag_codes"].to_pylist(), is_released, strict=True)
    ]
    column = pa.array(flags, pa.list_(pa.string()))
    return rows.set_column(rows.column_names.index("flag_codes"), "flag_codes", column)


def _document(feed_id: str, day: date) -> str:
    return f"released/{feed_id}/{day}.json"


def _as_texts(column: Any) -> list[str | None]:
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.timestamp("us")).cast(pa.int64())
    if pa.types.is_floating(column.type):
        numbers = np.asarray(column.to_numpy(), dtype=np.float64)
        return [None if np.isnan(number) else repr(float(number)) for number in numbers]
    return [None if value is None else str(value) for value in column.to_pylist()]
