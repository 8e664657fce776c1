"""Times at the end of an interval become its start."""

import datetime as dt
from dataclasses import replace
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


HOURS_1_TO_24 = [f"2015-12-20 {hour:02d}:00" for hour in range(1, 25)]


def test_midnight_written_as_24_in_every_day_marks_ends():
    instants, mark = starts(*HOURS_1_TO_24)
    assert (instants[0], instants[-1], mark) == (START + 3 * QUARTER, START + 95 * QUARTER, "end")
    assert starts("2015-12-20 24:00", time_mark="start")[0] == [START + 96 * QUARTER]


@pytest.mark.parametrize(
    "texts",
    [
        pytest.param(["2015-12-20 24:00"], id="alone"),
        pytest.param(["2015-12-20 00:15", "2015-12-20 24:00"], id="beside one other time"),
        pytest.param([*HOURS_1_TO_24[:-1] * 3, HOURS_1_TO_24[-1]], id="of one meter of three"),
    ],
)
def test_midnight_written_as_24_here_and_there_is_refused_until_the_feed_says_what_is_meant(texts):
    """It may be a slip in a column of starts that lacks 00:00, and would move every reading by an interval."""
    with pytest.raises(UnreadTimesError, match="24:00 is written in few rows") as refusal:
        starts(*texts)
    assert refusal.value.remedy == 'write time_mark = "start" or "end"'
    assert starts(*texts, time_mark="end")[1] == "end"


def test_midnight_written_both_ways_is_refused_until_the_feed_says_what_is_meant():
    with pytest.raises(UnreadTimesError, match="24:00 and as 00:00") as refusal:
        starts("2015-12-20 00:00", "2015-12-20 24:00")
    assert refusal.value.remedy == 'write time_mark = "start" or "end"'


def test_midnight_is_that_of_the_clock_that_was_written_whatever_the_offset():
    """One 24:00 in an answer of starts would move every reading by an interval."""
    with pytest.raises(UnreadTimesError, match="24:00 and as 00:00"):
        starts("2015-12-20T00:00:00+08:00", "2015-12-20T24:00:00+08:00")
    assert starts(*(f"{text.replace(' ', 'T')}:00+08:00" for text in HOURS_1_TO_24))[1] == "end"


def test_an_hourly_table_has_hours_and_another_the_cadence_of_the_feed():
    read = read_times(pa.array(["2015-12-20 24:00"]), "Asia/Shanghai")
    read = replace(read, is_24_usual=True)
    hourly = power_feed().model_copy(update={"table_name": "cems_reading"})
    assert start_of_intervals(read, None, hourly)[0].to_pylist() == [START + dt.timedelta(hours=23)]
    traffic = power_feed(cadence_min=5).model_copy(update={"table_name": "traffic_reading"})
    assert start_of_intervals(read, None, traffic)[0].to_pylist() == [START + dt.timedelta(hours=23, minutes=55)]
    with pytest.raises(UnreadTimesError, match="length of an interval is not known"):
        start_of_intervals(read, None, traffic.model_copy(update={"cadence_min": None}))
