"""Two versions compared by plant, line, level and place, wherever the rows have moved."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bigdata_emis.control.emergency_list.import_list import import_workbook
from bigdata_emis.control.emergency_list.list_diff import diff_versions
from bigdata_emis.control.emergency_list.list_versions import store_version
from tests.control.emergency_list.list_builders import FULL_HEAD, plant, write_book


def store(home: Path, *rows: list[Any], hour: int = 8) -> str:
    imported = import_workbook(write_book(home / "list.xlsx", [FULL_HEAD, *rows]))
    known_utc = datetime(2026, 10, 1, hour, tzinfo=UTC)
    return store_version("nys", imported, valid_from=None, valid_to=None, actor="Li", known_utc=known_utc)[0]


def test_a_version_does_not_differ_from_itself_in_another_order(home: Path) -> None:
    first, second = store(home, plant(1), plant(2)), store(home, plant(2), plant(1))
    document = diff_versions("nys", first, second)
    assert (document["added"], document["removed"], document["changed"]) == ([], [], [])


def test_added_removed_and_changed_measures_are_listed(home: Path) -> None:
    first = store(home, plant(1), plant(2))
    second = store(home, plant(1, 橙色预警减排措施="限产60%", 管控类别="D"), plant(3))
    document = diff_versions("nys", first, second)
    assert {entry["enterprise_name"] for entry in document["added"]} == {"示例石灰3厂"}
    assert {entry["enterprise_name"] for entry in document["removed"]} == {"示例石灰2厂"}
    orange = next(entry for entry in document["changed"] if entry["level"] == "orange")
    assert orange["changes"] == {
        "measure_text": ["限产50%", "限产60%"],
        "applied_cut_share": [0.5, 0.6],
        "grade_code": ["C", "D"],
    }


def test_the_comparison_is_the_same_the_other_way_round(home: Path) -> None:
    first, second = store(home, plant(1)), store(home, plant(1), plant(2))
    there, back = diff_versions("nys", first, second), diff_versions("nys", second, first)
    assert there["added"] == back["removed"]
    assert there["removed"] == back["added"] == []
