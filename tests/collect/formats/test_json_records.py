"""JSON answers as flat records."""

import json

import pytest

from bigdata_emis.collect.formats.json_records import flatten, read_envelope, read_json_lines, record_paths, value_at
from bigdata_emis.errors import FeedError


def records(answer: object, path: str) -> list[dict]:
    return read_envelope(json.dumps(answer).encode(), "power", "here", path)["records"]


def test_records_lie_at_a_path_and_nested_values_get_names_with_points():
    answer = {"meta": {"found": 1}, "results": [{"value": 3, "period": {"from": {"utc": "t"}}}]}
    assert records(answer, "results") == [{"meta.found": 1, "value": 3, "period.from.utc": "t"}]


def test_records_in_records_get_the_values_of_what_they_lie_in():
    answer = {"city": "x", "stations": [{"id": "a", "hours": [{"v": 1}, {"v": 2}]}, {"id": "b", "hours": [{"v": 3}]}]}
    assert records(answer, "stations.hours") == [
        {"city": "x", "id": "a", "v": 1},
        {"city": "x", "id": "a", "v": 2},
        {"city": "x", "id": "b", "v": 3},
    ]


def test_columns_of_values_become_records():
    answer = {"latitude": 39.9, "hourly": {"time": ["t0", "t1"], "pm10": [5, None]}}
    assert records(answer, "hourly") == [
        {"latitude": 39.9, "time": "t0", "pm10": 5},
        {"latitude": 39.9, "time": "t1", "pm10": None},
    ]


def test_rows_without_names_get_those_of_the_header_or_their_positions():
    assert records({"columns": ["a", "b"], "rows": [[1, 2]]}, "rows") == [{"a": 1, "b": 2}]
    assert records({"rows": [[1, 2]]}, "rows") == [{"0": 1, "1": 2}]


def test_records_under_their_names_get_these_as_a_column():
    answer = {"data": {"1001A": {"pm25": 3}, "1002A": {"pm25": 4}}}
    assert records(answer, "data") == [{"key": "1001A", "pm25": 3}, {"key": "1002A", "pm25": 4}]


def test_an_answer_may_be_a_list_and_a_path_may_hold_nothing():
    assert records([{"a": 1}], "") == [{"a": 1}]
    assert records([{"id": "p", "hourly": {"time": ["t"], "v": [1]}}], "hourly") == [{"id": "p", "time": "t", "v": 1}]
    assert records({"data": {"rows": []}}, "data.rows") == []


def test_a_path_that_leads_nowhere_is_refused_with_the_likely_one():
    with pytest.raises(FeedError, match="here: no records at 'data'.* perhaps write records = \"meta.rows\""):
        records({"meta": {"rows": [{"a": 1}]}}, "data")
    with pytest.raises(FeedError, match="no JSON answer with 'records'; .* perhaps write records = \"results\""):
        records({"results": [{"a": 1}]}, "records")


def test_likely_records_are_lists_of_objects_and_columns_of_values():
    assert record_paths({"a": {"b": [{"c": [{"d": 1}]}]}, "e": [1]}) == ["a.b.c", "a.b"]
    assert record_paths({"hourly": {"time": ["t"], "v": [1]}}) == ["hourly"]


def test_lines_are_records_of_their_own():
    assert read_json_lines('{"a": {"b": 1}}\n\n{"a": 2}\n', "here") == [{"a.b": 1}, {"a": 2}]
    with pytest.raises(FeedError, match="here, line 2: is no object"):
        read_json_lines('{"a": 1}\n[1]\n', "here")


def test_objects_are_flat_to_a_bounded_depth():
    deep: dict = {"v": 1}
    for _ in range(100):
        deep = {"n": deep}
    assert len(next(iter(flatten(deep))).split(".")) == 9
    assert value_at({"meta": {"found": 3}}, "meta.found") == 3
    assert value_at({"meta": 1}, "meta.found") is None
