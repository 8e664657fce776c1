"""The bytes of an answer as columns of what the provider sent: json, csv, xlsx, parquet or telegrams, also packed.

Belongs here: which format is read how, JSON records and Parquet as columns. Does not: the formats themselves (formats),
our field names, types and times (values).
"""

import io
from dataclasses import dataclass
from itertools import chain
from operator import itemgetter
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bigdata_emis.collect.formats.archives import unpack
from bigdata_emis.collect.formats.delimited import FileLayout, check_no_repeated_column, read_delimited
from bigdata_emis.collect.formats.json_records import RECORDS, read_envelope, read_json_lines
from bigdata_emis.collect.formats.limits import Limits
from bigdata_emis.collect.formats.spreadsheet import read_workbook
from bigdata_emis.collect.formats.text_encoding import decode_text
from bigdata_emis.collect.gateway.telegram_rows import read_telegram_rows
from bigdata_emis.errors import FeedError

NESTED_VALUE = "{…}"
"""What a list or an object is read as, where a single value was expected."""
CSV, JSON, JSON_LINES, PARQUET, WORKBOOK, TELEGRAMS = "csv", "json", "jsonl", "parquet", "xlsx", "hj212"
FORMATS = {"txt": CSV, "tsv": CSV, "ndjson": JSON_LINES}
"""Other suffixes of a format."""

PLAIN_LAYOUT = FileLayout()
Columns = dict[str, pa.Array | pa.ChunkedArray]
"""Columns by the provider's name."""


@dataclass(frozen=True)
class DecodedAnswer:
    """The wanted columns of an answer as sent, its number of rows, all its column names, and how it was written."""

    columns: Columns
    row_count: int
    names: tuple[str, ...]
    written_as: str = ""


def decode(
    payload: bytes,
    suffix: str,
    *,
    feed_id: str,
    where: str,
    column_names: tuple[str, ...] | None,
    limits: Limits,
    layout: FileLayout = PLAIN_LAYOUT,
    records: str = RECORDS,
    envelope: dict[str, Any] | None = None,
) -> DecodedAnswer:
    """The named columns of an answer as sent; all of them when `column_names` is None.

    A column that the answer lacks is left out. `records` is the path to the records of a JSON answer; `envelope` is
    that of one that was read already.

    Raises:
        TooLargeError: the answer holds more than the limits; nothing of it was parsed.
        FeedError: the bytes are not what the suffix says.
    """
    limits.check_bytes(len(payload), where)
    if envelope is not None:
        return _read_records(envelope[RECORDS], where, column_names, limits)
    content, kind = unpack(payload, suffix, where, limits)
    kind = FORMATS.get(kind, kind)
    if kind == JSON:
        return _read_records(read_envelope(content, feed_id, where, records)[RECORDS], where, column_names, limits)
    if kind == JSON_LINES:
        text, _ = decode_text(content, where, layout.encoding)
        return _read_records(read_json_lines(text, where), where, column_names, limits)
    if kind == TELEGRAMS:
        return _read_telegrams(content, records, where, limits)
    try:
        if kind == PARQUET:
            return _read_parquet(content, column_names, where, limits)
        if kind in (CSV, WORKBOOK):
            read = read_delimited if kind == CSV else read_workbook
            table = read(content, layout, column_names, where, limits)
            return DecodedAnswer(dict(table.columns), table.row_count, table.names, table.written_as)
    except (pa.ArrowException, OSError, ValueError) as problem:
        what = f"{where}: {str(problem).splitlines()[0][:200]}"
        raise FeedError(what, f"expected a whole file of format {kind}; ask the provider") from None
    raise FeedError(
        f"{where}: format '{suffix}' is unknown", "use json, jsonl, csv, parquet, xlsx or hj212, also with .gz or .zip"
    )


def read_json_file(
    payload: bytes, suffix: str, *, feed_id: str, where: str, limits: Limits, records: str = RECORDS
) -> dict[str, Any]:
    """The JSON answer that lies in a file, packed or not. Raises as `read_envelope`."""
    limits.check_bytes(len(payload), where)
    content, _ = unpack(payload, suffix, where, limits)
    return read_envelope(content, feed_id, where, records)


