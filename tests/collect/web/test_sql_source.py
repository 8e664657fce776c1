"""Rows of a database as an answer of a feed."""

import datetime as dt
import sqlite3
from pathlib import Path

import pytest

from bigdata_emis.collect.collect_feeds import collect_feed
from bigdata_emis.collect.feed_config import read_feed
from bigdata_emis.collect.formats.limits import Limits
from bigdata_emis.collect.web.sql_source import fetch_rows
from bigdata_emis.errors import FeedError, InputError
from bigdata_emis.window import Window
from tests.collect.feed_builders import START, context, power_rows, region

QUERY = (
    "select no as meter_id, at as interval_start_utc, kwh as energy_kwh from load "
    "where at >= :from and at < :to order by at"
)
FEED = {
    "format": "parquet",
    "database_secret": "A_DATABASE",
    "query_sql": QUERY,
    "query_zone": "Asia/Shanghai",
    "constants": {"interval_min": 60},
}
ROWS = [("m1", "2015-12-19 23:00:00", 1), ("m1", "2015-12-20 00:00:00", 2.5), ("m1", "2015-12-20 23:00:00", None)]


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "load.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("create table load (no text, at timestamp, kwh real)")
        connection.executemany("insert into load values (?, ?, ?)", ROWS)
    monkeypatch.setenv("A_DATABASE", f"sqlite:///{path}")
    return path


def collect(folder: Path, **changes):
    return collect_feed("power", "power_reading", context=context(folder, power=FEED | changes))


def test_the_rows_of_the_local_day_are_read_from_the_database(base, tmp_path):
    times = [(row[1].replace(tzinfo=dt.UTC), row[2]) for row in power_rows(collect(tmp_path))]
    first, last = dt.datetime(2015, 12, 19, 16, tzinfo=dt.UTC), dt.datetime(2015, 12, 20, 15, tzinfo=dt.UTC)
    assert times == [(first, 2.5), (last, None)]


def test_the_same_rows_give_the_same_bytes(base, tmp_path):
    feed = read_feed(region(tmp_path, power=FEED), "power", "power_reading")
    window, limits = Window(START, START + dt.timedelta(hours=1)), Limits("power", byte_count=1 << 20, row_count=100)
    first, second = (fetch_rows(feed, window, limits) for _ in range(2))
    assert first == second
    assert first[0] == "sql-20151219T16-20151219T17"


def test_a_row_that_comes_later_is_found_when_the_day_is_asked_for_again(base, tmp_path):
    collect(tmp_path)
    with sqlite3.connect(base) as connection:
        connection.execute("insert into load values ('m1', '2015-12-20 01:00:00', 7)")
    assert sorted(row[2] or 0 for row in power_rows(collect(tmp_path))) == [0, 2.5, 7.0]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"query_sql": "select * from no_table where 1 > :from and 1 < :to"}, "no such table: no_table"),
        ({"database_secret": "NO_SUCH"}, "the environment variable NO_SUCH is not set; put the SQLAlchemy"),
        ({"largest_pass_rows": 1}, "more than 1 rows"),
    ],
)
def test_what_a_database_refuses_is_one_line_without_its_address(base, tmp_path, changes, message):
    with pytest.raises(FeedError, match=message) as refusal:
        collect(tmp_path, **changes)
    assert "sqlite:///" not in str(refusal.value)


def test_a_query_without_the_window_would_read_everything_and_is_refused(base, tmp_path):
    with pytest.raises(InputError, match="query_sql .*: expected a query with :from and :to"):
        collect(tmp_path, query_sql="select 1")


def test_an_address_of_an_unknown_database_is_refused(base, tmp_path, monkeypatch):
    monkeypatch.setenv("A_DATABASE", "nonsense://x")
    with pytest.raises(FeedError, match="its address names no database that can be opened here; write an address"):
        collect(tmp_path)
