"""What is said of a command that was killed, and that the rows which it left open are ended."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bigdata_emis.airflow.process.killed_command import describe_kill, record_killed_command

START = datetime(2026, 1, 1, 6, 20, tzinfo=UTC)
OF_STAGE = ["run", "clean_power", "--region", "nys", "--from", "2019-07-15", "--to", "2019-07-16", "--json"]


def record(arguments: list[str], **options: str) -> str:
    return record_killed_command(arguments, 4_000_001, started_utc=START, status=-9, **options)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(OF_STAGE, "emis run clean_power"), (["alert", "issue", "--region", "nys"], "emis alert issue")],
)
def test_the_line_has_the_words_of_the_command_and_the_signal(home: Path, arguments: list[str], words: str) -> None:
    assert record(arguments) == f"{words} was killed by signal 9 (SIGKILL); the machine may be out of memory"


def test_a_known_cause_is_said_instead_of_the_signal(home: Path) -> None:
    assert record(OF_STAGE, cause="the worker was killed") == "emis run clean_power was ended: the worker was killed"


def test_of_a_command_that_cannot_be_recorded_the_line_says_so(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMIS_DATABASE", "sqlite:////proc/none/emis.sqlite")
    assert "it is not among the runs: " in record(OF_STAGE)


def test_other_signals_are_named() -> None:
    assert describe_kill(-15) == "killed by signal 15 (SIGTERM)"
