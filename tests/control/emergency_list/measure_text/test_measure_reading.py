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


READ = [
    ("停三条线", "N=4", "stop_lines_count", 0.75),
    ("停２条线", "N=3", "stop_lines_count", 2 / 3),
    ("停止1条生产线", "N=3", "stop_lines_count", 1 / 3),
    ("3条线停产2条", "N=3", "stop_lines_count", 2 / 3),
    ("停产５０％（以生产线计）", "N=4", "stop_lines_share", 0.5),
    ("停产1/3", "N=3", "stop_fraction", 1 / 3),
    ("限产百分之三十", "", "load_cut", 0.3),
    ("限产百分之三十五", "", "load_cut", 0.35),
    ("限产百分之一百", "", "load_cut", 1.0),
    ("限产百分之三点五", "", "load_cut", 0.035),
    ("停2条线(共4条)", "N=4", "stop_lines_count", 0.5),
    ("停运4台窑炉", "N=6", "stop_lines_count", 2 / 3),
    ("限产三成", "", "load_cut", 0.3),
    ("限产１５ ％", "", "load_cut", 0.15),
    ("按日均产量限产30%", "", "load_cut", 0.3),
    ("负荷由90%降至70%", "", "load_target", 2 / 9),
    ("日产量由1000吨/日降至600吨/日", "", "absolute_target", 0.4),
    ("每日22点至次日6点停产", "", "time_window", 1 / 3),
    ("每天8时至20时停产", "", "time_window", 0.5),
    ("运输车辆减少50%", "", "vehicle_share", 0.5),
    ("停止 生产", "", "stop", 1.0),
    ("全线停产", "", "stop", 1.0),
    ("停止生产,停止公路运输", "", "stop", 1.0),
    ("1号窑停产", "line=1号窑", "stop_named_line", 1.0),
    ("打磨工序停产", "process_share=0.3", "process_stop", 0.3),
    ("长期停产", "", "no_base", 0.0),
    ("停止使用国三及以下非道路移动机械", "stage shares III .2 II .1", "nonroad_stop", 0.3),
    ("民生保障类,以热定产", "max load 0.6 approved, running at 0.75", "guarantee", 0.2),
]


@pytest.mark.parametrize(("text", "context", "kind", "applied"), READ)
def test_a_plain_order_is_read(text: str, context: str, kind: str, applied: float) -> None:
    (reading,) = read_measures(text, read_context([context]))
    assert (reading.status, reading.kind) == (ListItemStatus.ACCEPTED, kind)
    assert reading.applied_cut_share == pytest.approx(applied)


FOR_A_PERSON = [
    *(
        "限产30%-50%",
        "限产30～50%",
        "限产约30%",
        "限产50%以内",
        "限产至60%",
        "产量限至60%",
        "限产",
        "限产%",
        "限产30",
        "限产0%",
    ),
    *("不停产", "不得停产", "无需停产", "不停产,限产30%", "可不停产", "免于停产", "正常生产", "维持现状"),
    *("停产(民生保障除外)", "除民生保障外停产", "全厂停产,锅炉除外", "停产。保障民生的除外", "停产;错峰除外"),
    *(
        "夜间停产",
        "夜间停止生产",
        "晚10点至早6点停产",
        "限产50%（8:00-20:00）",
        "白天停止生产",
        "停产24小时",
        "隔日停产",
    ),
    *("国四及以下停用", "国四及以下货车停运", "国五车辆停运", "国六以下车辆禁止进厂", "减少运输50%"),
    *("限产50%/停产", "停产或限产50%", "限产50%或停产1条线", "停2条线或限产50%", "限产20%,停止公路运输"),
    *("喷漆、烘干工序停产,其他工序限产30%", "黄色限产20%,橙色限产50%", "限产20%;限产50%", "停产;限产50%"),
    *("高炉限产20%", "燃气锅炉限产30%", "停1号高炉", "2号、3号线停产", "停2-3条线"),
    *("在黄色基础上再限产20%", "比黄色多停1条线", "必要时停产", "原则上停产", "视情况停产", "建议停产"),
    *("轮产", "错峰生产", "分批停产", "同上", "同红色", "严格落实一厂一策", "按照市里要求执行"),
    *("停0条线", "停产0/3", "停产0%（以生产线计）", "8时至8时停产", "每日8时至8时停产"),
    *("停运3台锅炉", "停运全部设备", "停产3条线中的2条", "停2条线(共5条)"),
    *("限产50%(不含2号线)", "限产50%（焦炉除外）", "限产50%,不含锅炉", "限产50%(1号线)", "限产50%（按NOx）"),
    *("限产50%,2025年12月1日起", "限产50%,持续3天", "限产50%48小时", "限产50%（仅红色）"),
    *("停1条,限产30%", "限产30%,高炉焖炉", "限产30%,禁止夜间作业", "1号炉关停,其余限产20%"),
    *("仃产", "停厂", "停产停产", "—", "0", "暂无", "产能压减", "限产.5", "分管领导现场督办"),
]


