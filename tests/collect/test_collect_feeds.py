"""Collecting a feed: answers stored as received, and readings in our names, units and times."""

import dataclasses
import datetime as dt
import gzip
import json
import shutil
from collections.abc import Callable

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bigdata_emis import schema
from bigdata_emis.collect.collect_feeds import collect_feed, collection_window
from bigdata_emis.collect.http_client import Answer
from bigdata_emis.collect.raw_archive import RawArchive
from bigdata_emis.context import Context
from bigdata_emis.errors import FeedError, InputError
from bigdata_emis.schema.arrow import conform
from bigdata_emis.window import Window, day_window
from tests.collect.feed_builders import (
    DAY,
    HOUR,
    POWER,
    POWER_BY_HTTP,
    START,
    ZONE,
    context,
    drop,
    page,
    power_rows,
    raw_names,
    record,
)

HEADER = "meterNo,startTime,kWh\n"
COUNTS = "cell_id,hour_utc,present_device_count,moving_device_count\nr1c1,2015-12-20T00:00,12,9\n"
BY_FILE = {"format": "csv", "drop": "drop/{day}.csv"}


def collect_power(context: Context) -> pa.Table:
    return collect_feed("power", "power_reading", context=context)


@pytest.fixture
def over_http(home, provider) -> Callable[..., pa.Table]:
    return lambda **changes: collect_power(context(home, power=POWER_BY_HTTP, **changes))


def test_a_dropped_file_becomes_readings_in_our_names_and_utc(home):
    drop(home, HEADER + "m1,2015-12-20T00:00:00,1.5\nm2,2015-12-20T08:15:00,2\n")
    assert power_rows(collect_power(context(home, power=POWER))) == [
        ("m1", START, 1.5, 1, []),
        ("m2", START + dt.timedelta(hours=8, minutes=15), 2.0, 2, []),
    ]


def test_text_that_is_no_number_is_flagged_and_a_negative_number_is_stored_as_sent(home):
    sent = ["--", "-3", "", "nan"]
    drop(home, HEADER + "".join(f"m1,2015-12-20T0{hour}:00,{value}\n" for hour, value in enumerate(sent)))
    assert [row[2:] for row in power_rows(collect_power(context(home, power=POWER)))] == [
        (None, 1, ["not_a_number"]),
        (-3.0, 2, []),
        (None, 3, []),
        (None, 4, ["not_a_number"]),
    ]


def test_rows_that_belong_to_no_day_of_the_file_are_counted_by_reason(home):
    drop(home, HEADER + "m1,2015-12-20T00:00,1\nm1,2015-12-21T00:00,1\nm1,yesterday,1\n")
    result = collect_power(context(home, power=POWER))
    assert json.loads(result.schema.metadata[b"set_aside"]) == {"out_of_window": 1, "no_time": 1}
    assert (result.num_rows, result.schema.metadata[b"received"]) == (1, b"3")


def test_a_file_of_a_year_is_stored_once_and_read_for_each_of_its_days(home):
    start = dt.datetime.fromisoformat("2015-12-20T00:00")
    times = pa.array([start, start + 25 * HOUR, None, start + dt.timedelta(days=60)], pa.timestamp("ns"))
    heat = pa.array([1.0, 2.0, 3.0, 4.0], pa.float32())
    pq.write_table(pa.table({"ts": times, "ptid": [7.0] * 4, "heat": heat}), home / "y2015.parquet")
    feed = {
        "format": "parquet",
        "drop": "y{year}.parquet",
        "columns": {"ts": "hour_utc", "ptid": "production_line_id", "heat": "activity"},
        "factors": {"activity": 10.0},
        "constants": {"activity_unit_code": "GJ"},
        "time_zone": "Etc/GMT-8",
    }
    two_days = context(home, window=Window(START, START + dt.timedelta(days=2)), measured_activity=feed)
    result = collect_feed("measured_activity", "measured_activity_reading", context=two_days)
    rows = conform(result, schema.table("measured_activity_reading")).to_pylist()
    assert [(r["production_line_id"], r["hour_utc"], r["activity"], r["record_number"]) for r in rows] == [
        ("7", START, 10.0, 1),
        ("7", START + 25 * HOUR, 20.0, 1),
    ]
    assert len(raw_names(home, "measured_activity", dt.date(2015, 1, 1))) == 1
    assert json.loads(result.schema.metadata[b"set_aside"]) == {"out_of_window": 1, "no_time": 1}


