"""Version, log and verbosity, before the name of any command."""

import sys
from pathlib import Path

import pytest

from bigdata_emis import __version__
from bigdata_emis.cli.app import main
from bigdata_emis.cli.global_options import LOG_VARIABLE


def call(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["emis", *words])
    try:
        main()
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def test_the_version_is_printed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(monkeypatch, "--version") == 0
    assert capsys.readouterr().out == f"emis {__version__}\n"


def test_the_log_has_the_command_and_how_it_ended(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_TOKEN", "hushhush")
    log = home / "deep" / "emis.log"
    assert call(monkeypatch, "--log", str(log), "regions") == 0
    assert call(monkeypatch, "--log", str(log), "day", "--region", "hushhush", "--date", "2019-07-20") == 2
    lines = log.read_text("utf-8").splitlines()
    assert [line.split(" [-] ")[1].split(":")[0] for line in lines] == [
        f"emis {__version__} began",
        "ended",
        f"emis {__version__} began",
        "ended with status 2",
    ]
    assert "hushhush" not in log.read_text("utf-8")
    assert log.stat().st_mode & 0o777 == 0o600


def test_the_log_file_may_come_from_the_environment(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(LOG_VARIABLE, str(home / "emis.log"))
    call(monkeypatch, "regions")
    assert (home / "emis.log").read_text("utf-8").count("\n") == 2


def test_an_error_that_nobody_foresaw_is_in_the_log_with_its_traceback(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def break_down(*_: object) -> None:
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr("bigdata_emis.upkeep.region_state.region_rows", break_down)
    assert call(monkeypatch, "--log", str(home / "emis.log"), "regions") == 1
    assert "    ZeroDivisionError: by nothing" in (home / "emis.log").read_text("utf-8")
    assert capsys.readouterr().err.count("\n") == 1


def test_a_log_that_cannot_be_written_is_one_line(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "--log", str(home), "regions") == 2
    assert capsys.readouterr().err.startswith(f"emis: log file {home} cannot be written")