@pytest.mark.parametrize("text", FOR_A_PERSON)
def test_what_is_not_plain_goes_to_a_person_and_cuts_nothing_by_itself(text: str) -> None:
    """Each could be read as something; a wrong reading would be worse than a question."""
    readings = read_measures(text, TextContext({"line_count": 4.0}))
    assert all(reading.status != ListItemStatus.ACCEPTED for reading in readings)
    assert all(reading.applied_cut_share is None for reading in readings)
    assert all(reading.reason for reading in readings)


@pytest.mark.parametrize(
    ("text", "context", "is_read"),
    [
        ("限产20%(橙色)", "level=orange", True),
        ("限产20%(橙色)", "level=red", False),
        ("B级限产20%", "grade=B", True),
        ("B级限产20%", "grade=C", False),
        ("窑限产20%", "line=1号窑", True),
        ("窑限产20%", "line=涂装线", False),
    ],
)
def test_a_text_about_another_level_grade_or_line_than_its_row_is_a_question(text, context, is_read) -> None:
    (reading,) = read_measures(text, read_context([context]))
    assert (reading.status == ListItemStatus.ACCEPTED) is is_read


ORDERS = [
    ("停止生产", ""),
    ("限产20%", ""),
    ("限产50%以上", ""),
    ("降低生产负荷30%", ""),
    ("生产负荷由100%降至60%", ""),
    ("减排比例不低于40%", ""),
    ("停2条生产线", "N=4"),
    ("停产50%(以生产线计)", "N=4"),
    ("停一半生产线", "N=4"),
    ("原料日投料量由960吨降低到768吨及以下", ""),
    ("日运行时间由24小时减至16小时", ""),
    ("出焦时间延长至36小时", "t0=20"),
    ("每日20时至次日8时停产", ""),
    ("自主减排", ""),
    ("喷涂工序停产", "process_share=0.9"),
]
LIMITS = [
    *("最多{}", "至多{}", "拟{}", "争取{}", "逐步{}", "分批{}", "间歇{}", "隔日{}", "每周{}2天", "{}半天", "上午{}"),
    *("{}(仅1号线)", "{}(不含1号炉)", "周一至周五{}", "11月起{}", "连续3天{}", "节假日{}", "暂缓{}", "已{}", "未{}"),
    *("取消{}", "避免{}", "{}除外", "除供热外{}", "供暖季{}", "{},供热锅炉除外", "{},保留热备", "备用线{}", "二车间{}"),
    *("{}后恢复", "{}(待定)", "{}?", "{}(见附件)", "{},另行通知", "外协单位{}", "达标企业{}", "三分之一{}", "东线{}"),
    *("禁止{}", "{}(VOCs工序)", "{}(备用)", "参照{}", "{};不含锅炉", "{};除供热锅炉外"),
]


@pytest.mark.parametrize(("order", "context"), ORDERS)
def test_whatever_is_beside_a_measure_and_was_not_read_is_a_question(order: str, context: str) -> None:
    plain = read_measures(order, read_context([context]))
    assert [reading.status for reading in plain] == [ListItemStatus.ACCEPTED]
    negated = {"每日20时至次日8时停产": "禁止{}", "喷涂工序停产": "禁止{}"}.get(order)
    for limit in (one for one in LIMITS if one != negated):
        readings = read_measures(limit.format(order), read_context([context]))
        assert all(reading.applied_cut_share is None and reading.reason for reading in readings), limit


