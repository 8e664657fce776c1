"""Wide tables, dates and hours apart, and other codes, as long tables."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from bigdata_emis.collect.decode import DecodedAnswer
from bigdata_emis.collect.feed_config import Feed, read_feed
from bigdata_emis.collect.shapes.reshape import reshape, value_columns
from bigdata_emis.collect.shapes.time_spelling import UnreadTimesError
from tests.collect.feed_builders import region

AIR = "concentration_ug_per_m3"


def feed(table: str = "air_quality", **keys: Any) -> Feed:
    declared = {"format": "csv", "drop": "x.csv"} | keys
    return read_feed(region(Path("region"), **{table: declared}), table, f"{table}_reading")


def rows(declared: Feed, **columns: list) -> list[tuple]:
    arrays = {name: pa.array(values) for name, values in columns.items()}
    answer = reshape(DecodedAnswer(arrays, len(next(iter(columns.values()))), tuple(columns)), declared)
    assert answer.row_count == len(next(iter(answer.columns.values())))
    return [tuple(row.values()) for row in pa.table(dict(answer.columns)).to_pylist()]


def test_a_column_a_station_with_date_hour_and_kind_apart():
    national = feed(
        wide="{station_id}",
        time_columns=["date", "hour"],
        columns={"type": "pollutant_code"},
        ignored={"pollutant_code": ["AQI", "*_24h"]},
    )
    given = {"date": ["20151220"] * 3, "hour": ["0"] * 3, "type": ["PM2.5", "AQI", "PM10_24h"]}
    assert rows(national, **given, **{"1001A": ["89", "118", "7"], "1002A": ["", "121", "8"]}) == [
        ("20151220", "0", "PM2.5", "1001A", "89", "2015-12-20 00:00")
    ]


def test_a_column_a_pollutant_in_any_of_its_spellings():
    by_pollutant = feed(wide="{pollutant_code}", ignored={"pollutant_code": ["AQI"]})
    given = {"station_id": ["a"], "hour_utc": ["2015-12-20"], "pm25": [35.5], "NO2": [40.0], "AQI": [50]}
    assert rows(by_pollutant, **given) == [("a", "2015-12-20", "PM2.5", "35.5"), ("a", "2015-12-20", "NO2", "40")]


def test_a_column_a_station_and_pollutant():
    both = feed(wide="{station_id}_{pollutant_code}", only={"station_id": ["1*"]})
    given = {"hour_utc": ["2015-12-20"], "1001A_PM10": ["80"], "2001A_PM10": ["90"], "remark": ["x"]}
    assert rows(both, **given) == [("2015-12-20", "1001A", "PM10", "80")]


def test_a_column_a_quarter_of_an_hour():
    curve = feed("power", wide="P{clock}", wide_value="energy_kwh", time_columns=["day", "clock"])
    given = {"meter_id": ["m"], "day": ["2015-12-20"], "P1": ["5"], "P96": ["6"]}
    assert rows(curve, **given) == [
        ("m", "2015-12-20", "1", "5", "2015-12-20 00:00"),
        ("m", "2015-12-20", "96", "6", "2015-12-20 23:45"),
    ]


def test_a_wide_table_without_a_value_has_no_rows():
    assert rows(feed(wide="{station_id}", time_columns=["d", "h"]), d=["20151220"], h=["1"], s1=[""]) == []


def test_described_columns_are_no_values():
    declared = feed(wide="{station_id}", columns={"kind": "pollutant_code"}, only={"station_id": ["a*"]})
    assert value_columns(["hour_utc", "kind", "a1", "b1", ""], declared) == {"a1": {"station_id": "a1"}}


def test_codes_of_the_provider_become_ours_and_others_stay():
    coded = feed(codes={"station_id": {"Park": "1001A"}, "pollutant_code": {"颗粒物": "PM10"}})
    given = {"station_id": ["Park", "Lake"], "pollutant_code": ["颗粒物", "O₃"], "hour_utc": ["x", "x"], AIR: [1, 2]}
    assert [row[:2] for row in rows(coded, **given)] == [("1001A", "PM10"), ("Lake", "O3")]


def test_rows_of_other_kinds_are_not_read():
    some = feed(only={"station_id": ["1001A"]}, ignored={"pollutant_code": ["AQI*"]})
    given = {"station_id": ["1001A", "1001A", "9"], "pollutant_code": ["O3", "AQI", "O3"], AIR: [1, 2, 3]}
    assert rows(some, **given) == [("1001A", "O3", 1)]


def test_dates_that_cannot_be_joined_are_refused():
    with pytest.raises(UnreadTimesError, match="is no clock time"):
        rows(feed(time_columns=["d", "h"]), d=["20151220"], h=["9999"])
