"""A command is listed before it starts, with what it is; its end is recorded once."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.run.announced_run import (
    announce_command,
    announce_if_possible,
    end_command,
    name_command,
    option_value,
)
from bigdata_emis.run.run_record import list_runs
from bigdata_emis.storage import database

START = datetime(2026, 1, 1, 6, 20, tzinfo=UTC)
END = START + timedelta(seconds=30)
NOON_UTC = datetime(2019, 7, 15, 5, tzinfo=UTC)
"""Local midnight of 15 July in New York (at the fixed offset of the region)."""
OF_STAGE = ["run", "clean_power", "--region", "nys", "--from", "2019-07-15T08:00", "--to", "2019-07-15T09:00", "--json"]
RECALCULATION = ["recalc", "--region", "nys", "--from", "2019-07-15T08:00", "--to", "2019-07-15T09:00", "--json"]


def announced(arguments: list[str]) -> dict[str, Any]:
    announce_command(arguments, clock=lambda: START)
    (run,) = list_runs("nys")
    return run


def test_a_stage_is_announced_as_the_run_that_it_will_record(home: Path) -> None:
    run = announced(OF_STAGE)
    assert (run["stage"], run["status"], run["started_utc"], run["command"]) == ("clean_power", "running", START, None)
    assert (run["from_utc"], run["to_utc"]) == (NOON_UTC, NOON_UTC + timedelta(days=1))


def test_another_command_is_announced_with_its_window_and_its_words(home: Path) -> None:
    run = announced(RECALCULATION)
    assert (run["from_utc"], run["to_utc"]) == (NOON_UTC + timedelta(hours=8), NOON_UTC + timedelta(hours=9))
    assert run["command"] == "recalc --region nys --from 2019-07-15T08:00 --to 2019-07-15T09:00"


@pytest.mark.parametrize(
    ("arguments", "start", "hours"),
    [
        (["day", "--region", "nys", "--date", "2019-07-15"], NOON_UTC, 24),
        (["alert", "issue", "--region", "nys"], START.replace(minute=0), 1),
    ],
)
def test_a_command_without_a_window_has_its_day_or_the_hour_of_its_start(
    home: Path, arguments: list[str], start: datetime, hours: int
) -> None:
    run = announced(arguments)
    assert (run["from_utc"], run["to_utc"]) == (start, start + timedelta(hours=hours))


def test_no_secret_is_among_the_words(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_TOKEN", "hush-hush")
    assert announced(["report", "--region", "nys", "--note", "hush-hush"])["command"].endswith("--note {SOME_TOKEN}")


@pytest.mark.parametrize(
    ("status", "recorded", "error"),
    [(0, "done", None), (3, "refused", "why"), (4, "partial", "why"), (2, "failed", "why"), (-9, "interrupted", "why")],
)
def test_the_end_of_a_command_is_recorded_by_its_exit_status(
    home: Path, status: int, recorded: str, error: str | None
) -> None:
    end_command(announce_command(RECALCULATION, clock=lambda: START), status, "why", clock=lambda: END)
    (run,) = list_runs("nys")
    assert (run["status"], run["error"], run["seconds"]) == (recorded, error, 30.0)


def test_an_end_that_is_recorded_stays_and_a_row_that_is_gone_does_not_come_back(home: Path) -> None:
    first = announce_command(RECALCULATION, clock=lambda: START)
    end_command(first, 0, "", clock=lambda: END)
    end_command(first, -9, "killed", clock=lambda: END)
    assert [run["status"] for run in list_runs("nys")] == ["done"]
    end_command(type(first)("nys", "nys-none/recalc"), 0, "", clock=lambda: END)
    assert len(list_runs("nys")) == 1


def test_a_later_command_of_the_same_words_is_another_try(home: Path) -> None:
    end_command(announce_command(RECALCULATION, clock=lambda: START), -9, "killed")
    end_command(announce_command([*RECALCULATION, "--name", "b"], clock=lambda: END), 0, "")
    assert list_runs("nys")[-1]["later"] is None
    end_command(announce_command(RECALCULATION, clock=lambda: END + timedelta(hours=1)), 0, "")
    assert list_runs("nys")[-1]["later"]["status"] == "done"


def test_a_command_of_no_region_is_not_announced_and_creates_no_registry(home: Path) -> None:
    assert announce_if_possible(["version"])[0] is None
    with pytest.raises(InputError):
        announce_command(["recalc", "--region", "atlantis"])
    assert not database.can_be_read()


def test_the_name_of_a_command_is_its_stage_or_its_words() -> None:
    assert name_command(OF_STAGE) == "clean_power"
    assert name_command(["scenario", "publish", "--region", "nys"]) == "scenario publish"
    assert (option_value(OF_STAGE, "--region"), option_value(OF_STAGE, "--by")) == ("nys", "")
