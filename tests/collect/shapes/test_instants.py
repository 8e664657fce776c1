"""Columns of times as instants, with clocks that change."""

import datetime as dt
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest

from bigdata_emis.collect.shapes.instants import lenient_times, read_times
from bigdata_emis.collect.shapes.time_spelling import UnreadTimesError
from tests.collect.feed_builders import START

ROME = "Europe/Rome"


def utc_hours(instants: pa.Array) -> list[int]:
    return [instant.hour for instant in instants.to_pylist()]


def test_a_time_without_offset_is_local_and_one_with_offset_is_not():
    local = read_times(pa.array(["2015-12-20T00:00", "soon", None]), "Asia/Shanghai")
    assert (local.instants.to_pylist(), local.has_offset) == ([START, None, None], False)
    aware = read_times(pa.array(["2015-12-20T00:00+00:00", "2015-12-19T16:00Z"]), "Asia/Shanghai")
    assert aware.instants.to_pylist() == [dt.datetime(2015, 12, 20, tzinfo=dt.UTC), START]
    assert aware.has_offset


def test_full_width_digits_are_digits():
    assert read_times(pa.array(["２０１５－１２－２０　００：００"]), "Asia/Shanghai").instants.to_pylist() == [START]


def test_times_with_and_without_offset_in_one_column_are_refused():
    texts = pa.array(["2015-12-19 00:00", "2015-12-19T12:00:00Z", "2015-12-19T13:00:00Z"])
    with pytest.raises(UnreadTimesError, match=r"2015-12-19 00:00:00 has no offset, though 2 of 3 times have one"):
        read_times(texts, "Asia/Shanghai")
    assert lenient_times(texts, "Asia/Shanghai").instants.null_count == 3


def test_timestamps_of_a_file_are_local_when_they_have_no_zone():
    local = pa.array([dt.datetime.fromisoformat("2015-12-20")], pa.timestamp("ns"))
    assert read_times(local, "Asia/Shanghai").instants.to_pylist() == [START]
    aware = local.cast(pa.timestamp("us")).cast(pa.timestamp("us", "UTC"))
    assert read_times(aware, "Asia/Shanghai").instants.to_pylist() == [START + dt.timedelta(hours=8)]


@pytest.mark.parametrize("numbers", [[1450540800], [1450540800.0], [1450540800000], [42358.0]])
def test_numbers_are_counts_of_seconds_or_days(numbers):
    assert read_times(pa.array(numbers), "Asia/Shanghai").instants.to_pylist() == [START]


def test_an_hour_that_the_clock_shows_twice_is_decided_by_the_order_of_each_source():
    texts = pa.array([f"2024-10-27T{hour}" for hour in ("01:00", "02:00", "02:00", "02:00", "02:00", "03:00")])
    source = np.array([1, 1, 2, 1, 2, 1])
    assert utc_hours(read_times(texts, ROME, source=source).instants) == [23, 0, 0, 1, 1, 2]


@pytest.mark.parametrize("count", [1, 3])
def test_an_hour_that_happens_twice_but_is_not_sent_twice_is_refused(count):
    texts = pa.array(["2024-10-27 02:00"] * count)
    with pytest.raises(UnreadTimesError, match="happens twice in Europe/Rome") as refusal:
        read_times(texts, ROME)
    assert "time_zone" in refusal.value.remedy


def test_half_an_hour_that_the_clock_shows_twice_is_decided_for_each_source():
    """On Lord Howe Island the clock goes back by half an hour at 02:00 of 5 April 2015: 01:30 and 01:45 come twice."""
    clock = ["2015-04-05 01:30", "2015-04-05 01:45", "2015-04-05 01:30", "2015-04-05 01:45", "2015-04-05 02:00"]
    texts = pa.array([text for text in clock for _ in range(2)])
    source = np.array([0, 1] * len(clock))
    instants = read_times(texts, "Australia/Lord_Howe", source=source).instants.to_pylist()
    assert [at.strftime("%H:%M") for at in instants[::2]] == ["14:30", "14:45", "15:00", "15:15", "15:30"]
    assert instants[::2] == instants[1::2]


def test_times_with_an_offset_are_decided_in_the_hour_that_comes_twice():
    texts = pa.array(["2015-11-01T01:30:00-04:00", "2015-11-01T01:30:00-05:00"])
    first, second = read_times(texts, "America/New_York").instants.to_pylist()
    assert second - first == dt.timedelta(hours=1)


def test_a_day_of_23_hours_in_winter_time_is_read_in_that_zone_and_refused_in_the_other():
    texts = pa.array([f"2024-03-31T{hour:02d}:00" for hour in range(23)])
    instants = read_times(texts, "Etc/GMT-1").instants.to_pylist()
    assert {later - earlier for earlier, later in pairwise(instants)} == {dt.timedelta(hours=1)}
    with pytest.raises(UnreadTimesError, match="2024-03-31 02:00:00 does not exist in Europe/Rome"):
        read_times(texts, "Europe/Rome")


def test_an_hour_that_the_clock_skips_is_refused_and_read_in_a_zone_without_change():
    texts = pa.array(["2024-03-31T02:00"])
    with pytest.raises(UnreadTimesError, match="does not exist in Europe/Rome"):
        read_times(texts, ROME)
    assert utc_hours(read_times(texts, "Etc/GMT-1").instants) == [1]


def test_times_that_are_not_written_as_declared_are_refused():
    with pytest.raises(UnreadTimesError, match="'2015-12-20' is not written as %d.%m.%Y"):
        read_times(pa.array(["20.12.2015", "2015-12-20"]), ROME, time_format="%d.%m.%Y")


def test_what_was_stored_under_another_declaration_is_missing_rather_than_refused():
    assert lenient_times(pa.array(["2015-12-20", "20 h"]), ROME).instants.null_count == 2
    assert lenient_times(pa.array(["2015-12-20"]), ROME).instants.null_count == 0


@pytest.mark.parametrize("texts", [["03/04/2015"], ["2015-04-03"]])
def test_what_was_stored_is_read_as_declared_now_where_it_is_so_written(texts):
    read = lenient_times(pa.array(texts), "UTC", time_format="%d/%m/%Y")
    assert read.instants.to_pylist() == [dt.datetime(2015, 4, 3, tzinfo=dt.UTC)]


def test_both_spellings_of_midnight_are_noticed():
    read = read_times(pa.array(["2015-12-20 00:00", "2015-12-20 24:00"]), ROME)
    assert (read.has_midnight_0, read.has_midnight_24) == (True, True)
