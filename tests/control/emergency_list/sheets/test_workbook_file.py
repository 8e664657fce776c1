"""Workbooks from outside are opened within limits; a hostile one is refused in one line."""

import io
import os
import zipfile
from pathlib import Path

import openpyxl
import pytest

from bigdata_emis.control.emergency_list.sheets import workbook_file
from bigdata_emis.control.emergency_list.sheets.workbook_file import read_workbook
from bigdata_emis.errors import InputError
from tests.control.emergency_list.list_builders import DATA, write_book


def add_part(path: Path, name: str, content: bytes) -> Path:
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return path


def change_sheet(path: Path, old: bytes, new: bytes) -> Path:
    out = io.BytesIO()
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.infolist():
            content = source.read(part)
            is_sheet = part.filename == "xl/worksheets/sheet1.xml"
            target.writestr(part.filename, content.replace(old, new, 1) if is_sheet else content)
    path.write_bytes(out.getvalue())
    return path


def refused(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        read_workbook(path)
    message = str(caught.value)
    assert "\n" not in message
    assert caught.value.remedy
    return message


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return write_book(tmp_path / "list.xlsx", [["企业名称", 5], ["示例厂", None]], merge=["A2:A3"])


def test_cells_are_read_by_row_and_column_with_merged_ranges(book: Path) -> None:
    [sheet] = read_workbook(book)
    assert sheet.rows == {1: {1: "企业名称", 2: 5}, 2: {1: "示例厂"}}
    assert sheet.merged == [(2, 1, 3, 1)]
    assert not sheet.is_hidden


def test_hidden_rows_are_read_and_counted(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["示例厂"])
    book.active.row_dimensions[1].hidden = True
    book.save(tmp_path / "hidden.xlsx")
    [sheet] = read_workbook(tmp_path / "hidden.xlsx")
    assert (sheet.hidden_rows, sheet.rows) == (1, {1: {1: "示例厂"}})


def test_the_lists_of_the_notes_can_be_opened() -> None:
    assert [s.name for s in read_workbook(DATA / "list_a_simple.xlsx")] == ["工业源", "移动源", "扬尘源"]


def test_a_formula_is_refused(tmp_path: Path) -> None:
    assert "formulas" in refused(write_book(tmp_path / "f.xlsx", [["企业名称", "=1+1"]]))


def test_a_formula_in_a_sheet_of_another_folder_is_refused(tmp_path: Path, book: Path) -> None:
    """A package may keep its sheets anywhere; the reader follows relationships."""
    moved = tmp_path / "moved.xlsx"
    with (
        zipfile.ZipFile(write_book(tmp_path / "f.xlsx", [["企业名称", "=1+1"]])) as old,
        zipfile.ZipFile(moved, "w") as new,
    ):
        for part in old.namelist():
            content = old.read(part).replace(b"worksheets/sheet1.xml", b"sheets/sheet1.xml")
            new.writestr(part.replace("xl/worksheets/", "xl/sheets/"), content)
    assert "formulas" in refused(moved)


def test_links_to_other_workbooks_and_macros_are_refused(book: Path, tmp_path: Path) -> None:
    macros = tmp_path / "m.xlsx"
    macros.write_bytes(book.read_bytes())
    assert "links to other workbooks" in refused(add_part(book, "xl/externalLinks/externalLink1.xml", b"<a/>"))
    assert "macros" in refused(add_part(macros, "xl/vbaProject.bin", b"x"))


def test_a_zip_bomb_is_refused_before_it_is_unpacked(book: Path) -> None:
    assert "larger than a list can be" in refused(add_part(book, "xl/media/image1.xml", b"\0" * (8 << 20)))


def test_a_million_blank_rows_are_refused(book: Path) -> None:
    rows = b"".join(b'<row r="%d"/>' % n for n in range(3, 100_000))
    assert "blank rows" in refused(change_sheet(book, b"</sheetData>", rows + b"</sheetData>"))


def test_one_row_far_below_is_refused(book: Path) -> None:
    row = b'<row r="1048576"><c r="A1048576"/></row></sheetData>'
    assert "1,048,576 rows" in refused(change_sheet(book, b"</sheetData>", row))


@pytest.mark.parametrize("address", [b"B99999999", b"b99999999", b"$B$99999999"])
def test_a_cell_far_below_the_row_that_it_is_in_is_refused(book: Path, address: bytes) -> None:
    row = b'<row r="4"><c r="' + address + b'"><v>1</v></c></row></sheetData>'
    assert "99,999,999 rows" in refused(change_sheet(book, b"</sheetData>", row))


def test_merged_cells_beyond_any_table_are_refused(book: Path) -> None:
    merged = b"".join(b'<mergeCell ref="A%d:A1048576"/>' % n for n in range(4, 8))
    copy = book.with_name("lower.xlsx")
    copy.write_bytes(book.read_bytes())
    for path, places in ((book, merged), (copy, merged.replace(b"A", b"a"))):
        change = b"<mergeCells>" + places + b"</mergeCells><x"
        assert "merged cells" in refused(change_sheet(path, b"<mergeCells", change))


def test_too_many_columns_and_sheets_are_refused(book: Path, tmp_path: Path) -> None:
    row = b'<row r="4"><c r="XFD4"><v>1</v></c></row></sheetData>'
    copy = tmp_path / "lower.xlsx"
    copy.write_bytes(book.read_bytes())
    assert "columns" in refused(change_sheet(book, b"</sheetData>", row))
    assert "columns" in refused(change_sheet(copy, b"</sheetData>", row.lower()))
    sheets = {f"s{n}": [["x"]] for n in range(workbook_file.MOST_SHEETS)}
    assert "sheets" in refused(write_book(tmp_path / "many.xlsx", [["x"]], **sheets))


def test_entities_are_refused(book: Path) -> None:
    assert "entities" in refused(change_sheet(book, b"<worksheet", b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet'))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "encrypted or an old .xls"),
        (b"%PDF-1.7", "no .xlsx workbook"),
        (b"", "no .xlsx workbook"),
        (b"PK\x03\x04broken", "no .xlsx workbook"),
    ],
)
def test_another_kind_of_file_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "list.xlsx"
    path.write_bytes(content)
    assert words in refused(path)


def test_a_zip_that_is_no_workbook_and_a_damaged_one_are_refused(tmp_path: Path, book: Path) -> None:
    other = tmp_path / "other.xlsx"
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("readme.txt", "x")
    assert "no .xlsx workbook" in refused(other)
    assert "damaged" in refused(change_sheet(book, b"<sheetData>", b"<sheetData"))


def test_a_cell_as_long_as_a_book_is_refused(tmp_path: Path) -> None:
    assert "5,000 characters" in refused(write_book(tmp_path / "long.xlsx", [["停" * 5000]]))


def test_a_folder_and_a_pipe_are_no_missing_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.xlsx")
    for path in (tmp_path, tmp_path / "pipe.xlsx"):
        assert "is not a file" in refused(path)


def test_a_missing_and_a_too_large_file_are_refused(
    tmp_path: Path, book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "No such file" in refused(tmp_path / "nothing.xlsx")
    monkeypatch.setattr(workbook_file, "LARGEST_FILE_BYTES", 10)
    assert "expected at most 10" in refused(book)
