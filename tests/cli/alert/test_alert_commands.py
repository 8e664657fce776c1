"""The commands `emis alert …` as a person types them."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from bigdata_emis.cli import app as cli_app
from bigdata_emis.cli.alert.alert_commands import alert_commands
from bigdata_emis.errors import InputError
from bigdata_emis.storage import database
from tests.control.alert.forecasts import pm25_of, series
from tests.control.test_current_alert import write_forecast

START = datetime(2019, 1, 10, 5, tzinfo=UTC)
"""Midnight in the region nys."""
ASK = ["--region", "nys", "--at", "2019-01-10T00:00"]


def emis(*arguments: str):
    return CliRunner().invoke(cli_app.app, ["alert", *arguments], catch_exceptions=False)


@pytest.fixture
def forecast(home) -> None:
    values = [pm25_of(240 if k < 72 else 50) for k in range(168)]
    write_forecast(series(values, start=START, issued=START - timedelta(hours=1)))


def test_the_answer_has_level_rules_hours_and_reason(forecast) -> None:
    document = json.loads(emis(*ASK, "--json").output)
    assert document["level"] == "orange"
    assert document["rule_version"] == "2018"
    assert document["from_utc"] == "2019-01-10T05:00:00+00:00"
    assert document["to_utc"] == "2019-01-13T05:00:00+00:00"
    lines = emis(*ASK).output.splitlines()
    assert [line.split()[0] for line in lines] == ["level", "rule_version", "reason", "from_utc", "to_utc"]


def test_asking_leaves_no_trace_and_a_proposal_does(forecast) -> None:
    emis(*ASK)
    assert not database.can_be_read()
    assert "orange" in emis("propose", *ASK).output
    assert database.read("alert", "nys").num_rows == 1


def test_options_reach_the_question(forecast) -> None:
    assert json.loads(emis(*ASK, "--regional-level", "red", "--json").output)["level"] == "red"
    assert json.loads(emis(*ASK, "--dust", "yes", "--json").output)["level"] == "none"
    assert json.loads(emis(*ASK, "--rules", "2024", "--json").output)["rule_version"] == "2024"
    kept = json.loads(emis(*ASK, "--in-force", "red", "--since", "2019-01-09T12:00", "--json").output)
    assert (kept["level"], kept["from_utc"]) == ("red", "2019-01-09T17:00:00+00:00")


def test_the_region_must_be_named() -> None:
    with pytest.raises(InputError, match="--region is missing"):
        CliRunner().invoke(alert_commands, [], catch_exceptions=False)


def test_an_unknown_word_is_wrong_use(forecast) -> None:
    with pytest.raises(InputError, match="dust 'maybe' is unknown"):
        emis(*ASK, "--dust", "maybe")
    assert emis(*ASK, "--regional-level", "purple").exit_code == 2
