"""A workbook becomes the measures that a careful person reads in it; the rest is in the queue."""

import csv
from pathlib import Path

import pytest

from bigdata_emis.codes import ListItemStatus
from bigdata_emis.control.emergency_list.import_list import import_workbook
from bigdata_emis.control.emergency_list.list_items import as_csv
from bigdata_emis.errors import InputError
from tests.control.emergency_list.list_builders import DATA, FULL_HEAD, plant, write_book

LISTS = {"a": "list_a_simple", "b": "list_b_two_row_header", "c": "list_c_dirty"}


def rows_of(text: str) -> list[dict[str, str]]:
    return [{k: v for k, v in row.items() if k != "reason"} for row in csv.DictReader(text.splitlines())]


@pytest.mark.parametrize("letter", LISTS)
def test_a_list_of_the_notes_is_read_exactly_as_expected(letter: str) -> None:
    imported = import_workbook(DATA / f"{LISTS[letter]}.xlsx")
    expected = rows_of((DATA / f"expected_list_{letter}.csv").read_text("utf-8"))
    assert rows_of(as_csv(imported.items, imported.file_name)) == expected


@pytest.mark.parametrize("letter", LISTS)
def test_every_item_that_is_not_accepted_has_a_row_and_a_reason_and_a_name_of_its_own(letter: str) -> None:
    items = import_workbook(DATA / f"{LISTS[letter]}.xlsx").items
    waiting = [item for item in items if item.status != ListItemStatus.ACCEPTED]
    assert all(item.reason and item.row.excel_row > 1 for item in waiting)
    assert len({item.item_id for item in items}) == len(items)


def test_nothing_that_is_not_accepted_has_a_cut() -> None:
    items = import_workbook(DATA / "list_c_dirty.xlsx").items
    assert all(not item.cut_kg_per_d for item in items if item.status != ListItemStatus.ACCEPTED)


def test_the_sums_of_list_a_are_those_of_the_notes() -> None:
    items = [i for i in import_workbook(DATA / "list_a_simple.xlsx").items if i.level == "orange"]
    assert sum(i.cut_kg_per_d.get("NOx") or 0 for i in items) == pytest.approx(2432, abs=0.01)
    assert sum(i.cut_kg_per_d.get("SO2") or 0 for i in items) == pytest.approx(948.333, abs=0.01)


def test_skipped_rows_and_sheets_are_said() -> None:
    notices = import_workbook(DATA / "list_b_two_row_header.xlsx").notices
    assert [sum(word in notice for notice in notices) for word in ("title", "total", "note")] == [1, 2, 2]


def test_a_sheet_without_a_table_is_said_and_the_others_are_read(tmp_path: Path) -> None:
    imported = import_workbook(write_book(tmp_path / "l.xlsx", [FULL_HEAD, plant()], 说明=[["x"]]))
    assert imported.notices == ["sheet 说明: no table of measures, not read"]
    assert [item.level for item in imported.items] == ["yellow", "orange", "red"]


def test_a_workbook_without_measures_is_refused(tmp_path: Path) -> None:
    for rows in ([["x"]], [["企业名称", "县区", "序号"], ["示例厂", "甲", 1]], [FULL_HEAD]):
        with pytest.raises(InputError, match="no sheet has a head row"):
            import_workbook(write_book(tmp_path / "l.xlsx", rows))


def test_the_same_file_is_read_the_same_way_twice() -> None:
    first, second = (import_workbook(DATA / "list_c_dirty.xlsx") for _ in range(2))
    assert (first.sha256, as_csv(first.items, "x")) == (second.sha256, as_csv(second.items, "x"))
