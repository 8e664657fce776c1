"""Rows of a database as an answer of a feed."""

import datetime as dt
import sqlite3
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bigdata_emis.collect.collect_feeds import collect_feed
from bigdata_emis.collect.feed_config import read_feed
from bigdata_emis.collect.formats.limits import Limits
from bigdata_emis.collect.raw_archive import RawArchive
from bigdata_emis.collect.web.sql_source import fetch_rows
from bigdata_emis.errors import FeedError, InputError
from bigdata_emis.window import Window
from tests.collect.feed_builders import DAY, START, context, lake, power_rows, region

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
    assert first.name == "sql-20151219T16-20151219T17"


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


BY_CURSOR = {
    "query_sql": QUERY.replace("kwh as", "changed, kwh as"),
    "cursor_column": "changed",
    "cursor_overlap_s": 60,
}


@pytest.fixture
def dated(base: Path) -> Path:
    """The rows with the time at which each was written."""
    with sqlite3.connect(base) as connection:
        connection.execute("alter table load add column changed timestamp")
        connection.execute("update load set changed = '2015-12-20 09:00:00' where at > '2015-12-20 12:00:00'")
        connection.execute("update load set changed = '2015-12-20 08:00:00' where at < '2015-12-20 12:00:00'")
    return base


def write(base: Path, at: str, kwh: float, changed: object) -> None:
    with sqlite3.connect(base) as connection:
        connection.execute("insert into load values ('m1', ?, ?, ?)", (at, kwh, changed))


def sizes(folder: Path) -> list[int]:
    """The rows in each stored answer, in order of arrival."""
    archive = RawArchive(lake(folder), "power", DAY)
    return [
        pq.read_table(pa.BufferReader(archive.read(received, answer))).num_rows
        for received in archive.passes()
        for answer in received.answers
    ]


def test_only_rows_that_changed_since_are_asked_for_and_those_before_stay(dated, tmp_path):
    collect(tmp_path, **BY_CURSOR)
    write(dated, "2015-12-20 01:00:00", 7, "2015-12-20 10:00:00")
    write(dated, "2015-12-20 00:00:00", 3, "2015-12-20 10:00:00")
    energies = sorted((row[1].hour, row[2]) for row in power_rows(collect(tmp_path, **BY_CURSOR)) if row[2])
    assert sizes(tmp_path) == [2, 3]
    assert energies == [(16, 2.5), (16, 3.0), (17, 7.0)]
    assert [row[2] for row in power_rows(collect(tmp_path, **BY_CURSOR)) if row[1].hour == 17] == [7.0]


def test_a_row_that_was_written_before_the_cursor_and_committed_after_it_is_found(dated, tmp_path):
    """It is of 50 s before the newest row that was received; one of 70 s before is beyond the overlap of 60 s."""
    collect(tmp_path, **BY_CURSOR)
    write(dated, "2015-12-20 02:00:00", 8, "2015-12-20 08:59:10")
    write(dated, "2015-12-20 03:00:00", 9, "2015-12-20 08:58:50")
    assert {row[2] for row in power_rows(collect(tmp_path, **BY_CURSOR))} == {2.5, 8.0, None}


def test_an_answer_without_rows_moves_no_cursor_and_a_number_may_be_one(dated, tmp_path):
    with sqlite3.connect(dated) as connection:
        connection.execute("update load set changed = rowid")
    for number in (10, 11):
        collect(tmp_path, **BY_CURSOR)
        collect(tmp_path, **BY_CURSOR)
        write(dated, f"2015-12-20 {number}:00:00", number, number)
    rows = power_rows(collect(tmp_path, **BY_CURSOR))
    assert sorted(row[2] or 0 for row in rows) == [0, 2.5, 10, 11]


def test_another_query_asks_for_the_whole_window_again(dated, tmp_path):
    collect(tmp_path, **BY_CURSOR)
    collect(tmp_path, **BY_CURSOR | {"query_sql": BY_CURSOR["query_sql"] + ", no"})
    assert len(set(sizes(tmp_path))) == 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"cumulative": ["energy_kwh"]}, "a reading of a counter needs the one before it"),
        ({"database_secret": "", "query_sql": "", "address": "http://x"}, "only a database is asked by a column"),
    ],
)
def test_a_cursor_that_cannot_be_used_is_refused(dated, tmp_path, changes, message):
    with pytest.raises(InputError, match=message):
        collect(tmp_path, **BY_CURSOR | changes)


def test_a_cursor_that_is_not_selected_or_of_mixed_kinds_is_refused(dated, tmp_path):
    with pytest.raises(FeedError, match="no column 'changed' in the answer"):
        collect(tmp_path, cursor_column="changed")
    write(dated, "2015-12-20 02:00:00", 8, 5)
    with pytest.raises(FeedError, match="'changed' is neither a number nor a time in every row"):
        collect(tmp_path, **BY_CURSOR)
