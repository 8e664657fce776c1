"""The commands about scenarios, by hand."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bigdata_emis.cli.app import app
from bigdata_emis.cli.scenarios import scenario_commands
from tests.publish.scenarios.drafts import publish_inventory, scenario_of, write_draft

OF_SCENARIO = ["--region", "nys", "--scenario", "orange-1"]


@pytest.fixture
def draft(home: Path) -> Path:
    publish_inventory()
    write_draft("orange-1")
    return home


def call(*arguments: str) -> str:
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def document(*arguments: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(call(*arguments, "--json"))
    return answer


def test_a_scenario_is_approved_shown_lifted_and_retired_by_command(draft: Path) -> None:
    approved = document("approve", *OF_SCENARIO, "--by", "wang")
    assert (approved["status"], approved["scenario_status"], approved["by"]) == ("approved", "in_force", "wang")
    listed = document("scenario", "list", "--region", "nys")["scenarios"]
    assert [(s["scenario"], s["status"], s["authentication"]) for s in listed] == [("orange-1", "in_force", "command")]
    lifted = document("scenario", "lift", *OF_SCENARIO, "--at", "2019-07-15T12:00", "--by", "li", "--reason", "clean")
    assert (lifted["status"], lifted["in_force_to_utc"]) == ("lifted", "2019-07-15T17:00:00+00:00")
    shown = call("scenario", "show", *OF_SCENARIO)
    assert "orange-1 is lifted from 2019-07-15T17:00:00+00:00; clean" in shown
    assert document("scenario", "retire", *OF_SCENARIO, "--by", "li")["status"] == "retired"
    assert scenario_of("orange-1")["status"] == "retired"
    assert "retired" in call("scenario", "list", "--region", "nys", "--status", "retired")


def test_an_approved_scenario_is_published_again_by_command(draft: Path) -> None:
    manifest = Path(document("approve", *OF_SCENARIO, "--by", "wang")["manifest"])
    manifest.unlink()
    assert document("scenario", "publish", *OF_SCENARIO)["manifest"] == str(manifest)
    assert manifest.is_file()


def test_the_commands_are_those_of_the_help() -> None:
    assert {c.name or c.callback.__name__ for c in scenario_commands.registered_commands if c.callback} == {
        "list",
        "show",
        "lift",
        "retire",
        "publish",
    }
