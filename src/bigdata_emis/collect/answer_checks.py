"""Whether an answer is that of its feed: every wanted column is there, and something of the pass can be read.

Belongs here: what makes a whole answer or pass unusable. Does not: single readings (clean), or bytes (decode).
"""

import difflib
import logging
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import schema
from bigdata_emis.collect.feed_config import Feed
from bigdata_emis.collect.shapes.likely_declaration import load_curve_pattern
from bigdata_emis.collect.values import ValueCounts
from bigdata_emis.errors import FeedError

log = logging.getLogger(__name__)

SPARE_FIELDS = frozenset({"interval_min", "flow_veh_per_h"})
"""Fields that many providers do not send, and without which a reading says as much as it can."""
SPARE_OF_TABLE = {
    "air_quality_forecast": frozenset({"city_name", "provider_name", "member_id", "wind_speed_m_per_s"}),
    "cems_reading": frozenset({"emission_g"}),
    "area_activity_reading": frozenset({"activity_index", "counted_activity"}),
}
"""The same for one table, keys included: a forecast without them is one of the whole region by one provider, a stack
monitor sends concentration and flow, of which the mass follows, and an area has an index or a count."""
ALTERNATIVES = {"activity_index": "counted_activity", "counted_activity": "activity_index"}
"""Fields of which an answer has one or both: another column of the answer is not looked at as the absent one."""
TABLES_OF_MANY_VALUES = frozenset({"weather_reading"})
"""Tables whose readings are of use with a part of their values."""
COMMON_WORDS = frozenset({"per", "utc", "code", "count", "share", "min"})
SHORTEST_WORD = 3
LEAST_RESEMBLANCE = 0.6
NAMES_SHOWN, NAME_LENGTH = 12, 40
LEAST_WIDE = 2
"""Columns with a code as their name from which on a table is likely wide."""
LEAST_MARKS = 12
"""Distinct times of a day from which on they show what they mark."""
LEAST_STEPS = 3
"""Distinct times of a file from which on it shows that only its first one is missing."""
DATE_WORDS, CLOCK_WORDS = r"date|day|日期", r"hour|^hr$|^time$|clock|小时|时刻|^时$"


class UnusableAnswerError(FeedError):
    """Nothing of a pass can be read: it is as if the provider were down, and nothing of it is stored."""


def check_columns(names: tuple[str, ...], feed: Feed, where: str) -> None:
    """Refuse an answer without a wanted column, or with two columns for one field.

    `names` are all columns of the answer. A column may be absent when feeds.toml says so in absent_fields. Otherwise
    only a field that a reading can do without may be, and only while no other column could be the renamed one.

    Raises:
        FeedError: with the columns that are there, and the one that resembles the missing one most.
    """
    _check_no_second_column(names, feed, where)
    spare = [name for name in names if name not in feed.received_columns]
    key = schema.table(feed.table_name).key
    for field in feed.received_fields:
        column = feed.provider_column(field)
        if column in names or field in feed.absent_fields:
            continue
        is_named = field in feed.columns.values()
        if not is_named and field in ALTERNATIVES and feed.provider_column(ALTERNATIVES[field]) in names:
            continue
        nearest = _nearest_column(column, field, spare)
        if field in SPARE_OF_TABLE.get(feed.table_name, ()) and not nearest and not is_named:
            continue
        is_optional = field in SPARE_FIELDS or (feed.table_name in TABLES_OF_MANY_VALUES and not spare)
        if field in key or is_named or nearest or not is_optional:
            raise _missing_column(names, column, field, nearest, feed, where)
    _check_some_value(names, feed, where)


def check_readable(times: pa.ChunkedArray, counts: ValueCounts, feed: Feed, where: str) -> None:
    """Refuse a pass of which no time, or no value of one of its columns, can be read.

    Raises:
        UnusableAnswerError: nothing can be read of one of the columns.
    """
    if len(times) and times.null_count == len(times):
        column = feed.provider_column(schema.table(feed.table_name).time)
        what = f"{where}: no value of '{column}' can be read as a time, in {len(times)} rows"
        raise UnusableAnswerError(what, "expected times such as 2015-12-20T08:00+08:00; ask the provider")
    for field, count in counts.unreadable.items():
        if count and count == counts.sent[field]:
            column, kind = feed.provider_column(field), schema.field(field).kind
            what = f"{where}: none of the {count} values of '{column}' can be read as {kind}"
            remedy = f"ask the provider, or correct [{feed.feed_id}.columns] in feeds.toml"
            raise UnusableAnswerError(what, remedy)


