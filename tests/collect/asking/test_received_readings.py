"""Rows as readings: their flags, and numbers in order of arrival within each day."""

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest

from bigdata_emis.collect.asking.received_readings import as_readings, is_early
from bigdata_emis.collect.merged_rows import ARRIVAL
from bigdata_emis.collect.raw_archive import Pass
from tests.collect.feed_builders import START, power_feed


def rows(count: int, **marks: list[bool]) -> pa.Table:
    hours = pa.array([START + dt.timedelta(hours=number) for number in range(count)], pa.timestamp("us", tz="UTC"))
    columns = {
        "cell_id": pa.array([None] + ["r1c1"] * (count - 1)),
        "hour_utc": hours.cast(pa.timestamp("us")),
        "present_device_count": pa.array([20] * count),
        "moving_device_count": pa.array([10] * count),
    }
    marks = {"is_unreadable": [False] * count, "is_invalid": [False] * count, **marks}
    return pa.table({**columns, **{name: pa.array(values) for name, values in marks.items()}})


def readings(given: pa.Table, early: list[bool], day: list[int]) -> list[dict]:
    return as_readings(given, np.array(day), np.array(early), "signalling_reading").to_pylist()


def test_marks_become_flags_in_a_fixed_order():
    given = rows(2, is_unreadable=[True, False], is_invalid=[True, False], is_private=[True, False])
    flags = [row["flag_codes"] for row in readings(given, [True, False], [0, 0])]
    assert flags == [["not_a_number", "future", "invalid_status", "privacy"], []]


def test_numbers_begin_anew_each_day_and_an_empty_key_is_a_text():
    found = readings(rows(3), [False] * 3, [0, 1, 1])
    assert [row["record_number"] for row in found] == [1, 1, 2]
    assert [row["cell_id"] for row in found] == ["", "r1c1", "r1c1"]


@pytest.mark.parametrize(("minute", "early"), [(59, [False, True]), (60, [False, False])])
def test_a_reading_that_arrived_before_its_interval_began_is_early(minute, early):
    feed = power_feed().model_copy(update={"table_name": "signalling_reading"})
    given = rows(2).append_column(ARRIVAL, pa.array([1, 1], pa.int64()))
    received = Pass(1, START + dt.timedelta(minutes=minute), ())
    assert is_early(given, [received], feed).tolist() == early
