"""Which answers hold the days of a window: days ahead, days of issue, and files that have changed."""

import datetime as dt
import json
from dataclasses import replace

import pytest

from bigdata_emis.collect.asking.landings import plan_landings
from bigdata_emis.collect.collect_feeds import collect_feed, collection_window
from bigdata_emis.collect.feed_config import read_feed
from bigdata_emis.errors import FeedError
from bigdata_emis.window import Window
from tests.collect.feed_builders import DAY, HOUR, START, context, drop, page, serve

FORECAST = "air_quality_forecast"
NAMES = "issued_utc,pollutant_code,hour_utc,concentration_ug_per_m3\n"
ISSUES = {"format": "csv", "drop": "drop/{issue_day}.csv", "ahead_h": 48}
POWER = {"format": "csv", "drop": "drop/{day}.csv", "constants": {"interval_min": 15}}
READINGS = "meter_id,interval_start_utc,energy_kwh\n"
NEXT = DAY + dt.timedelta(days=1)
NINE_OF_NEXT_DAY = dt.datetime(2015, 12, 21, 1, tzinfo=dt.UTC)


def collect(place, feed_id="forecast", table=FORECAST):
    asked = replace(place, asked_window=place.window)
    widened = replace(asked, window=collection_window(feed_id, table, asked))
    return collect_feed(feed_id, table, context=widened)


def values(rows):
    return rows["concentration_ug_per_m3"].to_pylist()


def test_an_hourly_collection_asks_for_the_days_that_a_forecast_reaches(tmp_path, monkeypatch):
    with serve() as provider:
        monkeypatch.setenv("EMIS_FEEDS_ADDRESS", provider.address)
        record = {"issued_utc": "2015-12-19T20:00+08:00", "pollutant_code": "PM2.5", "concentration_ug_per_m3": 320}
        days = [record | {"hour_utc": f"2015-12-{20 + ahead}T01:00+08:00"} for ahead in range(3)]
        provider.responses = [page(1, 1, [day], "forecast") for day in days]
        feed = {"format": "json", "address": "{EMIS_FEEDS_ADDRESS}/f", "ahead_h": 48}
        rows = collect(context(tmp_path, known_h=-20, forecast=feed))
    assert [query["from"] for query in provider.queries] == [f"2015-12-{d}T16:00:00Z" for d in (19, 20, 21)]
    assert values(rows) == [320.0, 320.0, 320.0]
    assert json.loads(rows.schema.metadata[b"left_out_days"]) == []


def test_a_day_ahead_that_the_provider_does_not_have_yet_is_left_out(tmp_path, monkeypatch, caplog):
    with serve() as provider:
        monkeypatch.setenv("EMIS_FEEDS_ADDRESS", provider.address)
        record = {"issued_utc": "2015-12-19T20:00+08:00", "pollutant_code": "PM2.5", "concentration_ug_per_m3": 80}
        first = page(1, 1, [record | {"hour_utc": "2015-12-20T01:00+08:00"}], "forecast")
        provider.responses = [first, (404, {}, b"")]
        feed = {"format": "json", "address": "{EMIS_FEEDS_ADDRESS}/f", "ahead_h": 24}
        rows = collect(context(tmp_path, known_h=-20, forecast=feed))
    assert values(rows) == [80.0]
    assert json.loads(rows.schema.metadata[b"left_out_days"]) == ["2015-12-21"]
    assert "rows ahead of 2015-12-21 could not be collected" in caplog.text


def test_files_by_day_of_issue_hold_the_days_ahead_and_those_of_earlier_issues_stay(tmp_path):
    place = context(tmp_path, forecast=ISSUES)
    drop(tmp_path, NAMES + "2015-12-20T08:00,PM2.5,2015-12-21T09:00,100\n2015-12-20T08:00,PM2.5,2015-12-20T09:00,90\n")
    assert sorted(values(collect(place))) == [90.0, 100.0]
    next_day = Window(START + 24 * HOUR, START + 48 * HOUR)
    drop(tmp_path, NAMES + "2015-12-21T08:00,O3,2015-12-21T09:00,30\n", f"{NEXT}.csv")
    rows = collect(context(tmp_path, window=next_day, known_h=24, forecast=ISSUES))
    assert rows["pollutant_code"].to_pylist() == ["PM2.5", "O3"]
    assert (values(rows), set(rows["hour_utc"].to_pylist())) == ([100.0, 30.0], {NINE_OF_NEXT_DAY})


def test_a_missing_file_of_the_day_of_issue_is_refused(tmp_path):
    with pytest.raises(FeedError, match=r"2015-12-20.csv: No such file"):
        collect(context(tmp_path, forecast=ISSUES))


def test_a_day_is_held_by_the_issues_that_reach_it(tmp_path):
    feed = read_feed(context(tmp_path, forecast=ISSUES).region, "forecast", FORECAST)
    landings = plan_landings(feed, [DAY, NEXT], [DAY])
    assert [(landing.about.day, [day.day for day in landing.days], landing.is_asked) for landing in landings] == [
        (18, [20], False),
        (19, [20, 21], False),
        (20, [20, 21], True),
        (21, [21], False),
    ]


def test_a_file_of_a_day_before_that_has_changed_is_read_again(tmp_path):
    drop(tmp_path, READINGS + "m1,2015-12-20T00:00,1\n")
    collect(context(tmp_path, power=POWER), "power", "power_reading")
    next_day = Window(START + 24 * HOUR, START + 48 * HOUR)
    place = context(tmp_path, window=next_day, known_h=24, power=POWER)
    drop(tmp_path, READINGS + "m1,2015-12-21T00:00,7\n", f"{NEXT}.csv")
    assert collection_window("power", "power_reading", place) == next_day
    drop(tmp_path, READINGS + "m1,2015-12-20T00:00,1\nm1,2015-12-20T00:15,2\n")
    assert collection_window("power", "power_reading", place) == Window(START, next_day.to_utc)
    assert collect(place, "power", "power_reading")["energy_kwh"].to_pylist() == [1.0, 2.0, 7.0]
    assert collection_window("power", "power_reading", place) == next_day
