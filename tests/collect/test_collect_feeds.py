"""Collecting: what providers send in files and over HTTP, kept as received and read in our names, units and times."""

import datetime as dt
import gzip
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bigdata_emis import schema
from bigdata_emis.collect.collect_feeds import (
    collect_forecast,
    collect_measured_activity,
    collect_power,
    collect_signalling,
)
from bigdata_emis.context import Context
from bigdata_emis.errors import FeedError, InputError
from bigdata_emis.region import Grid, Region
from bigdata_emis.schema.arrow import conform
from bigdata_emis.settings import settings
from bigdata_emis.storage.lake import Store
from bigdata_emis.window import Window, day_window

ZONE = "Asia/Shanghai"
DAY = dt.date(2015, 12, 20)
START = day_window(DAY, ZONE).from_utc
NAMES = {"meterNo": "meter_id", "startTime": "interval_start_utc", "kWh": "energy_kwh"}
POWER = {"format": "csv", "drop": "drop/{day}.csv", "columns": NAMES, "constants": {"interval_min": 15}}


def context(
    folder: Path, *, window: Window | None = None, known_h: int = 0, options: dict | None = None, **feeds: dict
) -> Context:
    region = Region("r", folder, "r", "r", ZONE, True, Grid("EPSG:32650", 3000, 0, 0, 1, 1), {}, options or {}, feeds)
    return Context(region, window or day_window(DAY, ZONE), dt.datetime(2015, 12, 21, known_h, tzinfo=dt.UTC), "run")


def drop(home: Path, text: str, name: str = f"{DAY}.csv") -> None:
    (home / "drop").mkdir(exist_ok=True)
    (home / "drop" / name).write_bytes(text.encode("utf-8-sig"))


def raw_names(feed_id: str, day: dt.date = DAY) -> list[str]:
    return [name for name, _ in Store(settings().lake, "r", ZONE).raw(feed_id, day)]


def power_rows(result: pa.Table) -> list[tuple]:
    rows = conform(result, schema.table("power_reading")).to_pylist()
    return [
        (r["meter_id"], r["interval_start_utc"], r["energy_kwh"], r["record_number"], r["flag_codes"]) for r in rows
    ]


def test_a_dropped_file_becomes_readings_in_our_names_and_utc(home):
    drop(home, "meterNo,startTime,kWh\nm1,2015-12-20T00:00:00,1.5\nm2,2015-12-20T08:15:00+08:00,2\n")
    assert power_rows(collect_power(context=context(home, power=POWER))) == [
        ("m1", START, 1.5, 1, []),
        ("m2", START + dt.timedelta(hours=8, minutes=15), 2.0, 2, []),
    ]


def test_text_that_is_no_number_is_kept_and_flagged_and_a_negative_number_is_kept(home):
    drop(
        home,
        "meterNo,startTime,kWh\nm1,2015-12-20T00:00,--\nm1,2015-12-20T01:00,-3\nm1,2015-12-20T02:00,\nm1,2015-12-20T03:00,nan\n",
    )
    assert [row[2:] for row in power_rows(collect_power(context=context(home, power=POWER)))] == [
        (None, 1, ["not_a_number"]),
        (-3.0, 2, []),
        (None, 3, []),
        (None, 4, ["not_a_number"]),
    ]


def test_rows_that_the_day_cannot_hold_are_counted(home):
    drop(home, "meterNo,startTime,kWh\nm1,2015-12-20T00:00,1\nm1,2015-12-21T00:00,1\nm1,yesterday,1\n")
    result = collect_power(context=context(home, power=POWER))
    assert json.loads(result.schema.metadata[b"set_aside"]) == {"out_of_window": 1, "no_time": 1}
    assert (result.num_rows, result.schema.metadata[b"received"]) == (1, b"3")


def test_a_file_of_a_year_is_kept_once_and_read_for_each_of_its_days(home):
    start = dt.datetime.fromisoformat("2015-12-20T00:00")
    times = pa.array([start, start + dt.timedelta(hours=25), None, start + dt.timedelta(days=60)], pa.timestamp("ns"))
    pq.write_table(
        pa.table({"ts": times, "ptid": [7.0, 7.0, 7.0, 7.0], "heat": pa.array([1.0, 2.0, 3.0, 4.0], pa.float32())}),
        home / "y2015.parquet",
    )
    feed = {
        "format": "parquet",
        "drop": "y{year}.parquet",
        "columns": {"ts": "hour_utc", "ptid": "production_line_id", "heat": "activity"},
        "factors": {"activity": 10.0},
        "constants": {"activity_unit_code": "GJ"},
        "time_zone": "Etc/GMT-8",
    }
    window = Window(START, START + dt.timedelta(days=2))
    result = collect_measured_activity(context=context(home, window=window, measured_activity=feed))
    rows = conform(result, schema.table("measured_activity_reading")).to_pylist()
    assert [(r["production_line_id"], r["hour_utc"], r["activity"], r["record_number"]) for r in rows] == [
        ("7", START, 10.0, 1),
        ("7", START + dt.timedelta(hours=25), 20.0, 1),
    ]
    assert len(raw_names("measured_activity", dt.date(2015, 1, 1))) == 1
    assert json.loads(result.schema.metadata[b"set_aside"]) == {"out_of_window": 1, "no_time": 1}


