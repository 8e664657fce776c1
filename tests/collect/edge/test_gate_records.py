"""Gate records become vehicles of a plant, hour and kind, without a plate."""

import datetime as dt

import pyarrow as pa
import pytest

from bigdata_emis.collect.edge.gate_records import reduce_gate_records

HOUR = dt.datetime(2015, 12, 20, 8, tzinfo=dt.UTC)
TEXTS = ("enterprise_id", "gate_id", "gate_direction_code", "vehicle_id", "vehicle_class_code", "fuel_code")


def passage(second=0, plate="京A12345", direction="in", **changed):
    row = {
        "enterprise_id": "E1",
        "gate_id": "G1",
        "passed_utc": HOUR + dt.timedelta(seconds=second),
        "gate_direction_code": direction,
        "vehicle_id": plate,
        "vehicle_class_code": "HeavyT",
        "fuel_code": "diesel",
        "emission_stage_code": "IV",
        "is_unreadable": False,
        "is_invalid": False,
    }
    return row | changed


def reduced(*passages):
    kinds = dict.fromkeys((*TEXTS, "emission_stage_code"), pa.string())
    kinds |= {"passed_utc": pa.timestamp("us"), "is_unreadable": pa.bool_(), "is_invalid": pa.bool_()}
    return reduce_gate_records(pa.Table.from_pylist(list(passages), pa.schema(kinds.items()))).to_pylist()


def counts(rows):
    return [(row["emission_stage_code"], row["entry_count"], row["exit_count"]) for row in rows]


def test_entries_and_exits_are_counted_by_hour_and_stage():
    rows = reduced(
        passage(0),
        passage(900, direction="out"),
        passage(10, "b", emission_stage_code="V"),
        passage(3600, "b", "out", emission_stage_code="V"),
    )
    assert counts(rows) == [("IV", 1, 1), ("V", 1, 0), ("V", 0, 1)]
    assert [row["hour_utc"].hour for row in rows] == [8, 8, 9]


def test_no_row_has_a_plate_or_a_gate():
    assert set(reduced(passage())[0]) == {
        *("enterprise_id", "hour_utc", "vehicle_class_code", "fuel_code", "emission_stage_code"),
        *("entry_count", "exit_count", "is_unreadable", "is_invalid"),
    }


@pytest.mark.parametrize(
    ("second", "changed", "entries"),
    [(30, {}, 1), (61, {}, 2), (30, {"gate_id": "G2"}, 2), (30, {"plate": "b"}, 2), (30, {"plate": None}, 2)],
)
def test_a_camera_that_fires_twice_counts_once(second, changed, entries):
    assert counts(reduced(passage(0), passage(second, **changed))) == [("IV", entries, 0)]


def test_a_repeated_record_counts_once_and_records_without_a_plate_all_count():
    assert counts(reduced(passage(), passage(), passage(0, ""), passage(0, ""))) == [("IV", 3, 0)]


@pytest.mark.parametrize("name", ["vehicle_class_code", "fuel_code", "emission_stage_code"])
@pytest.mark.parametrize("text", ["京A12345", None, "国八"])
def test_a_text_that_is_no_code_is_not_stored(name, text):
    row = reduced(passage(**{name: text}))[0]
    assert row[name] == ""
    assert row["entry_count"] == 1


@pytest.mark.parametrize("direction", ["through", "", None])
def test_a_record_without_a_direction_is_marked_and_has_no_count(direction):
    row = reduced(passage(direction=direction))[0]
    assert (row["is_unreadable"], row["entry_count"], row["exit_count"]) == (True, 0, 0)


def test_a_record_without_a_time_is_a_row_without_an_hour():
    assert [row["hour_utc"] for row in reduced(passage(passed_utc=None), passage(passed_utc=None))] == [None]


def test_no_records_are_no_rows():
    assert reduced() == []
