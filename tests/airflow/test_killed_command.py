"""A command that was killed is among the runs, once, whether or not it had recorded a run before."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bigdata_emis.airflow.killed_command import describe_kill, record_killed_command
from bigdata_emis.context import Context
from bigdata_emis.region import load_region
from bigdata_emis.run.run_record import list_runs, record_run
from bigdata_emis.storage import database
from bigdata_emis.window import Window

START = datetime(2026, 1, 1, 6, 20, tzinfo=UTC)
OF_STAGE = ["run", "clean_power", "--region", "nys", "--from", "2019-07-15", "--to", "2019-07-16", "--json"]


def record(arguments: list[str], process_id: int = 4_000_001) -> str:
    return record_killed_command(arguments, process_id, started_utc=START, status=-9)


def test_a_command_killed_before_its_stage_began_is_listed_with_its_window_and_signal(home: Path) -> None:
    line = record(OF_STAGE)
    assert line == "emis run clean_power was killed by signal 9 (SIGKILL); the machine may be out of memory"
    (run,) = list_runs(is_failed_only=True)
    assert (run["region"], run["stage"], run["status"], run["error"]) == ("nys", "clean_power", "interrupted", line)
    # 2019-07-15 begins at 05:00 UTC in New York's standard time.
    assert (run["from_utc"], run["to_utc"]) == (
        datetime(2019, 7, 15, 5, tzinfo=UTC),
        datetime(2019, 7, 16, 5, tzinfo=UTC),
    )


def test_a_command_without_a_window_is_listed_under_the_hour_in_which_it_began(home: Path) -> None:
    record(["report", "--region", "nys", "--date", "2019-07-15"])
    (run,) = list_runs()
    assert (run["stage"], run["from_utc"]) == ("report", START.replace(minute=0))


def test_a_command_that_had_recorded_its_run_is_not_listed_twice(home: Path) -> None:
    database.migrate()
    window = Window(START.replace(minute=0), START.replace(minute=0) + timedelta(hours=1))
    context = Context(load_region("nys"), window, START, "run-1", store=None)
    with record_run("clean_power", context, clock=lambda: START):
        (row,) = database.read("run", "nys").to_pylist()
        record(OF_STAGE, int(row["process_tag"].rpartition("-")[2]))
    assert len(list_runs()) == 1


def test_of_a_command_that_cannot_be_recorded_the_line_says_so(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMIS_DATABASE", "sqlite:////proc/none/emis.sqlite")
    assert "it is not among the runs: " in record(OF_STAGE)


def test_other_signals_are_named() -> None:
    assert describe_kill(-15) == "killed by signal 15 (SIGTERM)"
