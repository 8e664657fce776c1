"""Rows of a half-open interval: the first instant is in it, the last is not."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa

from bigdata_emis.schema.row_times import INSTANT, select_between

START = datetime(2015, 12, 20, 16, tzinfo=UTC)


def test_the_first_instant_is_inside_and_the_last_is_not() -> None:
    times = [START + timedelta(hours=hour) for hour in (-1, 0, 1, 2)]
    rows = pa.table({"at_utc": pa.array(times, INSTANT), "number": [1, 2, 3, 4]})
    assert select_between(rows, "at_utc", START, times[3])["number"].to_pylist() == [2, 3]


def test_a_row_without_a_time_is_in_no_interval() -> None:
    rows = pa.table({"at_utc": pa.array([None, START], INSTANT)})
    assert select_between(rows, "at_utc", START, START + timedelta(days=1)).num_rows == 1
