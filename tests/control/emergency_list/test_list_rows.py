"""One row of a list as a plant: names, grades, industries, emissions, context; rows that are no plants are said."""

from pathlib import Path
from typing import Any

import pytest

from bigdata_emis.control.emergency_list.list_rows import SheetReading, industry_of, read_sheet
from bigdata_emis.control.emergency_list.sheets.workbook_file import read_workbook
from tests.control.emergency_list.list_builders import FULL_HEAD, plant, write_book


def read(tmp_path: Path, *rows: list[Any], **options: Any) -> SheetReading:
    [sheet, *_] = read_workbook(write_book(tmp_path / "list.xlsx", [FULL_HEAD, *rows], **options))
    reading = read_sheet(sheet)
    assert reading is not None
    return reading


def test_a_row_becomes_a_plant_with_its_line(tmp_path: Path) -> None:
    [row] = read(tmp_path, plant(统一社会信用代码="91999999MA0000001N", 备注="正常结焦时间20小时")).rows
    assert (row.name, row.credit_code, row.county) == ("示例石灰1厂", "91999999MA0000001N", "示例甲县")
    assert (row.industry_code, row.grade_code, row.line) == ("lime_kiln", "C", "石灰窑")
    assert row.emissions == {"SO2": 10, "NOx": 20}
    assert row.measures == {"yellow": "限产20%", "orange": "限产50%", "red": "停产"}
    assert row.context.values == {"line_count": 2, "coking_h": 20}


@pytest.mark.parametrize(
    ("text", "grade", "guarantee", "is_idle"),
    [
        ("Ｃ级", "C", "", False), ("b-", "B-", "", False), ("引领性", "A", "", False), ("非引领性", "C", "", False),
        ("民生豁免-B", "B", "livelihood", False), ("保障类", "", "livelihood", False), ("长期停产", "", "", True),
        ("小微涉气", "", "small", False), ("地方A", "A", "", False), ("", "", "", False), ("E", "", "", False),
    ],
)  # fmt: skip
def test_grade_and_guarantee_class_are_read_from_one_cell(
    tmp_path: Path, text: str, grade: str, guarantee: str, is_idle: bool
) -> None:
    [row] = read(tmp_path, plant(管控类别=text)).rows
    assert (row.grade_code, row.guarantee_code, row.is_idle) == (grade, guarantee, is_idle)
    assert any("does not exist" in remark for remark in row.remarks) is (text == "E")


@pytest.mark.parametrize(
    ("industry", "line", "code"),
    [
        ("钢铁-长流程", "1号烧结机", "sinter"),
        ("钢铁", "高炉", "blast_furnace"),
        ("钢铁", "", "integrated_steel"),
        ("家具", "喷漆线", "furniture"),
        ("", "喷漆、烘干", "industrial_coating"),
        ("水泥-熟料", "1号线", "cement_clinker"),
        ("物流", "", "lime_kiln"),
    ],
)
def test_a_line_refines_the_industry_of_its_plant(tmp_path: Path, industry: str, line: str, code: str) -> None:
    [row] = read(tmp_path, plant(行业类型=industry, 生产线名称=line)).rows
    assert row.industry_code == code


def test_an_industry_is_that_of_the_longest_word() -> None:
    assert [industry_of(text) for text in ("玻璃钢", "玻璃", "非金属", "")] == [
        "fibre_reinforced_plastics", "float_glass", "", "",
    ]  # fmt: skip


def test_names_and_codes_in_merged_cells_are_filled_down_and_measures_are_not(tmp_path: Path) -> None:
    second = [None] * len(FULL_HEAD)
    second[6] = "2号窑"
    rows = read(tmp_path, plant(), second, merge=["B2:B3", "D2:D3", "K2:K3"]).rows
    assert [(row.name, row.county, row.line) for row in rows] == [
        ("示例石灰1厂", "示例甲县", "石灰窑"),
        ("示例石灰1厂", "示例甲县", "2号窑"),
    ]
    assert rows[1].measures["yellow"] == ""


def test_totals_notes_and_titles_are_no_plants_and_are_said(tmp_path: Path) -> None:
    total, note = [None] * len(FULL_HEAD), ["注：本表为虚构"]
    total[0], total[8] = "合计", "10"
    reading = read(tmp_path, plant(), total, note, [" "])
    assert len(reading.rows) == 1
    assert ["total" in n or "note" in n for n in reading.notices] == [True, True]


def test_columns_with_persons_are_dropped_and_counted(tmp_path: Path) -> None:
    rows = [[*FULL_HEAD, "联系人", "手机"], [*plant(), "张某", "13000000000"]]
    [sheet] = read_workbook(write_book(tmp_path / "list.xlsx", rows))
    reading = read_sheet(sheet)
    assert reading is not None
    assert reading.personal_columns == 2
    assert "张某" not in repr(reading)
    assert "13000000000" not in repr(reading)


def test_a_negative_emission_is_a_remark_and_no_number(tmp_path: Path) -> None:
    [row] = read(tmp_path, plant(**{"NOx日均排放量(千克/天)": "-15"})).rows
    assert row.emissions["NOx"] is None
    assert any("negative" in remark for remark in row.remarks)


def test_a_summary_sheet_and_a_sheet_without_a_table_are_not_read(tmp_path: Path) -> None:
    book = write_book(tmp_path / "l.xlsx", [["x"]], sheet="说明", 减排量汇总表=[FULL_HEAD, plant()])
    assert [read_sheet(sheet) for sheet in read_workbook(book)] == [None, None]


def test_rows_are_equal_by_content_and_not_by_running_number(tmp_path: Path) -> None:
    first, second, third = read(tmp_path, plant(), plant(), plant(管控类别="D")).rows
    assert first.content == second.content != third.content
