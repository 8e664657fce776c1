"""Reasons in Chinese: each one that the reader of lists gives for the shipped examples, and what it names."""

import re

import pytest

from bigdata_emis.codes import ListItemStatus
from bigdata_emis.control.emergency_list.import_list import import_workbook
from bigdata_emis.control.emergency_list.matching.list_registry import LineMatch, NotMatched
from bigdata_emis.control.emergency_list.plant.reason_words import reason_words
from tests.control.emergency_list.list_builders import DATA


@pytest.mark.parametrize("name", sorted(path.name for path in DATA.glob("list_*.xlsx")))
def test_every_reason_of_the_example_lists_is_said_in_chinese(name: str) -> None:
    reasons = {item.reason for item in import_workbook(DATA / name).items if item.status != ListItemStatus.ACCEPTED}
    said = {reason: reason_words(reason) for reason in reasons}
    assert {reason: text for reason, text in said.items() if re.search("[a-z]{4}", text)} == {}


def test_a_reason_keeps_what_it_names_and_several_are_joined() -> None:
    for stop in ("2 lines to stop, of 1 listed", "2 lines to stop where 1 are listed"):  # the latter in older versions
        assert reason_words(f"{stop}; county 庚县 occurs in this row only") == (
            "要求停2条线，清单仅列1条；区县“庚县”仅此一行出现"
        )
    several = LineMatch(reason=NotMatched.SEVERAL_LINES, fitting=("a", "b", "c", "d", "e", "f"))
    assert reason_words(several.question) == f"{NotMatched.SEVERAL_LINES.in_chinese}：a, b, c, d，另有2条"
    assert reason_words("as orange: the figure is above 100 per cent") == "同其他级别：数值超过100%"


def test_a_reason_without_a_chinese_sentence_is_shown_as_it_is_and_none_is_nothing() -> None:
    assert reason_words("something new") == "something new"
    assert reason_words(None) == reason_words("") == ""
