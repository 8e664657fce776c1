"""Errors say what is wrong and what to do, and carry the exit status of the command."""

import pytest

from bigdata_emis.errors import EmisError, EngineError, FeedError, InputError, RefusedError, SchemaError, shorten


def test_an_error_is_what_is_wrong_and_then_the_remedy() -> None:
    problem = InputError("measure.csv row 7: cut_share is 30", "write 0.3 for 30 %")
    assert str(problem) == "measure.csv row 7: cut_share is 30; write 0.3 for 30 %"
    assert (problem.what, problem.remedy) == ("measure.csv row 7: cut_share is 30", "write 0.3 for 30 %")


def test_an_error_without_a_remedy_has_no_empty_end() -> None:
    assert str(RefusedError("mass differs")) == "mass differs"


@pytest.mark.parametrize(
    ("kind", "status"),
    [(InputError, 2), (EngineError, 2), (SchemaError, 2), (FeedError, 2), (RefusedError, 3), (EmisError, 1)],
)
def test_the_exit_status_separates_bad_input_from_a_refusal(kind: type[EmisError], status: int) -> None:
    assert kind("x").exit_status == status


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (30, "30"),
        ("首钢", "首钢"),
        ("a\0b\x1b[31m", r"a\x00b\x1b[31m"),
        ("\u202eabc", r"\u202eabc"),
        ("\ud800", r"\ud800"),
        ("x" * 80, "x" * 80),
        ("x" * 70_000, "x" * 80 + "… (70,000 characters)"),
    ],
    ids=["number", "Chinese", "control", "direction", "half a character", "longest", "longer"],
)
def test_a_value_is_shown_short_and_printable(value: object, shown: str) -> None:
    assert shorten(value) == shown
