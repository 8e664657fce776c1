"""Versions of a list in the registry: stored once, with valid dates, items, emissions, and an act in the audit."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bigdata_emis.control.emergency_list.import_list import import_workbook
from bigdata_emis.control.emergency_list.list_versions import (
    find_version,
    list_versions,
    read_items,
    store_version,
    stored_sheets,
)
from bigdata_emis.errors import InputError
from bigdata_emis.storage import database
from tests.control.emergency_list.list_builders import DATA, FULL_HEAD, plant, write_book

NOW = datetime(2026, 10, 1, 8, tzinfo=UTC)


def store(path: Path, *, known_utc: datetime = NOW, first: date | None = None, last: date | None = None) -> str:
    imported = import_workbook(path)
    return store_version("nys", imported, valid_from=first, valid_to=last, actor="Li", known_utc=known_utc)[0]


def test_a_version_has_its_items_with_shares_and_kg(home: Path) -> None:
    version = store(DATA / "list_a_simple.xlsx", first=date(2026, 10, 1), last=date(2027, 9, 30))
    items = read_items("nys", version)
    assert len(items) == 44
    orange = [item for item in items if item["alert_level_code"] == "orange"]
    cut = sum(item["emissions"]["NOx"]["cut_kg_per_d"] or 0 for item in orange if "NOx" in item["emissions"])
    assert cut == pytest.approx(2432, abs=0.01)
    row = find_version("nys")
    assert (row["valid_from"], row["valid_to"], row["item_count"]) == (date(2026, 10, 1), date(2027, 9, 30), 44)


def test_the_same_list_is_one_version_and_other_dates_are_another(home: Path) -> None:
    book = DATA / "list_b_two_row_header.xlsx"
    assert store(book) == store(book)
    assert store(book, first=date(2026, 10, 1)) != store(book)
    assert len(list_versions("nys")) == 2


def test_an_import_is_in_the_audit_and_so_is_the_attempt_to_repeat_it(home: Path) -> None:
    for _ in range(2):
        version = store(DATA / "list_b_two_row_header.xlsx")
    acts = database.read("audit", "nys").to_pylist()
    assert [(act["actor"], act["event"]) for act in acts] == [
        ("Li", "emergency_list_imported"),
        ("Li", "emergency_list_imported_again"),
    ]
    assert version in acts[0]["note"]


def test_names_and_phones_of_persons_are_nowhere_in_the_registry(home: Path, tmp_path: Path) -> None:
    rows = [[*FULL_HEAD, "联系人", "手机"], [*plant(), "张某", "13000000000"]]
    store(write_book(tmp_path / "list.xlsx", rows))
    version = find_version("nys")
    assert version["personal_column_count"] == 2
    stored = json.dumps([version, read_items("nys", version["emergency_list_version_id"])], default=str)
    assert "张某" not in stored
    assert "13000000000" not in stored


def test_a_version_is_named_by_its_beginning_and_the_newest_is_the_default(home: Path) -> None:
    with pytest.raises(InputError, match="has no emergency list"):
        find_version("nys")
    first = store(DATA / "list_a_simple.xlsx", known_utc=NOW)
    second = store(DATA / "list_b_two_row_header.xlsx", known_utc=NOW.replace(hour=9))
    assert find_version("nys")["emergency_list_version_id"] == second
    assert find_version("nys", first[:6])["emergency_list_version_id"] == first
    with pytest.raises(InputError, match="names 0 versions"):
        find_version("nys", "zzz")


def test_dates_in_the_wrong_order_are_refused_and_nothing_is_stored(home: Path) -> None:
    with pytest.raises(InputError, match="the end is before the start"):
        store(DATA / "list_a_simple.xlsx", first=date(2027, 1, 1), last=date(2026, 1, 1))
    assert list_versions("nys") == []


def test_the_cells_of_a_version_come_back_with_merged_places(home: Path) -> None:
    store(DATA / "list_b_two_row_header.xlsx")
    [sheet] = stored_sheets(find_version("nys"))
    assert sheet.rows[4][3] == "示例水泥二厂"
    assert (1, 1, 1, 17) in sheet.merged


def test_lists_of_two_regions_do_not_mix(home: Path) -> None:
    store(DATA / "list_a_simple.xlsx")
    assert list_versions("jjj") == []
