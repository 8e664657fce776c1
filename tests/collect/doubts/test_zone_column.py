"""Zones in a column beside the times."""

import datetime as dt

import pyarrow as pa
import pytest

from bigdata_emis.collect.doubts.zone_column import check_zone
from bigdata_emis.collect.shapes.time_spelling import UnreadTimesError
from bigdata_emis.schema.arrow import TYPES
from tests.collect.feed_builders import POWER, power_feed

WINTER = pa.array([dt.datetime(2015, 12, 20, tzinfo=dt.UTC)], TYPES["instant"])
CHANGE = pa.array(
    [dt.datetime(2015, 10, 24, tzinfo=dt.UTC), dt.datetime(2015, 10, 26, tzinfo=dt.UTC)], TYPES["instant"]
)


@pytest.mark.parametrize("said", ["+08:00", "+0800", "8", "8.0", "480", "28800", "UTC+8", "GMT+08:00", "Asia/Shanghai"])
def test_the_zone_in_which_times_are_read_passes_however_it_is_written(said):
    check_zone({"utc_offset": pa.array([said, None])}, WINTER, power_feed())


@pytest.mark.parametrize(
    ("said", "zone"),
    [
        ("+00:00", "UTC"),
        ("UTC", "UTC"),
        ("0", "UTC"),
        ("+09:00", "Etc/GMT-9"),
        ("-5", "Etc/GMT+5"),
        ("Asia/Tokyo", "Asia/Tokyo"),
    ],
)
def test_another_zone_is_refused_until_one_is_declared(said, zone):
    columns = {"timezone": pa.array(["+08:00", said])}
    with pytest.raises(UnreadTimesError) as refusal:
        check_zone(columns, WINTER, power_feed())
    assert f"'timezone' says {said}, and times without offset are local times of Asia/Shanghai" in refusal.value.what
    assert f'write time_zone = "{zone}" (or "Asia/Shanghai"' in refusal.value.remedy
    check_zone(columns, WINTER, power_feed(time_zone="Asia/Shanghai"))


def test_words_that_are_no_zone_and_other_columns_say_nothing():
    check_zone({"tz": pa.array(["CST", "本地", ""])}, WINTER, power_feed())
    check_zone({"offset": pa.array(["0"])}, WINTER, power_feed())
    check_zone({"tz": pa.array(["UTC"])}, WINTER.slice(0, 0), power_feed())


def test_both_offsets_of_a_zone_with_summer_time_are_its_own():
    feed = power_feed().model_copy(update={"time_zone": "Europe/Rome"})
    feed.model_fields_set.discard("time_zone")
    check_zone({"utc_offset": pa.array(["+02:00", "+01:00"])}, CHANGE, feed)
    with pytest.raises(UnreadTimesError):
        check_zone({"utc_offset": pa.array(["+02:00", "+03:00"])}, CHANGE, feed)
    assert "time_zone" not in POWER


def test_both_offsets_of_a_year_that_begins_and_ends_in_winter_are_its_own():
    year = pa.array(
        [dt.datetime(2015, 1, 1, tzinfo=dt.UTC), dt.datetime(2015, 12, 31, tzinfo=dt.UTC)], TYPES["instant"]
    )
    feed = power_feed().model_copy(update={"time_zone": "Europe/Berlin"})
    feed.model_fields_set.discard("time_zone")
    check_zone({"utc_offset": pa.array(["+1", "+2"])}, year, feed)
    with pytest.raises(UnreadTimesError, match=r"'utc_offset' says \+3"):
        check_zone({"utc_offset": pa.array(["+1", "+3"])}, year, feed)
