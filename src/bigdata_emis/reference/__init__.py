"""Coefficients and rules as CSV files, each row with source and confidence, and the function that reads them.

Belongs here: the CSV files and `read`. Does not: arithmetic with them (equations), choice of a rule version.
"""

from datetime import date
from functools import cache
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import schema
from bigdata_emis.errors import InputError, shorten
from bigdata_emis.schema.arrow import arrow_field
from bigdata_emis.schema.model import Field
from bigdata_emis.text_file import CsvRows, read_csv_rows, read_text_file
from bigdata_emis.text_values import FREE_TEXT, bounds_problem, read_value

HERE = Path(__file__).parent
EVIDENCE = HERE / "evidence"
KEY_MARK = "# key:"
PROVENANCE = ("source", "confidence")
REMARK = "#"


def names() -> list[str]:
    """Return the names of the reference tables that stages and code read."""
    return sorted(path.stem for path in HERE.glob("*.csv"))


def evidence_names() -> list[str]:
    """Return the names of the tables in evidence/: published figures that no stage reads."""
    return sorted(path.stem for path in EVIDENCE.glob("*.csv"))


def read(name: str, region_folder: Path | None = None) -> pa.Table:
    """Read a reference table, in the order of its file.

    A file of that name in the region folder replaces the one of the package. It must fill the same columns.

    Raises InputError, with row, column and value, when there is none, when a column is not a declared field, a value
    does not fit its field, a code is unknown, a key repeats, or a row has no source or confidence.
    """
    own = region_folder / "reference" / f"{name}.csv" if region_folder else None
    return _read(own if own and own.is_file() else HERE / f"{name}.csv")


def read_evidence(name: str) -> pa.Table:
    """Read a table of evidence/, with the same checks as `read`."""
    return _read(EVIDENCE / f"{name}.csv")


def key(name: str, region_folder: Path | None = None) -> tuple[str, ...]:
    """Return the key columns of a reference table, as its line `# key:` names them."""
    metadata = read(name, region_folder).schema.metadata or {}
    return tuple(word for word in metadata[b"key"].decode().split(",") if word)


def valid_on(table: pa.Table, day: date) -> pa.Table:
    """Return the rows that are valid on the day; an empty valid_from or valid_to is open."""
    is_valid = [
        (first is None or first <= day) and (last is None or day <= last)
        for first, last in zip(table["valid_from"].to_pylist(), table["valid_to"].to_pylist(), strict=True)
    ]
    return table.filter(pa.array(is_valid, pa.bool_()))


def overrides(region_folder: Path) -> list[str]:
    """Return the names of the tables that a region replaces by files of its own, each read and checked.

    Raises InputError when a file is no reference table, or does not pass the checks of `read`.
    """
    folder = region_folder / "reference"
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is no folder: expected a folder of <table>.csv", "move the file into a folder")
    given = sorted(path for path in folder.glob("*") if not path.name.startswith("."))
    for path in given:
        if path.suffix != ".csv" or path.stem not in names():
            what = f"{path} replaces no reference table: expected a file <table>.csv"
            raise InputError(what, f"remove it, or use one of {', '.join(names())}")
        _read(path)
    return [path.stem for path in given]


@cache
def _read(path: Path) -> pa.Table:
    if not path.is_file():
        raise InputError(f"reference table {path.stem} does not exist", f"use one of {', '.join(names())}")
    table = read_csv_rows(path, remark=REMARK)
    shipped = _read(HERE / path.name) if path.parent not in (HERE, EVIDENCE) and path.stem in names() else None
    keys = _keys(path, shipped)
    _check_columns(table.header, keys, path, shipped)
    _check_rows(table, keys, path)
    fields = [arrow_field(schema.field(column), nullable=column not in PROVENANCE) for column in table.header]
    arrays = [pa.array(_values(table, number, path), f.type) for number, f in enumerate(fields)]
    frame = pa.table(arrays, schema=pa.schema(fields, metadata={"table": path.stem, "key": ",".join(keys)}))
    if shipped is not None:
        _check_complete(frame, shipped, table.lines, path)
    return frame


