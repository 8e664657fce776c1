"""A row becomes items: one measure of one level each, with kg/d only where the item may be used."""

import csv
from typing import Any

import pytest

from bigdata_emis.control.emergency_list.list_items import (
    CSV_COLUMNS,
    ListItem,
    as_csv,
    as_row,
    items_of_row,
    rejected_copy,
    with_status,
)
from bigdata_emis.control.emergency_list.list_rows import ListRow
from bigdata_emis.control.emergency_list.measure_text.text_context import TextContext


def row(**changes: Any) -> ListRow:
    measures = {"yellow": "限产20%", "orange": "停1条线；停止公路运输", "red": "停产"}
    values: dict[str, Any] = {
        "sheet": "工业", "sheet_kind": "industry", "excel_row": 2, "name": "示例厂",
        "emissions": {"SO2": 10.0, "VOCs": 4.0},
        "measures": measures, "context": TextContext({"line_count": 2.0}),
    }  # fmt: skip
    return ListRow(**(values | changes))


def test_a_cell_with_two_measures_gives_two_items() -> None:
    items = items_of_row(row())
    assert [(item.level, item.position, item.reading.kind) for item in items] == [
        ("yellow", 1, "load_cut"),
        ("orange", 1, "stop_lines_count"),
        ("orange", 2, "vehicle_ban"),
        ("red", 1, "stop"),
    ]
    assert items[2].item_id == "工业!2:orange:2"


def test_the_cut_of_an_accepted_item_is_its_share_of_the_emission() -> None:
    items = items_of_row(row())
    assert [item.cut_kg_per_d for item in items] == [
        {"SO2": 2, "VOCs": 0.8},
        {"SO2": 5, "VOCs": 2},
        {},
        {"SO2": 10, "VOCs": 4},
    ]


def test_an_unknown_emission_gives_no_cut_and_not_zero() -> None:
    [item] = items_of_row(row(measures={"red": "停产"}, emissions={"SO2": None}))
    assert item.cut_kg_per_d == {"SO2": None}


def test_a_measure_of_one_pollutant_leaves_the_others() -> None:
    context = TextContext({"process_share": 0.5})
    [item] = items_of_row(row(measures={"red": "喷涂工序停产"}, context=context))
    assert item.cut_kg_per_d == {"SO2": 0, "VOCs": 2}


def test_as_yellow_copies_the_measures_of_yellow() -> None:
    yellow, orange = items_of_row(row(measures={"yellow": "限产20%", "orange": "同黄色预警措施"}))
    assert orange.reading.applied_cut_share == yellow.reading.applied_cut_share == 0.2
    assert orange.reading.pattern_id == "T067"
    assert orange.reason == "as yellow"


def test_same_as_above_is_for_a_person() -> None:
    items = items_of_row(row(measures={"yellow": "限产20%", "orange": "同上"}))
    assert (items[1].status, items[1].cut_kg_per_d) == ("ask_person", {})


def test_a_plant_that_is_long_stopped_has_nothing_to_cut() -> None:
    [item] = items_of_row(row(measures={"red": "停产"}, is_idle=True))
    assert (item.reading.applied_cut_share, item.cut_kg_per_d) == (0, {"SO2": 0, "VOCs": 0})


def test_an_open_share_of_trucks_is_accepted_and_cuts_nothing_of_the_kiln() -> None:
    [item] = items_of_row(row(measures={"red": "停止使用国四及以下重型载货车辆进行运输"}))
    assert (item.status, item.reading.affected_share, item.cut_kg_per_d) == ("accepted", None, {})


def test_trucks_that_the_list_counts_need_their_stages() -> None:
    counted = row(measures={"red": "停止使用国四及以下重型载货车辆进行运输"}, truck_trips=200.0)
    [item] = items_of_row(counted)
    assert (item.status, item.reading.base_value, item.reading.base_unit) == ("ask_person", 200, "trips/d")


def test_a_worse_status_takes_the_cut_away_and_a_better_one_does_not_come_back() -> None:
    [item] = items_of_row(row(measures={"red": "停产"}))
    asked = with_status(item, "ask_person", "why")
    assert (asked.status, asked.reason, asked.cut_kg_per_d) == ("ask_person", "why", {})
    assert with_status(asked, "accepted", "").status == "ask_person"


def test_a_repeated_row_keeps_its_text_and_nothing_else() -> None:
    [item] = items_of_row(row(measures={"red": "停产"}))
    copy: ListItem = rejected_copy(item, "same as row 1")
    assert (copy.status, copy.reading.pattern_id, copy.reading.applied_cut_share) == ("rejected", "T001", None)


def test_the_csv_has_the_columns_of_the_list_and_six_digits() -> None:
    text = as_csv(items_of_row(row(context=TextContext({"line_count": 3.0}))), "list.xlsx")
    rows = list(csv.DictReader(text.splitlines()))
    assert tuple(rows[0]) == CSV_COLUMNS
    assert rows[1]["affected_share"] == "0.333333"
    assert (rows[0]["cut_VOC_kg_d"], rows[0]["cut_NOx_kg_d"]) == ("0.8", "")


@pytest.mark.parametrize("level", ["yellow", "red"])
def test_a_row_of_the_csv_names_its_level(level: str) -> None:
    [item] = items_of_row(row(measures={level: "停产"}))
    assert as_row(item, "list.xlsx")["alert_level_code"] == level
