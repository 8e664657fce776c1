"""A decision applies to the same item of a later version; a row that differs is asked about again."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bigdata_emis.control.emergency_list.decisions.earlier_decisions import carry_decisions
from bigdata_emis.control.emergency_list.import_list import import_workbook
from bigdata_emis.control.emergency_list.list_export import export_version
from bigdata_emis.control.emergency_list.list_review import ItemDecision, decide_item, review_queue
from bigdata_emis.control.emergency_list.list_versions import find_version, read_items, store_version
from bigdata_emis.storage import database
from tests.control.emergency_list.list_builders import FULL_HEAD, plant, write_book

ITEM = "工业源!2:yellow:1"
DECISION = ItemDecision("load_cut", 0.3, actor="Wang", reason="plant plan")


def store(path: Path, *, hour: int) -> str:
    known_utc = datetime(2026, 10, 1, hour, tzinfo=UTC)
    return store_version("nys", import_workbook(path), valid_from=None, valid_to=None, actor="Li", known_utc=known_utc)[
        0
    ]


def store_rows(home: Path, *rows: list[Any], hour: int) -> str:
    return store(write_book(home / f"list{hour}.xlsx", [FULL_HEAD, *rows]), hour=hour)


def decide(item: str = ITEM, decision: ItemDecision = DECISION, *, hour: int = 10) -> None:
    decide_item("nys", item, decision, known_utc=datetime(2026, 10, 1, hour, tzinfo=UTC))


def item_of(version: str, item: str = ITEM) -> dict[str, Any]:
    return next(row for row in read_items("nys", version) if row["list_item_id"] == item)


UNCLEAR = plant(1, 黄色预警减排措施="加强管理")


def test_an_exported_list_is_not_asked_about_again(home: Path) -> None:
    first = store_rows(home, UNCLEAR, plant(2), hour=9)
    decide()
    content, _ = export_version("nys")
    (home / "export.xlsx").write_bytes(content)
    second = store(home / "export.xlsx", hour=11)
    assert second != first
    assert review_queue("nys")["queue"] == []
    left = ("emergency_list_version_id", "emissions")
    same = [{k: v for k, v in item.items() if k not in left} for item in read_items("nys", second)]
    assert same == [{k: v for k, v in item.items() if k not in left} for item in read_items("nys", first)]
    assert item_of(second)["emissions"]["SO2"]["cut_kg_per_d"] == pytest.approx(3)
    assert review_queue("nys")["decided"][0]["decided_by"] == "Wang"


def test_each_carried_decision_is_in_the_audit(home: Path) -> None:
    store_rows(home, UNCLEAR, hour=9)
    decide()
    second = store_rows(home, plant(2), UNCLEAR, hour=11)
    assert find_version("nys")["emergency_list_version_id"] == second
    acts = [a for a in database.read("audit", "nys").to_pylist() if a["event"] == "emergency_list_decision_carried"]
    assert len(acts) == 1
    for words in (second, "工业源!3:yellow:1", "decided before by Wang on 2026-10-01 as load_cut 0.3: plant plan"):
        assert words in acts[0]["note"]


def test_a_row_with_other_emissions_is_asked_about_with_the_earlier_decision(home: Path) -> None:
    store_rows(home, UNCLEAR, hour=9)
    decide()
    changed = plant(1, **{"黄色预警减排措施": "加强管理", "SO2日均排放量(千克/天)": 400})
    second = store_rows(home, changed, hour=11)
    [entry] = review_queue("nys")["queue"]
    assert entry["item"] == ITEM
    assert "no measure" in entry["reason"]
    assert "decided before by Wang on 2026-10-01 as load_cut 0.3: plant plan; the row differs now" in entry["reason"]
    assert item_of(second)["applied_cut_share"] is None
    decide(hour=12)
    store_rows(home, changed, plant(3), hour=13)
    assert review_queue("nys")["queue"] == []


@pytest.mark.parametrize("change", [{"生产线数量": 4}, {"备注": "三条线产能 50% 30% 20%"}])
def test_a_row_that_says_else_what_its_text_is_read_by_is_asked_about_again(home: Path, change: dict[str, Any]) -> None:
    """Two of eight lines are a quarter, of four a half: what a person knows of two of eight is of no other row."""
    first = plant(生产线数量=8, 黄色预警减排措施="停2条线")
    store_rows(home, first, hour=8)
    decide(decision=ItemDecision("load_cut", 0.3, actor="Wang", reason="2 larger ones of 8 lines"))
    item = item_of(store_rows(home, plant(**{"生产线数量": 8, "黄色预警减排措施": "停2条线", **change}), hour=11))
    assert item["list_item_status_code"] == "ask_person"
    assert item["decided_by"] is None
    assert "decided before by Wang" in item["note"]
    assert item_of(store_rows(home, first, hour=12))["decided_by"] == "Wang"


def test_a_reading_that_a_person_overruled_is_never_used_again_in_silence(home: Path) -> None:
    store_rows(home, plant(1), hour=9)
    decide()
    same = store_rows(home, plant(1), plant(2), hour=11)
    assert item_of(same)["applied_cut_share"] == 0.3
    store_rows(home, plant(1, **{"SO2日均排放量(千克/天)": 400}), hour=13)
    [entry] = review_queue("nys")["queue"]
    assert "the row differs now" in entry["reason"]


def test_another_text_plant_or_level_has_no_earlier_decision(home: Path) -> None:
    store_rows(home, UNCLEAR, hour=9)
    decide()
    rows = [
        plant(1, 橙色预警减排措施="加强管理"),
        plant(2, 黄色预警减排措施="加强管理"),
        plant(3, 黄色预警减排措施="加强管控"),
    ]
    store_rows(home, *rows, hour=11)
    queue = review_queue("nys")["queue"]
    assert len(queue) == 3
    assert not any("decided before" in entry["reason"] for entry in queue)


def test_the_newest_decision_counts(home: Path) -> None:
    store_rows(home, UNCLEAR, hour=9)
    decide()
    store_rows(home, UNCLEAR, plant(2), hour=11)
    decide(decision=replace(DECISION, share=0.5, actor="Zhao"), hour=12)
    third = store_rows(home, UNCLEAR, plant(3), hour=13)
    assert (item_of(third)["applied_cut_share"], item_of(third)["decided_by"]) == (0.5, "Zhao")


def test_like_rows_that_were_decided_otherwise_keep_the_decision_of_their_cell() -> None:
    row = dict.fromkeys(
        (
            *("enterprise_name", "credit_code", "line_name", "alert_level_code", "measure_text", "county_name"),
            *("industry_code", "grade_code", "base_value", "target_value", "base_unit", "vehicle_class_codes"),
            *(
                "stage_text",
                "hours_text",
                "context_text",
                "exemption",
                "list_pollutant_codes",
                "note",
                "guarantee_code",
            ),
            *("measure_kind_code", "affected_share", "cut_share", "applied_cut_share", "matched_line_ids"),
            *("decided_by", "decided_utc", "authentication_code", "action"),
        )
    ) | {"list_item_status_code": "ask_person"}
    at = datetime(2026, 10, 1, tzinfo=UTC)
    earlier = [
        row | {"emergency_list_version_id": "a", "list_item_id": name, "decided_by": "Wang", "decided_utc": at}
        | {"cut_share": share, "list_item_status_code": "accepted"}
        for name, share in (("s!2:red:1", 0.2), ("s!3:red:1", 0.4))
    ]  # fmt: skip
    new = [row | {"emergency_list_version_id": "b", "list_item_id": f"s!{number}:red:1"} for number in (2, 3, 4)]
    carried = carry_decisions(new, [], earlier_items=earlier, earlier_emissions=[], time_zone="Asia/Shanghai")
    assert [item["cut_share"] for item in carried.items] == [0.2, 0.4, None]
    assert carried.items[2]["list_item_status_code"] == "ask_person"
    assert len(carried.sentences) == 2
