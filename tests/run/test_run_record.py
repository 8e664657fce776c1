"""Every run has a row from its start to its end, whatever ends it, and `emis runs` is given these rows."""

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import gethostname
from typing import Any

import pyarrow as pa
import pytest

from bigdata_emis import schema
from bigdata_emis.context import Context
from bigdata_emis.errors import FeedError, RefusedError
from bigdata_emis.region import Grid, Region
from bigdata_emis.run.receipt import Receipt
from bigdata_emis.run.run_record import ANNOUNCED, end_own_rows, list_runs, one_line, record_run
from bigdata_emis.schema.arrow import arrow_schema
from bigdata_emis.storage import database
from bigdata_emis.storage.temporary_files import process_tag
from bigdata_emis.window import Window

KNOWN = datetime(2015, 12, 21, 4, tzinfo=UTC)
START = datetime(2026, 1, 1, 6, tzinfo=UTC)
WINDOW = Window(datetime(2015, 12, 20, tzinfo=UTC), datetime(2015, 12, 21, tzinfo=UTC))


class StepClock:
    """A clock that is ten seconds later each time it is read."""

    def __init__(self, start: datetime = START) -> None:
        self.next = start

    def __call__(self) -> datetime:
        self.next += timedelta(seconds=10)
        return self.next - timedelta(seconds=10)


@pytest.fixture(autouse=True)
def registry(home: Path) -> None:
    database.migrate()


def context(region_id: str = "a", run_id: str = "run-1") -> Context:
    region = Region(region_id, Path(), "A", "甲", "UTC", True, Grid("EPSG:32650", 1000, 0, 0, 1, 1), {}, {}, {})
    return Context(region, WINDOW, KNOWN, run_id, store=None)


def stored(region_id: str = "a") -> list[dict[str, Any]]:
    return database.read("run", region_id).to_pylist()


def receipt(complete_share: float | None = None) -> Receipt:
    return Receipt("combine", 3, 2, {}, 0.0, complete_share=complete_share)


def run_once(stage: str = "combine", *, at: datetime = START, share: float | None = None, **names: str) -> None:
    with record_run(stage, context(**names), clock=StepClock(at)) as entry:
        entry.receipt = receipt(share)


def test_a_run_is_running_until_its_end_and_then_done_with_both_times_and_its_receipt() -> None:
    with record_run("combine", context(), clock=StepClock()) as entry:
        (row,) = stored()
        assert (row["status"], row["started_utc"], row["ended_utc"]) == ("running", START, None)
        entry.receipt = receipt()
    (row,) = stored()
    assert (row["status"], row["error"]) == ("done", None)
    assert row["ended_utc"] - row["started_utc"] == timedelta(seconds=10)
    assert row["known_utc"] == KNOWN
    assert '"rows_in": 3' in row["receipt_json"]


@pytest.mark.parametrize(("share", "status"), [(None, "done"), (1.0, "done"), (0.94, "done"), (0.0, "partial")])
def test_a_run_is_partial_when_a_day_that_it_wrote_rests_on_no_reading(share: float | None, status: str) -> None:
    run_once(share=share)
    assert stored()[0]["status"] == status


def test_a_day_that_is_published_as_partial_is_recorded_with_the_reason() -> None:
    with record_run("day", context(), clock=StepClock()) as entry:
        entry.partial_reason = "power covers 12 of 24 h"
    (row,) = stored()
    assert (row["status"], row["error"]) == ("partial", "power covers 12 of 24 h")


@pytest.mark.parametrize(
    ("problem", "status", "error"),
    [
        (FeedError("feed power is down\nat line 2", "try later"), "failed", "feed power is down at line 2; try later"),
        (RefusedError("mass differs"), "refused", "mass differs"),
        (ZeroDivisionError("division by zero"), "failed", "ZeroDivisionError: division by zero"),
        (KeyboardInterrupt(), "interrupted", "KeyboardInterrupt"),
    ],
    ids=["failed", "refused", "a bug", "interrupted"],
)
def test_a_run_that_raises_is_recorded_and_its_error_goes_on(problem: BaseException, status: str, error: str) -> None:
    with pytest.raises(type(problem)) as raised, record_run("combine", context(), clock=StepClock()):
        raise problem
    assert raised.value is problem
    (row,) = stored()
    assert (row["status"], row["error"], row["receipt_json"]) == (status, error, None)
    assert row["ended_utc"] == START + timedelta(seconds=10)


