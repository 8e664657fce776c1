"""`emis brief` by hand."""

import json

import pytest
from typer.testing import CliRunner

from bigdata_emis.cli.app import app
from bigdata_emis.cli.outcome.brief_command import brief_lines
from bigdata_emis.errors import InputError
from tests.control.outcome.outcome_frames import SCENARIO
from tests.workflow.test_alert_review import town

HERE = ["brief", "--region", "nys"]


def call(*arguments: str) -> str:
    return CliRunner().invoke(app, [*HERE, *arguments], catch_exceptions=False).stdout


def test_the_brief_of_a_scenario_is_written_by_command(home) -> None:
    town()
    document = json.loads(call("--scenario", SCENARIO, "--json"))
    assert (document["scenario"], document["hours_in_force"]) == (SCENARIO, 24)
    lines = "\n".join(brief_lines(document))
    assert "NOx" in lines
    partial = [notice for notice in document["notices"] if notice.startswith("PARTIAL")]
    assert document["coverage"]["is_partial"] == bool(partial)
    assert brief_lines({**document, "notices": ["PARTIAL: 12 of 24 hours"]})[0] == "PARTIAL: 12 of 24 hours"
    assert document["files"]["pdf_zh"] in lines


@pytest.mark.parametrize("asked", [(), ("--date", "2019-13-01"), ("--scenario", "../x"), ("--date", "x;y")])
def test_wrong_days_and_names_are_refused(home, asked) -> None:
    town()
    with pytest.raises(InputError):
        call(*asked)