@pytest.mark.parametrize(("order", "context"), ORDERS)
@pytest.mark.parametrize("words", ["按要求{}", "全厂{}", "企业立即{}", "重污染天气预警期间{}", "{}措施", "严格落实{}"])
def test_words_that_change_nothing_are_no_question(order: str, context: str, words: str) -> None:
    (plain,) = read_measures(order, read_context([context]))
    (reading,) = read_measures(words.format(order), read_context([context]))
    assert (reading.status, reading.applied_cut_share) == (ListItemStatus.ACCEPTED, plain.applied_cut_share)


@pytest.mark.parametrize(
    ("text", "pollutants"),
    [
        ("颗粒物减排30%", ("PM",)),
        ("氮氧化物减排30%以上", ("NOx",)),
        ("二氧化硫、烟粉尘、氮氧化物减排30%以上", ("SO2", "NOx", "PM")),
        ("NOx、VOCs减排不低于30%", ("NOx", "VOCs")),
        ("减排比例不低于30%", ()),
    ],
)
def test_a_cut_in_emission_is_of_the_pollutants_that_the_text_names(text: str, pollutants: tuple[str, ...]) -> None:
    (reading,) = read_measures(text, NOTHING)
    assert (reading.status, reading.applied_cut_share, reading.pollutants) == ("accepted", 0.3, pollutants)


NOT_MISREAD = [
    ("红色预警期间停产,橙色预警限产50%", "level=red"),
    ("除保障民生外,全部停产", ""),
    ("每日22时至次日6时限产50%", ""),
    ("停用1台(共3台)", "N=3"),
    ("轮产:单双日", "N=2"),
    ("减少焦炉装煤量20%,结焦时间延长至36小时", "t0=20"),
    ("结焦时间延长16小时", "t0=20"),
    ("黄色预警限产20%,橙色预警限产30%,红色预警停产", "level=red"),
    ("1号窑停产,2号窑限产50%", "N=2"),
    ("烧结机停产,高炉限产30%", ""),
]


@pytest.mark.parametrize(("text", "context"), NOT_MISREAD)
def test_conditions_parts_and_several_orders_in_a_text_are_questions(text: str, context: str) -> None:
    (reading,) = read_measures(text, read_context([context]))
    assert (reading.status, reading.applied_cut_share) == (ListItemStatus.ASK_PERSON, None)


def test_a_load_that_is_lowered_to_a_share_is_a_target_and_no_cut() -> None:
    (reading,) = read_measures("降低负荷至70%", NOTHING)
    assert (reading.kind, reading.status, reading.reason) == ("load_target", "ask_person", "normal load missing")
    (known,) = read_measures("降低生产负荷至60%", read_context(["normal_load=0.8"]))
    assert known.applied_cut_share == pytest.approx(0.25)


def test_two_orders_of_a_cell_about_different_things_are_both_read() -> None:
    readings = read_measures("①限产20%②停止公路运输", NOTHING)
    assert [(one.kind, one.status) for one in readings] == [("load_cut", "accepted"), ("vehicle_ban", "accepted")]


@pytest.mark.parametrize(
    ("stage", "code"), [("III", "III"), ("Ⅲ", "III"), ("3", "III"), ("三", "III"), ("Ⅱ", "II"), ("Ⅰ", "I"), ("Ⅳ", "IV")]
)
def test_a_stage_in_roman_digits_is_that_stage_and_not_its_first_letters(stage: str, code: str) -> None:
    (machines,) = read_measures(f"停用国{stage}及以下非道路移动机械", NOTHING)
    (trucks,) = read_measures(f"停用国{stage}及以下重型柴油货车", NOTHING)
    assert machines.stage_threshold_code == trucks.stage_threshold_code == code


def test_per_cents_above_a_hundred_in_words_are_rejected() -> None:
    for text in ("限产百分之一百二十", "限产百分之二百"):
        (reading,) = read_measures(text, NOTHING)
        assert (reading.status, reading.applied_cut_share) == (ListItemStatus.REJECTED, None)
