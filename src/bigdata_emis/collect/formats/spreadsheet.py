"""Workbooks (XLSX) as columns of texts: the values of one sheet, as they were saved.

Belongs here: cells as texts. Does not: headers (delimited), or values (values).
"""

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import pyarrow as pa

from bigdata_emis import schema
from bigdata_emis.collect.formats.delimited import (
    WEB_PAGE,
    FileLayout,
    TextTable,
    check_no_repeated_column,
    column_name,
    join_header,
)
from bigdata_emis.collect.formats.limits import Limits
from bigdata_emis.errors import FeedError, shorten

MOST_COLUMNS = 4096
PATTERN = re.compile(r"(.*)\{([a-z_]+)\}(.*)")
"""The name of a sheet that holds the value of a field."""
OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
"""How files of Excel before 2007 begin, and newer ones that are locked (MS-CFB 2.2)."""
FORMULA = "="


def read_workbook(
    content: bytes, layout: FileLayout, column_names: Sequence[str] | None, where: str, limits: Limits
) -> TextTable:
    """The columns of a sheet; `column_names` are those wanted, None for all. A formula has the value it was saved with.

    Where the name of the sheet is declared as a pattern such as {pollutant_code}, all sheets of such names are read one
    after another, and the value in their names is a column of this name.

    Raises:
        TooLargeError: it unpacks to more bytes, or has more rows, than the feed allows.
        FeedError: it has no such sheet, or several and none is named.
        ValueError: it is no workbook, its sheets have other columns, or the formulas of a column have no values.
    """
    _check_unpacked_bytes(content, where, limits)
    sheets = _open_sheets(content, layout, where, limits)
    tables = [_read_sheet(sheet, layout, column_names) for sheet in sheets]
    _check_formulas(content, sheets, tables, layout)
    if any(table.names != tables[0].names for table in tables):
        raise ValueError("the sheets have other columns than the first of them")
    row_count = sum(table.row_count for table in tables)
    limits.check_rows(row_count, where)
    columns = {name: pa.concat_tables([_as_table(t) for t in tables])[name] for name in tables[0].columns}
    return TextTable(columns, row_count, tables[0].names, ", ".join(table.written_as for table in tables)[:80])


@dataclass(frozen=True)
class _Sheet:
    """The cells of a sheet, and the column that its name fills with a value: empty for none."""

    title: str
    rows: list[list[str]]
    column: str
    value: str


def _as_table(table: TextTable) -> pa.Table:
    return pa.table(dict(table.columns))


def _read_sheet(sheet: _Sheet, layout: FileLayout, column_names: Sequence[str] | None) -> TextTable:
    rows = sheet.rows
    header = join_header(rows[layout.skip_rows : layout.skip_rows + layout.header_rows] or [[]])
    body = [row for row in rows[layout.skip_rows + layout.header_rows :] if any(row)]
    names = [column_name(name) for name in header]
    if not any(names):
        raise ValueError("the sheet is empty" if not sheet.column else f"the sheet '{shorten(sheet.title)}' is empty")
    if sheet.column:
        names, body = [*names, sheet.column], [[*row, *[""] * (len(names) - len(row)), sheet.value] for row in body]
    wanted = list(dict.fromkeys(names)) if column_names is None else [n for n in column_names if n in names]
    check_no_repeated_column(names, wanted)
    columns = {}
    for name in wanted:
        position = names.index(name)
        cells = [row[position] if position < len(row) else "" for row in body]
        columns[name] = pa.chunked_array([pa.array(cells, pa.string())])
    return TextTable(columns, len(body), tuple(names), f"sheet '{sheet.title}'")


def _check_unpacked_bytes(content: bytes, where: str, limits: Limits) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            limits.check_bytes(sum(member.file_size for member in archive.infolist()), where)
    except zipfile.BadZipFile:
        raise ValueError(f"it is no workbook{_likely_kind(content)}") from None