def test_a_rerun_with_the_same_file_stores_it_once_and_gives_the_same_rows(home):
    drop(home, HEADER + "m1,2015-12-20T00:00,1\nm1,2015-12-20T00:00,1\n")
    first = collect_power(context(home, power=POWER))
    second = collect_power(context(home, known_h=5, power=POWER))
    assert second.equals(first)
    assert first.num_rows == 2
    assert len(raw_names(home, "power")) == 1


def test_a_row_that_a_file_sends_again_counts_once_and_with_the_last_arrival(home):
    drop(home, HEADER + "m1,2015-12-20T00:00,1\n")
    collect_power(context(home, power=POWER))
    drop(home, HEADER + "m1,2015-12-20T01:00,5\nm1,2015-12-20T00:00,1\n")
    rows = power_rows(collect_power(context(home, known_h=5, power=POWER)))
    assert [(row[2], row[3]) for row in rows] == [(1.0, 2), (5.0, 1)]
    assert len(raw_names(home, "power")) == 2


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"", "empty", id="empty"),
        pytest.param(b"a,b\n1,2\n", "no column 'meterNo'", id="another file"),
        pytest.param(b"meterNo,startTime,kWh\nm1,2015\n", "Expected 3 columns", id="torn row"),
        pytest.param(b"meterNo,startTime,kWh\n\xff\xfe,2015-12-20,1\n", "UTF8", id="not UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_and_not_stored(home, content, message):
    (home / "drop").mkdir()
    (home / "drop" / f"{DAY}.csv").write_bytes(content)
    with pytest.raises(FeedError, match=message):
        collect_power(context(home, power=POWER))
    assert raw_names(home, "power") == []


def test_half_a_gzip_file_is_refused_and_not_stored(home):
    feed = POWER | {"drop": "drop/{day}.csv.gz"}
    drop(home, "")
    (home / "drop" / f"{DAY}.csv.gz").write_bytes(gzip.compress(HEADER.encode() * 100)[:30])
    with pytest.raises(FeedError, match="whole gzip"):
        collect_power(context(home, power=feed))
    assert raw_names(home, "power") == []


def test_a_column_of_a_type_that_can_be_no_number_is_refused_and_not_stored(home):
    columns = {"meterNo": ["m1"], "startTime": ["2015-12-20T00:00"], "kWh": [dt.date(2015, 12, 20)]}
    pq.write_table(pa.table(columns), home / f"{DAY}.parquet")
    with pytest.raises(FeedError, match="'kWh' cannot be read as number"):
        collect_power(context(home, power=POWER | {"format": "parquet", "drop": "{day}.parquet"}))
    assert raw_names(home, "power") == []


def test_an_hour_is_asked_for_with_the_hours_in_which_late_rows_may_have_come(home, provider, over_http):
    hour = context(home, power=POWER_BY_HTTP, window=Window(START + 10 * HOUR, START + 11 * HOUR))
    assert collection_window("power", "power_reading", hour) == Window(START + 4 * HOUR, START + 11 * HOUR)
    provider.responses = [page(1, 1, [])]
    over_http(window=collection_window("power", "power_reading", hour))
    assert (provider.queries[0]["from"], provider.queries[0]["to"]) == ("2015-12-19T20:00:00Z", "2015-12-20T03:00:00Z")


def test_rows_that_overlapping_answers_repeat_count_once_but_a_row_sent_twice_counts_twice(provider, over_http):
    provider.responses = [page(1, 1, [record(0, 1), record(0, 1), record(1, 2)])]
    over_http()
    provider.responses = [page(1, 2, [record(0, 1), record(0, 1)]), page(2, 2, [record(1, 2), record(2, 3)])]
    rows = power_rows(over_http(known_h=3))
    assert [row[2] for row in rows] == [1.0, 1.0, 2.0, 3.0]
    assert [row[3] for row in rows] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        pytest.param(b'{"records": [{"x": 1}]}', "has no column 'meterNo'", id="without our columns"),
        pytest.param(
            b'{"records": [{"meterNo": "\\ud800", "startTime": "2015-12-20T00:00:00", "kWh": 1}]}',
            "'meterNo' holds text",
            id="half a character",
        ),
    ],
)
def test_an_answer_that_cannot_be_read_is_not_stored_and_the_next_run_is_whole(
    home, provider, over_http, body, message
):
    provider.responses = [(200, {}, body)]
    with pytest.raises(FeedError, match=message) as refusal:
        over_http()
    assert "\n" not in str(refusal.value)
    assert raw_names(home, "power") == []
    provider.responses = [page(1, 1, [record(0, 1)])]
    assert over_http().num_rows == 1