def test_a_record_that_cannot_be_written_does_not_hide_the_error_of_the_run(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail_without_a_database() -> None:
        with record_run("combine", context(), clock=StepClock()):
            monkeypatch.setenv("EMIS_DATABASE", "sqlite:///")
            raise RefusedError("mass differs")

    with pytest.raises(RefusedError, match="mass differs"):
        fail_without_a_database()
    assert "run run-1/combine ended with an error that could not be recorded" in caplog.text


def test_no_secret_of_an_error_that_nobody_foresaw_is_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("METER_PASS", "hush-hush")
    feeds = {"power": {"address": "http://a/{METER_PASS}/power"}}
    named = replace(context(), region=replace(context().region, feeds=feeds))
    with pytest.raises(OSError, match="GET"), record_run("combine", named, clock=StepClock()):
        raise OSError("GET http://u:p@a/hush-hush/power?appid=123 " + "x" * 960 + " hush-hush")
    (row,) = stored()
    assert row["error"].startswith("OSError: GET http://…@a/{METER_PASS}/power?appid=… xxx")
    assert "hush" not in row["error"]


def test_an_error_is_one_line_of_at_most_a_thousand_characters() -> None:
    assert len(one_line(RefusedError("x " * 2000))) == 1000


def test_a_second_attempt_beside_a_running_one_has_a_row_of_its_own() -> None:
    with record_run("combine", context(), clock=StepClock()):
        run_once(at=START + timedelta(minutes=1))
        assert {row["run_id"]: row["status"] for row in stored()} == {
            "run-1/combine": "running",
            "run-1/combine/2": "done",
        }
    assert {row["status"] for row in stored()} == {"done"}


def test_a_second_attempt_after_the_first_has_ended_replaces_its_row() -> None:
    with pytest.raises(RefusedError), record_run("combine", context(), clock=StepClock()):
        raise RefusedError("mass differs")
    run_once(at=START + timedelta(minutes=1))
    (row,) = stored()
    assert (row["run_id"], row["status"], row["error"]) == ("run-1/combine", "done", None)


def leave_running(process_tag: str) -> None:
    """A row of a run as a process leaves it that is killed."""
    row = {
        "run_id": "killed/combine",
        "stage_name": "combine",
        "from_utc": WINDOW.from_utc,
        "to_utc": WINDOW.to_utc,
        "started_utc": START,
        "status": "running",
        "process_tag": process_tag,
        "code_version": "0",
    }
    database.upsert("run", "a", pa.Table.from_pylist([row], arrow_schema(schema.table("run"))))


def test_a_run_whose_process_was_killed_counts_as_interrupted_and_its_row_can_be_replaced() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    leave_running(f"{gethostname()}-{ended.pid}")
    (run,) = list_runs(is_failed_only=True)
    assert (run["status"], run["seconds"]) == ("interrupted", None)
    assert run["error"] == f"process {gethostname()}-{ended.pid} ended without a message"
    run_once(run_id="killed")
    assert [row["status"] for row in stored()] == ["done"]


def test_a_run_of_another_host_cannot_be_asked_and_counts_as_running() -> None:
    leave_running("another-host-1")
    soon = StepClock(START + timedelta(hours=24))
    assert [run["status"] for run in list_runs(clock=soon)] == ["running"]
    assert list_runs(is_failed_only=True, clock=StepClock(START + timedelta(hours=1))) == []


def test_a_run_of_another_host_that_began_more_than_a_day_ago_is_abandoned_and_listed_among_the_failed() -> None:
    leave_running("another-host-1")
    (run,) = list_runs(is_failed_only=True, clock=StepClock(START + timedelta(hours=49)))
    assert (run["status"], run["seconds"]) == ("abandoned", None)
    assert run["error"] == "process another-host-1 began 49 h ago and has reported no end"


def test_a_run_of_this_host_is_running_as_long_as_its_process_is() -> None:
    leave_running(process_tag())
    assert [run["status"] for run in list_runs(clock=StepClock(START + timedelta(days=9)))] == ["running"]


def test_runs_are_listed_newest_first_over_all_regions_or_of_one() -> None:
    for number, region_id in enumerate("abab"):
        run_once(at=START + timedelta(hours=number), region_id=region_id, run_id=f"run-{number}")
    assert [run["run"] for run in list_runs()] == [f"run-{number}/combine" for number in (3, 2, 1, 0)]
    assert [run["run"] for run in list_runs("b", limit=1)] == ["run-3/combine"]
    since = list_runs(since_utc=START + timedelta(hours=2))
    assert [run["run"] for run in since] == ["run-3/combine", "run-2/combine"]


def test_a_listed_run_says_what_ran_over_which_window_and_for_how_long() -> None:
    run_once()
    assert list_runs() == [
        {
            "started_utc": START,
            "ended_utc": START + timedelta(seconds=10),
            "seconds": 10.0,
            "region": "a",
            "stage": "combine",
            "from_utc": WINDOW.from_utc,
            "to_utc": WINDOW.to_utc,
            "status": "done",
            "error": None,
            "run": "run-1/combine",
            "command": None,
            "later": None,
        }
    ]


def fail_once(stage: str = "combine", *, at: datetime, **names: str) -> None:
    with pytest.raises(RefusedError), record_run(stage, context(**names), clock=StepClock(at)):
        raise RefusedError("mass differs")


def test_a_run_that_failed_says_what_became_of_a_later_try_of_the_same_stage_and_window() -> None:
    fail_once(at=START, run_id="run-1")
    fail_once(at=START + timedelta(hours=1), run_id="run-2")
    run_once(at=START + timedelta(hours=2), run_id="run-3")
    run_once(at=START + timedelta(hours=3), run_id="run-4")
    fail_once(at=START + timedelta(hours=4), run_id="run-5")
    last, _, done, second, first = list_runs()
    succeeded = {"run": "run-3/combine", "started_utc": START + timedelta(hours=2), "status": "done"}
    assert (first["later"], second["later"], done["later"], last["later"]) == (succeeded, succeeded, None, None)


def test_while_no_later_try_has_succeeded_the_last_one_is_given() -> None:
    for number in range(3):
        fail_once(at=START + timedelta(hours=number), run_id=f"run-{number}")
    later = list_runs(is_failed_only=True)[-1]["later"]
    assert (later["run"], later["status"]) == ("run-2/combine", "refused")


def test_another_stage_or_region_is_no_later_try() -> None:
    fail_once(at=START)
    run_once("allocate", at=START + timedelta(hours=1))
    run_once(at=START + timedelta(hours=1), region_id="b", run_id="run-b")
    assert list_runs("a", is_failed_only=True)[0]["later"] is None


def test_a_process_of_the_same_number_that_began_later_is_not_the_one_that_ran() -> None:
    """As after the restart of a machine or of a container, where numbers begin anew."""
    leave_running(f"{process_tag()}@00000000.1")
    (run,) = list_runs(is_failed_only=True)
    assert (run["status"], run["error"]) == ("interrupted", f"process {process_tag()} ended without a message")


def test_the_rows_that_a_killed_process_left_open_are_ended_with_the_reason() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    leave_running(f"{gethostname()}-{ended.pid}@0.1")
    end_own_rows("a", ended.pid, started_utc=START, error="killed by signal 9")
    (row,) = stored()
    assert (row["status"], row["error"], row["ended_utc"] is None) == ("interrupted", "killed by signal 9", False)


@pytest.mark.parametrize(
    ("announced", "is_replaced"), [("a-1/combine", True), ("a-1/allocate", False), ("b-1/combine", False), ("", False)]
)
def test_a_run_replaces_the_row_in_which_it_was_announced(
    announced: str, is_replaced: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_running(process_tag())
    row = stored()[0] | {"run_id": announced or "other"}
    database.upsert("run", "a", pa.Table.from_pylist([row], arrow_schema(schema.table("run"))))
    monkeypatch.setenv(ANNOUNCED, announced)
    run_once()
    assert (row["run_id"] in {row["run_id"] for row in stored()}) is not is_replaced


def test_only_failed_runs_are_listed_where_that_is_asked_however_many_succeeded() -> None:
    with pytest.raises(RefusedError), record_run("allocate", context(), clock=StepClock()):
        raise RefusedError("mass differs")
    for number in range(3):
        run_once(at=START + timedelta(hours=number), run_id=f"later-{number}")
    assert [(run["stage"], run["status"]) for run in list_runs(is_failed_only=True, limit=1)] == [
        ("allocate", "refused")
    ]
