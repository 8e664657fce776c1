"""Numbers as providers write them."""

import pyarrow as pa
import pytest

from bigdata_emis.collect.shapes.numbers import NumberSpelling, likely_spelling, parse_numbers


@pytest.mark.parametrize(
    ("sent", "number", "is_bad"),
    [
        ("1.5", 1.5, False),
        (" -2e3 ", -2000.0, False),
        (".5", 0.5, False),
        ("", None, False),
        (None, None, False),
        ("--", None, True),
        ("1,5", None, True),
        ("nan", None, True),
        ("1e999", None, True),
    ],
)
def test_a_text_is_a_number_or_unreadable_and_an_empty_one_is_just_missing(sent, number, is_bad):
    numbers, unreadable = parse_numbers(pa.array([sent], pa.string()))
    assert (numbers.to_pylist(), unreadable.tolist()) == ([number], [is_bad])


def test_infinite_numbers_and_truth_values_are_unreadable():
    numbers, unreadable = parse_numbers(pa.array([1.0, float("inf"), None]))
    assert (numbers.to_pylist(), unreadable.tolist()) == ([1.0, None, None], [False, True, False])
    numbers, unreadable = parse_numbers(pa.array([True, None]))
    assert (numbers.to_pylist(), unreadable.tolist()) == ([None, None], [True, False])


@pytest.mark.parametrize(
    ("spelling", "sent", "number"),
    [
        pytest.param(NumberSpelling(decimal=","), "10801,5", 10801.5, id="decimal comma"),
        pytest.param(NumberSpelling(decimal=",", thousands="."), "1.234.567,25", 1234567.25, id="point and comma"),
        pytest.param(NumberSpelling(thousands=","), "36,000.5", 36000.5, id="comma between thousands"),
        pytest.param(NumberSpelling(thousands=" "), "36\u00a0000", 36000.0, id="blank between thousands"),
        pytest.param(NumberSpelling(thousands=","), "9,99", None, id="a comma that is none between thousands"),
        pytest.param(NumberSpelling(null_values=("NULL", "-99")), "NULL", None, id="text of no value"),
        pytest.param(NumberSpelling(null_values=("NULL", "-99")), "-99.0", None, id="number of no value"),
    ],
)
def test_declared_signs_are_read(spelling, sent, number):
    assert parse_numbers(pa.array([sent]), spelling)[0].to_pylist() == [number]


@pytest.mark.parametrize("text", ["３６０００．５", "−5", "＋1,234"])
def test_digits_and_signs_of_a_chinese_keyboard_are_digits_and_signs(text):
    numbers, unreadable = parse_numbers(pa.array([text, "７", "8", None]), NumberSpelling(thousands=","))
    expected = {"３６０００．５": 36000.5, "−5": -5.0, "＋1,234": 1234.0}[text]
    assert (numbers.to_pylist(), unreadable.any()) == ([expected, 7.0, 8.0, None], False)


@pytest.mark.parametrize("texts", [["36.000", "36,5"], ["1.036", "998"], ["1.234.567,5", "7"]])
def test_a_point_under_a_decimal_comma_may_lie_between_thousands_and_is_not_read_as_another(texts):
    column = pa.array(texts)
    numbers, unreadable = parse_numbers(column, NumberSpelling(decimal=","))
    assert (numbers.to_pylist()[0], unreadable.tolist()) == (None, [True, False])
    assert likely_spelling(column, unreadable, NumberSpelling(decimal=",")) == 'thousands = "."'
    assert likely_spelling(column, unreadable, NumberSpelling(decimal=",", thousands=".")) == ""


def test_points_that_are_decimal_in_other_values_are_decimal_as_in_workbooks():
    column = pa.array(["36.125", "36.5"])
    numbers, unreadable = parse_numbers(column, NumberSpelling(decimal=","))
    assert (numbers.to_pylist(), unreadable.any()) == ([36.125, 36.5], False)
    assert likely_spelling(column, unreadable, NumberSpelling(decimal=",")) == ""


def test_a_missing_value_is_not_unreadable():
    spelling = NumberSpelling(null_values=("—", "-999"))
    assert not parse_numbers(pa.array(["—", "-999", "5"]), spelling)[1].any()
    assert parse_numbers(pa.array([-999, 5]), spelling)[0].to_pylist() == [None, 5.0]


@pytest.mark.parametrize(
    ("texts", "key"),
    [
        (["10801,5", "7"], 'decimal = ","'),
        (["1,234", "12,345.5"], 'thousands = ","'),
        (["1,234", "12,5"], 'decimal = ","'),
        (["36,000.5", "36000,5"], ""),
        (["1,5"] + ["1"] * 9, ""),
        (["n/a"], ""),
    ],
)
def test_what_would_read_a_column_of_commas_is_found_when_many_values_agree(texts, key):
    column = pa.array(texts)
    assert likely_spelling(column, parse_numbers(column)[1]) == key
