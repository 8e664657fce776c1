"""`emis review` by hand: the same numbers as lines and as a document."""

import json

import pytest
from typer.testing import CliRunner

from bigdata_emis.cli.app import app
from bigdata_emis.cli.outcome.review_command import review_lines
from bigdata_emis.errors import InputError
from tests.control.outcome.outcome_frames import SCENARIO
from tests.workflow.test_alert_review import town

HERE = ["review", "--region", "nys"]


def call(*arguments: str) -> str:
    result = CliRunner().invoke(app, [*HERE, *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_a_review_is_written_by_command_and_its_lines_say_what_is_unknown(home) -> None:
    town()
    document = json.loads(call("--scenario", SCENARIO, "--json"))
    assert document["scenario"] == SCENARIO
    assert set(document["files"]) == {"html", "pdf_zh", "pdf_en", "json"}
    lines = "\n".join(review_lines(document))
    assert "unknown: No outcome was judged" in lines
    assert "rule: red, NOx" in lines
    assert document["files"]["pdf_zh"] in call("--scenario", SCENARIO)


def test_an_event_that_changed_shows_each_level_with_its_end_and_its_targets() -> None:
    row = {"pollutant": "NOx", "planned_kg": 70.0, "target_share": None, "planned_share": 0.25, "achieved_kg": None}
    order = {"order": 1, "level": "orange", "from_utc": "12-21 00:00", "to_utc": "12-21 18:00", "pollutant": "NOx"}
    levels = [{"level": "orange", "to_utc": "12-21 18:00"}, {"level": "red", "to_utc": "12-22 00:00"}]
    document = {
        **dict.fromkeys(("alert", "scenario", "level", "cause", "from_utc", "to_utc", "cases")),
        "levels": levels,
        "totals": [row | {"execution_share": None}],
        "orders": [order | {"planned_share": 0.25, "target_share": 0.2, "met": True}],
        "unknown": [],
        "rules_to_change": [],
        "files": {},
    }
    lines = [" ".join(line.split()) for line in review_lines(document)]
    assert "level orange until 12-21 18:00, then red until 12-22 00:00" in lines
    assert "NOx 70 by order 25.0% - -" in lines
    assert "1 orange 12-21 00:00 12-21 18:00 NOx 25.0% 20.0% yes" in lines


@pytest.mark.parametrize("asked", [(), ("--alert", "../x"), ("--scenario", "a\nb")])
def test_wrong_names_are_refused(home, asked) -> None:
    town()
    with pytest.raises(InputError) as refusal:
        call(*asked)
    assert refusal.value.exit_status == 2
