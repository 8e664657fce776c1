"""Values that a provider sent, as our fields: types, units, instants in UTC, and a mark on what could not be read.

Belongs here: the columns of a long table as typed fields. Does not: bytes and formats (decode), shapes and spellings
(shapes), or whether a value is plausible (clean).
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import schema
from bigdata_emis.arrays import Flags, Integers
from bigdata_emis.collect.decode import Columns
from bigdata_emis.collect.doubts.wind_direction import FIELD as WIND_DIRECTION
from bigdata_emis.collect.doubts.wind_direction import as_compass_points
from bigdata_emis.collect.doubts.zone_column import check_zone
from bigdata_emis.collect.feed_config import Feed
from bigdata_emis.collect.shapes.instants import lenient_times, read_times
from bigdata_emis.collect.shapes.interval_times import start_of_intervals
from bigdata_emis.collect.shapes.numbers import NumberSpelling, likely_spelling, parse_numbers
from bigdata_emis.collect.shapes.time_spelling import UnreadTimesError
from bigdata_emis.collect.shapes.unit_factors import in_our_units
from bigdata_emis.errors import FeedError, InputError
from bigdata_emis.schema.arrow import TYPES

LARGEST_EXACT_INTEGER = 2.0**53
NUMERIC = ("number", "integer")


@dataclass
class ValueCounts:
    """By numeric field, how many values were sent, and how many of these cannot be read; and what was detected.

    is_stored: the answer was stored before and may be of another declaration, so that a time that cannot be read is
    missing, and the answer is not refused. times: by field of an instant, how it was written and what it marks.
    """

    sent: Counter[str] = field(default_factory=Counter)
    unreadable: Counter[str] = field(default_factory=Counter)
    is_stored: bool = False
    times: dict[str, str] = field(default_factory=dict)


def read_values(columns: Columns, row_count: int, feed: Feed, where: str, counts: ValueCounts) -> pa.Table:
    """The fields of a feed, and two marks on rows.

    `is_unreadable`: a value of the row was sent and is no number. `is_invalid`: the provider's monitor gave it a status
    that is not valid. Adds what was sent and what of it cannot be read to `counts`. A column that was not sent is
    empty.

    Raises:
        FeedError: a column has a type that cannot be read so, its numbers are written in another way than declared, or
            its times in none that all of them share.
    """
    fields: dict[str, Any] = {}
    is_unreadable = np.zeros(row_count, dtype=bool)
    kinds = {name: schema.field(name).kind for name in feed.received_fields}
    for name in sorted(kinds, key=lambda name: kinds[name] == "instant"):
        column = columns.get(feed.provider_column(name))
        if kinds[name] == "instant" and column is not None:
            continue
        fields[name], is_bad = _convert(column, name, row_count, feed, where, counts)
        is_unreadable |= is_bad
        if kinds[name] in NUMERIC and column is not None:
            counts.unreadable[name] += int(is_bad.sum())
            counts.sent[name] += int(is_bad.sum()) + len(fields[name]) - fields[name].null_count
    for name, value in feed.constants.items():
        fields[name] = pa.array([value] * row_count, TYPES[schema.field(name).kind])
    try:
        fields = in_our_units(fields, columns, feed)
        for name in kinds:
            if name not in fields:
                fields[name] = _instants(columns, name, fields, feed, counts)
    except (UnreadTimesError, InputError) as problem:
        raise FeedError(f"{where}: {problem.what}", problem.remedy) from None
    ordered = {name: fields[name] for name in (*feed.received_fields, *feed.constants)}
    marks = {"is_unreadable": pa.array(is_unreadable), "is_invalid": pa.array(_is_invalid(columns, row_count, feed))}
    return pa.table(ordered | marks)


def _instants(columns: Columns, name: str, fields: dict[str, Any], feed: Feed, counts: ValueCounts) -> Any:
    """A column of instants; those of the readings are moved to the start of their interval."""
    column: Any = columns[feed.provider_column(name)]
    is_time = name == schema.table(feed.table_name).time
    time_format = feed.time_format if is_time and not feed.time_columns else ""
    read_column = lenient_times if counts.is_stored else read_times
    try:
        read = read_column(
            column, feed.time_zone, time_format=time_format, source=_number_sources(fields, feed, len(column))
        )
    except UnreadTimesError as problem:
        column_name = feed.provider_column(name)
        raise UnreadTimesError(f"'{column_name}': {problem.what}", problem.remedy) from None
    if not (read.has_offset or counts.is_stored):
        check_zone(columns, read.instants, feed)
    zone = "with offset" if read.has_offset else f"local time of {feed.time_zone}"
    if not is_time:
        counts.times[name] = f"{read.spelling_name}, {zone}"
        return read.instants
    try:
        instants, mark = start_of_intervals(read, fields.get("interval_min"), feed)
    except UnreadTimesError:
        if counts.is_stored:
            return pa.nulls(len(column), TYPES["instant"])
        raise
    counts.times[name] = f"{read.spelling_name}, {zone}, {mark} of the interval"
    return instants


def _number_sources(fields: dict[str, Any], feed: Feed, row_count: int) -> Integers:
    """The number of the source of each row: of its key without times."""
    number = np.zeros(row_count, dtype=np.int64)
    for name in schema.table(feed.table_name).key:
        if name in fields and schema.field(name).kind == "string":
            flat = fields[name].combine_chunks() if isinstance(fields[name], pa.ChunkedArray) else fields[name]
            codes = flat.dictionary_encode(null_encoding="encode").indices.to_numpy()
            number = np.unique(number * (int(codes.max(initial=0)) + 1) + codes, return_inverse=True)[1]
    return number


def _convert(column: Any, name: str, row_count: int, feed: Feed, where: str, counts: ValueCounts) -> tuple[Any, Flags]:
    """A column as values of its declared kind, and which of its values were sent and cannot be read."""
    all_readable: Flags = np.zeros(row_count, dtype=bool)
    kind = schema.field(name).kind
    if column is None:
        return pa.nulls(row_count, TYPES[kind]), all_readable
    try:
        if kind not in NUMERIC:
            texts = _as_texts(column)
            if name == WIND_DIRECTION:
                return pa.array(as_compass_points(texts.to_pylist()), pa.string()), all_readable
            return (_without_point(texts) if name.endswith("_id") else texts), all_readable
        values, is_bad = (
            parse_numbers(column, feed.number_spelling)
            if kind == "number"
            else _parse_integers(column, feed.number_spelling)
        )
    except pa.ArrowException as problem:
        what = f"{where}: '{feed.provider_column(name)}' cannot be read as {kind}"
        raise FeedError(what, str(problem).splitlines()[0][:200]) from None
    if not counts.is_stored and (key := likely_spelling(column, is_bad, feed.number_spelling)):
        sign = "points" if feed.decimal == "," else "commas"
        what = f"{where}: '{feed.provider_column(name)}' is written with {sign} in {int(is_bad.sum())} rows"
        raise FeedError(what, f"write {key} below [{feed.feed_id}] in feeds.toml, or ask the provider for points")
    if name in feed.zeros_missing:
        values = pc.if_else(pc.equal(values, 0), pa.scalar(None, values.type), values)
    return values, is_bad


def _parse_integers(column: Any, spelling: NumberSpelling) -> tuple[Any, Flags]:
    numbers, is_bad = parse_numbers(column, spelling)
    is_small = pc.less(pc.abs(numbers), LARGEST_EXACT_INTEGER)
    is_whole = pc.fill_null(pc.and_(pc.equal(pc.round(numbers), numbers), is_small), True)
    whole = pc.if_else(is_whole, numbers, pa.scalar(None, pa.float64()))
    return whole.cast(pa.int64()), is_bad | ~np.asarray(is_whole)


def _without_point(texts: Any) -> Any:
    """Identifiers without the point of whole numbers (`12.0`), which a program that took them for numbers has added."""
    is_number = pc.match_substring_regex(texts, r"^\d+\.0+$")
    if not pc.any(is_number).as_py() or not pc.all(pc.or_(is_number, pc.equal(texts, ""))).as_py():
        return texts
    return pc.replace_substring_regex(texts, r"\.0+$", "")


def _is_invalid(columns: Columns, row_count: int, feed: Feed) -> Flags:
    """The rows whose status is not one of those that the feed declares as valid; an empty one is no status."""
    status = columns.get(feed.status_column) if feed.status_column else None
    if status is None:
        return np.zeros(row_count, dtype=bool)
    texts = _as_texts(status)
    is_valid = pc.is_in(texts, pa.array([*feed.valid_statuses, ""], texts.type))
    return ~np.asarray(pc.or_(is_valid, pc.is_null(texts)), dtype=bool)


def _as_texts(column: Any) -> Any:
    """Texts; a number that serves as a name is written without a decimal point."""
    if pa.types.is_nested(column.type):
        return pa.nulls(len(column), pa.string())
    if pa.types.is_floating(column.type):
        is_whole = pc.equal(pc.round(column), column)
        as_integer = pc.if_else(is_whole, column, pa.scalar(None, column.type)).cast(pa.int64(), safe=False)
        return pc.coalesce(as_integer.cast(pa.string()), column.cast(pa.string()))
    return pc.utf8_trim_whitespace(column.cast(pa.string()))
