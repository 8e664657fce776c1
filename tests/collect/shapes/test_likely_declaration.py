"""Keys that would likely read a table, from the names of its columns."""

from pathlib import Path
from typing import Any

import pytest

from bigdata_emis import flow
from bigdata_emis.collect.feed_config import read_feed
from bigdata_emis.collect.shapes.likely_declaration import likely_keys, load_curve_pattern
from tests.collect.feed_builders import region

TABLES = {stage.feed: stage.writes[0] for stage in flow.STAGES if stage.feed}


def keys(feed_id: str, *names: str, **declared: Any) -> dict[str, Any]:
    place = region(Path("region"), **{feed_id: {"format": "csv", "drop": "x.csv"} | declared})
    return likely_keys(names, read_feed(place, feed_id, TABLES[feed_id]))


def test_columns_are_known_by_their_words_in_chinese_and_english():
    assert keys("power", "电表编号", "采集时间", "有功电量", constants={"interval_min": 15}) == {
        "columns": {"电表编号": "meter_id", "采集时间": "interval_start_utc", "有功电量": "energy_kwh"}
    }
    assert keys("traffic", "linkId", "timestamp", "avgSpeed", "volume")["columns"] == {
        "linkId": "link_id",
        "timestamp": "interval_start_utc",
        "avgSpeed": "speed_km_per_h",
        "volume": "flow_veh_per_h",
    }


def test_a_wide_table_with_date_and_hour_apart():
    assert keys("air_quality", "date", "hour", "type", "1001A", "1002A") == {
        "wide": "{station_id}",
        "time_columns": ["date", "hour"],
        "columns": {"type": "pollutant_code"},
    }


def test_the_points_of_a_load_curve_are_times_and_no_meters():
    curve = [f"P{number}" for number in range(1, 97)]
    found = keys("power", "电表", "日期", *curve, constants={"interval_min": 15})
    assert found == {"wide": "P{clock}", "time_columns": ["日期", "clock"], "columns": {"电表": "meter_id"}}
    assert [load_curve_pattern(names) for names in (["1", "2"], ["P1", "P3"], ["1001A", "1002A"])] == ["", "", ""]


def test_a_column_a_pollutant_and_what_is_none():
    found = keys("air_quality", "site", "datetime", "PM2.5", "SO2", "AQI")
    assert found == {
        "wide": "{pollutant_code}",
        "ignored": {"pollutant_code": ["AQI"]},
        "columns": {"site": "station_id", "datetime": "hour_utc"},
    }


def test_year_to_hour_apart():
    assert keys("weather", "station_id", "year", "month", "day", "hour", "TEMP")["time_columns"] == [
        "year",
        "month",
        "day",
        "hour",
    ]


def test_the_unit_of_a_row_and_the_status_of_a_monitor():
    assert keys("air_quality", "station_id", "hour_utc", "pollutant_code", "value", "unit")["unit_column"] == "unit"
    names = ("stack_id", "hour_utc", "pollutant_code", "concentration_mg_per_m3", "flow_m3_per_h", "Flag")
    assert keys("cems", *names) == {"columns": {"Flag": "flag_codes"}}


@pytest.mark.parametrize("names", [(), ("a", "b")])
def test_names_that_say_nothing_give_nothing(names):
    assert keys("power", *names, constants={"interval_min": 15}) == {}


def test_a_first_column_without_a_name_is_that_of_times():
    assert keys("power", "", "M1", "M2", constants={"interval_min": 15}) == {
        "wide": "{meter_id}",
        "columns": {"": "interval_start_utc"},
    }
