"""Workbooks (XLSX) as columns of texts: the values of one sheet, as they were saved.

Belongs here: cells as texts. Does not: headers (delimited), or values (values).
"""

import io
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import pyarrow as pa

from bigdata_emis.collect.formats.delimited import FileLayout, TextTable, check_no_repeated_column, join_header
from bigdata_emis.collect.formats.limits import Limits
from bigdata_emis.errors import shorten

MOST_COLUMNS = 4096


def read_workbook(
    content: bytes, layout: FileLayout, column_names: Sequence[str] | None, where: str, limits: Limits
) -> TextTable:
    """The columns of a sheet; `column_names` are those wanted, None for all. A formula has the value it was saved with.

    Raises:
        TooLargeError: it unpacks to more bytes, or has more rows, than the feed allows.
        ValueError: it is no workbook, has no such sheet, or several and none is named.
    """
    _check_unpacked_bytes(content, where, limits)
    title, rows = _sheet_rows(content, layout, where, limits)
    header = join_header(rows[layout.skip_rows : layout.skip_rows + layout.header_rows] or [[]])
    body = [row for row in rows[layout.skip_rows + layout.header_rows :] if any(row)]
    names = [name.strip() for name in header]
    if not any(names):
        raise ValueError("the sheet is empty")
    wanted = list(dict.fromkeys(names)) if column_names is None else [n for n in column_names if n in names]
    check_no_repeated_column(names, wanted)
    columns = {}
    for name in wanted:
        position = names.index(name)
        cells = [row[position] if position < len(row) else "" for row in body]
        columns[name] = pa.chunked_array([pa.array(cells, pa.string())])
    return TextTable(columns, len(body), tuple(names), f"sheet '{title}'")


def _check_unpacked_bytes(content: bytes, where: str, limits: Limits) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            limits.check_bytes(sum(member.file_size for member in archive.infolist()), where)
    except zipfile.BadZipFile:
        raise ValueError("it is no workbook") from None


def _sheet_rows(content: bytes, layout: FileLayout, where: str, limits: Limits) -> tuple[str, list[list[str]]]:
    from openpyxl import load_workbook  # loads for half a second, which only feeds of workbooks need
    from openpyxl.utils.exceptions import InvalidFileException

    sheet = layout.sheet
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        names = [name for name in book.sheetnames if book[name].sheet_state == "visible"]
        if sheet not in names and (sheet or len(names) != 1):
            listed = ", ".join(f"'{shorten(name)}'" for name in names[:10])
            raise ValueError(f"no sheet '{shorten(sheet)}'; write sheet = \"…\", one of {listed}")
        title = sheet or names[0]
        rows = list(_bounded_rows(book[title], layout, where, limits))
    except (InvalidFileException, KeyError, zipfile.BadZipFile, TypeError, AttributeError) as problem:
        raise ValueError(f"it is no whole workbook ({str(problem)[:80]})") from None
    return title, rows


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
