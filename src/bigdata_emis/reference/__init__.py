"""Coefficients and rules as CSV, each row with its source and confidence, and the one way to read them.

Belongs here: the CSV files and `read`. Does not: arithmetic with them (equations) or a choice among rule versions for a purpose.
"""

import csv
from datetime import date
from functools import cache
from pathlib import Path

import pyarrow as pa

from bigdata_emis import schema
from bigdata_emis.errors import InputError
from bigdata_emis.schema.arrow import arrow_field

HERE = Path(__file__).parent
KEY_MARK = "# key:"
PROVENANCE = ("source", "confidence")
TRUTH = {"true": True, "false": False}


def names() -> list[str]:
    """The reference tables that ship with the project."""
    return sorted(path.stem for path in HERE.glob("*.csv"))


def read(name: str, region_folder: Path | None = None) -> pa.Table:
    """One reference table, in the order of its file; a region's own file of that name stands in for the one that ships.

    Raises InputError when there is none, when a column is not a declared field, a value does not fit it, a code is
    unknown, a key repeats, or a row has no source or confidence.
    """
    own = region_folder / "reference" / f"{name}.csv" if region_folder else None
    return _read(own if own and own.is_file() else HERE / f"{name}.csv")


def key(name: str, region_folder: Path | None = None) -> tuple[str, ...]:
    """The columns that tell the rows of a reference table apart, from the `# key:` line of its file; none without one."""
    metadata = read(name, region_folder).schema.metadata or {}
    return tuple(word for word in metadata[b"key"].decode().split(",") if word)


def valid_on(table: pa.Table, day: date) -> pa.Table:
    """The rows whose validity covers the day; an empty valid_from or valid_to is open on that side."""
    keep = [
        (first is None or first <= day) and (last is None or day <= last)
        for first, last in zip(table["valid_from"].to_pylist(), table["valid_to"].to_pylist(), strict=True)
    ]
    return table.filter(pa.array(keep, pa.bool_()))


@cache
def _read(path: Path) -> pa.Table:
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise InputError(f"reference table {path}: {type(problem).__name__}", f"known: {', '.join(names())}") from None
    lines = text.splitlines()
    keys = tuple(
        word.strip() for line in lines if line.startswith(KEY_MARK) for word in line[len(KEY_MARK) :].split(",")
    )
    reader = csv.DictReader(line for line in lines if not line.startswith("#"))
    rows = list(reader)
    columns = list(reader.fieldnames or [])
    _check_columns(columns, keys, path)
    _check_rows(rows, keys, path)
    fields = [arrow_field(schema.field(column), nullable=column not in PROVENANCE) for column in columns]
    arrays = [pa.array([_value(row[f.name], f.name, path) for row in rows], f.type) for f in fields]
    return pa.table(arrays, schema=pa.schema(fields, metadata={"table": path.stem, "key": ",".join(keys)}))


def _check_columns(columns: list[str], keys: tuple[str, ...], path: Path) -> None:
    unknown = [column for column in columns if column not in schema.fields()]
    missing = [column for column in (*PROVENANCE, *keys) if column not in columns]
    if unknown or missing:
        raise InputError(
            f"reference table {path}: columns not declared {unknown}, missing {missing}",
            "use names of the data dictionary, with source and confidence",
        )


def _check_rows(rows: list[dict[str, str]], keys: tuple[str, ...], path: Path) -> None:
    seen: set[tuple[str, ...]] = set()
    for number, row in enumerate(rows, start=1):
        if None in row or None in row.values() or not all((row[column] or "").strip() for column in PROVENANCE):
            raise InputError(
                f"reference table {path}, row {number}: a value, its source or its confidence is missing",
                "fill the row",
            )
        identity = tuple(row[column] for column in keys)
        if identity and identity in seen:
            raise InputError(f"reference table {path}, row {number}: key {identity} repeats", "keep one of the rows")
        seen.add(identity)


def _value(text: str, column: str, path: Path) -> object:
    """The text as its field's kind; empty text is null."""
    declared = schema.field(column)
    if not text:
        return None
    try:
        value = _parsed(text, declared.kind)
    except (ValueError, KeyError):
        raise InputError(
            f"reference table {path}, column {column}: '{text}' is not a {declared.kind}", "mend the value"
        ) from None
    if isinstance(value, (int, float)) and (
        (declared.minimum is not None and value < declared.minimum)
        or (declared.maximum is not None and value > declared.maximum)
    ):
        raise InputError(f"reference table {path}, column {column}: {text} is out of bounds", "mend the value")
    if declared.code_list and value not in schema.codes()[declared.code_list]:
        raise InputError(
            f"reference table {path}, column {column}: '{text}' is not a known {declared.code_list}",
            "add the code or mend it",
        )
    return value


def _parsed(text: str, kind: str) -> object:
    if kind == "number":
        return float(text)
    if kind == "integer":
        return int(text)
    if kind == "boolean":
        return TRUTH[text]
    return date.fromisoformat(text) if kind == "date" else text