def test_a_rerun_with_the_same_file_keeps_it_once_and_gives_the_same_rows(home):
    drop(home, "meterNo,startTime,kWh\nm1,2015-12-20T00:00,1\nm1,2015-12-20T00:00,1\n")
    first = collect_power(context=context(home, power=POWER))
    again = collect_power(context=context(home, known_h=5, power=POWER))
    assert again.equals(first)
    assert first.num_rows == 2
    assert len(raw_names("power")) == 1


def test_of_a_file_sent_again_only_what_is_new_is_added(home):
    drop(home, "meterNo,startTime,kWh\nm1,2015-12-20T00:00,1\n")
    collect_power(context=context(home, power=POWER))
    drop(home, "meterNo,startTime,kWh\nm1,2015-12-20T01:00,5\nm1,2015-12-20T00:00,1\n")
    rows = power_rows(collect_power(context=context(home, known_h=5, power=POWER)))
    assert [(row[2], row[3]) for row in rows] == [(1.0, 1), (5.0, 2)]
    assert len(raw_names("power")) == 2


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"", "empty", id="empty"),
        pytest.param(b"a,b\n1,2\n", "no column 'meterNo'", id="another file"),
        pytest.param(b"meterNo,startTime,kWh\nm1,2015\n", "Expected 3 columns", id="torn row"),
        pytest.param(b"meterNo,startTime,kWh\n\xff\xfe,2015-12-20,1\n", "UTF8", id="not UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_and_not_kept(home, content, message):
    (home / "drop").mkdir()
    (home / "drop" / f"{DAY}.csv").write_bytes(content)
    with pytest.raises(FeedError, match=message):
        collect_power(context=context(home, power=POWER))
    assert raw_names("power") == []


def test_half_a_gzip_file_and_a_missing_file_are_refused(home):
    feed = POWER | {"drop": "drop/{day}.csv.gz"}
    with pytest.raises(FeedError, match="No such file"):
        collect_power(context=context(home, power=feed))
    drop(home, "")
    (home / "drop" / f"{DAY}.csv.gz").write_bytes(gzip.compress(b"meterNo,startTime,kWh\n" * 100)[:30])
    with pytest.raises(FeedError, match="whole gzip"):
        collect_power(context=context(home, power=feed))


def test_a_setting_that_no_feed_has_is_refused(home):
    with pytest.raises(InputError, match="'adress' is no setting"):
        collect_power(context=context(home, power=POWER | {"adress": "x"}))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param({"factors": {"energy_kwh": "a"}}, "factor of energy_kwh is 'a'", id="factor that is text"),
        pytest.param(
            {"factors": {"energy_kwh": float("inf")}}, "factor of energy_kwh is 'inf'", id="factor without end"
        ),
        pytest.param({"factors": {"meter_id": 2}}, "meter_id is no number", id="factor of a text"),
        pytest.param(
            {"constants": {"interval_min": "quarter"}},
            "constant of interval_min is 'quarter'",
            id="constant of another kind",
        ),
        pytest.param({"columns": "kWh"}, "columns is 'kWh'", id="columns that are no table"),
        pytest.param({"columns": {"kWh": 7}}, "columns.kWh is '7'", id="column named by a number"),
        pytest.param({"attempts": "ten"}, "attempts is 'ten'", id="attempts in words"),
        pytest.param({"page_size": 0}, "page_size is '0'", id="empty pages"),
        pytest.param({"late_h": -1}, "late_h is '-1'", id="negative lateness"),
        pytest.param({"drop": 5}, "drop is '5'", id="drop that is a number"),
    ],
)
def test_a_setting_of_the_wrong_kind_is_refused_in_one_line(home, changes, message):
    drop(home, "meterNo,startTime,kWh\nm1,2015-12-20T00:00,1\n")
    with pytest.raises(InputError, match=message) as refusal:
        collect_power(context=context(home, power=POWER | changes))
    assert "[power]" in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_column_of_a_type_that_can_be_no_number_is_refused_and_not_kept(home):
    columns = {"meterNo": ["m1"], "startTime": ["2015-12-20T00:00"], "kWh": [dt.date(2015, 12, 20)]}
    pq.write_table(pa.table(columns), home / f"{DAY}.parquet")
    with pytest.raises(FeedError, match="'kWh' cannot be read as number"):
        collect_power(context=context(home, power=POWER | {"format": "parquet", "drop": "{day}.parquet"}))
    assert raw_names("power") == []


