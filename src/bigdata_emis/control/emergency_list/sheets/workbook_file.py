"""A workbook from outside, opened with limits: kinds of file, bytes, sheets, rows, columns, formulas, links, macros.

Belongs here: what makes a workbook unsafe or unreadable, in one line, and its cells as plain rows. Does not: what the
cells mean (headings, cell_values).
"""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError

from bigdata_emis.control.emergency_list.sheets.cell_values import CellValue
from bigdata_emis.errors import InputError, shorten
from bigdata_emis.text_file import require_file

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

LARGEST_FILE_BYTES = 32 << 20
LARGEST_UNPACKED_BYTES = 256 << 20
LARGEST_RATIO = 200
SMALLEST_BOMB_BYTES = 4 << 20
MOST_PARTS = 2000
MOST_SHEETS = 30
MOST_ROWS = 60_000
MOST_COLUMNS = 300
MOST_CELLS = 3_000_000
MOST_MERGED_CELLS = 500_000
LONGEST_CELL_CHARACTERS = 4000
OLE_MARK = b"\xd0\xcf\x11\xe0"
ROW_TAG = re.compile(rb"<(?:\w+:)?row[\s>/]")
CELL_TAG = re.compile(rb"<(?:\w+:)?c[\s>/]")
FORMULA_TAG = re.compile(rb"<(?:\w+:)?f[\s>/]")
ROW_NUMBER = re.compile(rb"<(?:\w+:)?row[^>]*?\sr=[\"'](\d+)[\"']")
CELL_ADDRESS = re.compile(rb"<(?:\w+:)?c\s[^>]*?r=[\"']\$?([A-Za-z]{1,9})\$?(\d+)[\"']")
MERGED_PLACE = re.compile(rb"<(?:\w+:)?mergeCell[^>]*?ref=[\"']\$?([A-Za-z]{1,9})\$?(\d+):\$?([A-Za-z]{1,9})\$?(\d+)")
ENTITY = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
SHEET_PART = re.compile(r"xl/worksheets/[^/]+\.xml")
SHEET_TAG = re.compile(rb"<(?:\w+:)?sheetData[\s>/]")
"""What makes a part a sheet, wherever in the package it lies."""


@dataclass(frozen=True)
class SheetRows:
    """The cells of a sheet by row and column, both from 1. merged: (first row, first column, last row, last column)."""

    name: str
    rows: dict[int, dict[int, CellValue]]
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden_rows: int = 0
    is_hidden: bool = False


def read_workbook(path: Path) -> list[SheetRows]:
    """Every sheet of a workbook.

    Raises:
        InputError: the file is no XLSX workbook, is encrypted, holds macros, external links or formulas, or is larger
            than a list can be; nothing of it is used then.
    """
    _check_file(path)
    _check_parts(path)
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = openpyxl.load_workbook(path, data_only=False, keep_links=False, rich_text=False)
    except (
        InvalidFileException, KeyError, ValueError, TypeError, IndexError, AttributeError, OSError, ParseError,
        zipfile.BadZipFile,
    ) as problem:  # fmt: skip
        what = f"{path.name}: the workbook is damaged ({shorten(type(problem).__name__)})"
        raise InputError(what, "open it in a spreadsheet program and save it as .xlsx again") from None
    return [_sheet(sheet, path.name) for sheet in book.worksheets]


def _check_file(path: Path) -> None:
    require_file(path, LARGEST_FILE_BYTES, remedy="remove pictures and blank rows, or split the list")
    with path.open("rb") as handle:
        mark = handle.read(4)
    if mark == OLE_MARK:
        what = f"{path.name} is encrypted or an old .xls file: expected an .xlsx workbook"
        raise InputError(what, "remove the password and save it as .xlsx")
    if not zipfile.is_zipfile(path):
        raise InputError(
            f"{path.name} is no .xlsx workbook", "save the list as .xlsx; a PDF or Word table goes to a person"
        )