def check_not_emptied(earlier_count: int, feed: Feed, period: str) -> None:
    """Refuse a whole file without rows where earlier ones have some: it is most often a failed export.

    Raises:
        UnusableAnswerError: `earlier_count` rows were received before.
    """
    if earlier_count:
        what = f"feed {feed.feed_id}, {period}: the file has no rows, where earlier files of {period} have some"
        raise UnusableAnswerError(what, "the earlier rows are used; ask the provider for a whole file")


def check_period(row_count: int, outside_count: int, feed: Feed, where: str, period: str) -> None:
    """Refuse a pass whose rows are all of another time than was asked for.

    Raises:
        UnusableAnswerError: there are rows, and all are outside the period.
    """
    if row_count and outside_count == row_count:
        what = f"{where}: none of the {row_count} rows is of {period}"
        remedy = f"correct 'drop', 'address' or 'time_zone' of [{feed.feed_id}] in feeds.toml, or ask the provider"
        raise UnusableAnswerError(what, remedy)


def check_interval_marks(
    times: pa.ChunkedArray, first: Any, end: Any, feed: Feed, where: str, *, mark_starts: Callable[[], bool]
) -> None:
    """Refuse a file of a day whose times begin after its midnight: they may mark ends of intervals.

    Times that run to the next midnight do. Those of a file without its last hours look like starts of which the first
    is missing, so they are starts only if other files say so (`mark_starts`, asked only then). `first` and `end` are
    the instants at which the period of the file begins and ends, without a zone.

    Raises:
        UnusableAnswerError: feeds.toml does not say what the times mark.
    """
    if feed.time_mark:
        return
    distinct = np.unique(pc.drop_null(times).to_numpy().astype("datetime64[us]"))
    within = distinct[(distinct >= first) & (distinct <= end)]
    if len(within) >= LEAST_MARKS and within[0] > first and within[-1] == end:
        what = f"{where}: no time is at the start of the day and one is at its end, as of times at the end of intervals"
        raise UnusableAnswerError(what, f'write time_mark = "end" (or "start") below [{feed.feed_id}] in feeds.toml')
    if len(within) < LEAST_STEPS or within[0] - first != np.min(np.diff(within)):
        return
    if mark_starts():
        log.warning('%s: no time is at the start of the day; if times mark ends, write time_mark = "end"', where)
        return
    what = f"{where}: only the first time of the day is missing, as in a part of a file of ends of intervals (1–24)"
    remedy = f'write time_mark = "end", or "start" if that interval is missing, below [{feed.feed_id}] in feeds.toml'
    raise UnusableAnswerError(what, remedy)


def _check_no_second_column(names: tuple[str, ...], feed: Feed, where: str) -> None:
    for theirs, ours in feed.columns.items():
        if ours in names and theirs in names and ours not in feed.received_columns:
            what = f"{where}: columns '{theirs}' and '{ours}' both are our {ours}"
            raise FeedError(what, f"expected one; remove one from [{feed.feed_id}.columns] or from the answer")
    read = feed.source_columns or feed.received_columns
    folded = {name.casefold(): name for name in names if name in read}
    for name in names:
        if name not in read and (twin := folded.get(name.casefold())):
            what = f"{where}: columns '{twin}' and '{name}' differ by case alone, and only '{twin}' would be read"
            raise FeedError(what, "expected one; ask the provider which of them has the values")


def _check_some_value(names: tuple[str, ...], feed: Feed, where: str) -> None:
    key = schema.table(feed.table_name).key
    values = [field for field in feed.received_fields if field not in key and field not in SPARE_FIELDS]
    absent = [field for field in values if feed.provider_column(field) not in names]
    if values and len(absent) == len(values):
        raise _missing_column(names, feed.provider_column(values[0]), values[0], "", feed, where)
    spare = {*feed.absent_fields, *(SPARE_OF_TABLE.get(feed.table_name, ()))}
    unlisted = [field for field in absent if field not in spare]
    if unlisted:
        listed = ", ".join(unlisted)
        log.warning("%s: no column for %s; if it never comes, list it in absent_fields in feeds.toml", where, listed)