def test_a_repeated_column_is_refused_when_it_is_wanted_and_passed_over_when_not(home):
    drop(home, "meterNo,startTime,kWh,note,note\nm1,2015-12-20T00:00,1,a,b\n")
    assert [row[2] for row in power_rows(collect_power(context=context(home, power=POWER)))] == [1.0]
    drop(home, "meterNo,startTime,kWh,kWh\nm1,2015-12-20T00:00,1,2\n")
    with pytest.raises(FeedError, match="column 'kWh' comes 2 times"):
        collect_power(context=context(home, power=POWER))
    assert len(raw_names("power")) == 1


@dataclass
class Provider:
    """A provider on loopback that answers from a list of (status, headers, body), one a request."""

    answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)
    tokens: list[str | None] = field(default_factory=list)
    address: str = ""


@pytest.fixture
def provider() -> Iterator[Provider]:
    made = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.asked.append({k: v[0] for k, v in parse_qs(urlsplit(self.path).query).items()})
            made.tokens.append(self.headers.get("Authorization"))
            status, headers, body = made.answers.pop(0)
            self.send_response(status)
            for name, value in ({"Content-Length": str(len(body))} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    made.address = f"http://127.0.0.1:{server.server_port}"
    yield made
    server.shutdown()
    server.server_close()


def page(number: int, pages: int, records: list[dict], feed: str = "power") -> tuple[int, dict[str, str], bytes]:
    return 200, {}, json.dumps({"feed": feed, "page": number, "pages": pages, "records": records}).encode()


def record(hour: int, energy: Any, meter: str = "m1") -> dict[str, Any]:
    return {"meterNo": meter, "startTime": f"2015-12-20T{hour:02d}:00:00+08:00", "kWh": energy}


@pytest.fixture
def over_http(home, provider, monkeypatch) -> Callable[..., pa.Table]:
    monkeypatch.setenv("EMIS_FEEDS_ADDRESS", provider.address)
    monkeypatch.setenv("A_TOKEN", "secret")
    feed = {
        "format": "json",
        "address": "{EMIS_FEEDS_ADDRESS}/power",
        "auth_secret": "A_TOKEN",
        "page_size": 2,
        "attempts": 2,
        "wait_s": 0,
        "columns": NAMES,
        "constants": {"interval_min": 15},
        "late_h": 6,
    }
    return lambda **changes: collect_power(context=context(home, power=feed, **changes))


def test_every_page_is_asked_for_with_the_token_and_the_window(provider, over_http):
    provider.answers = [page(1, 2, [record(0, 1), record(1, "2.5")]), page(2, 2, [record(2, "--")])]
    assert [(row[2], row[4]) for row in power_rows(over_http())] == [(1.0, []), (2.5, []), (None, ["not_a_number"])]
    assert provider.asked[1] == {
        "from": "2015-12-19T16:00:00Z",
        "to": "2015-12-20T16:00:00Z",
        "page": "2",
        "page_size": "2",
    }
    assert provider.tokens == ["Bearer secret"] * 2


def test_a_busy_provider_is_asked_again_when_it_says(provider, over_http):
    provider.answers = [(429, {"Retry-After": "0"}, b""), page(1, 1, [record(0, 1)])]
    assert over_http().num_rows == 1


def test_an_hour_is_asked_for_with_the_hours_in_which_late_rows_may_have_come(provider, over_http):
    provider.answers = [page(1, 1, [])]
    over_http(window=Window(START + dt.timedelta(hours=10), START + dt.timedelta(hours=11)))
    assert (provider.asked[0]["from"], provider.asked[0]["to"]) == ("2015-12-19T20:00:00Z", "2015-12-20T03:00:00Z")


def test_rows_that_overlapping_answers_repeat_count_once_but_a_row_sent_twice_counts_twice(provider, over_http):
    provider.answers = [page(1, 1, [record(0, 1), record(0, 1), record(1, 2)])]
    over_http()
    provider.answers = [page(1, 2, [record(0, 1), record(0, 1)]), page(2, 2, [record(1, 2), record(2, 3)])]
    rows = power_rows(over_http(known_h=3))
    assert [row[2] for row in rows] == [1.0, 1.0, 2.0, 3.0]
    assert [row[3] for row in rows] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        pytest.param([(500, {}, b"oops")] * 2, "status 500 in 2 attempts", id="down"),
        pytest.param([(200, {"Content-Length": "500"}, b'{"feed": "po')] * 2, "in 2 attempts", id="half a body"),
        pytest.param(
            [(200, {}, b'{"feed": "power", "records": [{"me')] * 2, "half a body in 2 attempts", id="half a document"
        ),
        pytest.param([(200, {}, b'{"feed": "power", "records": [}')], "no valid JSON", id="no JSON"),
        pytest.param([page(1, 1, [], feed="cems")], "is of feed 'cems', not power", id="another feed"),
        pytest.param([(200, {}, b'{"data": []}')], "no JSON answer with 'records'", id="another shape"),
        pytest.param([(200, {}, b'{"records": [1]}')], "not an object", id="records of another shape"),
        pytest.param([(403, {}, b"")], "valid token in the environment variable A_TOKEN", id="refused"),
    ],
)
def test_a_bad_answer_is_one_line_that_says_what_where_and_how_to_mend(provider, over_http, answers, message):
    provider.answers = list(answers)
    with pytest.raises(FeedError, match=message) as refusal:
        over_http()
    assert "\n" not in str(refusal.value)
    assert "feed power" in str(refusal.value)


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
def test_an_answer_that_cannot_be_read_is_not_kept_and_the_next_run_is_whole(provider, over_http, body, message):
    provider.answers = [(200, {}, body)]
    with pytest.raises(FeedError, match=message) as refusal:
        over_http()
    assert "\n" not in str(refusal.value)
    assert raw_names("power") == []
    provider.answers = [page(1, 1, [record(0, 1)])]
    assert over_http().num_rows == 1