def _check_parts(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            _check_sizes(parts, path.name)
            names = [part.filename for part in parts]
            _check_names(names, path.name)
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    _check_xml(part.filename, archive.read(part), path.name)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as problem:
        what = f"{path.name}: the workbook cannot be unpacked ({shorten(problem)})"
        raise InputError(what, "open it in a spreadsheet program and save it as .xlsx again") from None


def _check_sizes(parts: list[zipfile.ZipInfo], name: str) -> None:
    unpacked = sum(part.file_size for part in parts)
    bomb = any(
        part.file_size > SMALLEST_BOMB_BYTES and part.file_size > LARGEST_RATIO * max(part.compress_size, 1)
        for part in parts
    )
    if len(parts) > MOST_PARTS or unpacked > LARGEST_UNPACKED_BYTES or bomb:
        what = f"{name} unpacks to {unpacked:,} bytes in {len(parts):,} parts: larger than a list can be"
        raise InputError(what, "remove blank rows and pictures, save it again, or split the list")


def _check_names(names: list[str], name: str) -> None:
    if "xl/workbook.xml" not in names:
        raise InputError(f"{name} is no .xlsx workbook", "save the list as .xlsx; a PDF or Word table goes to a person")
    if any(part.startswith("xl/externalLinks/") for part in names):
        raise InputError(f"{name} has links to other workbooks", "replace the linked cells by their values")
    if any("vbaProject" in part or "/activeX/" in part for part in names):
        raise InputError(f"{name} has macros", "save it as .xlsx without macros")
    sheets = sum(1 for part in names if SHEET_PART.fullmatch(part))
    if sheets > MOST_SHEETS:
        raise InputError(f"{name} has {sheets} sheets: expected at most {MOST_SHEETS}", "split the workbook")


def _check_xml(part: str, content: bytes, name: str) -> None:
    if ENTITY.search(content) or b"\0" in content:
        raise InputError(
            f"{name}, part {shorten(part)}: declares XML entities or is not UTF-8",
            "save it again in a spreadsheet program",
        )
    if not SHEET_TAG.search(content):
        return
    addresses = set(CELL_ADDRESS.findall(content))
    numbers = [*ROW_NUMBER.findall(content), *(number for _, number in addresses)]
    rows = max(_count(ROW_TAG, content), max((int(n[:9]) for n in numbers), default=0))
    cells = _count(CELL_TAG, content)
    if rows > MOST_ROWS or cells > MOST_CELLS:
        what = f"{name}, part {shorten(part)}: {rows:,} rows and {cells:,} cells, expected at most {MOST_ROWS:,} rows"
        raise InputError(what, "delete the blank rows below the table and save the workbook again")
    if any(_column(letters) > MOST_COLUMNS for letters, _ in addresses):
        what = f"{name}, part {shorten(part)}: more than {MOST_COLUMNS} columns"
        raise InputError(what, "delete the blank columns and save the workbook again")
    if sum(_area(place) for place in MERGED_PLACE.findall(content)) > MOST_MERGED_CELLS:
        what = f"{name}, part {shorten(part)}: more than {MOST_MERGED_CELLS:,} merged cells"
        raise InputError(what, "merge only cells of the table")
    if FORMULA_TAG.search(content):
        what = f"{name}, part {shorten(part)}: has formulas, whose values are not part of the list"
        raise InputError(what, "copy the cells and paste them as values")


def _count(pattern: re.Pattern[bytes], content: bytes) -> int:
    return sum(1 for _ in pattern.finditer(content))


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _area(place: tuple[bytes, bytes, bytes, bytes]) -> int:
    """The cells of a merged place, which the reader of the workbook would all create."""
    left, top, right, bottom = place
    return (abs(_column(right) - _column(left)) + 1) * (abs(int(bottom[:9]) - int(top[:9])) + 1)


def _sheet(sheet: "Worksheet", name: str) -> SheetRows:
    rows: dict[int, dict[int, CellValue]] = {}
    for cell in _filled_cells(sheet):
        value = cell.value
        if isinstance(value, str) and len(value) > LONGEST_CELL_CHARACTERS:
            what = f"{name}, sheet {shorten(sheet.title)}, cell {cell.coordinate}: {len(value):,} characters"
            raise InputError(what, f"expected at most {LONGEST_CELL_CHARACTERS:,}: shorten the text")
        rows.setdefault(cell.row, {})[cell.column] = _value(value)
    merged = [(r.min_row, r.min_col, r.max_row, r.max_col) for r in sheet.merged_cells.ranges]
    hidden = sum(1 for number, d in sheet.row_dimensions.items() if d.hidden and number in rows)
    return SheetRows(sheet.title, dict(sorted(rows.items())), merged, hidden, sheet.sheet_state != "visible")


def _filled_cells(sheet: "Worksheet") -> Iterator[Any]:
    for row in sheet.iter_rows():
        yield from (cell for cell in row if cell.value is not None)


def _value(value: Any) -> CellValue:
    return value if isinstance(value, str | int | float | bool) or hasattr(value, "isoformat") else str(value)