def _likely_kind(content: bytes) -> str:
    """What a file that is no workbook most likely is, and what to do."""
    if content.startswith(OLD_WORKBOOK):
        return " of this format but one of Excel before 2007 (.xls), or it is locked: save it as .xlsx, not locked"
    if WEB_PAGE.match(content[:1024].decode("latin-1").removeprefix("\xef\xbb\xbf")):
        return " but a web page: save it as .xlsx"
    return ""


def _check_formulas(content: bytes, sheets: Sequence[_Sheet], tables: Sequence[TextTable], layout: FileLayout) -> None:
    """Refuse a column without any value that has formulas: the program that wrote the file has not computed them.

    A program that writes a workbook stores formulas only; their values come when it is opened and saved.
    """
    for sheet, table in zip(sheets, tables, strict=True):
        empty = [name for name, column in table.columns.items() if table.row_count and not any(column.to_pylist())]
        if not empty:
            continue
        formulas = _formula_columns(content, sheet.title, layout.skip_rows + layout.header_rows)
        name = next((name for name in empty if table.names.index(name) in formulas), None)
        if name is not None:
            what = f"column '{shorten(name)}' of sheet '{shorten(sheet.title)}' has formulas without values"
            raise ValueError(f"{what}: open the file in a spreadsheet and save it, so that they are computed")


def _formula_columns(content: bytes, title: str, first_row: int) -> set[int]:
    """The positions of the columns of a sheet that hold a formula below its header."""
    from openpyxl import load_workbook

    sheet = load_workbook(io.BytesIO(content), read_only=True)[title]
    rows = sheet.iter_rows(min_row=first_row + 1, max_col=MOST_COLUMNS, values_only=True)
    return {
        position
        for row in rows
        for position, value in enumerate(row)
        if isinstance(value, str) and value.startswith(FORMULA)
    }


def _open_sheets(content: bytes, layout: FileLayout, where: str, limits: Limits) -> list[_Sheet]:
    from openpyxl import load_workbook  # loads for half a second, which only feeds of workbooks need
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        visible = [sheet.title for sheet in book.worksheets if sheet.sheet_state == "visible"]
        return [
            _Sheet(title, list(_bounded_rows(book[title], layout, where, limits)), column, value)
            for title, column, value in _choose_sheets(visible, layout.sheet, where)
        ]
    except (InvalidFileException, KeyError, zipfile.BadZipFile, TypeError, AttributeError) as problem:
        raise ValueError(f"it is no whole workbook ({str(problem)[:80]})") from None


def _choose_sheets(names: Sequence[str], sheet: str, where: str) -> list[tuple[str, str, str]]:
    """The sheets that are read, each with the column that its name fills, and the value; both empty for none."""
    if sheet in names or (not sheet and len(names) == 1):
        return [(sheet or names[0], "", "")]
    if pattern := PATTERN.fullmatch(sheet):
        spelled = re.compile(f"{re.escape(pattern[1])}(.+){re.escape(pattern[3])}")
        matches = [match for name in names if (match := spelled.fullmatch(name))]
        if matches:
            return [(match[0], pattern[2], match[1].strip()) for match in matches]
    listed = ", ".join(f"'{shorten(name)}'" for name in names[:10])
    what = f"{where}: no sheet '{shorten(sheet)}'" if sheet else f"{where}: has {len(names)} sheets"
    is_by_pollutant = len(set(names) & schema.codes()["pollutant"].keys()) > 1
    likely = "{pollutant_code}" if is_by_pollutant else shorten(names[0]) if names else "…"
    raise FeedError(what, f'expected one of {listed}; write sheet = "{likely}"')


def _bounded_rows(sheet: Any, layout: FileLayout, where: str, limits: Limits) -> Iterator[list[str]]:
    sheet.reset_dimensions()
    for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
        limits.check_rows(number - layout.skip_rows - layout.header_rows, where)
        yield [_cell_text(value) for value in row[:MOST_COLUMNS]]


def _cell_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        minutes = round(value.total_seconds() / 60)
        return f"{minutes // 60:02d}:{minutes % 60:02d}"
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    return str(value).strip()
