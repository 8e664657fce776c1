"""The commands by which people issue, change and lift alerts."""

import json

import pytest
from typer.testing import CliRunner

from bigdata_emis.cli import app as cli_app
from bigdata_emis.cli.alert.standing_commands import alert_lines
from bigdata_emis.errors import InputError
from bigdata_emis.storage.registries.alert_record import read_alert_events

HOURS = ["--from", "2019-01-10T00:00", "--to", "2019-01-12T00:00"]


def emis(*arguments: str):
    return CliRunner().invoke(cli_app.app, ["alert", *arguments, "--region", "nys"], catch_exceptions=False)


def issued(*arguments: str) -> dict:
    return json.loads(emis(*arguments, *HOURS, "--by", "Li", "--json").output)


def test_an_alert_is_issued_changed_lifted_and_listed(home) -> None:
    name = issued("issue", "--level", "orange", "--cities", "Beijing, Shanghai")["alert"]
    emis("change", "--alert", name, "--level", "red", "--by", "Wang")
    emis("lift", "--alert", name, "--at", "2019-01-11T00:00", "--by", "Wang", "--note", "clean air")
    (alert,) = json.loads(emis("list", "--json").output)["alerts"]
    assert (alert["level"], alert["cities"], alert["is_lifted"], alert["by"]) == (
        "red",
        ["Beijing", "Shanghai"],
        True,
        "Wang",
    )
    assert [event["event"] for event in alert["events"]] == ["issue", "change", "lift"]
    assert "Beijing, Shanghai" in emis("list").output
    assert "replayed" in emis("list").output  # 2019 is over
    assert json.loads(emis("list", "--at", "2019-01-11T12:00", "--json").output)["alerts"] == []


@pytest.mark.parametrize("kind", ["issue", "prompt"])
def test_an_alert_of_an_unknown_city_is_refused(home, kind: str) -> None:
    with pytest.raises(InputError, match="city 'Beijng' is unknown in nys; use one of .*Beijing"):
        emis(kind, *HOURS, "--by", "Li", "--level", "red", "--cities", "Beijing, Beijng")
    assert read_alert_events("nys") == []


def test_prompts_and_temporary_controls_are_recorded(home) -> None:
    assert issued("prompt", "--level", "red")["kind"] == "regional_prompt"
    assert issued("issue", "--temporary")["level"] == "none"


def test_an_alert_of_the_whole_region_has_the_same_word_everywhere(home) -> None:
    printed = emis("issue", *HOURS, "--by", "Li", "--level", "red").output
    (alert,) = json.loads(emis("list", "--json").output)["alerts"]
    lifted = emis("lift", "--alert", alert["alert"], "--at", "2019-01-11T00:00", "--by", "Li").output
    rows = [line.split() for text in (printed, lifted) for line in text.splitlines() if line.startswith("cities")]
    assert rows == [["cities", "all"]] * 2
    assert " all " in emis("list").output


def test_what_is_missing_is_named(home) -> None:
    with pytest.raises(InputError, match="--by, --from and --to are needed"):
        emis("issue", "--level", "red")
    with pytest.raises(InputError, match="--scenario gives level, hours and signer"):
        emis("issue", "--scenario", "s", "--by", "Li")
    assert read_alert_events("nys") == []


def test_a_region_without_alerts_says_so() -> None:
    assert alert_lines([]) == ["no alert"]
