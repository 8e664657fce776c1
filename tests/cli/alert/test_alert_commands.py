"""The commands `emis alert …` as a person types them."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bigdata_emis.cli import app as cli_app
from bigdata_emis.cli.alert.alert_commands import alert_commands, backtest_lines, city_lines
from bigdata_emis.errors import InputError
from bigdata_emis.storage import database
from tests.control.alert.forecasts import pm25_of, series
from tests.control.test_current_alert import write_forecast
from tests.validate.alert_history.observed_files import write_stations

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
    assert [line.split()[0] for line in lines] == ["level", "rule_version", "from", "to", "reason"]


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
    with pytest.raises(InputError, match="regional level 'purple' is unknown"):
        emis(*ASK, "--regional-level", "purple")


def test_a_backtest_prints_issued_alerts_and_episodes(tmp_path: Path) -> None:
    values = [220.0 if 18 * 24 + 7 <= k < 22 * 24 + 7 else 30.0 for k in range(31 * 24)]
    write_stations(tmp_path, {"A": values}, start=datetime(2015, 12, 1, tzinfo=UTC))
    output = emis("backtest", "--data", str(tmp_path)).output
    assert "Beijing, mean of 12 stations: 2015-12-01T00:00" in output
    (row,) = [line for line in output.splitlines() if line.startswith("red") and "2015-12-19T07:00  2015-12-23" in line]
    assert "yes" in row
    (later,) = [line for line in output.splitlines() if "2017-11-04T00:00" in line]
    assert later.endswith("-       not judged: it began after the last observed hour, 2015-12-31T23:00")
    assert "of 18 issued alerts 4 are within the observed hours, of which 1 agrees with the rules" in output
    document = json.loads(emis("backtest", "--data", str(tmp_path), "--json").output)
    assert document["series"][0]["versions"][0]["rule_version"] == "beijing-2013"


def test_cities_are_listed_where_there_are_several() -> None:
    hours = {"from_utc": START, "to_utc": None}
    cities = [{"city": "A", "level": "red", **hours}, {"city": "B", "level": "none", "from_utc": None, "to_utc": None}]
    answer = {"level": "red", "rule_version": "2024", **hours, "reason": "why", "cities": cities}
    assert [line.split() for line in city_lines(answer)[-2:]] == [
        ["A", "red", "2019-01-10T05:00:00+00:00", "-"],
        ["B", "none", "-", "-"],
    ]
    assert len(city_lines({**answer, "cities": cities[:1]})) == 5


def test_lines_of_a_series_without_issued_alerts() -> None:
    versions = [{"rule_version": "2024", "episodes": [1, 2], "days": {"red": 3}}]
    series = {"city": "C", "series": "s", "from_local": "a", "to_local": "b", "issued": [], "versions": versions}
    lines = backtest_lines({"note": "n", "series": [series]})
    assert "no issued alert of this city is known" in lines
    assert lines[-1].split() == ["2024", "2", "red", "3", "d"]
