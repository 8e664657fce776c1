"""One pass of the engine over readings: whole sources together, cleaned in NumPy, and both results read back together.

Belongs here: how rows travel to and from the engine. Does not: what is done to them (the cleaning of each feed).
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from bigdata_emis import schema
from bigdata_emis.clean.readings.rules import has_flag
from bigdata_emis.codes import Flag
from bigdata_emis.schema.arrow import TYPES as ARROW_TYPES
from bigdata_emis.schema.arrow import arrow_schema
from bigdata_emis.schema.row_times import INSTANT
from bigdata_emis.schema.spark import TYPES as SPARK_TYPES

CleanRows = Callable[[pa.Table], tuple[pa.Table, pa.Table]]
"""From all readings of some sources to their hourly rows and their quarantined readings."""
QUARANTINED = "is_quarantined"
HOUR = "hour_utc"
GROUP = "cleaned_with"
PORTION_ROWS = 500_000
"""Cleaning holds many times its rows in memory; portions of about this size keep that small for any partition."""


def clean_partitions(
    readings: DataFrame, clean_rows: CleanRows, *, feed: str, by: str, together: DataFrame | None = None
) -> dict[str, pa.Table]:
    """The tables `<feed>_hourly` and `<feed>_quarantine` of a feed, from its readings.

    All readings of one value of `by` meet in one partition, on which `clean_rows` is called; with `together` (one row a
    value of `by`, and the group of these values), all readings of one group. Both results come back in one frame with
    a mark, since with two frames the engine would do the work twice.
    """
    hourly, quarantine = f"{feed}_hourly", f"{feed}_quarantine"
    names = list(dict.fromkeys([*schema.table(hourly).names, *schema.table(quarantine).names]))
    columns = ", ".join(f"`{name}` {SPARK_TYPES[schema.field(name).kind]}" for name in names)
    received = arrow_schema(schema.table(f"{feed}_reading"))
    types = pa.schema([(f.name, f.type) for f in received])
    grouped, group = (readings, by) if together is None else (_group(readings, by, together), GROUP)

    def clean_batches(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        filled = [batch for batch in batches if batch.num_rows]
        if filled:
            given = pa.Table.from_batches(filled)
            rows = given.select(received.names).cast(types)
            keyed = rows if group in rows.column_names else rows.append_column(group, given[group])
            for part in split_portions(keyed, group):
                portion = part.select(received.names)
                cleaned, quarantined = clean_rows(portion)
                yield from _mark((_flag_released(cleaned, portion, hourly), quarantined), names).to_batches()

    marked = grouped.repartition(group).mapInArrow(clean_batches, f"{columns}, `{QUARANTINED}` BOOLEAN").toArrow()
    return {
        hourly: _select(marked, hourly, is_quarantined=False),
        quarantine: _select(marked, quarantine, is_quarantined=True),
    }


def _group(readings: DataFrame, by: str, together: DataFrame) -> DataFrame:
    """The readings with the group in which each is cleaned: that of its source, else the source itself."""
    (group,) = [name for name in together.columns if name != by]
    named = together.select(by, F.col(group).alias(GROUP))
    joined = readings.join(F.broadcast(named), by, "left")  # many readings to one source
    return joined.withColumn(GROUP, F.coalesce(F.col(GROUP), F.col(by)))


def split_portions(rows: pa.Table, by: str, *, size: int = PORTION_ROWS) -> Iterator[pa.Table]:
    """The rows in parts of about `size` rows, each with all rows of some sources."""
    if rows.num_rows <= size:
        yield rows
        return
    column = rows[by].dictionary_encode().unify_dictionaries()
    source = np.concatenate([chunk.indices.to_numpy() for chunk in column.chunks])
    order = np.argsort(source, kind="stable")
    starts = np.flatnonzero(np.diff(source[order])) + 1
    next_start = np.searchsorted(starts, np.arange(size, len(order), size))
    for part in np.split(order, np.unique(starts[next_start[next_start < len(starts)]])):
        yield rows.take(pa.array(part))


def build_flag_lists(flag: str, is_flagged: Any) -> pa.Array:
    """For each row the list of this flag, or the empty list."""
    is_hit = np.asarray(is_flagged, dtype=bool)
    offsets = pa.array(np.concatenate([[0], np.cumsum(is_hit)]), pa.int32())
    return pa.ListArray.from_arrays(offsets, pa.array([flag] * int(is_hit.sum()), pa.string()))


def join_flag_lists(flags: Mapping[Any, Any]) -> pa.Array:
    """For each row the list of its flags, in the order given."""
    is_hit = np.column_stack([np.asarray(is_flagged, dtype=bool) for is_flagged in flags.values()])
    offsets = pa.array(np.concatenate([[0], np.cumsum(is_hit.sum(axis=1))]), pa.int32())
    codes = np.array([str(flag) for flag in flags], dtype=object)
    return pa.ListArray.from_arrays(offsets, pa.array(codes[np.nonzero(is_hit)[1]], pa.string()))


def _flag_released(cleaned: pa.Table, readings: pa.Table, hourly: str) -> pa.Table:
    """The hours of which a reading was released, with the flag that says so."""
    is_released = has_flag(readings["flag_codes"], Flag.RELEASED)
    if not is_released.any() or "flag_codes" not in cleaned.column_names:
        return cleaned
    key = [name for name in schema.table(hourly).key if name != HOUR]
    time = schema.table(f"{hourly.removesuffix('_hourly')}_reading").time
    released = readings.filter(pa.array(is_released))
    hours = {tuple(row.values()) for row in _keys(released, key, time)}
    flags = [
        [*given, Flag.RELEASED] if tuple(row.values()) in hours else given
        for row, given in zip(_keys(cleaned, key, HOUR), cleaned["flag_codes"].to_pylist(), strict=True)
    ]
    column = pa.array(flags, pa.list_(pa.string()))
    return cleaned.set_column(cleaned.column_names.index("flag_codes"), "flag_codes", column)


def _keys(rows: pa.Table, key: list[str], time: str) -> list[dict[str, Any]]:
    """The sources and hours of rows."""
    hours = pc.floor_temporal(rows[time].cast(INSTANT), unit="hour")
    found: list[dict[str, Any]] = rows.select(key).append_column("hour", hours).to_pylist()
    return found


def add_flags(hours: pa.Table, flags: Mapping[Any, Any]) -> pa.Table:
    """Hourly rows with further flags behind those that they have."""
    if not any(np.any(is_flagged) for is_flagged in flags.values()):
        return hours
    given, further = hours["flag_codes"].to_pylist(), join_flag_lists(flags).to_pylist()
    lists = [[*before, *more] for before, more in zip(given, further, strict=True)]
    place = hours.column_names.index("flag_codes")
    return hours.set_column(place, "flag_codes", pa.array(lists, pa.list_(pa.string())))


def _mark(results: tuple[pa.Table, pa.Table], names: list[str]) -> pa.Table:
    """Both results in one frame of all columns, with a mark on quarantined rows."""
    parts = []
    for frame, is_quarantined in zip(results, (False, True), strict=True):
        columns = [
            frame[n].cast(_type(n)) if n in frame.column_names else pa.nulls(frame.num_rows, _type(n)) for n in names
        ]
        mark = pa.array([is_quarantined] * frame.num_rows, pa.bool_())
        parts.append(pa.table([*columns, mark], names=[*names, QUARANTINED]))
    return pa.concat_tables(parts).combine_chunks()


def _select(marked: pa.Table, table_name: str, *, is_quarantined: bool) -> pa.Table:
    table = schema.table(table_name)
    rows = marked.filter(pc.equal(marked[QUARANTINED], is_quarantined))
    return pa.table({name: rows[name].cast(_type(name)) for name in table.names})


def _type(name: str) -> pa.DataType:
    return ARROW_TYPES[schema.field(name).kind]