def test_a_good_page_before_one_that_cannot_be_read_is_stored(home, provider, over_http):
    provider.responses = [page(1, 2, [record(0, 1)]), page(2, 2, [{"x": 1}])]
    with pytest.raises(FeedError, match="has no column"):
        over_http()
    assert len(raw_names(home, "power")) == 1


def test_what_came_before_a_failure_is_stored_and_completed_by_the_next_run(home, provider, over_http):
    provider.responses = [page(1, 2, [record(0, 1)]), (500, {}, b""), (500, {}, b"")]
    with pytest.raises(FeedError):
        over_http()
    assert len(raw_names(home, "power")) == 1
    provider.responses = [page(1, 2, [record(0, 1)]), page(2, 2, [record(1, 2)])]
    assert [row[2] for row in power_rows(over_http())] == [1.0, 2.0]


def test_days_before_http_from_come_from_the_drop(home, provider):
    feed = POWER | {"address": "{EMIS_FEEDS_ADDRESS}/power", "http_from": "2015-12-21"}
    drop(home, HEADER + "m1,2015-12-20T00:00,1\n")
    provider.responses = [page(1, 1, [{"meterNo": "m1", "startTime": "2015-12-21T05:00:00+08:00", "kWh": 2}])]
    both = context(home, window=Window(START, START + dt.timedelta(days=2)), power=feed)
    assert [row[2] for row in power_rows(collect_power(both))] == [1.0, 2.0]


def test_small_phone_counts_are_stored_nowhere(home):
    """Neither in the readings nor in the raw archive, from which the readings can still be read again."""
    drop(home, COUNTS)
    place = context(home, signalling=BY_FILE)
    for _ in range(2):
        row = collect_feed("signalling", "signalling_reading", context=place).to_pylist()[0]
        counts = row["present_device_count"], row["moving_device_count"], row["flag_codes"]
        assert counts == (None, None, ["privacy"])
        shutil.rmtree(home / "lake" / "parsed")
    assert [name.partition(".")[2] for name in raw_names(home, "signalling")] == ["rows.parquet"]
    (stored,) = (home / "lake" / "raw").rglob("*.rows.parquet")
    assert pq.read_table(stored, partitioning=None)["present_device_count"].to_pylist() == [None]


def test_phone_counts_that_were_stored_as_sent_are_suppressed_when_they_are_read(home):
    drop(home, COUNTS)
    place = context(home, signalling=BY_FILE)
    archive = RawArchive(place.store, "signalling", DAY)
    with archive.landing(place.known_utc) as arrival:
        arrival.add(Answer("drop-old", (home / "drop" / f"{DAY}.csv").read_bytes(), "csv"))
    readings = collect_feed("signalling", "signalling_reading", context=place)
    assert readings["moving_device_count"].null_count == readings.num_rows


