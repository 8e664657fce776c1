"""JSON answers as flat records: where they lie in the answer, and what is nested in them.

Belongs here: the shape of JSON. Does not: columns (decode), paging (web/paging).
"""

import json
from collections.abc import Iterator
from typing import Any

from bigdata_emis.collect.formats.limits import TooLargeError
from bigdata_emis.errors import FeedError, shorten

LARGEST_JSON_BYTES = 1 << 26
LARGEST_JSON_VALUES = 3_000_000
"""A parsed value takes up to 250 bytes, so a short text of many values would fill the memory."""
RECORDS = "records"
KEY_NAME = "key"
"""The column of the names, where an object holds a record under each."""
HEADER_NAMES = ("columns", "fields", "names", "header", "headers")
DEEPEST = 8
Record = dict[str, Any]


def read_envelope(payload: bytes, feed_id: str, where: str, path: str = RECORDS) -> dict[str, Any]:
    """The JSON answer with its records, flat, under 'records'.

    path: names from the top of the answer to the records, joined by points; empty where the answer is a list itself. A
    list on the way is gone through, and its records get the single values of what they lie in.

    Raises:
        TooLargeError: it has more bytes or values than can be parsed in little memory.
        FeedError: it is no such answer, or another feed's.
    """
    answer: Any = parse_json(payload, where)
    if path == RECORDS:
        records = answer.get(RECORDS) if isinstance(answer, dict) else None
        if not isinstance(records, list):
            raise FeedError(f"{where}: no JSON answer with 'records'", _shape_remedy(answer))
        if answer.get("feed", feed_id) != feed_id:
            what = f"{where}: is of feed '{str(answer['feed'])[:40]}', not {feed_id}"
            raise FeedError(what, "correct 'address' in feeds.toml")
        if not set(map(type, records)) <= {dict}:
            raise FeedError(f"{where}: a record is not an object", _shape_remedy(answer))
        return dict(answer)
    found = list(_records_at(answer, [name for name in path.split(".") if name], {}))
    if not found and not _leads_somewhere(answer, path):
        raise FeedError(f"{where}: no records at '{shorten(path)}'", _shape_remedy(answer))
    return {**(answer if isinstance(answer, dict) else {}), RECORDS: found}


def read_json_lines(text: str, where: str) -> list[Record]:
    """The records of a file with one JSON object a line.

    Raises:
        FeedError: a line is none.
    """
    records = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        record = parse_json(line.encode(), f"{where}, line {number}")
        if not isinstance(record, dict):
            raise FeedError(f"{where}, line {number}: is no object", "expected one JSON object a line")
        records.append(flatten(record))
    return records


def parse_json(payload: bytes, where: str) -> Any:
    """What JSON bytes hold. Raises TooLargeError or FeedError."""
    remedy = "ask for less with page_size in feeds.toml, or give a file as csv or parquet"
    if len(payload) > LARGEST_JSON_BYTES:
        raise TooLargeError(f"{where}: more than {LARGEST_JSON_BYTES} bytes of JSON", remedy)
    if sum(payload.count(sign) for sign in (b",", b"{", b"[")) > LARGEST_JSON_VALUES:
        raise TooLargeError(f"{where}: more than {LARGEST_JSON_VALUES} values of JSON", remedy)
    try:
        return json.loads(payload)
    except (ValueError, RecursionError) as problem:
        what = f"{where}: no valid JSON ({str(problem)[:80]})"
        raise FeedError(what, "ask the provider; nothing of the answer was used") from None


def value_at(answer: Any, path: str) -> Any:
    """The single value at a path of names joined by points; None where there is none."""
    for name in path.split("."):
        answer = answer.get(name) if isinstance(answer, dict) else None
    return answer


def leads_to(answer: Any, path: str) -> bool:
    """Whether the last name of a path of names joined by points exists, whatever its value."""
    above, _, name = path.rpartition(".")
    holder = value_at(answer, above) if above else answer
    return isinstance(holder, dict) and name in holder


