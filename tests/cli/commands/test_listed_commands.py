"""A long command by hand is among the runs while it runs and after it has ended; bad input is not."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from bigdata_emis.cli.app import app
from bigdata_emis.cli.commands.listed_commands import listed, words_of
from bigdata_emis.errors import InputError, PartialError, RefusedError
from bigdata_emis.run.run_record import ANNOUNCED, list_runs
from bigdata_emis.storage import database

KILLED = """
import os, signal, sys
from tests.cli.commands.test_listed_commands import application
application(lambda: os.kill(os.getpid(), signal.SIGKILL))(sys.argv[1:])
"""


def application(work: Any) -> typer.Typer:
    app = typer.Typer()

    @app.command()
    @listed
    def review(region: str = typer.Option("nys", "--region", "-r"), late: bool = False, note: str = "") -> None:
        """Do the work."""
        work()

    @app.command()
    def other() -> None:
        """Make it an application of several commands."""

    return app


def call(work: Any, *words: str) -> Any:
    return CliRunner().invoke(application(work), ["review", *words])


@pytest.fixture
def registry(home: Path) -> None:
    database.migrate()


def test_a_command_is_running_while_it_works_and_done_afterwards(registry) -> None:
    seen: list[str] = []
    call(lambda: seen.extend(run["status"] for run in list_runs("nys")), "-r", "nys", "--late")
    (run,) = list_runs("nys")
    assert (seen, run["status"], run["stage"]) == (["running"], "done", "review")
    assert run["command"] == "review --region nys --late"


@pytest.mark.parametrize(
    ("problem", "status"),
    [(RefusedError("no"), "refused"), (PartialError("half", "again"), "partial"), (ZeroDivisionError("0"), "failed"),
     (KeyboardInterrupt(), "interrupted")],
    ids=["refused", "partial", "a bug", "Ctrl-C"],
)  # fmt: skip
def test_a_command_that_ends_otherwise_is_listed_so(registry, problem: BaseException, status: str) -> None:
    def work() -> None:
        raise problem

    call(work)
    assert [run["status"] for run in list_runs("nys")] == [status]


@pytest.mark.parametrize("name", ["report", "export", "restate", "prune"])
def test_what_writes_files_for_long_is_listed(name: str) -> None:
    (callback,) = (one.callback for one in app.registered_commands if one.callback and one.callback.__name__ == name)
    assert callback.__module__.startswith("bigdata_emis.cli")
    assert callback.__code__ is listed(callback).__code__


def test_bad_input_is_not_listed(registry) -> None:
    def work() -> None:
        raise InputError("alert 'x' is unknown", "see emis alert list")

    call(work)
    assert list_runs("nys") == []


def test_without_a_registry_none_is_created(home: Path) -> None:
    assert call(lambda: None).exit_code == 0
    assert not database.can_be_read()


def test_what_a_task_has_announced_is_not_listed_twice(registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ANNOUNCED, "nys-1/review")
    call(lambda: None)
    assert list_runs("nys") == []


def test_a_command_that_is_killed_shows_as_interrupted_and_a_later_try_as_done(registry) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED, "review"], env=os.environ, check=False)
    assert killed.returncode == -9
    (run,) = list_runs("nys")
    assert (run["status"], run["later"]) == ("interrupted", None)
    call(lambda: None)
    assert list_runs("nys")[-1]["later"]["status"] == "done"


def test_options_without_a_value_are_left_out() -> None:
    options = {"region": "jjj", "from_": "2015-12-20", "late": False, "note": "", "at_most": 3, "json_": True}
    assert words_of("backfill", options) == [
        "backfill", "--region", "jjj", "--from", "2015-12-20", "--at-most", "3", "--json",
    ]  # fmt: skip