@pytest.mark.parametrize("count", ["ten", 3, 10.5, True])
def test_an_anonymity_threshold_below_ten_or_no_whole_number_is_refused_before_anything_is_stored(home, count):
    drop(home, COUNTS)
    place = context(home, options={"anonymity_count": count}, signalling=BY_FILE)
    with pytest.raises(InputError, match="anonymity_count = .*: expected a whole number"):
        collect_feed("signalling", "signalling_reading", context=place)
    assert raw_names(home, "signalling") == []


def test_of_a_forecast_restated_for_the_same_issue_the_latest_counts(home):
    line = "2015-12-19T20:00,PM2.5,2015-12-20T00:00"
    drop(home, f"issued_utc,pollutant_code,hour_utc,concentration_ug_per_m3\n{line},100\n{line},150\n")
    result = collect_feed("forecast", "air_quality_forecast", context=context(home, forecast=BY_FILE))
    assert conform(result, schema.table("air_quality_forecast"))["concentration_ug_per_m3"].to_pylist() == [150.0]


def test_a_forecast_out_of_bounds_is_emptied_and_flagged(home):
    line = "2015-12-19T20:00,PM2.5,2015-12-20T00:00"
    drop(home, f"issued_utc,pollutant_code,hour_utc,concentration_ug_per_m3\n{line},-1\n")
    row = collect_feed("forecast", "air_quality_forecast", context=context(home, forecast=BY_FILE)).to_pylist()[0]
    assert (row["concentration_ug_per_m3"], row["flag_codes"]) == (None, ["out_of_bounds"])


def test_an_index_among_the_items_of_a_forecast_is_quarantined_and_counted(home, caplog):
    """Without this, one row of item AQI would leave the region without any forecast."""
    row = "2015-12-19T20:00,{},2015-12-20T0{}:00,{}"
    lines = [row.format("PM2.5", 0, 150), row.format("AQI", 0, 200), row.format("AQI", 1, 200)]
    drop(home, "\n".join(["issued_utc,pollutant_code,hour_utc,concentration_ug_per_m3", *lines, ""]))
    result = collect_feed("forecast", "air_quality_forecast", context=context(home, forecast=BY_FILE))
    assert result["pollutant_code"].to_pylist() == ["PM2.5"]
    assert result.schema.metadata[b"set_aside"] == b'{"unknown_id": 2}'
    assert "2 rows of the forecast are quarantined: no pollutant has the code AQI" in caplog.text
    assert conform(result, schema.table("air_quality_forecast")).num_rows == 1


def test_records_are_numbered_within_each_day_in_order_of_arrival(home):
    drop(home, HEADER + "m1,2015-12-21T00:00,1\nm1,2015-12-20T05:00,2\nm1,2015-12-21T01:00,3\n", "all.csv")
    two_days = Window(START, START + dt.timedelta(days=2))
    rows = power_rows(collect_power(context(home, window=two_days, power=POWER | {"drop": "drop/all.csv"})))
    assert [(row[2], row[3]) for row in rows] == [(2.0, 1), (1.0, 1), (3.0, 2)]


@pytest.mark.parametrize("hours", [1, 0, -30], ids=["later", "at once", "with the clock set back"])
def test_the_last_word_of_the_provider_counts_whatever_the_clock_says(home, hours):
    for number, energy in enumerate((100, 150, 100)):
        drop(home, HEADER + f"m1,2015-12-20T00:00,{energy}\n")
        rows = power_rows(collect_power(context(home, known_h=number * hours, power=POWER)))
        assert rows[-1][2] == max(rows, key=lambda row: row[3])[2] == energy
    assert [row[2] for row in rows] == [150.0, 100.0]


def test_the_last_hour_of_a_day_parses_as_many_bytes_as_the_first(home, provider):
    hourly, parsed = POWER_BY_HTTP | {"constants": {"interval_min": 60}}, []
    for hour in range(24):
        provider.responses = [page(1, 1, [record(h, 10 + hour) for h in range(24)])]
        readings = collect_power(context(home, power=hourly, known_h=hour))
        parsed.append(int(readings.schema.metadata[b"parsed_bytes"]))
    assert set(parsed) == {parsed[0]}
    assert readings.num_rows == 24 * 24
    for file in (home / "lake" / "parsed").rglob("*.parquet"):
        file.unlink()
    provider.responses = [page(1, 1, [record(h, 33) for h in range(24)])]
    again = collect_power(context(home, power=hourly, known_h=24))
    assert int(again.schema.metadata[b"parsed_bytes"]) == 24 * parsed[0]
    assert again.equals(readings)


