"""Every pattern reads its own example first, and the figures that it captures are whole."""

import pytest

from bigdata_emis import reference
from bigdata_emis.codes import ShareFormula
from bigdata_emis.control.emergency_list.list_words import plain
from bigdata_emis.control.emergency_list.measure_text.share_formulas import FORMULAS
from bigdata_emis.control.emergency_list.measure_text.text_patterns import match_text, other_reading, patterns

ROWS = reference.read("measure_text_pattern").to_pylist()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["pattern_id"])
def test_an_example_is_read_by_its_own_pattern(row: dict[str, str]) -> None:
    match = match_text(plain(row["example_text"]))
    assert match is not None
    assert match.pattern.pattern_id == row["pattern_id"]
    assert other_reading(plain(row["example_text"]), match) is None


def test_patterns_are_tried_in_an_order_of_their_own() -> None:
    orders = [row["order_number"] for row in ROWS]
    assert len(set(orders)) == len(orders)


def test_every_formula_of_a_pattern_is_computed_or_left_to_a_person() -> None:
    left = {ShareFormula.PERSON, ShareFormula.COPY, ShareFormula.UNLESS_TREATED}
    assert {pattern.formula for pattern in patterns()} <= {*FORMULAS, *left}


@pytest.mark.parametrize(
    ("text", "role", "figure"),
    [
        ("结焦时间延长至48小时以上", "target", 48),
        ("排放浓度不超过限值的70%", "percent", 70),
        ("停两条线", "count", 2),
        ("12条以上保留1条", "count_least", 12),
        ("限产30.5%", "percent", 30.5),
    ],
)
def test_a_captured_figure_is_whole(text: str, role: str, figure: float) -> None:
    match = match_text(text)
    assert match is not None
    assert match.figure(role) == figure


def test_a_text_of_no_pattern_has_no_match() -> None:
    assert match_text("分管领导现场督办") is None


def test_two_figures_of_different_kinds_are_two_readings() -> None:
    match = match_text("限产20%,停2条线")
    assert match is not None
    assert other_reading("限产20%,停2条线", match) is not None


def test_a_role_without_a_figure_has_none() -> None:
    match = match_text("停产")
    assert match is not None
    assert match.figure("percent") is None
    assert not match.pattern.is_for_vehicles
