"""Raw files: stored once, in numbered passes, and compared with their checksum when they are read."""

import datetime as dt
import logging
from pathlib import Path

import pyarrow as pa
import pytest

from bigdata_emis.collect.answer_checks import UnusableAnswerError
from bigdata_emis.collect.http_client import Answer
from bigdata_emis.collect.raw_archive import RawArchive, covered_period, number_local_days
from bigdata_emis.errors import FeedError
from bigdata_emis.storage.checksums import ChangedFileError
from tests.collect.feed_builders import DAY, HOUR, START, ZONE, lake, power_feed, raw_names

NOON = dt.datetime(2015, 12, 21, 12, tzinfo=dt.UTC)
NEXT_DAY = DAY + dt.timedelta(days=1)


def archive_of(home: Path) -> RawArchive:
    return RawArchive(lake(home), "power", DAY)


def land(home: Path, *payloads: bytes, at: dt.datetime = NOON) -> None:
    with archive_of(home).landing(at) as arrival:
        for number, payload in enumerate(payloads):
            arrival.add(Answer(f"p{number}", payload, "csv"))


def land_and_fail(home: Path, problem: FeedError, *payloads: bytes) -> None:
    with archive_of(home).landing(NOON) as arrival:
        for number, payload in enumerate(payloads):
            arrival.add(Answer(f"p{number}", payload, "csv"))
        raise problem


def contents(home: Path) -> list[list[bytes]]:
    archive = archive_of(home)
    return [[archive.read(received, answer) for answer in received.answers] for received in archive.passes()]


def raw_path(home: Path, payload: bytes) -> Path:
    return next(path for path in (home / "lake" / "raw").rglob("*.csv") if path.read_bytes() == payload)


def test_passes_are_numbered_in_order_of_arrival_whatever_the_clock_says(home, caplog):
    for hours, payload in ((0, b"a"), (-5, b"b"), (900_000, b"c"), (1, b"d")):
        land(home, payload, at=NOON + hours * HOUR)
    assert contents(home) == [[b"a"], [b"b"], [b"c"], [b"d"]]
    assert [received.number for received in archive_of(home).passes()] == [1, 2, 3, 4]
    assert "later than now: a clock is wrong" in caplog.text


def test_an_answer_that_comes_back_is_stored_once_and_each_of_its_arrivals_counts(home):
    for payload in (b"a", b"b", b"a"):
        land(home, payload)
    assert contents(home) == [[b"a"], [b"b"], [b"a"]]
    assert len(raw_names(home, "power")) == 2


def test_the_last_answer_again_is_the_same_pass_with_a_later_arrival(home):
    land(home, b"a", b"b")
    land(home, b"a", b"b", at=NOON + HOUR)
    assert [(received.number, received.received_utc) for received in archive_of(home).passes()] == [(1, NOON + HOUR)]


def test_what_came_before_a_failure_is_stored(home):
    with pytest.raises(FeedError):
        land_and_fail(home, FeedError("down"), b"whole")
    assert contents(home) == [[b"whole"]]


def test_a_pass_of_which_nothing_can_be_read_leaves_only_what_was_there_before(home):
    land(home, b"a")
    with pytest.raises(UnusableAnswerError):
        land_and_fail(home, UnusableAnswerError("nothing"), b"a", b"b")
    assert contents(home) == [[b"a"]]
    assert len(raw_names(home, "power")) == 1


def test_an_answer_that_was_changed_is_refused_when_it_is_read_and_put_back_when_it_comes_again(home, caplog):
    land(home, b"100")
    path = raw_path(home, b"100")
    path.chmod(0o640)
    path.write_bytes(b"120")
    with pytest.raises(ChangedFileError, match=r"csv is not what was recorded: .*restore it from a backup"):
        contents(home)
    land(home, b"100")
    assert contents(home) == [[b"100"]]
    assert "was changed since it was received" in caplog.text


def test_an_answer_that_is_gone_is_refused(home):
    land(home, b"100")
    raw_path(home, b"100").unlink()
    with pytest.raises(ChangedFileError, match=r"there is no such file; restore it from a backup"):
        contents(home)


def test_files_of_no_pass_are_said_and_not_read(home, caplog):
    land(home, b"a")
    folder = raw_path(home, b"a").parent
    (folder / "README").write_text("hi")
    (folder / ".DS_Store").write_bytes(b"\0")
    with caplog.at_level(logging.WARNING):
        archive_of(home).warn_of_unread_files()
    assert "files of no pass in the raw archive are not read: .DS_Store, README" in caplog.text
    assert contents(home) == [[b"a"]]


def test_a_damaged_record_is_said_and_its_number_not_used_again(home, caplog):
    land(home, b"a")
    land(home, b"b")
    next((home / "lake" / "raw").rglob("pass-000002.json")).write_text('{"rec')
    land(home, b"c")
    assert contents(home) == [[b"a"], [b"c"]]
    assert [received.number for received in archive_of(home).passes()] == [1, 3]
    assert "pass-000002.json is damaged and not read" in caplog.text


@pytest.mark.parametrize(
    ("changes", "first", "end"),
    [
        pytest.param({}, DAY, NEXT_DAY, id="file of a day"),
        pytest.param({"drop": "{year}.csv"}, dt.date(2015, 1, 1), dt.date(2016, 1, 1), id="file of a year"),
        pytest.param({"drop": "all.csv"}, dt.date(1970, 1, 1), dt.date(2200, 1, 1), id="one file"),
        pytest.param({"drop": "", "address": "http://x"}, DAY, NEXT_DAY, id="http"),
    ],
)
def test_an_answer_covers_a_day_a_year_or_all_days(changes, first, end):
    period = covered_period(power_feed(**changes), DAY)
    assert (period.first, period.end, period.landing_day) == (first, end, first)


def test_rows_have_the_number_of_their_local_day_and_others_are_counted():
    times = [START, START + 23 * HOUR, START + 24 * HOUR, START - HOUR, None]
    column = pa.chunked_array([pa.array(times, pa.timestamp("us", tz="UTC"))])
    number, excluded = number_local_days(column, [DAY], covered_period(power_feed(), DAY), ZONE)
    assert number.tolist() == [0, 0, -1, -1, -1]
    assert excluded == {"out_of_window": 2, "no_time": 1}


def test_a_row_of_the_file_s_period_but_of_no_day_asked_for_is_not_counted_as_excluded():
    column = pa.chunked_array([pa.array([START + 24 * HOUR], pa.timestamp("us", tz="UTC"))])
    number, excluded = number_local_days(column, [DAY], covered_period(power_feed(drop="all.csv"), DAY), ZONE)
    assert (number.tolist(), sum(excluded.values())) == ([-1], 0)
