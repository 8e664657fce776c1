"""A row is about the line that it names, or all lines of its industry; what fits several ways is a question."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from bigdata_emis import schema
from bigdata_emis.codes import ActivityUnit, Sector
from bigdata_emis.control.emergency_list.matching.list_registry import ListRegistry, NotMatched
from bigdata_emis.schema.arrow import arrow_schema
from bigdata_emis.storage import database
from bigdata_emis.storage.registries.registry_identity import prepare_registry


@pytest.fixture(autouse=True)
def registry(home: Path) -> None:
    prepare_registry()
    place = {"industry_code": "coking", "longitude_deg": 116.0, "latitude_deg": 39.0}
    unit = {"sector_code": Sector.INDUSTRIAL_PROCESS, "activity_unit_code": ActivityUnit.T}
    lines = [("oven-1", "P", "coking"), ("oven-2", "P", "coking"), ("kiln", "Q", "lime_kiln")]
    rows = {
        "enterprise": [{"enterprise_id": name, "name_zh": f"示例{name}厂", **place} for name in ("P", "Q")],
        "production_line": [
            {"production_line_id": line, "enterprise_id": plant, "industry_code": industry, **unit}
            for line, plant, industry in lines
        ],
    }
    tables = {name: pa.Table.from_pylist(of, arrow_schema(schema.table(name))) for name, of in rows.items()}
    database.replace(tables, "nys")


def row(number: int, line: str, plant: str = "P", industry: str = "coking", **changes: Any) -> dict[str, Any]:
    return {
        "sheet_name": "s",
        "excel_row_number": number,
        "credit_code": plant,
        "enterprise_name": None,
        "line_name": line,
        "industry_code": industry,
        "vehicle_class_codes": None,
        "matched_line_ids": None,
        "list_item_status_code": "accepted",
    } | changes


def match(*items: dict[str, Any]) -> list[tuple[tuple[str, ...], NotMatched | None]]:
    known = ListRegistry("nys", items)
    return [(found.lines, found.reason) for found in map(known.match, items)]


def test_a_kind_of_line_is_every_line_of_the_industry() -> None:
    assert match(row(2, "焦炉")) == [(("oven-1", "oven-2"), None)]


@pytest.mark.parametrize("name", ["1号焦炉", "1#焦炉", "一号焦炉", "第2座焦炉", "A焦炉1号", "东炉"])
def test_one_unit_that_several_lines_fit_is_a_question(name: str) -> None:
    item = row(2, name)
    assert match(item) == [((), NotMatched.SEVERAL_LINES)]
    question = ListRegistry("nys", [item]).question(item)
    assert "oven-1, oven-2" in question
    assert "settle --line" in question


def test_one_unit_of_a_plant_with_one_line_is_that_line() -> None:
    assert match(row(2, "1号窑", "Q", "lime_kiln")) == [(("kiln",), None)]


def test_rows_that_fit_the_same_lines_are_a_question_each() -> None:
    assert match(row(2, "焦炉"), row(3, "焦炉")) == [((), NotMatched.SEVERAL_ROWS)] * 2
    assert match(row(2, "1号窑", "Q", "lime_kiln"), row(3, "2号窑", "Q", "lime_kiln"))[0][1] == NotMatched.SEVERAL_ROWS


def test_several_measures_of_a_row_are_no_question() -> None:
    assert match(row(2, "焦炉"), row(2, "焦炉")) == [(("oven-1", "oven-2"), None)] * 2


def test_a_line_that_one_row_names_is_left_out_of_the_others() -> None:
    named = row(2, "1号焦炉", matched_line_ids=["oven-1"])
    assert match(named, row(3, "2号焦炉")) == [(("oven-1",), None), (("oven-2",), None)]
    assert match(row(2, "oven-2"), row(3, "1号焦炉")) == [(("oven-2",), None), (("oven-1",), None)]
    both = row(2, "焦炉", matched_line_ids=["oven-1", "oven-2"])
    assert match(both, row(3, "3号焦炉"))[1] == ((), NotMatched.SEVERAL_ROWS)


def test_rows_that_give_no_measure_of_a_line_take_none_away() -> None:
    others = [row(3, "x", list_item_status_code="ask_person"), row(4, "x", vehicle_class_codes=["HeavyT"])]
    assert match(row(2, "焦炉"), *others)[0] == (("oven-1", "oven-2"), None)
    assert [ListRegistry("nys", others).question(item) for item in others] == ["", ""]


def test_a_plant_or_line_that_is_not_registered_is_said() -> None:
    unknown = [row(2, "焦炉", "R"), row(3, "球团", "P", "blast_furnace")]
    assert match(*unknown) == [((), NotMatched.NO_PLANT), ((), NotMatched.NO_LINE)]
    assert ListRegistry("nys", []).lines_of_plant(unknown[1]) == ["oven-1", "oven-2"]
    assert ListRegistry("nys", []).lines_of_plant(unknown[0]) == []
