"""One answer of a feed, explained; or what would read it."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from bigdata_emis import flow
from bigdata_emis.collect.feed_check import check_feed, newest_dropped_day
from bigdata_emis.collect.feed_config import Feed
from bigdata_emis.errors import FeedError
from tests.collect.feed_builders import DAY, POWER, POWER_BY_HTTP, drop, page, power_feed, record, region

TABLES = {stage.feed: stage.writes[0] for stage in flow.STAGES if stage.feed}
PLAIN = {"format": "csv", "drop": "drop/{day}.csv"}


def check(home: Path, feed_id: str, declared: dict[str, Any], **more: Any) -> dict[str, Any]:
    (home / "registry").mkdir(exist_ok=True)
    (home / "registry" / "meter.csv").write_text(
        "meter_id,production_line_id,meter_role_code,interval_min\nm1,L1,production,15\n"
    )
    return check_feed(region(home, **{feed_id: declared}), feed_id, TABLES[feed_id], day=DAY, **more)


def test_what_each_column_became_is_shown_with_its_unit_and_what_cannot_be_used(home):
    drop(
        home,
        "meterNo,startTime,kWh,remark\nm1,2015-12-20 00:00,10,a\nm9,2015-12-20 00:15,--,b\nm1,2015-12-20 01:00,-5,\n",
    )
    document = check(home, "power", POWER | {"units": {"energy_kwh": "kW"}})
    energy = next(column for column in document["columns"] if column["field"] == "energy_kwh")
    assert energy == {
        "column": "kWh",
        "field": "energy_kwh",
        "unit": "kW → kilowatt_hour",
        "values": 2,
        "unreadable": 1,
        "missing": 0,
        "out_of_bounds": 1,
        "sent": "10",
        "became": "2.5",
    }
    assert document["unused_columns"] == ["remark"]
    assert document["unknown"] == {"meter_id": {"rows": 1, "count": 1, "first": ["m9"]}}
    assert document["first_utc"] == "2015-12-19T16:00:00+00:00"
    assert "local time of Asia/Shanghai, start of the interval" in document["times"]["interval_start_utc"]
    assert (document["refused"], document["rows"], len(document["first_rows"])) == ("", 3, 3)


def test_nothing_is_stored(home):
    drop(home, "meterNo,startTime,kWh\nm1,2015-12-20 00:00,10\n")
    check(home, "power", POWER)
    assert not (home / "lake").exists()


def test_a_provider_is_asked_for_one_hour(home, provider):
    provider.responses = [page(1, 1, [record(12, 1)])]
    assert check(home, "power", POWER_BY_HTTP)["rows"] == 1
    assert (provider.queries[0]["from"], provider.queries[0]["to"]) == ("2015-12-20T04:00:00Z", "2015-12-20T05:00:00Z")


def test_any_file_can_be_tried(home, tmp_path):
    file = tmp_path / "new.csv"
    file.write_text("meterNo,startTime,kWh\nm1,2019-01-01 00:00,10\n")
    assert check(home, "power", POWER, file=file)["rows"] == 1
    with pytest.raises(FeedError, match="No such file"):
        check(home, "power", POWER, file=tmp_path / "none.csv")


def test_a_wide_file_that_is_not_declared_is_refused_with_the_keys_that_read_it(home):
    hours = "".join(
        f"20151220,{hour},{kind},{value},{value}\n" for hour in range(24) for kind, value in (("CO", 1.2), ("O3", 50))
    )
    drop(home, "date,hour,type,1001A,1002A\n" + hours)
    document = check(home, "air_quality", PLAIN)
    assert "has no column" in document["refused"]
    assert document["suggested"] == {
        "wide": "{station_id}",
        "time_columns": ["date", "hour"],
        "columns": {"type": "pollutant_code"},
        "pollutant_units": {"CO": "mg/m3"},
    }
    assert check(home, "air_quality", PLAIN | document["suggested"])["refused"] == ""


def test_a_printed_report_with_decimal_commas_is_refused_with_the_keys_that_read_it(home):
    rows = "".join(f"m1;2015-12-20 {hour:02d}:00;{hour},5;60\n" for hour in range(24))
    drop(home, "用电日报;;;\n日期 2015-12-20;;千瓦时;\n电表;时间;电量;\n;;有功;间隔\n" + rows)
    document = check(home, "power", PLAIN)
    assert document["suggested"] == {
        "skip_rows": 2,
        "header_rows": 2,
        "columns": {
            "电表": "meter_id",
            "时间": "interval_start_utc",
            "电量 有功": "energy_kwh",
            "电量 间隔": "interval_min",
        },
        "decimal": ",",
    }
    assert check(home, "power", PLAIN | document["suggested"])["rows"] == 24


def test_a_nested_answer_is_refused_with_the_path_of_its_records(home):
    (home / "drop").mkdir()
    rows = [{"meterNo": "m1", "startTime": "2015-12-20 00:00", "kWh": 1}]
    (home / "drop" / f"{DAY}.json").write_text(json.dumps({"code": 0, "data": {"rows": rows}}))
    document = check(home, "power", POWER | {"format": "json", "drop": "drop/{day}.json"})
    assert document["suggested"] == {"records": "data.rows"}


def test_an_answer_that_nothing_reads_has_no_suggestion(home):
    drop(home, "a,b\n1,2\n")
    document = check(home, "power", PLAIN)
    assert (document["suggested"], "has no column" in document["refused"]) == ({}, True)


def test_the_newest_dropped_file_is_found(home):
    drop(home, "x", "2015-12-17.csv")
    feed: Feed = power_feed(home)
    assert newest_dropped_day(feed, DAY) == dt.date(2015, 12, 17)
    assert newest_dropped_day(feed, dt.date(2015, 12, 16), days=30) is None


def test_counts_below_the_threshold_are_shown_nowhere(tmp_path):
    small, large = ("3", "7"), ("420", "137")
    lines = "".join(f"c{n},2015-12-20T{n:02d}:00,{p},{m}\n" for n, (p, m) in enumerate((small, large, ("8", "5"))))
    drop(tmp_path, "cell_id,hour_utc,present_device_count,moving_device_count\n" + lines)
    place = region(tmp_path, signalling={"format": "csv", "drop": "drop/{day}.csv"})
    document = check_feed(place, "signalling", "signalling_reading", day=DAY)
    columns = {column["field"]: (column["sent"], column["became"]) for column in document["columns"]}
    assert columns["present_device_count"] == ("420", "420")
    assert columns["moving_device_count"] == ("137", "137")
    assert [row["present_device_count"] for row in document["first_rows"]] == [None, 420, None]
    assert [row["moving_device_count"] for row in document["first_rows"]] == [None, 137, None]


def test_a_file_of_counters_is_read_by_the_key_that_is_proposed(tmp_path):
    lines = "".join(f"m1,2015-12-20T{hour:02d}:00,{838000 + 36 * hour}\n" for hour in range(24))
    drop(tmp_path, "meter_id,interval_start_utc,energy_kwh\n" + lines)
    place = region(tmp_path, power={"format": "csv", "drop": "drop/{day}.csv", "constants": {"interval_min": 60}})
    document = check_feed(place, "power", "power_reading", day=DAY)
    assert document["suggested"] == {"cumulative": ["energy_kwh"]}
    assert "only rises, as the readings of counters do" in document["refused"]


def test_counts_of_areas_are_read_without_an_index_and_movements_become_cycles(home):
    """Twelve movements are six landings with a take-off; the file of `emis feed count` needs no declaration."""
    drop(home, "机场,时间,架次\nZBTJ,2015-12-20 08:00,12\n")
    airport = PLAIN | {
        "time_zone": "Asia/Shanghai",
        "columns": {"机场": "activity_area_id", "时间": "hour_utc", "架次": "counted_activity"},
        "factors": {"counted_activity": 0.5},
    }
    document = check(home, "area_activity", airport)
    assert document["refused"] == ""
    column = next(column for column in document["columns"] if column["field"] == "counted_activity")
    assert (column["sent"], column["became"]) == ("12", "6.0")
    drop(home, "activity_area_id,hour_utc,counted_activity\nquay,2015-12-20T00:00:00+00:00,0.833333\n")
    document = check(home, "area_activity", PLAIN)
    assert (document["refused"], document["rows"]) == ("", 1)