def test_a_reading_that_arrives_before_its_interval_begins_is_flagged_until_it_comes_again(home):
    drop(home, HEADER + "m1,2015-12-20T10:00,1\nm1,2015-12-20T23:00,2\n")
    noon = dt.timedelta(hours=-20)
    early = context(home, known_h=noon // HOUR, power=POWER)
    assert [row[4] for row in power_rows(collect_power(early))] == [[], ["future"]]
    assert [row[4] for row in power_rows(collect_power(context(home, power=POWER)))] == [[], []]


def test_a_forecast_is_of_hours_to_come(home):
    line = "2015-12-19T20:00,PM2.5,2015-12-20T23:00"
    drop(home, f"issued_utc,pollutant_code,hour_utc,concentration_ug_per_m3\n{line},100\n")
    row = collect_feed("forecast", "air_quality_forecast", context=context(home, known_h=-30, forecast=BY_FILE))
    assert row.to_pylist()[0]["flag_codes"] == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param("m1,2015-12-20T00:00,--\nm2,2015-12-20T00:00,n/a\n", "none of the 2 values of 'kWh'", id="values"),
        pytest.param("m1,noon,1\n", "no value of 'startTime' can be read as a time", id="times"),
        pytest.param("m1,2015-12-25T00:00,1\n", "none of the 1 rows is of 2015-12-20", id="another day"),
    ],
)
def test_a_file_of_which_nothing_can_be_read_is_refused_and_not_stored(home, content, message):
    drop(home, HEADER + content)
    with pytest.raises(FeedError, match=message):
        collect_power(context(home, power=POWER))
    assert raw_names(home, "power") == []


def test_a_file_with_a_header_and_no_rows_is_an_empty_answer(home):
    drop(home, HEADER)
    assert collect_power(context(home, power=POWER)).num_rows == 0


def test_a_file_without_rows_is_refused_when_its_day_had_some_and_these_stay(home):
    drop(home, HEADER + "m1,2015-12-20T00:00,1\n")
    collect_power(context(home, power=POWER))
    drop(home, HEADER)
    with pytest.raises(FeedError, match=r"no rows, where earlier files of 2015-12-20 have some; .*ask the provider"):
        collect_power(context(home, power=POWER))
    assert len(raw_names(home, "power")) == 1
    assert collect_power(context(home, power=POWER | {"drop_rows": "new"})).num_rows == 1


def test_a_pass_with_more_rows_or_bytes_than_the_feed_allows_is_refused_and_leaves_nothing(home, provider):
    for changes in ({"largest_pass_rows": 3}, {"largest_pass_bytes": 300}):
        provider.responses = [page(1, 2, [record(0, 1), record(1, 1)]), page(2, 2, [record(2, 1), record(3, 1)])]
        with pytest.raises(FeedError, match=r"more than (3 rows|300 bytes on all pages); ask the provider for less"):
            collect_power(context(home, power=POWER_BY_HTTP | changes))
        assert raw_names(home, "power") == []


def test_a_column_that_the_provider_has_renamed_meanwhile_does_not_block_its_day(home, caplog):
    drop(home, HEADER + "m1,2015-12-20T00:00,1\n")
    collect_power(context(home, power=POWER))
    drop(home, "meterNo,startTime,energy\nm1,2015-12-20T01:00,2\n")
    renamed = POWER | {
        "drop_rows": "new",
        "columns": {"meterNo": "meter_id", "startTime": "interval_start_utc", "energy": "energy_kwh"},
    }
    assert [row[2] for row in power_rows(collect_power(context(home, power=renamed)))] == [None, 2.0]
    assert "has no column 'energy'" in caplog.text


