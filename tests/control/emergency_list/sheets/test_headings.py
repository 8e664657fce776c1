"""The head of a table is found by its texts, in one row or more, in any order of columns."""

import pytest

from bigdata_emis.control.emergency_list.sheets.headings import TableHead, find_head
from bigdata_emis.control.emergency_list.sheets.workbook_file import SheetRows


def head_of(*rows: list[str | None], merged: tuple[tuple[int, int, int, int], ...] = ()) -> TableHead:
    cells = {
        number: {column: text for column, text in enumerate(row, start=1) if text is not None}
        for number, row in enumerate(rows, start=1)
    }
    head = find_head(SheetRows("工业", cells, list(merged)))
    assert head is not None
    return head


def test_title_rows_are_passed_over() -> None:
    head = head_of(["示例市清单", None, None], ["编号", " 单位\n名称", "所属区域"], ["1", "示例厂", "示例县"])
    assert (head.first_row, head.last_row) == (2, 2)
    assert head.columns == {"row_number": 1, "name": 2, "county": 3}


def test_levels_are_matched_by_text_in_any_order() -> None:
    head = head_of(["企业名称", "县区", "红色预警减排措施", "橙色预警-限停产措施", "限停产措施（黄）"])
    assert head.measures == {"red": 3, "orange": 4, "yellow": 5}


def test_one_heading_may_be_of_all_levels() -> None:
    assert head_of(["企业名称", "县区", "序号", "黄色/橙色/红色预警措施"]).measures == {
        "yellow": 4,
        "orange": 4,
        "red": 4,
    }


@pytest.mark.parametrize("is_merged", [True, False])
def test_a_second_head_row_is_joined_to_the_heading_above(is_merged: bool) -> None:
    merged = ((1, 3, 1, 4), (1, 5, 1, 6), (1, 1, 2, 1), (1, 2, 2, 2)) if is_merged else ()
    head = head_of(
        ["企业名称", "县区", "年排放量（吨）", None, "预警期间减排措施", None],
        [None, None, "ＳＯ２", "ＶＯＣｓ", "红色", "黄色"],
        ["示例厂", "示例县", "1", "2", "停产", "停产"],
        merged=merged,
    )
    assert head.last_row == 2
    assert [(e.column, e.pollutant, e.unit) for e in head.emissions] == [(3, "SO2", "吨/年"), (4, "VOCs", "吨/年")]
    assert head.measures == {"red": 5, "yellow": 6}


def test_a_row_of_units_belongs_to_the_head() -> None:
    head = head_of(
        ["企业名称", "县区", "序号", "SO2排放量"], [None, None, None, "（吨/年）"], ["示例厂", "甲", "1", "5"]
    )
    assert head.last_row == 2
    assert head.emissions[0].unit == "吨/年"


def test_cuts_and_shares_of_the_list_are_no_emission_and_no_measure() -> None:
    head = head_of(["企业名称", "县区", "序号", "黄色预警SO2减排量(千克/天)", "红色预警减排比例(%)"])
    assert head.measures == {}
    assert head.emissions == []


def test_names_and_phones_are_recognised_as_personal() -> None:
    head = head_of(["企业名称", "县区", "企业负责人", "联系电话", "手机号"])
    assert head.personal == [3, 4, 5]


def test_unknown_and_repeated_headings_are_listed() -> None:
    head = head_of(["企业名称", "县区", "序号", "吉祥物", "单位名称"])
    assert (head.unknown, head.repeated) == (["吉祥物"], ["单位名称"])
    assert head.columns["name"] == 1


def test_shares_of_truck_stages_are_found() -> None:
    head = head_of(["单位名称", "县区", "国四占比(%)", "国三及以下占比(%)", "国六及新能源占比(%)"])
    assert head.stage_shares == {"IV": 3, "III": 4, "VI": 5}


def test_a_sheet_without_three_known_headings_has_no_head() -> None:
    assert find_head(SheetRows("Sheet1", {1: {1: "企业名称", 2: "颜色"}, 2: {1: "示例厂"}})) is None
