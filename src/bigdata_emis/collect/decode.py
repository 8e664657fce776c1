"""An answer's bytes as columns of what the provider sent, whatever the format: json, csv or parquet, also gzipped.

Belongs here: formats and their limits. Does not: our field names, types and times (values).
"""

import gzip
import io
import json
import zlib
from operator import itemgetter
from typing import Any

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from bigdata_emis.errors import FeedError

LARGEST_DECODED_BYTES = 1 << 31

Columns = dict[str, pa.Array | pa.ChunkedArray]


def decode(
    payload: bytes, suffix: str, *, feed_id: str, where: str, names: tuple[str, ...], told: dict[str, Any] | None = None
) -> tuple[Columns, int]:
    """The named columns of an answer as the provider sent them, and the number of rows; a column it lacks is left out.

    `told` is the envelope of a JSON answer that was read already.

    Raises FeedError when the bytes are not what the suffix says.
    """
    kind = suffix.removesuffix(".gz")
    if told is not None:
        return _json(told["records"], where, names)
    content = _unzip(payload, where) if suffix.endswith(".gz") else payload
    if kind == "json":
        return _json(envelope(content, feed_id, where)["records"], where, names)
    try:
        if kind == "parquet":
            return _parquet(content, names)
        if kind == "csv":
            return _csv(content, names)
    except (pa.ArrowException, OSError, ValueError) as problem:
        raise FeedError(
            f"{where}: {str(problem).splitlines()[0][:200]}", f"it must be whole and of format {kind}"
        ) from None
    raise FeedError(f"{where}: format '{suffix}' is unknown", "use json, csv or parquet, also with .gz")


def envelope(payload: bytes, feed_id: str, where: str) -> dict[str, Any]:
    """The JSON answer `{feed, page, pages, records}`. Raises FeedError when it is another feed's, or no such answer."""
    try:
        answer = json.loads(payload)
    except (ValueError, RecursionError) as problem:
        raise FeedError(
            f"{where}: no valid JSON ({str(problem)[:80]})", "ask the provider; nothing of it was used"
        ) from None
    if not isinstance(answer, dict) or not isinstance(answer.get("records"), list):
        raise FeedError(f"{where}: no JSON answer with 'records'", "an answer is {feed, page, pages, records: [{…}]}")
    if answer.get("feed", feed_id) != feed_id:
        raise FeedError(
            f"{where}: is of feed '{str(answer['feed'])[:40]}', not {feed_id}", "mend 'address' in feeds.toml"
        )
    if not set(map(type, answer["records"])) <= {dict}:
        raise FeedError(f"{where}: a record is not an object", "an answer is {feed, page, pages, records: [{…}]}")
    return answer


def _json(records: list[dict[str, Any]], where: str, names: tuple[str, ...]) -> tuple[Columns, int]:
    present = [name for name in names if any(name in record for record in records)]
    return {name: _column(_values(records, name), f"{where}: '{name}'") for name in present}, len(records)


def _values(records: list[dict[str, Any]], name: str) -> list[Any]:
    """What each record says under a name; where all say something, which is the rule, half as dear."""
    try:
        return list(map(itemgetter(name), records))
    except KeyError:
        return [record.get(name) for record in records]


def _column(values: list[Any], where: str) -> pa.Array:
    """A column of one type, or of texts when the provider mixes numbers with words."""
    try:
        return pa.array(values)
    except (pa.ArrowException, OverflowError, UnicodeError):
        texts = [None if value is None else str(value) for value in values]
    try:
        return pa.array(texts, pa.string())
    except UnicodeError:
        raise FeedError(f"{where} holds text that is no Unicode", "ask the provider; nothing of it was used") from None


def _csv(content: bytes, wanted: tuple[str, ...]) -> tuple[Columns, int]:
    text = content.removeprefix(b"\xef\xbb\xbf")
    if not text.strip():
        raise ValueError("the file is empty")
    names = pacsv.open_csv(io.BytesIO(text)).schema.names
    _check_once(names, wanted)
    options = pacsv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False)
    frame = pacsv.read_csv(io.BytesIO(text), convert_options=options)
    return {name: frame[name] for name in wanted if name in names}, frame.num_rows


def _parquet(content: bytes, names: tuple[str, ...]) -> tuple[Columns, int]:
    file = pq.ParquetFile(io.BytesIO(content))
    _check_once(file.schema_arrow.names, names)
    frame = file.read(columns=[name for name in names if name in file.schema_arrow.names])
    return {name: _plain(frame[name]) for name in frame.column_names}, file.metadata.num_rows


def _check_once(given: list[str], wanted: tuple[str, ...]) -> None:
    repeated = [name for name in wanted if given.count(name) > 1]
    if repeated:
        raise ValueError(f"column '{repeated[0]}' comes {given.count(repeated[0])} times")


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column


def _unzip(payload: bytes, where: str) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(payload)) as stream:
            content = stream.read(LARGEST_DECODED_BYTES + 1)
    except (OSError, EOFError, zlib.error) as problem:
        raise FeedError(f"{where}: {problem}", "it must be a whole gzip file") from None
    if len(content) > LARGEST_DECODED_BYTES:
        raise FeedError(f"{where}: unpacks to more than {LARGEST_DECODED_BYTES} bytes", "split it by day")
    return content
