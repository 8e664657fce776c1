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
    row = {"pollutant": "NOx", "planned_kg": 70.0, "target_share": None, "planned_share": 0.25, "judged": None}
    order = {"order": 1, "level": "orange", "from_utc": "12-21 00:00", "to_utc": "12-21 18:00", "pollutant": "NOx"}
    levels = [{"level": "orange", "to_utc": "12-21 18:00"}, {"level": "red", "to_utc": "12-22 00:00"}]
    document = {
        **dict.fromkeys(("alert", "scenario", "level", "cause", "from_utc", "to_utc", "cases")),
        "levels": levels,
        "totals": [row | {"achieved_kg": None, "achieved_share": None, "execution_share": None}],
        "planned_hours": {"hours": 24, "from_utc": "12-21 00:00", "to_utc": "12-22 00:00"},
        "judged_hours": None,
        "orders": [order | {"planned_share": 0.25, "target_share": 0.2, "met": True}],
        "unknown": [],
        "rules_to_change": [],
        "files": {},
    }
    lines = [" ".join(line.split()) for line in review_lines(document)]
    assert "level 级别 橙色预警 orange until 至 12-21 18:00, then 红色预警 red until 至 12-22 00:00" in lines
    assert lines.index("planned 计划 24 h, 12-21 00:00 to 12-22 00:00") < lines.index("NOx 70 by order 25.0%")
    assert "1 橙色预警 orange 12-21 00:00 12-21 18:00 NOx 25.0% 20.0% yes" in lines
    unknown = {**document, "orders": [{**document["orders"][0], "met": None}]}
    assert any(line.endswith("not known 无法判定") for line in review_lines(unknown))


def test_what_was_achieved_is_beside_the_plan_of_the_same_hours() -> None:
    judged = {"without_control_kg": 160.0, "planned_kg": 60.0, "planned_share": 0.375}
    achieved = {"judged": judged, "achieved_kg": 45.0, "achieved_share": 0.281, "execution_share": 0.75}
    row = {"pollutant": "NOx", "planned_kg": 70.0, "target_share": 0.2, "planned_share": 0.35}
    document = {
        **dict.fromkeys(("alert", "scenario", "level", "cause", "from_utc", "to_utc", "cases")),
        **{key: [] for key in ("levels", "orders", "unknown", "rules_to_change")},
        "totals": [row | achieved],
        "planned_hours": {"hours": 24, "from_utc": "12-21 00:00", "to_utc": "12-22 00:00"},
        "judged_hours": {"hours": 20, "from_utc": "12-21 00:00", "to_utc": "12-21 20:00"},
        "files": {},
    }
    lines = [" ".join(line.split()) for line in review_lines(document)]
    assert lines.index("judged 评估 20 h, 12-21 00:00 to 12-21 20:00") < lines.index("NOx 60 37.5% 45 28.1% 75%")


@pytest.mark.parametrize("asked", [(), ("--alert", "../x"), ("--scenario", "a\nb")])
def test_wrong_names_are_refused(home, asked) -> None:
    town()
    with pytest.raises(InputError) as refusal:
        call(*asked)
    assert refusal.value.exit_status == 2