def test_no_message_holds_a_secret_of_the_address(home, provider, monkeypatch, caplog):
    monkeypatch.setenv("A_KEY", "hidden-key")
    feed = POWER_BY_HTTP | {"address": "{EMIS_FEEDS_ADDRESS}/power?key={A_KEY}"}
    provider.responses = [(500, {}, b"")] * 2
    with pytest.raises(FeedError) as refusal:
        collect_power(context(home, power=feed))
    assert provider.queries[0]["key"] == "hidden-key"
    assert "hidden" not in str(refusal.value) + caplog.text


def air_quality(home, **keys) -> list[tuple]:
    declared = BY_FILE | keys
    readings = collect_feed("air_quality", "air_quality_reading", context=context(home, air_quality=declared))
    names = ("station_id", "pollutant_code", "hour_utc", "concentration_ug_per_m3")
    return [tuple(row[name] for name in names) for row in readings.to_pylist()]


def test_a_column_a_station_with_date_and_hour_apart_is_collected(home):
    drop(home, "date,hour,type,1001A,1002A\n20151220,0,CO,1.3,\n20151220,1,AQI,120,119\n20151220,1,PM2.5,91,90\n")
    assert air_quality(
        home,
        wide="{station_id}",
        time_columns=["date", "hour"],
        columns={"type": "pollutant_code"},
        ignored={"pollutant_code": ["AQI"]},
        pollutant_units={"CO": "mg/m3"},
    ) == [
        ("1001A", "CO", START, 1300.0),
        ("1001A", "PM2.5", START + HOUR, 91.0),
        ("1002A", "PM2.5", START + HOUR, 90.0),
    ]


def test_carbon_monoxide_in_another_unit_than_declared_is_refused_and_not_stored(home):
    rows = "".join(f"a,CO,2015-12-20T{hour:02d}:00,1.2\n" for hour in range(24))
    drop(home, "station_id,pollutant_code,hour_utc,concentration_ug_per_m3\n" + rows)
    with pytest.raises(FeedError, match="the median of CO is 1.2 µg/m3"):
        air_quality(home)
    assert raw_names(home, "air_quality") == []
    assert air_quality(home, pollutant_units={"CO": "mg/m3"})[0][3] == 1200.0


def test_times_at_the_end_of_intervals_are_refused_until_declared_and_then_fill_the_day(home):
    quarters = [START + dt.timedelta(hours=8) + number * dt.timedelta(minutes=15) for number in range(1, 97)]
    drop(home, HEADER + "".join(f"m1,{at:%Y-%m-%d %H:%M},{number}\n" for number, at in enumerate(quarters)))
    with pytest.raises(FeedError, match='write time_mark = "end"'):
        collect_power(context(home, power=POWER))
    rows = power_rows(collect_power(context(home, power=POWER | {"time_mark": "end"})))
    assert (len(rows), rows[0][1:3], rows[-1][1]) == (96, (START, 0.0), START + dt.timedelta(hours=23, minutes=45))


def test_a_status_that_is_not_valid_is_flagged(home):
    drop(home, "meterNo,startTime,kWh,Flag\nm1,2015-12-20T00:00,1,N\nm1,2015-12-20T00:15,1,D\n")
    feed = POWER | {"columns": POWER["columns"] | {"Flag": "flag_codes"}}
    assert [row[4] for row in power_rows(collect_power(context(home, power=feed)))] == [[], ["invalid_status"]]


def test_a_nested_answer_is_collected_with_the_unit_of_each_row(home):
    (home / "drop").mkdir()
    results = [
        {
            "value": 0.5,
            "parameter": {"name": "co", "units": "ppm"},
            "period": {"datetimeFrom": {"utc": "2015-12-19T16:00:00Z"}},
            "locationId": 7,
        }
    ]
    (home / "drop" / f"{DAY}.json").write_text(json.dumps({"meta": {"found": 1}, "results": results}))
    rows = air_quality(
        home,
        drop="drop/{day}.json",
        records="results",
        unit_column="parameter.units",
        columns={
            "locationId": "station_id",
            "parameter.name": "pollutant_code",
            "period.datetimeFrom.utc": "hour_utc",
            "value": "concentration_ug_per_m3",
        },
    )
    assert rows == [("7", "CO", START, pytest.approx(0.5 * 28.010 / 24.465 * 1000))]


