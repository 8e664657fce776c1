"""The registry files of a region folder, read and checked as one: types, keys, codes, bounds and references.

Belongs here: what is wrong with a registry and in which row. Does not: rules over several rows (registry_rules), storing it (database).
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bigdata_emis import schema
from bigdata_emis.collect.registry.csv_text import read_text_columns, typed_column
from bigdata_emis.collect.registry.registry_rules import check_rules, flags
from bigdata_emis.context import Context
from bigdata_emis.errors import InputError, SchemaError
from bigdata_emis.flow import REGISTRY_FILES
from bigdata_emis.schema.arrow import TYPES, conform, empty
from bigdata_emis.schema.model import Field, Table

LARGEST_FILE_BYTES = 1 << 29
HEADER_ROWS = 1
FILE_SUFFIXES = (".csv", ".parquet")
MONTH = "month_start"
COUNTED = "meter_share"


def register(*, context: Context) -> dict[str, pa.Table]:
    """Every registry table from `<region folder>/registry/<table>.csv` or `.parquet`; a file that is absent is an empty table.

    What is unusual but may be so is counted in the receipt.

    Raises InputError with file, row, column and value (or with the entry that breaks a rule over several rows) for the first thing
    that is wrong, and when the folder holds no registry file or something else; nothing is registered then.
    """
    folder = context.region.folder / "registry"
    _check_folder(folder)
    frames = {name: read_registry_table(folder, name) for name in REGISTRY_FILES}
    for name, frame in frames.items():
        _check_references(frames, schema.table(name), frame, folder)
    check_rules(frames, context.region)
    unusual = flags(frames)
    return (
        frames | {COUNTED: frames[COUNTED].replace_schema_metadata({"set_aside": json.dumps(unusual)})}
        if unusual
        else frames
    )


def read_registry_table(folder: Path, name: str) -> pa.Table:
    """One registry table, conformed. Raises InputError with file, row, column and value."""
    table = schema.table(name)
    path = _path(folder, name)
    if path is None:
        return empty(table)
    raw = _parquet_columns(path, table) if path.suffix == ".parquet" else _csv_columns(path, table)
    for declared in table.fields:
        _check_column(raw[declared.name], declared, table, path)
    _check_key(raw, table, path)
    try:
        return conform(raw, table)
    except SchemaError as problem:
        raise InputError(f"{path}: {problem.what}", problem.remedy) from None


def _check_folder(folder: Path) -> None:
    """A name that is not known is a slip of the pen far more often than a note: without it the table would be emptied."""
    known = f"known: {', '.join(REGISTRY_FILES)}, each .csv or .parquet"
    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder, so the region has no registry", known)
    given = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    for path in given:
        if not path.is_file() or path.stem not in REGISTRY_FILES or path.suffix not in FILE_SUFFIXES:
            raise InputError(f"{path} is not a registry file", known)
    if not given:
        raise InputError(f"{folder} has no registry file", known)


def _path(folder: Path, name: str) -> Path | None:
    found = [path for path in (folder / f"{name}.csv", folder / f"{name}.parquet") if path.is_file()]
    if len(found) > 1:
        raise InputError(f"{found[0]} and {found[1].name} both hold {name}", "keep one of them")
    if found and found[0].stat().st_size > LARGEST_FILE_BYTES:
        raise InputError(
            f"{found[0]} has more than {LARGEST_FILE_BYTES} bytes", "give it as Parquet, or split the region"
        )
    return found[0] if found else None


def _csv_columns(path: Path, table: Table) -> pa.Table:
    texts = read_text_columns(path)
    _check_names(list(texts), table, path)
    rows = len(next(iter(texts.values()), []))
    columns = {
        f.name: typed_column(texts[f.name], f, path) if f.name in texts else pa.nulls(rows, TYPES[f.kind])
        for f in table.fields
    }
    return pa.table(columns)


def _parquet_columns(path: Path, table: Table) -> pa.Table:
    try:
        frame = pq.read_table(path, partitioning=None)
    except (OSError, pa.ArrowException) as problem:
        raise InputError(f"{path}: {str(problem).splitlines()[0]}", "give a whole Parquet file") from None
    _check_names(frame.column_names, table, path)
    columns: dict[str, Any] = {}
    for declared in table.fields:
        kind = TYPES[declared.kind]
        given = frame[declared.name] if declared.name in frame.column_names else pa.nulls(frame.num_rows, kind)
        try:
            columns[declared.name] = given.cast(kind)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as problem:
            raise InputError(
                f"{path}, column {declared.name}: {str(problem).splitlines()[0]}", f"give {declared.kind} values"
            ) from None
    return pa.table(columns)


def _check_names(given: list[str], table: Table, path: Path) -> None:
    surplus = [name for name in given if name not in table.names]
    if surplus:
        raise InputError(
            f"{path}: column '{surplus[0][:60]}' is not of table {table.name}", f"it has {', '.join(table.names)}"
        )
    missing = [name for name in (*table.key, *table.required) if name not in given]
    if missing:
        raise InputError(f"{path}: column '{missing[0]}' is missing", "add it; the data dictionary says what it holds")


def _check_column(column: Any, declared: Field, table: Table, path: Path) -> None:
    if declared.name in (*table.key, *table.required):
        _refuse(column, pc.is_null(column), declared.name, path, remedy="the value must be given")
    if declared.kind == "number":
        _refuse(column, pc.is_nan(column), declared.name, path, remedy="leave it empty where there is no value")
    if declared.minimum is not None and declared.kind in ("number", "integer"):
        _refuse(
            column,
            pc.less(column, declared.minimum),
            declared.name,
            path,
            remedy=f"it must not be below {declared.minimum:g}",
        )
    if declared.maximum is not None and declared.kind in ("number", "integer"):
        _refuse(
            column,
            pc.greater(column, declared.maximum),
            declared.name,
            path,
            remedy=f"it must not be above {declared.maximum:g}",
        )
    if declared.name == MONTH:
        _refuse(
            column,
            pc.not_equal(pc.day(column), 1),
            declared.name,
            path,
            remedy="a month is named by its first day, such as 2015-11-01",
        )
    if declared.code_list and declared.kind == "string":
        known = sorted(schema.codes()[declared.code_list])
        bad = pc.and_(pc.is_valid(column), pc.invert(pc.is_in(column, pa.array(known))))
        _refuse(column, bad, declared.name, path, remedy=f"{declared.code_list} is one of {', '.join(known)[:200]}")


def _check_key(frame: pa.Table, table: Table, path: Path) -> None:
    key = frame.select(list(table.key)).to_pandas()
    again = np.flatnonzero(key.duplicated().to_numpy())
    if len(again):
        value = ", ".join(str(frame[name][int(again[0])].as_py()) for name in table.key)
        raise InputError(
            f"{_where(path, int(again[0]))}, column {table.key[0]}: key '{value}' repeats",
            "one row a key; remove the duplicate",
        )


def _check_references(frames: dict[str, pa.Table], table: Table, frame: pa.Table, folder: Path) -> None:
    for name in table.names:
        parent = name.removesuffix("_id")
        if (
            not name.endswith("_id")
            or parent == table.name
            or parent not in frames
            or schema.table(parent).key != (name,)
        ):
            continue
        dangling = pc.and_(
            pc.is_valid(frame[name]), pc.invert(pc.is_in(frame[name], frames[parent][name].combine_chunks()))
        )
        if not pc.any(dangling, min_count=0).as_py():
            continue
        value = frame[name].filter(dangling)[0].as_py()
        path = _path(folder, table.name) or folder
        raise InputError(
            f"{_where(path, _row_of(path, name, value))}, column {name}: '{value}' is not in the registry",
            f"add it to {parent}.csv or mend the row",
        )


def _row_of(path: Path, name: str, value: str) -> int:
    """The row of the file, since the conformed frame is sorted by key."""
    given = (
        pq.read_table(path, columns=[name])[name].to_pylist()
        if path.suffix == ".parquet"
        else read_text_columns(path)[name]
    )
    return given.index(value)


def _refuse(column: Any, bad: Any, name: str, path: Path, *, remedy: str) -> None:
    row = pc.index(pc.fill_null(bad, False), True).as_py()
    if row >= 0:
        value = column[row].as_py()
        raise InputError(f"{_where(path, row)}, column {name}: '{'' if value is None else value}'", remedy)


def _where(path: Path, row: int) -> str:
    """Rows are counted as an editor or a spreadsheet does: the header is row 1 of a CSV file."""
    return f"{path}, row {row + 1 + (HEADER_ROWS if path.suffix == '.csv' else 0)}"
