"""Validity in time of meters, stacks and stations: entries that leave the registry files are closed, never forgotten.

Belongs here: which entries are valid on which days. Does not: readings outside the validity of their source (clean).
"""

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis.arrays import Flags
from bigdata_emis.storage import database

DATED_TABLES = ("meter", "stack", "station")
"""Registry tables whose entries have valid_from and valid_to, the first and the last local day of their validity."""
PART_TABLES = {"meter_share": "meter"}
"""Tables whose rows are parts of an entry of a dated table, and hold as long as it does."""
LINE = "production_line"


def keep_closed(frames: Mapping[str, pa.Table], region_id: str, closed_on: date) -> dict[str, pa.Table]:
    """New registry tables, with the stored entries that they no longer list, closed on this day at the latest.

    A day before can then be computed again with the meters and stations that it had. An entry whose production line is
    gone, too, is not kept.
    """
    kept = dict(frames)
    for name in DATED_TABLES:
        if name not in frames:
            continue
        gone = _rows_gone(name, frames, region_id)
        kept[name] = pa.concat_tables([frames[name], _closed(gone, closed_on)])
        for part in (part for part, whole in PART_TABLES.items() if whole == name and part in frames):
            stored = _with_line(database.read(part, region_id), frames)
            key = f"{name}_id"
            kept[part] = pa.concat_tables([frames[part], stored.filter(pc.is_in(stored[key], _ids(gone, key)))])
    return kept


def select_valid(name: str, frame: pa.Table, days: Sequence[date], *, region_id: str) -> pa.Table:
    """The rows of a registry table that are valid on any of these days; all, where its rows have no validity."""
    if name in DATED_TABLES:
        return frame.filter(pa.array(is_valid(frame, days[0], days[-1])))
    if name in PART_TABLES:
        whole = PART_TABLES[name]
        valid = select_valid(whole, database.read(whole, region_id), days, region_id=region_id)
        return frame.filter(pc.is_in(frame[f"{whole}_id"], _ids(valid, f"{whole}_id")))
    return frame


def count_valid(name: str, region_id: str, days: Sequence[date]) -> dict[date, int]:
    """By day the count of entries of a registry table."""
    frame = database.read(name, region_id)
    return {day: select_valid(name, frame, [day], region_id=region_id).num_rows for day in days}


def is_valid(frame: pa.Table, first: date, last: date) -> Flags:
    """Whether each entry is valid on any day from the first to the last; an open end has no date."""
    has_begun = pc.fill_null(pc.less_equal(frame["valid_from"], last), True)
    has_not_ended = pc.fill_null(pc.greater_equal(frame["valid_to"], first), True)
    valid: Flags = np.asarray(pc.and_(has_begun, has_not_ended), dtype=bool)
    return valid


def _rows_gone(name: str, frames: Mapping[str, pa.Table], region_id: str) -> pa.Table:
    stored, key = _with_line(database.read(name, region_id), frames), f"{name}_id"
    return stored.filter(pc.invert(pc.is_in(stored[key], _ids(frames[name], key))))


def _with_line(stored: pa.Table, frames: Mapping[str, pa.Table]) -> pa.Table:
    key = f"{LINE}_id"
    if key not in stored.column_names or LINE not in frames:
        return stored
    return stored.filter(pc.is_in(stored[key], _ids(frames[LINE], key)))


def _closed(gone: pa.Table, closed_on: date) -> pa.Table:
    last = pc.min_element_wise(gone["valid_to"], pa.scalar(closed_on, pa.date32()))
    return gone.set_column(gone.schema.get_field_index("valid_to"), gone.schema.field("valid_to"), last)


def _ids(frame: pa.Table, key: str) -> pa.Array:
    return frame[key].combine_chunks()