@pytest.mark.parametrize("encoding", ["gbk", "utf-8-sig", "utf-16"])
def test_chinese_headings_are_read_in_the_encoding_of_the_office_computer(home, encoding):
    (home / "drop").mkdir()
    text = "电表,时间,电量\nm1,2015年12月20日0时,5\n"
    (home / "drop" / f"{DAY}.csv").write_bytes(text.encode(encoding))
    columns = {"电表": "meter_id", "时间": "interval_start_utc", "电量": "energy_kwh"}
    assert power_rows(collect_power(context(home, power=POWER | {"columns": columns})))[0][1:3] == (START, 5.0)


def test_an_answer_that_is_unchanged_counts_as_received_and_is_counted(home, provider):
    """The second collection stores nothing; the third one has an answer that was changed."""
    feed = POWER_BY_HTTP | {"paging": "single", "late_h": 0}
    first, changed = page(1, 1, [record(0, 1)])[2], page(1, 1, [record(0, 2)])[2]
    provider.responses = [(200, {"ETag": '"v1"'}, first), (304, {}, b""), (200, {"ETag": '"v2"'}, changed)]
    counts, names = [], []
    for _ in range(3):
        rows = collect_power(context(home, power=feed))
        counts.append((rows.schema.metadata[b"unchanged_answers"], rows.num_rows))
        names.append(len(raw_names(home, "power")))
    assert counts == [(b"0", 1), (b"1", 1), (b"0", 2)]
    assert names == [1, 1, 2]


def hours_of(day: str, *hours: int) -> str:
    return HEADER + "".join(f"m1,{day} {hour:02d}:00,{hour + 1}\n" for hour in hours)


@pytest.mark.parametrize(
    ("hours_before", "is_accepted"), [(range(24), True), (range(1, 25), False), (range(1, 24), False), ((), False)]
)
def test_hours_1_to_23_are_starts_only_after_a_file_with_the_hour_0(home, hours_before, is_accepted):
    """The files before, with hours 1-24 or 1-23, are of ends, or as undecided as this one."""
    hourly = POWER | {"constants": {"interval_min": 60}}
    before, window = DAY - dt.timedelta(days=1), day_window(DAY - dt.timedelta(days=1), ZONE)
    if hours_before:
        drop(home, hours_of(str(before), *hours_before), f"{before}.csv")
        declared = hourly | ({"time_mark": "end"} if 0 not in hours_before else {})
        collect_power(context(home, window=window, known_h=-24, power=declared))
    drop(home, hours_of(str(DAY), *range(1, 24)))
    if is_accepted:
        assert power_rows(collect_power(context(home, power=hourly)))[0][1] == START + HOUR
        return
    with pytest.raises(FeedError, match='only the first time of the day is missing.*write time_mark = "end", or'):
        collect_power(context(home, power=hourly))


def test_what_was_stored_of_times_at_ends_keeps_its_hours_when_it_is_parsed_again(home):
    """As after a change of the code that parses: what was parsed is gone, and the provider is not there."""
    ends = POWER | {"constants": {"interval_min": 60}, "time_mark": "end"}
    drop(home, hours_of(str(DAY), *range(1, 25)))
    first = power_rows(collect_power(context(home, power=ends)))
    shutil.rmtree(home / "lake" / "parsed")
    shutil.rmtree(home / "drop")
    following = Window(START + 24 * HOUR, START + 48 * HOUR)
    later = context(home, window=Window(START, following.to_utc), known_h=24, power=ends)
    drop(home, hours_of(str(DAY + dt.timedelta(days=1)), *range(1, 25)), f"{DAY + dt.timedelta(days=1)}.csv")
    again = power_rows(collect_power(dataclasses.replace(later, asked_window=following)))
    assert [row[1:3] for row in again[:24]] == [row[1:3] for row in first]
