"""Read and check the registry files of a region folder: types, keys, codes, bounds and references.

Belongs here: what is wrong with a registry, and in which row. Does not: rules over several rows (registry_rules), CSV
text (csv_text), storing the registry (database).
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bigdata_emis import reference, schema
from bigdata_emis.collect.registry.csv_text import LARGEST_FILE_BYTES, read_text_columns, typed_column
from bigdata_emis.collect.registry.locations import check_locations
from bigdata_emis.collect.registry.registry_rules import check_rules, count_unusual
from bigdata_emis.context import Context
from bigdata_emis.errors import InputError, SchemaError, shorten
from bigdata_emis.flow import REGISTRY_FILES
from bigdata_emis.schema.arrow import TYPES, conform, empty
from bigdata_emis.schema.model import Field, Table
from bigdata_emis.text_values import EXPECTED, bounds_problem, invisible_pattern
from bigdata_emis.window import FIRST_YEAR, LAST_YEAR

LONGEST_ID = 200
LONGEST_TEXT = 1 << 20
"""Characters of a text; the outline of a county has some hundred thousand."""
YEARS = ((pc.greater_equal, FIRST_YEAR), (pc.less_equal, LAST_YEAR))
FILE_SUFFIXES = (".csv", ".parquet")
ID = "_id"
OTHER_BLANKS = r"[\x{00a0}\x{1680}\x{2000}-\x{200a}\x{202f}\x{205f}\x{3000}]"
TAKEN_FOR_NUMBER = r"^\d+\.0+$|^\d(\.\d+)?[Ee]\+\d+$"
"""An identifier of digits as a spreadsheet writes numbers: 130001.0, or 1.30001E+11 with its last digits lost."""
MONTH, COUNT = "month_start", "_count"
TABLE_WITH_COUNTS = "meter_share"
"""The table whose metadata carry the counts of unusual entries to the receipt."""


def register(*, context: Context) -> dict[str, pa.Table]:
    """Every registry table, from `<region folder>/registry/<table>.csv` or `.parquet`.

    A file that is absent is an empty table. What is unusual but may be right is counted in the receipt.

    Raises:
        InputError: with file, row, column and value (or with the entry that breaks a rule over several rows) for the
            first thing that is wrong, and when the folder holds no registry file or something else. Nothing is
            registered then.
    """
    folder = context.region.folder / "registry"
    _check_folder(folder)
    frames = {name: read_registry_table(folder, name) for name in REGISTRY_FILES}
    for name, frame in frames.items():
        _check_references(frames, schema.table(name), frame, folder)
    check_locations(frames, context.region)
    reference.overrides(context.region.folder)
    check_rules(frames, context.region)
    unusual = count_unusual(frames)
    if unusual:
        counts = {"set_aside": json.dumps(unusual)}
        frames[TABLE_WITH_COUNTS] = frames[TABLE_WITH_COUNTS].replace_schema_metadata(counts)
    return frames


def read_registry_table(folder: Path, name: str) -> pa.Table:
    """One registry table, conformed. Raises InputError with file, row, column and value."""
    table = schema.table(name)
    path = _registry_file(folder, name)
    if path is None:
        return empty(table)
    given = _read_file(path, table)
    for declared in table.fields:
        _check_column(given, declared, table)
    _check_key(given, table)
    try:
        return conform(given.columns, table)
    except SchemaError as problem:
        raise InputError(f"{path}: {problem.what}", problem.remedy) from None


@dataclass(frozen=True)
class _RegistryFile:
    """The columns of a registry file as typed values; `rows` is the place of each row as an editor counts it."""

    path: Path
    columns: pa.Table
    rows: Sequence[int]

    def row_name(self, index: int) -> str:
        """A row by its number in the file; in a CSV file the line on which it begins, remarks and header included."""
        return f"{self.path}, row {self.rows[index]}"


def _check_folder(folder: Path) -> None:
    """Refuse a file that is no registry file: it is most often a misspelt one, and its table would be emptied."""
    expected = f"known: {', '.join(REGISTRY_FILES)}, each .csv or .parquet"
    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder, so the region has no registry", expected)
    given = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    for path in given:
        if not path.is_file() or path.stem not in REGISTRY_FILES or path.suffix not in FILE_SUFFIXES:
            raise InputError(f"{path} is not a registry file", expected)
    if not given:
        raise InputError(f"{folder} has no registry file", expected)


def _registry_file(folder: Path, name: str) -> Path | None:
    paths = [path for path in (folder / f"{name}.csv", folder / f"{name}.parquet") if path.is_file()]
    if len(paths) > 1:
        raise InputError(f"{paths[0]} and {paths[1].name} both hold {name}", "remove one of them")
    if paths and paths[0].stat().st_size > LARGEST_FILE_BYTES:
        what = f"{paths[0]} has more than {LARGEST_FILE_BYTES} bytes"
        raise InputError(what, "give it as Parquet, or split the region")
    return paths[0] if paths else None


def _read_file(path: Path, table: Table) -> _RegistryFile:
    if path.suffix == ".parquet":
        columns = _parquet_columns(path, table)
        return _RegistryFile(path, columns, range(1, columns.num_rows + 1))
    texts = read_text_columns(path)
    _check_names(list(texts.columns), table, path)
    columns = pa.table(
        {
            f.name: typed_column(texts.columns[f.name], texts.lines, f, path)
            if f.name in texts.columns
            else pa.nulls(len(texts.lines), TYPES[f.kind])
            for f in table.fields
        }
    )
    return _RegistryFile(path, columns, texts.lines)


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
            what = f"{path}, column {declared.name}: {str(problem).splitlines()[0]}"
            raise InputError(what, f"give {declared.kind} values") from None
    return pa.table(columns)


def _check_names(given: list[str], table: Table, path: Path) -> None:
    surplus = [name for name in given if name not in table.names]
    if surplus:
        what = f"{path}: column '{shorten(surplus[0])}' is not of table {table.name}"
        if separator := next((sign for sign in (";", "\t") if sign in surplus[0]), ""):
            name = "semicolons" if separator == ";" else "tabs"
            raise InputError(what, f"its columns are separated by {name}: save it with commas")
        raise InputError(what, f"it has {', '.join(table.names)}")
    missing = [name for name in (*table.key, *table.required) if name not in given]
    if missing:
        raise InputError(f"{path}: column '{missing[0]}' is missing", "add it; the data dictionary says what it holds")


def _check_column(given: _RegistryFile, declared: Field, table: Table) -> None:
    """Refuse the first value of a column that its declaration does not allow."""
    column = given.columns[declared.name]

    def refuse(is_bad: Any, remedy: str) -> None:
        _refuse_first(given, declared.name, is_bad, lambda _: remedy)

    if declared.name in (*table.key, *table.required):
        refuse(pc.is_null(column), "the value must be given")
    if declared.kind in ("number", "integer"):
        _check_numbers(given, declared)
    if declared.kind == "string":
        _check_texts(given, declared, table)
    if declared.kind == "date":
        is_in_range = pc.and_(*(compare(pc.year(column), year) for compare, year in YEARS))
        refuse(pc.invert(is_in_range), f"give {EXPECTED['date']}")
    if declared.name == MONTH:
        refuse(pc.not_equal(pc.day(column), 1), "a month is named by its first day, such as 2015-11-01")
    if declared.code_list and declared.kind == "string":
        codes = sorted(schema.codes()[declared.code_list])
        is_unknown = pc.and_(pc.is_valid(column), pc.invert(pc.is_in(column, pa.array(codes))))
        refuse(is_unknown, f"{declared.code_list} is one of {', '.join(codes)[:200]}")


def _check_texts(given: _RegistryFile, declared: Field, table: Table) -> None:
    """Refuse the first text with characters that cannot be seen, or that is no identifier as its owner writes it."""
    column, name = given.columns[declared.name], declared.name
    invisible = pc.match_substring_regex(column, invisible_pattern(name))
    _refuse_first(given, name, invisible, lambda _: "remove the invisible characters, shown as \\x… or \\u…")
    if name.endswith(ID):
        blank = pc.match_substring_regex(column, OTHER_BLANKS)
        _refuse_first(given, name, blank, lambda _: "it holds a blank of another kind: write a plain one")
        remedy = "a spreadsheet took it for a number: write all its digits, and format the column as text"
        _refuse_first(given, name, pc.match_substring_regex(column, TAKEN_FOR_NUMBER), lambda _: remedy)
    longest = LONGEST_ID if name in table.key else LONGEST_TEXT
    is_long = pc.greater(pc.utf8_length(column), longest)
    _refuse_first(given, name, is_long, lambda _: f"expected at most {longest:,} characters")


def _check_numbers(given: _RegistryFile, declared: Field) -> None:
    """Refuse the first number that is not finite or out of bounds; a Parquet file may hold any."""
    column = given.columns[declared.name]
    if declared.kind == "number":
        is_bad = pc.invert(pc.is_finite(column))
        _refuse_first(given, declared.name, is_bad, lambda _: "leave it empty where there is no value")
    low, high = declared.minimum, declared.maximum
    for compare, bound in ((pc.less, low), (pc.greater, high)):
        if bound is not None:
            _refuse_first(given, declared.name, compare(column, bound), lambda value: bounds_problem(value, declared))
    if declared.kind == "number" and declared.name.endswith(COUNT):
        is_part = pc.not_equal(column, pc.floor(column))
        _refuse_first(given, declared.name, is_part, lambda value: f"expected a whole number: write {round(value):d}")


def _check_key(given: _RegistryFile, table: Table) -> None:
    key = given.columns.select(list(table.key)).to_pandas()
    repeated = np.flatnonzero(key.duplicated().to_numpy())
    if len(repeated):
        row = int(repeated[0])
        first = int(np.flatnonzero((key == key.iloc[row]).all(axis=1).to_numpy())[0])
        value = shorten(", ".join(str(given.columns[name][row].as_py()) for name in table.key))
        what = f"{given.row_name(row)}, column {table.key[0]}: key '{value}' repeats that of row {given.rows[first]}"
        raise InputError(what, "expected one row for each key; remove the duplicate")


def _check_references(frames: dict[str, pa.Table], table: Table, frame: pa.Table, folder: Path) -> None:
    """Refuse the first identifier that names no row of the table to which it refers."""
    for name in table.names:
        parent = name.removesuffix("_id")
        is_own_id = not name.endswith("_id") or parent == table.name
        if is_own_id or parent not in frames or schema.table(parent).key != (name,):
            continue
        in_parent = pc.is_in(frame[name], frames[parent][name].combine_chunks())
        is_dangling = pc.and_(pc.is_valid(frame[name]), pc.invert(in_parent))
        if not pc.any(is_dangling, min_count=0).as_py():
            continue
        value = frame[name].filter(is_dangling)[0].as_py()
        where = _find_row(folder, table, name, value)
        what = f"{where}, column {name}: '{shorten(value)}' is not in the registry"
        raise InputError(what, f"add it to {parent}.csv or correct the row")


def _find_row(folder: Path, table: Table, name: str, value: str) -> str:
    """The first row of the file with a value, since the conformed frame is sorted by key."""
    path = _registry_file(folder, table.name)
    if path is None:
        return str(folder)
    given = _read_file(path, table)
    return given.row_name(given.columns[name].to_pylist().index(value))


def _refuse_first(given: _RegistryFile, name: str, is_bad: Any, remedy: Callable[[Any], str]) -> None:
    """Refuse the first bad value of a column; the remedy is made from the value."""
    row = pc.index(pc.fill_null(is_bad, False), True).as_py()
    if row >= 0:
        value = given.columns[name][row].as_py()
        shown = "" if value is None else shorten(value)
        raise InputError(f"{given.row_name(row)}, column {name}: '{shown}'", remedy(value))
