"""Times at the end of an interval become its start."""

import datetime as dt
from typing import Any

import pyarrow as pa
import pytest

from bigdata_emis.collect.shapes.instants import read_times
from bigdata_emis.collect.shapes.interval_times import start_of_intervals
from bigdata_emis.collect.shapes.time_spelling import UnreadTimesError
from tests.collect.feed_builders import START, power_feed

QUARTER = dt.timedelta(minutes=15)


def starts(*texts: str, interval_min: Any = None, **keys: Any) -> tuple[list, str]:
    read = read_times(pa.array(texts), "Asia/Shanghai")
    lengths = pa.array([15.0] * len(texts)) if interval_min is None else interval_min
    instants, mark = start_of_intervals(read, lengths, power_feed(**keys))
    return instants.to_pylist(), mark


def test_a_time_marks_the_start_unless_the_feed_says_the_end():
    assert starts("2015-12-20 00:15") == ([START + QUARTER], "start")
    assert starts("2015-12-20 00:15", time_mark="end") == ([START], "end")


def test_midnight_written_as_24_marks_an_end():
    assert starts("2015-12-20 00:15", "2015-12-20 24:00") == ([START, START + 95 * QUARTER], "end")
    assert starts("2015-12-20 24:00", time_mark="start")[0] == [START + 96 * QUARTER]


def test_midnight_written_both_ways_is_refused_until_the_feed_says_what_is_meant():
    with pytest.raises(UnreadTimesError, match="24:00 and as 00:00") as refusal:
        starts("2015-12-20 00:00", "2015-12-20 24:00")
    assert refusal.value.remedy == 'write time_mark = "start" or "end"'


def test_midnight_is_that_of_the_clock_that_was_written_whatever_the_offset():
    """One 24:00 in an answer of starts would move every reading by an interval."""
    with pytest.raises(UnreadTimesError, match="24:00 and as 00:00"):
        starts("2015-12-20T00:00:00+08:00", "2015-12-20T24:00:00+08:00")
    eight_and_midnight = ("2015-12-20T08:00:00+08:00", "2015-12-20T24:00:00+08:00")
    assert starts(*eight_and_midnight)[1] == "end"


def test_an_hourly_table_has_hours_and_another_the_cadence_of_the_feed():
    read = read_times(pa.array(["2015-12-20 24:00"]), "Asia/Shanghai")
    hourly = power_feed().model_copy(update={"table_name": "cems_reading"})
    assert start_of_intervals(read, None, hourly)[0].to_pylist() == [START + dt.timedelta(hours=23)]
    traffic = power_feed(cadence_min=5).model_copy(update={"table_name": "traffic_reading"})
    assert start_of_intervals(read, None, traffic)[0].to_pylist() == [START + dt.timedelta(hours=23, minutes=55)]
    with pytest.raises(UnreadTimesError, match="length of an interval is not known"):
        start_of_intervals(read, None, traffic.model_copy(update={"cadence_min": None}))
