"""The bytes of an answer as columns of what the provider sent: json, csv or parquet, also gzipped.

Belongs here: formats, and the limits that are checked before anything is unpacked or parsed. Does not: our field names,
types and times (values).
"""

import gzip
import io
import json
import zlib
from dataclasses import dataclass
from itertools import chain
from operator import itemgetter
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from bigdata_emis.errors import FeedError

LARGEST_JSON_BYTES = 1 << 26
LARGEST_JSON_VALUES = 3_000_000
"""A parsed value takes up to 250 bytes, so a short text of many values would fill the memory."""
JSON_SHAPE = "expected {feed, page, pages, records: [{…}]}; ask the provider"
UNZIP_BYTES = 1 << 20
NESTED_VALUE = "{…}"
"""What a list or an object is read as, where a single value was expected."""
CSV, JSON, PARQUET = "csv", "json", "parquet"

Columns = dict[str, pa.Array | pa.ChunkedArray]
"""Columns by the provider's name."""


class TooLargeError(FeedError):
    """An answer or a pass is larger than the feed allows."""


@dataclass(frozen=True)
class Limits:
    """The most that an answer may hold: bytes as received and unpacked, and rows. `feed_id` names it in a refusal."""

    feed_id: str
    byte_count: int
    row_count: int

    def check_bytes(self, count: int, where: str) -> None:
        """Raise TooLargeError when there are more bytes."""
        if count > self.byte_count:
            self._refuse(where, f"more than {self.byte_count} bytes", "largest_answer_bytes")

    def check_rows(self, count: int, where: str) -> None:
        """Raise TooLargeError when there are more rows."""
        if count > self.row_count:
            self._refuse(where, f"more than {self.row_count} rows", "largest_pass_rows")

    def _refuse(self, where: str, what: str, key: str) -> None:
        remedy = f"ask the provider for less, or set {key} below [{self.feed_id}] in feeds.toml if that is right"
        raise TooLargeError(f"{where}: {what}", remedy)


@dataclass(frozen=True)
class DecodedAnswer:
    """The wanted columns of an answer as sent, its number of rows, and the names of all columns that it has."""

    columns: Columns
    row_count: int
    names: tuple[str, ...]


def decode(
    payload: bytes,
    suffix: str,
    *,
    feed_id: str,
    where: str,
    column_names: tuple[str, ...],
    limits: Limits,
    envelope: dict[str, Any] | None = None,
) -> DecodedAnswer:
    """The named columns of an answer as sent.

    A column that the answer lacks is left out. `envelope` is that of a JSON answer, where it was read already.

    Raises:
        TooLargeError: the answer holds more than the limits; nothing of it was parsed.
        FeedError: the bytes are not what the suffix says.
    """
    limits.check_bytes(len(payload), where)
    kind = suffix.removesuffix(".gz")
    if envelope is not None:
        return _read_records(envelope["records"], where, column_names, limits)
    content = _unzip(payload, kind, where, limits) if suffix.endswith(".gz") else payload
    if kind == JSON:
        return _read_records(read_envelope(content, feed_id, where)["records"], where, column_names, limits)
    try:
        if kind == PARQUET:
            return _read_parquet(content, column_names, where, limits)
        if kind == CSV:
            return _read_csv(content, column_names, where, limits)
    except (pa.ArrowException, OSError, ValueError) as problem:
        what = f"{where}: {str(problem).splitlines()[0][:200]}"
        raise FeedError(what, f"expected a whole file of format {kind}; ask the provider") from None
    raise FeedError(f"{where}: format '{suffix}' is unknown", "use json, csv or parquet, also with .gz")


def read_json_file(payload: bytes, suffix: str, *, feed_id: str, where: str, limits: Limits) -> dict[str, Any]:
    """The JSON answer that lies in a file, packed or not. Raises as `read_envelope`."""
    limits.check_bytes(len(payload), where)
    content = _unzip(payload, JSON, where, limits) if suffix.endswith(".gz") else payload
    return read_envelope(content, feed_id, where)