def _keys(path: Path, shipped: pa.Table | None) -> tuple[str, ...]:
    """The key that the file names; a table of a region without such a line has the key of the table it replaces."""
    lines = read_text_file(path).splitlines()
    texts = [line[len(KEY_MARK) :] for line in lines if line.startswith(KEY_MARK)]
    if not texts and shipped is not None:
        texts = [(shipped.schema.metadata or {})[b"key"].decode()]
    return tuple(word.strip() for text in texts for word in text.split(",") if word.strip())


def _check_columns(columns: list[str], keys: tuple[str, ...], path: Path, shipped: pa.Table | None) -> None:
    wanted = _complete_columns(shipped) if shipped is not None else []
    unknown = [shorten(column) for column in columns if column not in schema.fields()]
    missing = [column for column in dict.fromkeys((*PROVENANCE, *keys, *wanted)) if column not in columns]
    if unknown or missing:
        raise InputError(
            f"reference table {path}: columns not declared: {unknown[:3]}, missing: {missing}",
            "use names of the data dictionary, and add source and confidence",
        )


def _complete_columns(shipped: pa.Table) -> list[str]:
    """The columns of a table of the package in which no value is missing, but notes: those that code relies on."""
    return [name for name in shipped.column_names if name not in FREE_TEXT and not shipped[name].null_count]


def _check_complete(frame: pa.Table, shipped: pa.Table, lines: list[int], path: Path) -> None:
    """Refuse an empty cell in a column in which the table of the package has none."""
    for name in _complete_columns(shipped):
        row = pc.index(pc.is_null(frame[name]), True).as_py()
        if row >= 0:
            what = f"reference table {path}, row {lines[row]}, column {name}: the cell is empty, expected a value"
            raise InputError(what, "fill the cell; the table of the package has a value in every row")


def _check_rows(table: CsvRows, keys: tuple[str, ...], path: Path) -> None:
    seen: dict[tuple[str, ...], int] = {}
    for line, cells in zip(table.lines, table.rows, strict=True):
        row = dict(zip(table.header, cells, strict=True))
        if not all(row[column] for column in PROVENANCE):
            what = f"reference table {path}, row {line}: its source or its confidence is missing"
            raise InputError(what, "complete the row")
        identity = tuple(row[column] for column in keys)
        if identity and identity in seen:
            what = f"reference table {path}, row {line}: key {shorten(', '.join(identity))} repeats"
            raise InputError(f"{what} that of row {seen[identity]}", "remove one of the rows")
        seen[identity] = line


def _values(table: CsvRows, number: int, path: Path) -> list[object]:
    """The values of a column; empty text is null."""
    declared = schema.field(table.header[number])
    values: list[object] = []
    for line, cells in zip(table.lines, table.rows, strict=True):
        text = cells[number]
        try:
            values.append(_value(text, declared) if text else None)
        except ValueError as problem:
            what = f"reference table {path}, row {line}, column {declared.name}: '{shorten(text)}'"
            raise InputError(what, str(problem)) from None
    return values


def _value(text: str, declared: Field) -> object:
    """Convert a text to the kind of its field. Raises ValueError with what to write instead."""
    value = read_value(text, declared.kind)
    if declared.kind in ("number", "integer") and (problem := bounds_problem(value, declared)):
        raise ValueError(problem)
    given = value if isinstance(value, list) else [value]
    if declared.code_list and not set(given) <= set(schema.codes()[declared.code_list]):
        codes = ", ".join(sorted(schema.codes()[declared.code_list]))
        raise ValueError(f"it is not a known {declared.code_list}: use one of {codes[:200]}")
    if declared.name not in FREE_TEXT and declared.kind == "string" and not text.isprintable():
        raise ValueError("remove the invisible characters, shown as \\x… or \\u…")
    return value