def _read_records(
    records: list[dict[str, Any]], where: str, column_names: tuple[str, ...] | None, limits: Limits
) -> DecodedAnswer:
    limits.check_rows(len(records), where)
    names = tuple(dict.fromkeys(chain.from_iterable(records)))
    given = frozenset(names)
    wanted = names if column_names is None else [name for name in column_names if name in given]
    columns = {name: _as_column(_values(records, name), f"{where}: '{name}'") for name in wanted}
    return DecodedAnswer(columns, len(records), names)


def _read_telegrams(content: bytes, records: str, where: str, limits: Limits) -> DecodedAnswer:
    table, written_as = read_telegram_rows(content, "" if records == RECORDS else records, where, limits)
    columns: Columns = {name: table[name] for name in table.column_names}
    return DecodedAnswer(columns, table.num_rows, tuple(table.column_names), written_as)


def _values(records: list[dict[str, Any]], name: str) -> list[Any]:
    """The value of each record under a name. Where all records have it, which is the rule, this takes half the time."""
    try:
        return list(map(itemgetter(name), records))
    except KeyError:
        return [record.get(name) for record in records]


def _as_column(values: list[Any], where: str) -> pa.Array:
    """A column of one type, or of texts when the provider mixes numbers with words."""
    if not {list, dict}.isdisjoint(map(type, values)):
        values = [NESTED_VALUE if isinstance(value, list | dict) else value for value in values]
    try:
        return pa.array(values)
    except (pa.ArrowException, OverflowError, UnicodeError):
        texts = [None if value is None else _as_text(value) for value in values]
    try:
        return pa.array(texts, pa.string())
    except UnicodeError:
        what = f"{where} holds text that is no Unicode"
        raise FeedError(what, "ask the provider; nothing of the answer was used") from None


def _as_text(value: object) -> str:
    """A value as text; a whole number that Python refuses to write out is too long to be one."""
    try:
        return str(value)
    except ValueError:
        return NESTED_VALUE


def _read_parquet(content: bytes, column_names: tuple[str, ...] | None, where: str, limits: Limits) -> DecodedAnswer:
    with pq.ParquetFile(io.BytesIO(content)) as opened:
        given, metadata = opened.schema_arrow, opened.metadata
    limits.check_rows(metadata.num_rows, where)
    wanted = given.names if column_names is None else [name for name in column_names if name in given.names]
    check_no_repeated_column(given.names, wanted)
    _check_single_values(given, wanted)
    _check_unpacked_bytes(metadata, wanted, where, limits)
    texts = [name for name in wanted if pa.types.is_string(given.field(name).type)]
    with pq.ParquetFile(io.BytesIO(content), read_dictionary=texts) as file:
        frame = file.read(columns=wanted)
    columns: Columns = {name: _decode_dictionary(frame[name], where, limits) for name in wanted}
    return DecodedAnswer(columns, metadata.num_rows, tuple(given.names))


def _check_single_values(given: pa.Schema, wanted: list[str]) -> None:
    for name in wanted:
        kind = given.field(name).type
        if pa.types.is_nested(kind) or pa.types.is_fixed_size_binary(kind):
            raise ValueError(f"column '{name}' holds {kind} and not single values")


def _check_unpacked_bytes(metadata: pq.FileMetaData, wanted: list[str], where: str, limits: Limits) -> None:
    groups = (metadata.row_group(number) for number in range(metadata.num_row_groups))
    chunks = (group.column(number) for group in groups for number in range(group.num_columns))
    limits.check_bytes(sum(c.total_uncompressed_size for c in chunks if c.path_in_schema in wanted), where)


def _decode_dictionary(column: pa.ChunkedArray, where: str, limits: Limits) -> pa.ChunkedArray:
    """The values of a dictionary, unless a few long texts that repeat would become too many bytes."""
    if not pa.types.is_dictionary(column.type):
        return column
    if pa.types.is_string(column.type.value_type) or pa.types.is_large_string(column.type.value_type):
        limits.check_bytes(sum(_count_text_bytes(chunk) for chunk in column.chunks), where)
    return column.cast(column.type.value_type)


def _count_text_bytes(chunk: pa.DictionaryArray) -> int:
    lengths = pc.binary_length(chunk.dictionary).cast(pa.int64())
    return int(pc.sum(lengths.take(chunk.indices)).as_py() or 0)
