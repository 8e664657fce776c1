"""The commands about the outcome of an alert, by hand."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bigdata_emis.cli.app import app
from bigdata_emis.cli.outcome.outcome_commands import compliance_commands
from bigdata_emis.cli.unexpected_errors import one_printable_line
from tests.control.outcome.outcome_frames import SCENARIO
from tests.workflow.outcome_town import build_town

HERE = ["--region", "nys"]


def call(*arguments: str) -> str:
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def document(*arguments: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(call(*arguments, "--json"))
    return answer


def test_an_alert_is_judged_listed_checked_and_closed_by_command(home: Path) -> None:
    build_town()
    judged = document("outcome", *HERE, "--scenario", SCENARIO)
    assert (judged["cases"], judged["is_draft"]) == (1, False)
    assert "一号铸造厂" in call("compliance", "list", *HERE)
    case = document("compliance", "list", *HERE)["cases"][0]
    for status in ("checked", "confirmed", "closed"):
        to = ("--case", case["case"], "--to", status, "--by", "Li", "--note", "seen on site")
        moved = document("compliance", "move", *HERE, *to)
        assert moved["status"] == status
    assert "confirmed to closed" in call("compliance", "show", *HERE, "--case", case["case"])
    assert document("compliance", "list", *HERE, "--status", "open")["cases"] == []


def test_the_group_has_five_commands() -> None:
    assert sorted(command.name or command.callback.__name__ for command in compliance_commands.registered_commands) == [
        "list",
        "move",
        "sheet",
        "show",
        "trucks",
    ]


@pytest.mark.parametrize("text", ["x\ny", "=1+1"])
def test_a_hostile_case_is_refused_in_one_line(home: Path, text: str) -> None:
    build_town()
    result = CliRunner().invoke(app, ["compliance", "show", *HERE, "--case", text])
    assert result.exception is not None
    assert one_printable_line(str(result.exception)).isprintable()


def test_simulated_alerts_are_scored_by_command(home: Path) -> None:
    scored = document("demo", "--size", "tiny", "--seed", "3", "--alert-trials", "1")
    assert [trial["seed"] for trial in scored["trials"]] == [3]
    assert scored["mean"]["accused_offline_hours"] == 0