def read_envelope(payload: bytes, feed_id: str, where: str) -> dict[str, Any]:
    """The JSON answer `{feed, page, pages, records}`.

    Raises:
        TooLargeError: it has more bytes or values than can be parsed in little memory.
        FeedError: it is no such answer, or another feed's.
    """
    _check_json_size(payload, where)
    try:
        answer = json.loads(payload)
    except (ValueError, RecursionError) as problem:
        what = f"{where}: no valid JSON ({str(problem)[:80]})"
        raise FeedError(what, "ask the provider; nothing of the answer was used") from None
    if not isinstance(answer, dict) or not isinstance(answer.get("records"), list):
        raise FeedError(f"{where}: no JSON answer with 'records'", JSON_SHAPE)
    if answer.get("feed", feed_id) != feed_id:
        what = f"{where}: is of feed '{str(answer['feed'])[:40]}', not {feed_id}"
        raise FeedError(what, "correct 'address' in feeds.toml")
    if not set(map(type, answer["records"])) <= {dict}:
        raise FeedError(f"{where}: a record is not an object", JSON_SHAPE)
    return answer


def _check_json_size(payload: bytes, where: str) -> None:
    remedy = "ask for less with page_size in feeds.toml, or give a file as csv or parquet"
    if len(payload) > LARGEST_JSON_BYTES:
        raise TooLargeError(f"{where}: more than {LARGEST_JSON_BYTES} bytes of JSON", remedy)
    if sum(payload.count(sign) for sign in (b",", b"{", b"[")) > LARGEST_JSON_VALUES:
        raise TooLargeError(f"{where}: more than {LARGEST_JSON_VALUES} values of JSON", remedy)


def _read_records(
    records: list[dict[str, Any]], where: str, column_names: tuple[str, ...], limits: Limits
) -> DecodedAnswer:
    limits.check_rows(len(records), where)
    names = tuple(dict.fromkeys(chain.from_iterable(records)))
    given = frozenset(names)
    columns = {name: _as_column(_values(records, name), f"{where}: '{name}'") for name in column_names if name in given}
    return DecodedAnswer(columns, len(records), names)


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


def _read_csv(content: bytes, column_names: tuple[str, ...], where: str, limits: Limits) -> DecodedAnswer:
    text = content.removeprefix(b"\xef\xbb\xbf")
    if not text.strip():
        raise ValueError("the file is empty")
    limits.check_rows(_count_lines(text) - 1, where)
    given = pacsv.open_csv(io.BytesIO(text)).schema.names
    _check_no_repeated_column(given, column_names)
    options = pacsv.ConvertOptions(
        column_types=dict.fromkeys(given, pa.string()),
        strings_can_be_null=False,
        include_columns=[name for name in column_names if name in given] or given[:1],
    )
    frame = pacsv.read_csv(io.BytesIO(text), convert_options=options)
    columns = {name: frame[name] for name in column_names if name in given}
    return DecodedAnswer(columns, frame.num_rows, tuple(given))


def _count_lines(text: bytes) -> int:
    """The most lines that a text can have, empty ones at its end left out."""
    stripped = text.rstrip()
    return max(stripped.count(b"\n"), stripped.count(b"\r")) + 1


def _read_parquet(content: bytes, column_names: tuple[str, ...], where: str, limits: Limits) -> DecodedAnswer:
    with pq.ParquetFile(io.BytesIO(content)) as opened:
        given, metadata = opened.schema_arrow, opened.metadata
    limits.check_rows(metadata.num_rows, where)
    _check_no_repeated_column(given.names, column_names)
    wanted = [name for name in column_names if name in given.names]
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


def _check_no_repeated_column(given: list[str], column_names: tuple[str, ...]) -> None:
    repeated = [name for name in column_names if given.count(name) > 1]
    if repeated:
        raise ValueError(f"column '{repeated[0]}' comes {given.count(repeated[0])} times")


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


def _unzip(payload: bytes, kind: str, where: str, limits: Limits) -> bytes:
    content, line_count = bytearray(), 0
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(payload)) as stream:
            while piece := stream.read(UNZIP_BYTES):
                content += piece
                line_count += piece.count(b"\n")
                limits.check_bytes(len(content), where)
                if kind == CSV:
                    limits.check_rows(line_count - 1, where)
    except (OSError, EOFError, zlib.error) as problem:
        raise FeedError(f"{where}: {problem}", "expected a whole gzip file; ask the provider") from None
    return bytes(content)
