"""What a provider sent, as our fields: types, factors, instants in UTC, and a flag where a value could not be read.

Belongs here: parsing, pure. Does not: bytes and formats (decode) or whether a value is plausible (clean).
"""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import schema
from bigdata_emis.collect.decode import Columns
from bigdata_emis.collect.feed_config import Feed
from bigdata_emis.errors import FeedError, InputError
from bigdata_emis.schema.arrow import TYPES
from bigdata_emis.window import parse_instant

NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$"
NOT_A_NUMBER = "not_a_number"
INSTANT = TYPES["instant"]


def read_values(columns: Columns, rows: int, feed: Feed, where: str) -> pa.Table:
    """The fields that the feed brings, plus `is_unreadable`: a value of the row was a text that is no number.

    Raises FeedError when a field of the key is not among what the provider sent, or when one is of a type that is no such value.
    """
    table = schema.table(feed.table_name)
    fields: dict[str, Any] = {}
    unreadable = np.zeros(rows, dtype=bool)
    for name in feed.wanted:
        column = columns.get(feed.provider_name(name))
        if column is None and rows and name in table.key:
            raise FeedError(
                f"{where}: has no column '{feed.provider_name(name)}'",
                f"it is our {name}; mend [{feed.feed_id}.columns]",
            )
        try:
            fields[name], bad = _field(column, schema.field(name).kind, rows, feed=feed)
        except pa.ArrowException as problem:
            what = f"{where}: '{feed.provider_name(name)}' cannot be read as {schema.field(name).kind}"
            raise FeedError(what, str(problem).splitlines()[0][:200]) from None
        unreadable |= bad
        if name in feed.factors and column is not None:
            fields[name] = pc.multiply(fields[name], feed.factors[name])
    for name, value in feed.constants.items():
        fields[name] = pa.array([value] * rows, TYPES[schema.field(name).kind])
    fields["is_unreadable"] = pa.array(unreadable)
    return pa.table(fields)


def _field(column: Any, kind: str, rows: int, *, feed: Feed) -> tuple[Any, Any]:
    fine = np.zeros(rows, dtype=bool)
    if column is None:
        return pa.nulls(rows, TYPES[kind]), fine
    if kind == "number":
        return as_numbers(column)
    if kind == "integer":
        return _integers(column)
    if kind == "instant":
        return as_instants(column, feed.time_zone), fine
    return _words(column), fine


def as_numbers(column: Any) -> tuple[Any, Any]:
    """The column as numbers, null where it cannot be read, and where that was so though something was sent."""
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        trimmed = pc.utf8_trim_whitespace(column)
        good = pc.fill_null(pc.match_substring_regex(trimmed, NUMBER), False)
        sent = pc.fill_null(pc.not_equal(trimmed, ""), False)
        numbers = pc.if_else(good, trimmed, pa.scalar(None, pa.string())).cast(pa.float64())
        bad = pc.and_(sent, pc.invert(good))
    elif pa.types.is_boolean(column.type) or pa.types.is_nested(column.type):
        numbers, bad = pa.nulls(len(column), pa.float64()), pc.is_valid(column)
    else:
        numbers, bad = column.cast(pa.float64(), safe=False), pa.array(np.zeros(len(column), dtype=bool))
    finite = pc.fill_null(pc.is_finite(numbers), True)
    bad = np.asarray(bad) | ~np.asarray(finite)
    return pc.if_else(finite, numbers, pa.scalar(None, pa.float64())), bad


def _integers(column: Any) -> tuple[Any, Any]:
    numbers, bad = as_numbers(column)
    whole = pc.fill_null(pc.and_(pc.equal(pc.round(numbers), numbers), pc.less(pc.abs(numbers), 2.0**53)), True)
    kept = pc.if_else(whole, numbers, pa.scalar(None, pa.float64()))
    return kept.cast(pa.int64()), bad | ~np.asarray(whole)


def as_instants(column: Any, time_zone: str) -> Any:
    """The column as instants in UTC; a time without offset is local time of the zone, an unreadable one is null."""
    if pa.types.is_timestamp(column.type):
        if column.type.tz is None:
            column = pc.assume_timezone(column, time_zone, ambiguous="earliest", nonexistent="earliest")
        return column.cast(INSTANT, safe=False)
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return pa.nulls(len(column), INSTANT)
    flat = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    coded = flat.dictionary_encode()
    coded = coded.combine_chunks() if isinstance(coded, pa.ChunkedArray) else coded
    instants = pa.array([_instant(text, time_zone) for text in coded.dictionary.to_pylist()], INSTANT)
    return instants.take(coded.indices)


def _instant(text: str | None, time_zone: str) -> Any:
    try:
        return parse_instant(text.strip(), time_zone) if text else None
    except (InputError, OverflowError):
        return None


def _words(column: Any) -> Any:
    """Texts; a number that serves as a name is written without a decimal point."""
    if pa.types.is_nested(column.type):
        return pa.nulls(len(column), pa.string())
    if pa.types.is_floating(column.type):
        whole = pc.equal(pc.round(column), column)
        as_integer = pc.if_else(whole, column, pa.scalar(None, column.type)).cast(pa.int64(), safe=False)
        return pc.coalesce(as_integer.cast(pa.string()), column.cast(pa.string()))
    return pc.utf8_trim_whitespace(column.cast(pa.string()))
