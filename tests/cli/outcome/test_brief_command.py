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
    assert brief_lines({**document, "notices": ["PARTIAL"], "notices_zh": ["不完整"]})[:2] == ["不完整", "PARTIAL"]
    assert document["files"]["pdf_zh"] in lines


def test_the_cut_under_a_date_is_that_of_the_day_and_the_whole_scenario_has_its_own_hours() -> None:
    """The scenario cuts 300 kg in three days, 100 kg of it on this one."""
    row = {"pollutant": "NOx", "base_kg": 1000.0, "cut_kg": 100.0, "cut_share": 0.1}
    document = {
        "date": "2019-07-12",
        "scenario": "plan-1",
        "hours_in_force": 24,
        "ordered_lines": 1,
        "cases": None,
        "alerts": [{"alert": "a", "kind": "issue", "level": "red", "cities": ["Albany"], "by": "Li"}],
        "notices": [],
        "notices_zh": [],
        "day": [row],
        "day_base": "Base: as said.",
        "share_note": {"en": "They differ.", "zh": "两表不同。"},
        "scenario_from_utc": "2019-07-11 00:00",
        "scenario_to_utc": "2019-07-14 00:00",
        "ledger": [{**row, "base_kg": 3000.0, "cut_kg": 300.0, "target_share": 0.3}],
        "files": {},
        "order_files": {},
    }
    lines = brief_lines(document)
    day = next(n for n, line in enumerate(lines) if line.startswith("planned cut of 2019-07-12, 24 h in force"))
    whole = next(n for n, line in enumerate(lines) if "all its hours" in line)
    assert "2019-07-11 00:00 to 至 2019-07-14 00:00" in lines[whole]
    assert (lines[day + 2].split(), lines[whole + 2].split()[2]) == (["NOx", "1,000", "100", "10.0%"], "300")
    assert lines[whole + 3 : whole + 5] == ["两表不同。", "They differ."]
    assert any("Albany 红色预警 red" in line for line in lines)


@pytest.mark.parametrize("asked", [(), ("--date", "2019-13-01"), ("--scenario", "../x"), ("--date", "x;y")])
def test_wrong_days_and_names_are_refused(home, asked) -> None:
    town()
    with pytest.raises(InputError):
        call(*asked)
