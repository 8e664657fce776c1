"""Texts in plain characters, and the words by which the reader knows what a text is."""

import pytest

from bigdata_emis.codes import ListWordRole
from bigdata_emis.control.emergency_list.list_words import find, has, meaning, meanings, plain, tidy, with_digits


@pytest.mark.parametrize(
    ("text", "expected"), [("停产５０％（以 生产线　计）", "停产50%(以生产线计)"), ("国Ⅳ\u200b", "国IV"), (" \n", "")]
)
def test_full_width_signs_and_blanks_become_plain(text: str, expected: str) -> None:
    assert plain(text) == expected


def test_a_tidy_text_stays_as_written_without_control_and_direction_characters() -> None:
    assert tidy(" 限产\u202e２０％\x07 ") == "限产２０％"


@pytest.mark.parametrize("text", ["", "/", "-", "——", "不详", "N/A", "nan"])
def test_a_blank_and_a_mark_say_nothing(text: str) -> None:
    assert has(ListWordRole.UNKNOWN, text)


@pytest.mark.parametrize("text", ["无", "停产", "0"])
def test_a_word_or_figure_is_no_mark(text: str) -> None:
    assert not has(ListWordRole.UNKNOWN, text)


@pytest.mark.parametrize(
    ("role", "text", "expected"),
    [
        (ListWordRole.LEVEL, "橙色预警措施", "orange"),
        (ListWordRole.POLLUTANT, "颗粒物日均排放量", "PM"),
        (ListWordRole.POLLUTANT, "PM2.5", ""),
        (ListWordRole.MASS, "千克/天", "1"),
        (ListWordRole.MASS, "克/天", "0.001"),
        (ListWordRole.MASS, "万吨", "1000"),
        (ListWordRole.FIGURE, "两", "2"),
        (ListWordRole.STAGE, "四", "IV"),
        (ListWordRole.SHEET, "附表1工业企业", "industry"),
        (ListWordRole.SHEET, "减排比例核算表", "summary"),
    ],
)
def test_a_word_means_what_the_table_says(role: ListWordRole, text: str, expected: str) -> None:
    assert meaning(role, text) == expected


def test_a_heading_may_name_several_levels() -> None:
    assert meanings(ListWordRole.LEVEL, "黄色/橙色/红色预警措施") == ["yellow", "orange", "red"]


def test_what_is_left_out_is_captured() -> None:
    hit = find(ListWordRole.EXEMPTION, "国四及以下货车禁行(民生除外)")
    assert hit is not None
    assert hit[1] == "民生"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("限产百分之三十", "限产30%"),
        ("限产百分之十五", "限产15%"),
        ("限产百分之九十九", "限产99%"),
        ("限产百分之百", "限产100%"),
        ("限产百分之一百二十", "限产120%"),
        ("限产百分之一百零五", "限产105%"),
        ("限产百分之三十点五", "限产30.5%"),
        ("限产百分之五", "限产5%"),
        ("限产三成", "限产30%"),
        ("完成改造", "完成改造"),
        ("三成员单位", "三成员单位"),
        ("22点至次日6点", "22时至次日6时"),
        ("0.5点", "0.5时"),
        ("国III及以下", "国三及以下"),
        ("国6b", "国六b"),
        ("国12号", "国12号"),
    ],
)
def test_figures_in_words_become_digits(words: str, expected: str) -> None:
    assert with_digits(words) == expected
