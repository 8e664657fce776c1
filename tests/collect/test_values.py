"""What a provider sent, as numbers, instants and texts."""

import datetime as dt

import pyarrow as pa
import pytest

from bigdata_emis.collect.values import ValueCounts, read_values
from bigdata_emis.errors import FeedError
from tests.collect.feed_builders import power_feed

TIMES = pa.array(["2015-12-20T00:00", "2015-12-20T01:00"])
COLUMNS = {"meterNo": pa.array(["m1", "m2"]), "startTime": TIMES, "kWh": pa.array(["1.5", "--"])}


def test_fields_have_our_names_constants_and_a_mark_on_unreadable_rows():
    rows = read_values(COLUMNS, 2, power_feed(factors={"energy_kwh": 10}), "here", ValueCounts()).to_pylist()
    assert [(r["meter_id"], r["energy_kwh"], r["interval_min"], r["is_unreadable"]) for r in rows] == [
        ("m1", 15.0, 15.0, False),
        ("m2", None, 15.0, True),
    ]


def test_a_number_that_serves_as_a_name_is_written_without_a_decimal_point():
    rows = read_values(COLUMNS | {"meterNo": pa.array([7.0, 7.5])}, 2, power_feed(), "here", ValueCounts())
    assert rows["meter_id"].to_pylist() == ["7", "7.5"]


@pytest.mark.parametrize(
    ("sent", "read"), [(["12.0", " 13.00"], ["12", "13"]), (["12.0", ""], ["12", ""]), (["12.0", "A-13.0"], None)]
)
def test_whole_numbers_with_a_point_in_a_text_are_names_without_it_where_all_are_such(sent, read):
    rows = read_values(COLUMNS | {"meterNo": pa.array(sent)}, 2, power_feed(), "here", ValueCounts())
    assert rows["meter_id"].to_pylist() == (read or sent)


def test_times_in_another_zone_that_a_column_says_are_refused():
    columns = COLUMNS | {"startTime": pa.array(["2015-12-20 00:00"] * 2), "utc_offset": pa.array([0, 0])}
    with pytest.raises(FeedError, match=r"'utc_offset' says 0, and times without offset .* write time_zone = \"UTC\""):
        read_values(columns, 2, power_feed(), "here", ValueCounts())
    aware = COLUMNS | {"startTime": pa.array(["2015-12-20T00:00Z"] * 2), "utc_offset": pa.array([0, 0])}
    assert read_values(aware, 2, power_feed(), "here", ValueCounts()).num_rows == len(aware["startTime"])


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


def test_a_status_that_is_not_valid_marks_the_row_and_an_empty_one_does_not():
    feed = power_feed(columns={"flag": "flag_codes"} | power_feed().columns)
    columns = COLUMNS | {"flag": pa.array(["D", ""])}
    assert read_values(columns, 2, feed, "here", ValueCounts())["is_invalid"].to_pylist() == [True, False]
    both = power_feed(columns=feed.columns, valid_statuses=["N", "D"])
    assert read_values(columns, 2, both, "here", ValueCounts())["is_invalid"].to_pylist() == [False, False]


def test_numbers_with_commas_are_refused_with_the_key_that_reads_them():
    columns = COLUMNS | {"kWh": pa.array(["10801,5", "10803"])}
    with pytest.raises(FeedError, match=r"here: 'kWh' is written with commas in 1 rows; write decimal = \",\""):
        read_values(columns, 2, power_feed(), "here", ValueCounts())
    read = read_values(columns, 2, power_feed(decimal=","), "here", ValueCounts())
    assert read["energy_kwh"].to_pylist() == [10801.5, 10803.0]


def test_points_that_may_lie_between_thousands_are_refused_with_the_key_that_reads_them():
    columns = COLUMNS | {"kWh": pa.array(["36.000", "998,5"])}
    with pytest.raises(FeedError, match=r"'kWh' is written with points in 1 rows; write thousands = \".\""):
        read_values(columns, 2, power_feed(decimal=","), "here", ValueCounts())
    stored = read_values(columns, 2, power_feed(decimal=","), "here", ValueCounts(is_stored=True))
    assert (stored["energy_kwh"].to_pylist(), stored["is_unreadable"].to_pylist()) == ([None, 998.5], [True, False])


def test_a_zero_that_means_no_value_is_missing():
    columns = COLUMNS | {"kWh": pa.array(["0", "3"])}
    read = read_values(columns, 2, power_feed(zeros_missing=["energy_kwh"]), "here", ValueCounts())
    assert read["energy_kwh"].to_pylist() == [None, 3.0]


def test_times_in_a_spelling_of_their_own_are_refused_when_new_and_missing_when_stored():
    columns = COLUMNS | {"startTime": pa.array(["2015-12-20T00:00", "20.12.15 1 h"])}
    with pytest.raises(FeedError, match="here: 'startTime': '20.12.15 1 h' cannot be read as a time, though 1 of 2"):
        read_values(columns, 2, power_feed(), "here", ValueCounts())
    stored = read_values(columns, 2, power_feed(), "here", ValueCounts(is_stored=True))
    assert stored["interval_start_utc"].null_count == 2


@pytest.mark.parametrize(
    ("times", "changes", "expected"),
    [
        (["2015-12-20 01:00", "2015-12-20 24:00"], {"time_mark": "end"}, ["00:45", "23:45"]),
        (["20122015 0030", "20122015 0100"], {"time_mark": "end", "time_format": "%d%m%Y %H%M"}, ["00:15", "00:45"]),
        (["2015-12-20 00:00", "2015-12-20 24:00"], {}, [None, None]),
    ],
)
def test_times_of_stored_answers_are_moved_to_starts_as_those_of_new_ones(times, changes, expected):
    """Intervals of 15 minutes; 24:00 beside 00:00 is undecided, so that a stored answer has no times."""
    columns, counts = COLUMNS | {"startTime": pa.array(times)}, ValueCounts(is_stored=True)
    instants = read_values(columns, 2, power_feed(**changes), "here", counts)["interval_start_utc"].to_pylist()
    assert [at and f"{at + dt.timedelta(hours=8):%H:%M}" for at in instants] == expected


def test_how_times_are_written_is_reported():
    counts = ValueCounts()
    read_values(COLUMNS, 2, power_feed(), "here", counts)
    assert counts.times == {
        "interval_start_utc": "2015-12-20 08:00, local time of Asia/Shanghai, start of the interval"
    }
