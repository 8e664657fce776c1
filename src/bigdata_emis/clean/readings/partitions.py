"""One pass of the engine: whole sources together, cleaned in NumPy, and both results read back together.

Belongs here: how rows travel to and from the engine. Does not: what is done to them (the cleaning of each feed).
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import schema
from bigdata_emis.schema.arrow import TYPES, arrow_schema

Work = Callable[[pa.Table], tuple[pa.Table, pa.Table]]
SQL_TYPES = {
    "string": "STRING",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "boolean": "BOOLEAN",
    "instant": "TIMESTAMP",
    "date": "DATE",
    "strings": "ARRAY<STRING>",
}
ASIDE = "is_set_aside"
PORTION_ROWS = 500_000
"""Cleaning holds many times its rows in memory; whole sources in portions of about this size keep that small, whatever a partition holds."""


def clean_in_one_pass(
    readings: Any, work: Work, *, by: str, reads: str, writes: tuple[str, str]
) -> dict[str, pa.Table]:
    """Rows of one `by` meet in one partition; `work` turns them into the hourly rows and those set aside.

    Both come back tagged in one frame, since two frames would have the engine do the work twice.
    """
    names = _names(writes)
    columns = ", ".join(f"`{name}` {SQL_TYPES[schema.field(name).kind]}" for name in names)
    received = arrow_schema(schema.table(reads))

    def clean(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        kept = [batch for batch in batches if batch.num_rows]
        if kept:
            rows = (
                pa.Table.from_batches(kept).select(received.names).cast(pa.schema([(f.name, f.type) for f in received]))
            )
            for portion in portions(rows, by):
                yield from _tagged(work(portion), names).to_batches()

    tagged = readings.repartition(by).mapInArrow(clean, f"{columns}, `{ASIDE}` BOOLEAN").toArrow()
    return {writes[0]: _of(tagged, writes[0], aside=False), writes[1]: _of(tagged, writes[1], aside=True)}


def portions(rows: pa.Table, by: str, *, size: int = PORTION_ROWS) -> Iterator[pa.Table]:
    """The rows in parts of about this many, each with all rows of some sources."""
    if rows.num_rows <= size:
        yield rows
        return
    column = rows[by].dictionary_encode().unify_dictionaries()
    source = np.concatenate([chunk.indices.to_numpy() for chunk in column.chunks])
    order = np.argsort(source, kind="stable")
    starts = np.flatnonzero(np.diff(source[order])) + 1
    following = np.searchsorted(starts, np.arange(size, len(order), size))
    for part in np.split(order, np.unique(starts[following[following < len(starts)]])):
        yield rows.take(pa.array(part))


def lists_of(flag: str, where: Any) -> pa.Array:
    """For each row the list of this flag, or the empty list."""
    hits = np.asarray(where, dtype=bool)
    offsets = pa.array(np.concatenate([[0], np.cumsum(hits)]), pa.int32())
    return pa.ListArray.from_arrays(offsets, pa.array([flag] * int(hits.sum()), pa.string()))


def _names(writes: tuple[str, str]) -> list[str]:
    return list(dict.fromkeys([*schema.table(writes[0]).names, *schema.table(writes[1]).names]))


def _tagged(results: tuple[pa.Table, pa.Table], names: list[str]) -> pa.Table:
    parts = []
    for frame, aside in zip(results, (False, True), strict=True):
        columns = [
            frame[n].cast(_type(n)) if n in frame.column_names else pa.nulls(frame.num_rows, _type(n)) for n in names
        ]
        parts.append(pa.table([*columns, pa.array([aside] * frame.num_rows, pa.bool_())], names=[*names, ASIDE]))
    return pa.concat_tables(parts).combine_chunks()


def _of(tagged: pa.Table, table_name: str, *, aside: bool) -> pa.Table:
    table = schema.table(table_name)
    rows = tagged.filter(pc.equal(tagged[ASIDE], aside))
    return pa.table({name: rows[name].cast(_type(name)) for name in table.names})


def _type(name: str) -> pa.DataType:
    return TYPES[schema.field(name).kind]