def _missing_column(names: tuple[str, ...], column: str, field: str, nearest: str, feed: Feed, where: str) -> FeedError:
    shown = ", ".join(f"'{name[:NAME_LENGTH]}'" for name in names[:NAMES_SHOWN]) or "none"
    more = f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else ""
    what = f"{where}: has no column '{column}', but {shown}{more}; expected our {field} under this name"
    place = f"[{feed.feed_id}.columns] in feeds.toml"
    if shape := _likely_shape(names, field, feed):
        return FeedError(what, f"perhaps write {shape} below [{feed.feed_id}] in feeds.toml")
    if nearest:
        return FeedError(what, f'if it is renamed, write "{nearest[:NAME_LENGTH]}" = "{field}" below {place}')
    if field in schema.table(feed.table_name).key:
        return FeedError(what, f"correct {place}, or ask the provider")
    return FeedError(what, f"correct {place}, or list {field} in absent_fields if the provider does not send it")


def _likely_shape(names: tuple[str, ...], field: str, feed: Feed) -> str:
    """The keys of feeds.toml that would read a table of such columns; empty when none is likely."""
    spare = [name for name in names if name and name not in feed.received_columns]
    if len(names) > 1 and names.count("") >= len(names) / 2:
        return "skip_rows = 1 (its first row looks like a title; header_rows = 2 for a header of two rows)"
    if feed.table_name == "cems_reading" and {"Facility ID", "Unit ID", "Operating Time"} <= set(names):
        return 'shape = "campd" and time_zone = "Etc/GMT+5" (its hours are local standard time all year)'
    if field == schema.table(feed.table_name).time:
        date = next((name for name in spare if re.search(DATE_WORDS, name, re.IGNORECASE)), "")
        clock = next((name for name in spare if name != date and re.search(CLOCK_WORDS, name, re.IGNORECASE)), "")
        return f'time_columns = ["{date[:NAME_LENGTH]}", "{clock[:NAME_LENGTH]}"]' if date and clock else ""
    if field == "pollutant_code":
        spelled = {re.sub(r"[^a-z0-9]", "", code.lower()) for code in schema.codes()["pollutant"]}
        is_wide = sum(re.sub(r"[^a-z0-9]", "", name.lower()) in spelled for name in spare) >= LEAST_WIDE
        return 'wide = "{pollutant_code}"' if is_wide else ""
    if field.endswith("_id") and (pattern := load_curve_pattern(spare)):
        return f'wide = "{pattern}" and time_columns = ["…", "clock"] with the column of the date'
    codes = [name for name in spare if re.fullmatch(r"[A-Za-z]*\d[\w-]*", name)]
    return f'wide = "{{{field}}}"' if field.endswith("_id") and len(codes) >= LEAST_WIDE else ""


def _nearest_column(column: str, field: str, spare: list[str]) -> str:
    """The column without a field of ours that may be the missing one: alike in letters, or with a word in common."""
    lowered = {name.lower(): name for name in spare}
    wanted = dict.fromkeys((column, field))
    for name in wanted:
        close = difflib.get_close_matches(name.lower(), lowered, n=1, cutoff=LEAST_RESEMBLANCE)
        if close:
            return lowered[close[0]]
    words = {word for name in wanted for word in _words(name)}
    return next((name for name in spare if _shares_word(_words(name), words)), "")


def _words(name: str) -> set[str]:
    """The words of a name that say what it is, with flowVeh as two words and kWh also as one."""
    apart = re.sub(r"([a-z])([A-Z])", r"\1_\2", name)
    split = re.findall(r"[a-z]+", f"{name} {apart}".lower())
    return {word for word in split if len(word) >= SHORTEST_WORD and word not in COMMON_WORDS}


def _shares_word(first: set[str], second: set[str]) -> bool:
    return any(a.startswith(b) or b.startswith(a) for a in first for b in second)
