"""A CSV file of the registry as texts, and a column of texts as its declared type.

Belongs here: encodings, the shape of rows, and texts as values. Does not: keys, bounds and references (registry).
"""

import csv
import io
import math
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from bigdata_emis.errors import InputError
from bigdata_emis.schema.arrow import TYPES
from bigdata_emis.schema.model import Field
from bigdata_emis.window import parse_instant

LARGEST_CELL_CHARACTERS = 1 << 22
TRUTHS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
LIST_SEPARATOR = ";"


def read_text_columns(path: Path) -> dict[str, list[str]]:
    """The columns of a CSV file in UTF-8, with or without byte-order mark; lines that begin with '# ' are remarks.

    Raises InputError when it is not UTF-8, has no header, a repeated column or a row of another length.
    """
    csv.field_size_limit(LARGEST_CELL_CHARACTERS)
    try:
        text = path.read_bytes().decode("utf-8-sig")
        lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except UnicodeDecodeError as problem:
        raise InputError(f"{path}: byte {problem.start} is not UTF-8", "save the file as UTF-8") from None
    except (OSError, csv.Error) as problem:
        raise InputError(f"{path}: {problem}", "mend the file") from None
    rows = [line for line in lines if line and not line[0].startswith("# ")]
    if not rows or len(set(rows[0])) < len(rows[0]):
        raise InputError(f"{path}: the header is missing or names a column twice", "the first line names the columns")
    for number, row in enumerate(rows[1:]):
        if len(row) != len(rows[0]):
            raise InputError(
                f"{path}, row {number + 2}: {len(row)} values for {len(rows[0])} columns",
                "mend the row; quote values with commas",
            )
    return {name.strip(): [row[i].strip() for row in rows[1:]] for i, name in enumerate(rows[0])}


def typed_column(texts: list[str], declared: Field, path: Path) -> pa.Array:
    """Texts as values of the declared type; an empty text is a missing value. Raises InputError with row and value."""
    read = READERS[declared.kind]
    values: list[Any] = []
    for row, text in enumerate(texts):
        try:
            values.append(read(text) if text else None)
        except (ValueError, KeyError, InputError):
            raise InputError(
                f"{path}, row {row + 2}, column {declared.name}: '{text[:60]}'", f"give {MEND[declared.kind]}"
            ) from None
    return pa.array(values, TYPES[declared.kind])


def _number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value) or "_" in text:
        raise ValueError(text)
    return value


def _integer(text: str) -> int:
    value = int(text)
    if abs(value) >= 1 << 63 or "_" in text:
        raise ValueError(text)
    return value


def _strings(text: str) -> list[str]:
    return [word.strip() for word in text.split(LIST_SEPARATOR) if word.strip()]


READERS: dict[str, Callable[[str], Any]] = {
    "string": str,
    "number": _number,
    "integer": _integer,
    "boolean": lambda text: TRUTHS[text.lower()],
    "instant": lambda text: parse_instant(text, "UTC"),
    "date": date.fromisoformat,
    "strings": _strings,
}
REMEDY = {
    "string": "a text",
    "number": "a number with a decimal point",
    "integer": "a whole number",
    "boolean": "true or false",
    "instant": "a time such as 2015-12-20T08:00+08:00",
    "date": "a date such as 2015-12-20",
    "strings": f"texts with '{LIST_SEPARATOR}' between them",
}
