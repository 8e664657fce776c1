"""What a provider sent, as numbers, instants and texts."""

import datetime as dt

import pyarrow as pa
import pytest

from bigdata_emis.collect.values import ValueCounts, parse_instants, parse_numbers, read_values
from bigdata_emis.errors import FeedError
from tests.collect.feed_builders import START, power_feed

TIMES = pa.array(["2015-12-20T00:00", "2015-12-20T01:00"])
COLUMNS = {"meterNo": pa.array(["m1", "m2"]), "startTime": TIMES, "kWh": pa.array(["1.5", "--"])}


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


def test_a_time_without_offset_is_local_and_one_with_offset_is_not():
    instants = parse_instants(pa.array(["2015-12-20T00:00", "2015-12-20T00:00+00:00", "soon", None]), "Asia/Shanghai")
    assert instants.to_pylist() == [START, dt.datetime(2015, 12, 20, tzinfo=dt.UTC), None, None]


def test_timestamps_of_a_file_are_local_when_they_have_no_zone():
    local = pa.array([dt.datetime.fromisoformat("2015-12-20")], pa.timestamp("ns"))
    assert parse_instants(local, "Asia/Shanghai").to_pylist() == [START]
    assert parse_instants(pa.array([1450540800]), "Asia/Shanghai").to_pylist() == [None]


def test_fields_have_our_names_constants_and_a_mark_on_unreadable_rows():
    rows = read_values(COLUMNS, 2, power_feed(factors={"energy_kwh": 10}), "here", ValueCounts()).to_pylist()
    assert [(r["meter_id"], r["energy_kwh"], r["interval_min"], r["is_unreadable"]) for r in rows] == [
        ("m1", 15.0, 15.0, False),
        ("m2", None, 15.0, True),
    ]


def test_a_number_that_serves_as_a_name_is_written_without_a_decimal_point():
    rows = read_values(COLUMNS | {"meterNo": pa.array([7.0, 7.5])}, 2, power_feed(), "here", ValueCounts())
    assert rows["meter_id"].to_pylist() == ["7", "7.5"]


def test_counts_are_whole_numbers_and_a_part_of_a_device_is_unreadable():
    columns = {"cell_id": pa.array(["c", "c"]), "hour_utc": TIMES, "present_device_count": pa.array(["12", "12.5"])}
    feed = power_feed().model_copy(update={"table_name": "signalling_reading", "columns": {}, "constants": {}})
    rows = read_values(columns, 2, feed, "here", ValueCounts())
    assert rows["present_device_count"].to_pylist() == [12, None]
    assert rows["moving_device_count"].to_pylist() == [None, None]
    assert rows["is_unreadable"].to_pylist() == [False, True]


def test_a_column_that_can_be_no_number_is_refused():
    with pytest.raises(FeedError, match="here: 'kWh' cannot be read as number"):
        read_values(COLUMNS | {"kWh": pa.array([dt.date(2015, 12, 20)] * 2)}, 2, power_feed(), "here", ValueCounts())


def test_values_that_were_sent_and_cannot_be_read_are_counted_by_field():
    counts = ValueCounts()
    for text in ("--", ""):
        read_values(COLUMNS | {"kWh": pa.array(["1", text])}, 2, power_feed(), "here", counts)
    assert (counts.sent["energy_kwh"], counts.unreadable["energy_kwh"]) == (3, 1)
