"""Values of keys of feeds.toml: a day is a date, as TOML or as text, and nothing finer."""

import datetime as dt

import pytest
from pydantic import TypeAdapter, ValidationError

from bigdata_emis.collect.asking.key_kinds import Count, Day, Deadline, Span

DAY = dt.date(2015, 12, 20)


@pytest.mark.parametrize("value", [DAY, "2015-12-20"])
def test_a_day_is_a_date(value):
    assert TypeAdapter(Day).validate_python(value) == DAY


@pytest.mark.parametrize(
    ("kind", "value"),
    [(Day, dt.datetime(2015, 12, 20, 8, tzinfo=dt.UTC)), (Count, 0), (Span, -1), (Deadline, 0), (Span, float("inf"))],
)
def test_a_value_out_of_its_kind_is_refused(kind, value):
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(value)