def test_a_good_page_before_one_that_cannot_be_read_is_kept(provider, over_http):
    provider.answers = [page(1, 2, [record(0, 1)]), page(2, 2, [{"x": 1}])]
    with pytest.raises(FeedError, match="has no column"):
        over_http()
    assert len(raw_names("power")) == 1


def test_what_came_before_a_failure_is_kept_and_completed_by_the_next_run(provider, over_http):
    provider.answers = [page(1, 2, [record(0, 1)]), (500, {}, b""), (500, {}, b"")]
    with pytest.raises(FeedError):
        over_http()
    assert len(raw_names("power")) == 1
    provider.answers = [page(1, 2, [record(0, 1)]), page(2, 2, [record(1, 2)])]
    assert [row[2] for row in power_rows(over_http())] == [1.0, 2.0]


def test_days_before_http_from_come_from_the_drop(home, provider, monkeypatch):
    monkeypatch.setenv("EMIS_FEEDS_ADDRESS", provider.address)
    feed = POWER | {"address": "{EMIS_FEEDS_ADDRESS}/power", "http_from": "2015-12-21"}
    drop(home, "meterNo,startTime,kWh\nm1,2015-12-20T00:00,1\n")
    provider.answers = [page(1, 1, [{"meterNo": "m1", "startTime": "2015-12-21T05:00:00+08:00", "kWh": 2}])]
    both = context(home, window=Window(START, START + dt.timedelta(days=2)), power=feed)
    assert [row[2] for row in power_rows(collect_power(context=both))] == [1.0, 2.0]


def test_small_phone_counts_do_not_get_beyond_the_raw_bytes(home):
    drop(home, "cell_id,hour_utc,present_device_count,moving_device_count\nr1c1,2015-12-20T00:00,12,9\n")
    feed = {"format": "csv", "drop": "drop/{day}.csv"}
    row = collect_signalling(context=context(home, signalling=feed)).to_pylist()[0]
    assert (row["present_device_count"], row["moving_device_count"], row["flag_codes"]) == (12, None, ["privacy"])


@pytest.mark.parametrize("count", ["ten", 3, 10.5, True])
def test_an_anonymity_threshold_that_is_no_whole_number_from_ten_on_is_refused(home, count):
    drop(home, "cell_id,hour_utc,present_device_count,moving_device_count\nr1c1,2015-12-20T00:00,12,9\n")
    feed = {"format": "csv", "drop": "drop/{day}.csv"}
    with pytest.raises(InputError, match=f"anonymity_count is {count}"):
        collect_signalling(context=context(home, options={"anonymity_count": count}, signalling=feed))


def test_of_a_forecast_restated_for_the_same_issue_the_latest_counts(home):
    line = "2015-12-19T20:00,PM2.5,2015-12-20T00:00"
    drop(home, f"issued_utc,pollutant_code,hour_utc,concentration_ug_per_m3\n{line},100\n{line},150\n")
    feed = {"format": "csv", "drop": "drop/{day}.csv"}
    result = conform(collect_forecast(context=context(home, forecast=feed)), schema.table("air_quality_forecast"))
    assert result["concentration_ug_per_m3"].to_pylist() == [150.0]
