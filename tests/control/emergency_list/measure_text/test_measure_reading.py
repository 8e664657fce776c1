"""Texts of measures as structured ones; what cannot be read goes to a person and is never zero."""

import csv
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bigdata_emis.codes import ListItemStatus
from bigdata_emis.control.emergency_list.list_documents import parse_document
from bigdata_emis.control.emergency_list.measure_text.measure_reading import read_measure, read_measures, split_measures
from bigdata_emis.control.emergency_list.measure_text.text_context import TextContext, read_context
from tests.control.emergency_list.list_builders import DATA

NOTHING = TextContext()
CASES = list(csv.DictReader((DATA / "measure_text_tests.csv").read_text("utf-8").splitlines()))


def agrees(value: float | str | None, expected: str) -> bool:
    if not expected:
        return value is None or value == ""
    if isinstance(value, str):
        return value == expected
    return value is not None and value == pytest.approx(float(expected), abs=5e-5)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["test_no"])
def test_a_text_of_the_test_table_is_read_as_a_careful_person_does(case: dict[str, str]) -> None:
    document: dict[str, Any] = dict(parse_document(case["text"], read_context([case["context"]])))
    assert (document["pattern_id"], document["kind"]) == (case["pattern_id"], case["expected_kind"])
    for name in ("affected_share", "cut_share", "applied_cut_share"):
        assert agrees(document[name], case[name]), name
    assert document["ask_person"] is (case["ask_person"] == "yes")
    assert document["reason"] or not document["ask_person"]


@pytest.mark.parametrize(
    ("cell", "pieces"),
    [
        ("停产", ["停产"]),
        ("停产５０％（以生产线计）；停止公路运输", ["停产５０％（以生产线计）", "停止公路运输"]),
        ("1.停1条线；2.禁止国四及以下", ["停1条线", "禁止国四及以下"]),
        ("1、停产2、停止公路运输", ["停产", "停止公路运输"]),
        ("（1）限产30%（2）停止土石方作业", ["限产30%", "停止土石方作业"]),
        ("一、停产。二、停运", ["停产", "停运"]),
        ("①停产②停运", ["停产", "停运"]),
        ("停产\n停运\n", ["停产", "停运"]),
        ("1、2号窑停产", ["1、2号窑停产"]),
        ("4.3米焦炉停止50%以上炭化室装煤", ["4.3米焦炉停止50%以上炭化室装煤"]),
        ("烧结机达到SO2 35、NOx 50、颗粒物10的不停", ["烧结机达到SO2 35、NOx 50、颗粒物10的不停"]),
        ("", []),
        ("；；", []),
    ],
)
def test_a_cell_is_split_where_one_measure_ends(cell: str, pieces: list[str]) -> None:
    assert split_measures(cell) == pieces


@pytest.mark.parametrize(
    "text",
    [
        "", "/", "-", "50", "0.5", "30%", "加强管理", "按上级要求执行", "见附件", "烧结机不停产", "原则上限产20%",
        "限产20%-30%", "限产约30%", "限产20%以内", "1、2号窑停产", "停产50%", "限产20%，停2条线", "停" * 600, "=1+1",
    ],
)  # fmt: skip
def test_an_unclear_text_goes_to_a_person_without_any_share(text: str) -> None:
    reading = read_measure(text, TextContext({"line_count": 4.0}))
    assert reading.status == ListItemStatus.ASK_PERSON
    assert reading.reason
    assert reading.applied_cut_share is None


@given(st.text(max_size=40))
def test_any_text_is_read_or_left_to_a_person_and_its_shares_are_shares(text: str) -> None:
    for reading in read_measures(text, NOTHING):
        if reading.status == ListItemStatus.ACCEPTED:
            assert reading.pattern_id
            assert reading.applied_cut_share is not None
            assert 0 <= reading.applied_cut_share <= 1
        else:
            assert reading.reason


@pytest.mark.parametrize(
    "text", ["停 ２ 条 生产线", "停两条线", "停产2条生产线", "停2条线。", "停２條线".replace("條", "条")]
)
def test_width_blanks_and_numerals_do_not_matter(text: str) -> None:
    reading = read_measures(text, TextContext({"line_count": 4.0}))[0]
    assert reading.applied_cut_share == 0.5


def test_a_text_that_reads_two_ways_shows_both_readings() -> None:
    lines_or_load = read_measure("停产50%", TextContext({"line_count": 3.0}))
    stages = read_measure("禁止国五以下重型载货车辆", read_context(["stage shares V .4 IV .2 III .1"]))
    assert lines_or_load.readings == ("lines: 0.6667 stopped", "load: cut of 0.5")
    assert stages.readings == ("IV and older", "V and older")
    assert (stages.affected_range, stages.stage_threshold_code) == ("0.3-0.7", "IV or V")


@pytest.mark.parametrize(
    ("text", "classes"),
    [
        ("国四及以下重型货车禁止运输", "HeavyT"),
        ("禁止国五及以下中重型载货车辆", "HeavyT+MediumT"),
        ("停止公路运输", "HeavyT+MediumT"),
        ("国三及以下柴油货车禁行", "HeavyT+MediumT+LightT"),
    ],
)
def test_the_classes_that_the_text_names_count(text: str, classes: str) -> None:
    assert read_measure(text, NOTHING).vehicle_class_code == classes


def test_what_the_text_leaves_out_is_said() -> None:
    assert read_measure("国四及以下重型货车禁行(民生车辆除外)", NOTHING).exemption == "民生"


def test_a_step_of_coating_cuts_volatile_compounds_only() -> None:
    assert read_measure("喷涂工序停产", TextContext({"process_share": 0.8})).pollutants == ("VOCs",)


def test_an_empty_cell_is_one_question() -> None:
    assert [reading.status for reading in read_measures("", NOTHING)] == [ListItemStatus.ASK_PERSON]
