"""Texts as values of their declared kind, and the likely repair of those that are none."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from bigdata_emis import schema
from bigdata_emis.text_values import bounds_problem, read_value


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("number", "-1.5e3", -1500.0),
        ("integer", "7", 7),
        ("boolean", "Yes", True),
        ("date", "2015-12-20", date(2015, 12, 20)),
        ("instant", "2015-12-20T08:00+08:00", datetime(2015, 12, 20, tzinfo=UTC)),
        ("strings", "a; b;", ["a", "b"]),
        ("string", "首钢", "首钢"),
    ],
)
def test_a_text_is_read_as_its_kind(kind: str, text: str, value: object) -> None:
    assert read_value(text, kind) == value


@pytest.mark.parametrize(
    ("kind", "text", "remedy"),
    [
        ("number", "inf", "give a number with a decimal point"),
        ("number", "1e309", "give a number with a decimal point"),
        ("number", "NaN", "give a number with a decimal point: leave it empty where there is no value"),
        ("number", "n/a", "give a number with a decimal point: leave it empty where there is no value"),
        ("number", "１２．５", "give a number with a decimal point: write 12.5 in plain digits"),
        ("number", "٣", "give a number with a decimal point"),
        ("number", "1,5", "give a number with a decimal point: write 1.5 for a decimal comma, 15 for thousands"),
        ("number", "1_000", "give a number with a decimal point"),
        ("number", "0x10", "give a number with a decimal point"),
        ("integer", "１２", "give a whole number: write 12 in plain digits"),
        ("integer", "9" * 5000, "give a whole number"),
        ("integer", "9223372036854775808", "give a whole number"),
        ("boolean", "maybe", "give true or false"),
        ("date", "9999-12-01", "give a date such as 2015-12-20, of the years 1970 to 2200"),
        (
            "date",
            "２０１５-12-01",
            "give a date such as 2015-12-20, of the years 1970 to 2200: write 2015-12-01 in plain",
        ),
        ("instant", "noon", "give a time such as"),
    ],
)
def test_a_text_that_is_no_such_value_is_refused_with_what_to_write(kind: str, text: str, remedy: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(remedy)}"):
        read_value(text, kind)


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("cut_share", 0.3, ""),
        ("cut_share", 30.0, "it must not be above 1: write 0.3 for 30 %"),
        ("cut_share", 3000.0, "it must not be above 1"),
        ("cut_share", -0.1, "it must not be below 0"),
        ("annual_emission_t", 1e12, "it must not be above 1e+10: check the unit, the column is in metric_ton"),
        ("latitude_deg", 116.4, "it must not be above 90: longitude and latitude are probably swapped"),
    ],
)
def test_a_number_out_of_bounds_is_refused_with_its_likely_repair(name: str, value: float, problem: str) -> None:
    assert bounds_problem(value, schema.field(name)) == problem


def test_a_field_without_bounds_takes_every_number() -> None:
    assert bounds_problem(1e300, replace(schema.field("cut_share"), minimum=None, maximum=None)) == ""
