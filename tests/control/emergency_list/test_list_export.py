"""An exported list is the imported one: same layout, same items, our numbers beside it, and no live formulas."""

import io
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest

from bigdata_emis.control.emergency_list.import_list import import_workbook
from bigdata_emis.control.emergency_list.list_export import export_version, write_cell
from bigdata_emis.control.emergency_list.list_items import as_csv
from bigdata_emis.control.emergency_list.list_versions import store_version
from tests.control.emergency_list.list_builders import DATA, FULL_HEAD, plant, write_book

LISTS = ["list_a_simple", "list_b_two_row_header", "list_c_dirty"]


def export(path: Path, out: Path, hour: int = 8) -> Path:
    known_utc = datetime(2026, 10, 1, hour, tzinfo=UTC)
    imported = import_workbook(path)
    version, _ = store_version("nys", imported, valid_from=None, valid_to=None, actor="Li", known_utc=known_utc)
    content, document = export_version("nys", version)
    assert document["items"] == len(imported.items)
    out.write_bytes(content)
    return out


@pytest.mark.parametrize("name", LISTS)
def test_export_and_import_is_the_identity(home: Path, name: str) -> None:
    source = DATA / f"{name}.xlsx"
    once = export(source, home / "once.xlsx")
    assert as_csv(import_workbook(once).items, "x") == as_csv(import_workbook(source).items, "x")
    twice = export(once, home / "twice.xlsx", hour=9)
    sheets = [openpyxl.load_workbook(path).worksheets for path in (once, twice)]
    values = [[[cell.value for cell in row] for sheet in book for row in sheet.iter_rows()] for book in sheets]
    assert values[0] == values[1]


NOTICES = ["模拟数据：不得据此评价任何企业。", "SIMULATED: no plant may be judged by it."]


def test_notices_are_the_first_sheet_and_head_every_page_and_are_not_imported(home: Path) -> None:
    source = DATA / f"{LISTS[0]}.xlsx"
    imported = import_workbook(source)
    store_version(
        "nys", imported, valid_from=None, valid_to=None, actor="Li", known_utc=datetime(2026, 10, 1, tzinfo=UTC)
    )
    (home / "out.xlsx").write_bytes(export_version("nys", notices=NOTICES)[0])
    first, *tables = openpyxl.load_workbook(home / "out.xlsx").worksheets
    assert [cell.value for (cell,) in first.iter_rows()] == NOTICES
    assert [sheet.oddHeader.center.text for sheet in tables] == NOTICES[:1] * len(tables)
    again = import_workbook(home / "out.xlsx")
    assert again.notices == imported.notices
    assert as_csv(again.items, "x") == as_csv(imported.items, "x")


def test_base_and_cut_are_beside_the_row_with_their_source(home: Path) -> None:
    book = openpyxl.load_workbook(export(write_book(home / "l.xlsx", [FULL_HEAD, plant()]), home / "out.xlsx"))
    head, row = ([cell.value for cell in cells] for cells in book.worksheets[0].iter_rows())
    found = dict(zip(head, row, strict=True))
    assert found["系统:SO2基准(千克/天)"] == 10
    assert [found[f"系统:{level}NOx减量(千克/天)"] for level in ("黄色", "橙色", "红色")] == [4, 10, 20]
    assert found["系统:数据来源"] == "清单"


@pytest.mark.parametrize("text", ["=cmd|'/c calc'!A0", "+1", "-2", "@SUM(A1)"])
def test_a_text_that_looks_like_a_formula_stays_a_text(text: str) -> None:
    book = openpyxl.Workbook()
    write_cell(book.worksheets[0]["A1"], text)
    out = io.BytesIO()
    book.save(out)
    cell = openpyxl.load_workbook(out).worksheets[0]["A1"]
    assert (cell.value, cell.data_type, cell.quotePrefix) == (text, "s", True)


def test_columns_of_persons_do_not_come_back(home: Path) -> None:
    rows = [[*FULL_HEAD, "联系人"], [*plant(), "张某"]]
    book = openpyxl.load_workbook(export(write_book(home / "l.xlsx", rows), home / "out.xlsx"))
    values = [cell.value for row in book.worksheets[0].iter_rows() for cell in row]
    assert "张某" not in values
