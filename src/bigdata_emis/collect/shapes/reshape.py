"""The columns of an answer as those of a long table: wide columns, dates and hours apart, other codes, ignored rows.

Belongs here: which rows and columns of a provider become which of ours. Does not: types and units (values).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import schema
from bigdata_emis.collect.decode import Columns, DecodedAnswer
from bigdata_emis.collect.doubts.zone_column import ZONE_COLUMNS
from bigdata_emis.collect.feed_config import CLOCK_COLUMN, Feed
from bigdata_emis.collect.formats.campd import read_campd
from bigdata_emis.collect.shapes.joined_times import join_times

POLLUTANT = "pollutant_code"
PLACEHOLDER = re.compile(r"\{(\w+)\}")


def reshape(answer: DecodedAnswer, feed: Feed) -> DecodedAnswer:
    """The answer as a long table under the provider's names, or ours where it has none.

    Raises:
        UnreadTimesError: dates and hours that lie apart cannot be joined.
    """
    if feed.shape == "campd":
        answer = read_campd(answer)
    if feed.wide:
        answer = _melt(answer, feed)
    if feed.time_columns and set(feed.time_columns) <= answer.columns.keys():
        answer = _with_joined_times(answer, feed)
    if feed.ignored or feed.only:
        answer = _select_rows(answer, feed)
    return _with_our_codes(answer, feed)


def value_columns(names: Sequence[str], feed: Feed) -> dict[str, dict[str, str]]:
    """The columns of a wide table that hold values, each with what its name says: our field = value."""
    described = _described(feed)
    pattern = re.compile(
        "".join(
            f"(?P<{part}>.+?)" if number % 2 else re.escape(part)
            for number, part in enumerate(PLACEHOLDER.split(feed.wide))
        )
    )
    matches = ((name, pattern.fullmatch(name)) for name in names if name and name not in described)
    found = {name: match.groupdict() for name, match in matches if match}
    return {name: keys for name, keys in found.items() if _is_wanted(keys, feed)}


def _is_wanted(keys: Mapping[str, str], feed: Feed) -> bool:
    is_ignored = any(_matches(value, feed.ignored.get(field, [])) for field, value in keys.items())
    return not is_ignored and all(
        _matches(value, feed.only[field]) for field, value in keys.items() if field in feed.only
    )


def _melt(answer: DecodedAnswer, feed: Feed) -> DecodedAnswer:
    """One row for each cell of the value columns that is not empty."""
    values = value_columns(answer.names, feed)
    fixed = [name for name in answer.columns if name not in values and name in _described(feed)]
    parts: list[pa.Table] = []
    for name, keys in values.items():
        cells = _as_text(answer.columns[name])
        given = np.flatnonzero(np.asarray(pc.fill_null(pc.not_equal(pc.utf8_trim_whitespace(cells), ""), False)))
        taken = pa.array(given)
        row: dict[str, Any] = {column: _as_text(answer.columns[column]).take(taken) for column in fixed}
        row |= {_column(field, feed): pa.array([text] * len(given), pa.string()) for field, text in keys.items()}
        parts.append(pa.table(row | {_column(feed.wide_value, feed): cells.take(taken)}))
    if not parts:
        return replace(answer, columns={name: answer.columns[name] for name in fixed}, names=tuple(fixed))
    whole = pa.concat_tables(parts)
    return replace(
        answer,
        columns={name: whole[name] for name in whole.column_names},
        row_count=whole.num_rows,
        names=tuple(whole.column_names),
    )


def _described(feed: Feed) -> set[str]:
    return {*feed.columns, *feed.time_columns, *feed.received_columns, feed.unit_column, *ZONE_COLUMNS}


def _column(field: str, feed: Feed) -> str:
    return field if field == CLOCK_COLUMN else feed.provider_column(field)


def _as_text(column: Any) -> Any:
    if pa.types.is_floating(column.type):
        texts = [None if v is None or v != v else repr(v).removesuffix(".0") for v in column.to_pylist()]
        return pa.array(texts, pa.string())
    return column.cast(pa.string())


def _with_joined_times(answer: DecodedAnswer, feed: Feed) -> DecodedAnswer:
    name = feed.provider_column(schema.table(feed.table_name).time)
    parts = [_as_text(answer.columns[column]) for column in feed.time_columns]
    joined = join_times(parts, time_format=feed.time_format)
    names = tuple(dict.fromkeys((*answer.names, name)))
    return replace(answer, columns=answer.columns | {name: joined}, names=names)


def _select_rows(answer: DecodedAnswer, feed: Feed) -> DecodedAnswer:
    is_wanted = np.ones(answer.row_count, dtype=bool)
    for rules, keeps in ((feed.ignored, False), (feed.only, True)):
        for field, patterns in rules.items():
            column = answer.columns.get(_column(field, feed), answer.columns.get(field))
            if column is not None:
                is_hit = _by_distinct(column, partial(_matches, patterns=patterns), pa.bool_())
                is_wanted &= np.asarray(is_hit, dtype=bool) == keeps
    if is_wanted.all():
        return answer
    rows = pa.array(np.flatnonzero(is_wanted))
    taken: Columns = {name: column.take(rows) for name, column in answer.columns.items()}
    return replace(answer, columns=taken, row_count=len(rows))


def _with_our_codes(answer: DecodedAnswer, feed: Feed) -> DecodedAnswer:
    """The columns of identifiers and codes in our words: by the declared codes, and other spellings of pollutants."""
    changed: Columns = {}
    for field in {*feed.codes, POLLUTANT} & set(feed.received_fields):
        name, codes = feed.provider_column(field), feed.codes.get(field, {})
        if name in answer.columns and not pa.types.is_nested(answer.columns[name].type):
            spelled = _spellings_of_pollutants() if field == POLLUTANT else {}
            changed[name] = _by_distinct(
                answer.columns[name], partial(_our_code, codes=codes, spelled=spelled), pa.string()
            )
    return replace(answer, columns=answer.columns | changed) if changed else answer


def _our_code(text: str | None, *, codes: Mapping[str, str], spelled: Mapping[str, str]) -> str | None:
    if text is None:
        return None
    trimmed = text.strip()
    return codes.get(trimmed) or spelled.get(_letters(trimmed), trimmed)


def _spellings_of_pollutants() -> dict[str, str]:
    return {_letters(code): code for code in schema.codes()["pollutant"]}


def _letters(text: str) -> str:
    """A code without case and punctuation: PM2_5, pm2.5 and PM25 are the same."""
    return re.sub(r"[\s._-]", "", text.translate(str.maketrans("₀₁₂₃₅", "01235"))).lower()


def _by_distinct(column: Any, function: Callable[[str | None], Any], kind: pa.DataType) -> pa.Array:
    """A function of the text of each row, called once for each distinct text."""
    texts = _as_text(column)
    flat = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    coded = flat.dictionary_encode(null_encoding="encode")
    coded = coded.combine_chunks() if isinstance(coded, pa.ChunkedArray) else coded
    results = [function(text) for text in coded.dictionary.to_pylist()]
    return pa.array(results, kind).take(coded.indices)


def _matches(text: str | None, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase((text or "").strip(), pattern) for pattern in patterns)