def flatten(record: Record, prefix: str = "", depth: int = 0) -> Record:
    """The record with the values of nested objects under names joined by points."""
    flat: Record = {}
    for name, value in record.items():
        if isinstance(value, dict) and depth < DEEPEST:
            flat |= flatten(value, f"{prefix}{name}.", depth + 1)
        else:
            flat[f"{prefix}{name}"] = value
    return flat


def record_paths(answer: Any, prefix: str = "", depth: int = 0) -> list[str]:
    """The paths of an answer at which lists of objects, or columns of values, lie: the likely records."""
    if depth > DEEPEST:
        return []
    if isinstance(answer, list):
        if answer and isinstance(answer[0], dict):
            deeper = record_paths(answer[0], prefix, depth + 1)
            return [*deeper, prefix] if prefix else deeper
        return [prefix] if prefix and answer and isinstance(answer[0], list) else []
    if not isinstance(answer, dict):
        return []
    if _is_column_wise(answer) and prefix:
        return [prefix]
    return [p for n, v in answer.items() for p in record_paths(v, f"{prefix}.{n}" if prefix else n, depth + 1)]


def _shape_remedy(answer: Any) -> str:
    paths = record_paths(answer)
    if paths:
        return f'expected {{feed, page, pages, records: [{{…}}]}}; perhaps write records = "{paths[0][:80]}"'
    return "expected {feed, page, pages, records: [{…}]}; ask the provider"


def _leads_somewhere(answer: Any, path: str) -> bool:
    """Whether the path exists, though it holds no record."""
    if isinstance(answer, list):
        return not answer or any(_leads_somewhere(part, path) for part in answer)
    name, _, rest = path.partition(".")
    if not isinstance(answer, dict) or name not in answer:
        return False
    return _leads_somewhere(answer[name], rest) if rest else isinstance(answer[name], list | dict)


def _records_at(answer: Any, path: list[str], above: Record) -> Iterator[Record]:
    if isinstance(answer, list) and (path or all(isinstance(part, dict) for part in answer)):
        for part in answer:
            yield from _records_at(part, path, above)
    elif path and isinstance(answer, dict):
        inherited = above | {n: v for n, v in flatten(answer).items() if not isinstance(v, list | dict)}
        below = {n for n in inherited if n.split(".")[0] == path[0]}
        siblings = {n: v for n, v in inherited.items() if n not in below}
        header: list[str] = next((answer[n] for n in HEADER_NAMES if _is_text_list(answer.get(n))), [])
        yield from _named_records(answer.get(path[0]), path[1:], siblings, header)
    elif isinstance(answer, dict):
        yield from _records_of_object(answer, above)


def _named_records(value: Any, path: list[str], above: Record, header: list[str]) -> Iterator[Record]:
    """The records of a value; a row that is a list gets the names of the header, else its positions."""
    if path or not isinstance(value, list) or not value or not all(isinstance(row, list) for row in value):
        yield from _records_at(value, path, above)
        return
    for row in value:
        names = header if len(header) == len(row) else [str(number) for number in range(len(row))]
        yield above | dict(zip(names, row, strict=True))


def _records_of_object(value: Record, above: Record) -> Iterator[Record]:
    """An object as one record, or as many: one of equal lists by their positions, one of objects by its names."""
    if _is_column_wise(value):
        length = max(len(column) for column in value.values() if isinstance(column, list))
        columns = {n: v if isinstance(v, list) else [v] * length for n, v in value.items()}
        for row in zip(*columns.values(), strict=True):
            yield above | dict(zip(columns, row, strict=True))
    elif value and all(isinstance(part, dict) for part in value.values()):
        for name, part in value.items():
            yield above | {KEY_NAME: name} | flatten(part)
    else:
        yield above | flatten(value)


def _is_column_wise(value: Record) -> bool:
    lists = [column for column in value.values() if isinstance(column, list)]
    return (
        bool(lists)
        and len({len(column) for column in lists}) == 1
        and not any(isinstance(cell, dict) for column in lists for cell in column[:1])
        and not any(isinstance(column, dict) for column in value.values())
        and len(lists) > 1
    )


def _is_text_list(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(cell, str) for cell in value)
