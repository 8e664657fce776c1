"""Values that a provider sent, as our fields: types, factors, instants in UTC, and a mark on what could not be read.

Belongs here: parsing of values. Does not: bytes and formats (decode), or whether a value is plausible (clean).
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import schema
from bigdata_emis.arrays import Flags
from bigdata_emis.collect.decode import Columns
from bigdata_emis.collect.feed_config import Feed
from bigdata_emis.errors import FeedError, InputError
from bigdata_emis.schema.arrow import TYPES
from bigdata_emis.window import parse_instant

NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$"
LARGEST_EXACT_INTEGER = 2.0**53
INSTANT = TYPES["instant"]


@dataclass
class ValueCounts:
    """By numeric field, how many values were sent, and how many of these cannot be read."""

    sent: Counter[str] = field(default_factory=Counter)
    unreadable: Counter[str] = field(default_factory=Counter)


def read_values(columns: Columns, row_count: int, feed: Feed, where: str, counts: ValueCounts) -> pa.Table:
    """The fields of a feed, and `is_unreadable`: a value of the row was sent and is no number.

    Adds what was sent and what of it cannot be read to `counts`. A column that was not sent is empty.

    Raises:
        FeedError: a column has a type that cannot be read so.
    """
    fields: dict[str, Any] = {}
    is_unreadable = np.zeros(row_count, dtype=bool)
    for name in feed.received_fields:
        column_name, kind = feed.provider_column(name), schema.field(name).kind
        column = columns.get(column_name)
        try:
            fields[name], is_bad = _convert(column, kind, row_count, time_zone=feed.time_zone)
        except pa.ArrowException as problem:
            what = f"{where}: '{column_name}' cannot be read as {kind}"
            raise FeedError(what, str(problem).splitlines()[0][:200]) from None
        is_unreadable |= is_bad
        if kind in ("number", "integer") and column is not None:
            counts.unreadable[name] += int(is_bad.sum())
            counts.sent[name] += int(is_bad.sum()) + len(fields[name]) - fields[name].null_count
        if name in feed.factors and column is not None:
            fields[name] = pc.multiply(fields[name], feed.factors[name])
    for name, value in feed.constants.items():
        fields[name] = pa.array([value] * row_count, TYPES[schema.field(name).kind])
    fields["is_unreadable"] = pa.array(is_unreadable)
    return pa.table(fields)


def parse_numbers(column: Any) -> tuple[Any, Flags]:
    """The column as numbers, null where unreadable, and which values were sent and unreadable."""
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        trimmed = pc.utf8_trim_whitespace(column)
        is_number = pc.fill_null(pc.match_substring_regex(trimmed, NUMBER), False)
        is_sent = pc.fill_null(pc.not_equal(trimmed, ""), False)
        numbers = pc.if_else(is_number, trimmed, pa.scalar(None, pa.string())).cast(pa.float64())
        is_bad = pc.and_(is_sent, pc.invert(is_number))
    elif pa.types.is_boolean(column.type) or pa.types.is_nested(column.type):
        numbers, is_bad = pa.nulls(len(column), pa.float64()), pc.is_valid(column)
    else:
        numbers, is_bad = column.cast(pa.float64(), safe=False), pa.array(np.zeros(len(column), dtype=bool))
    is_finite = pc.fill_null(pc.is_finite(numbers), True)
    unreadable: Flags = np.asarray(is_bad) | ~np.asarray(is_finite)
    return pc.if_else(is_finite, numbers, pa.scalar(None, pa.float64())), unreadable


def parse_instants(column: Any, time_zone: str) -> Any:
    """The column as instants in UTC, null where unreadable.

    A time without offset is local time of the zone.
    """
    if pa.types.is_timestamp(column.type):
        if column.type.tz is None:
            column = pc.assume_timezone(column, time_zone, ambiguous="earliest", nonexistent="earliest")
        return column.cast(INSTANT, safe=False)
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return pa.nulls(len(column), INSTANT)
    flat = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    coded = flat.dictionary_encode()
    coded = coded.combine_chunks() if isinstance(coded, pa.ChunkedArray) else coded
    instants = pa.array([_parse_time(text, time_zone) for text in coded.dictionary.to_pylist()], INSTANT)
    return instants.take(coded.indices)


def _convert(column: Any, kind: str, row_count: int, *, time_zone: str) -> tuple[Any, Flags]:
    """A column as values of a declared kind, and which of its values were sent and cannot be read."""
    all_readable: Flags = np.zeros(row_count, dtype=bool)
    if column is None:
        return pa.nulls(row_count, TYPES[kind]), all_readable
    if kind == "number":
        return parse_numbers(column)
    if kind == "integer":
        return _parse_integers(column)
    if kind == "instant":
        return parse_instants(column, time_zone), all_readable
    return _as_texts(column), all_readable


def _parse_integers(column: Any) -> tuple[Any, Flags]:
    numbers, is_bad = parse_numbers(column)
    is_small = pc.less(pc.abs(numbers), LARGEST_EXACT_INTEGER)
    is_whole = pc.fill_null(pc.and_(pc.equal(pc.round(numbers), numbers), is_small), True)
    whole = pc.if_else(is_whole, numbers, pa.scalar(None, pa.float64()))
    return whole.cast(pa.int64()), is_bad | ~np.asarray(is_whole)


def _parse_time(text: str | None, time_zone: str) -> Any:
    try:
        return parse_instant(text.strip(), time_zone) if text else None
    except (InputError, OverflowError):
        return None


def _as_texts(column: Any) -> Any:
    """Texts; a number that serves as a name is written without a decimal point."""
    if pa.types.is_nested(column.type):
        return pa.nulls(len(column), pa.string())
    if pa.types.is_floating(column.type):
        is_whole = pc.equal(pc.round(column), column)
        as_integer = pc.if_else(is_whole, column, pa.scalar(None, column.type)).cast(pa.int64(), safe=False)
        return pc.coalesce(as_integer.cast(pa.string()), column.cast(pa.string()))
    return pc.utf8_trim_whitespace(column.cast(pa.string()))
