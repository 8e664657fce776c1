"""`emis runs` prints what ran and what failed, as a table or as JSON."""

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bigdata_emis.cli.app import main
from bigdata_emis.cli.runs import run_lines
from bigdata_emis.context import Context
from bigdata_emis.errors import FeedError
from bigdata_emis.region import Grid, Region
from bigdata_emis.run.run_record import record_run
from bigdata_emis.storage import database
from bigdata_emis.window import Window

START = datetime(2026, 1, 1, 6, tzinfo=UTC)
WINDOW = Window(datetime(2015, 12, 20, tzinfo=UTC), datetime(2015, 12, 21, tzinfo=UTC))


@pytest.fixture
def two_runs(home: Path) -> None:
    """A run that succeeded, and one an hour later that failed."""
    database.migrate()
    region = Region("nys", Path(), "A", "甲", "UTC", False, Grid("EPSG:32650", 1000, 0, 0, 1, 1), {}, {}, {})
    context = Context(region, WINDOW, START, "run-1", store=None)
    times = iter([START, START + timedelta(seconds=90), START + timedelta(hours=1), START + timedelta(hours=2)])
    with record_run("combine", context, clock=lambda: next(times)):
        pass
    with pytest.raises(FeedError), record_run("collect_power", context, clock=lambda: next(times)):
        raise FeedError("feed power is down", "try later")


def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    monkeypatch.setattr(sys, "argv", ["emis", "runs", *words])
    with pytest.raises(SystemExit, match="^0$"):
        main()
    return capsys.readouterr().out


def test_runs_are_a_table_with_the_newest_first(two_runs, monkeypatch, capsys) -> None:
    title, failed, done = call(monkeypatch, capsys).splitlines()
    assert title.split() == ["started", "seconds", "region", "stage", "window", "status", "later", "try", "error"]
    assert "2026-01-01 02:00 -05:00" in failed
    assert [text.strip() for text in failed.split("  ") if text][-3:] == [
        "failed",
        "-",
        "feed power is down; try later",
    ]
    assert done.split()[:6] == ["2026-01-01", "01:00", "-05:00", "90.0", "nys", "combine"]
    assert "2015-12-19 19:00 -05:00 to 2015-12-20 19:00 -05:00" in done


def test_only_failed_runs_since_a_time_are_given_as_json(two_runs, monkeypatch, capsys) -> None:
    (run,) = json.loads(call(monkeypatch, capsys, "--failed", "--json"))["runs"]
    assert (run["stage"], run["status"], run["seconds"]) == ("collect_power", "failed", 3600.0)
    assert run["started_utc"] == "2026-01-01T07:00:00+00:00"
    later = call(monkeypatch, capsys, "--since", "2026-01-01T07:30", "--json")
    assert json.loads(later) == {"runs": []}


def test_runs_of_an_unknown_region_are_refused_and_those_of_a_deleted_one_are_shown(
    two_runs, monkeypatch, capsys
) -> None:
    assert len(call(monkeypatch, capsys, "--region", "nys", "--limit", "1").splitlines()) == 2
    monkeypatch.setattr(sys, "argv", ["emis", "runs", "--region", "nowhere"])
    with pytest.raises(SystemExit, match="^2$"):
        main()
    assert "region 'nowhere' is unknown" in capsys.readouterr().err


def test_without_a_run_the_answer_is_a_sentence_and_nothing_is_an_error(home, monkeypatch, capsys) -> None:
    assert call(monkeypatch, capsys) == "no such run\n"


def test_a_run_that_still_runs_has_no_duration() -> None:
    row = {"started_utc": START, "seconds": None, "region": "a", "stage": "combine", "status": "running"}
    (_, line) = run_lines([{**row, "from_utc": None, "to_utc": None, "error": None, "command": None, "later": None}])
    assert line.split() == ["2026-01-01", "06:00", "+00:00", "-", "a", "combine", "-", "to", "-", "running", "-"]


def test_of_a_run_that_was_killed_the_command_and_a_later_try_are_shown() -> None:
    killed = {"started_utc": START, "seconds": None, "region": "a", "stage": "recalc", "status": "interrupted"}
    later = {"run": "r", "started_utc": START + timedelta(minutes=5), "status": "done"}
    what = {"from_utc": None, "to_utc": None, "error": "killed by signal 9", "command": "recalc --region a"}
    (_, line) = run_lines([{**killed, **what, "later": later}])
    assert "interrupted  done 2026-01-01 06:05 +00:00  killed by signal 9 (emis recalc --region a)" in line
