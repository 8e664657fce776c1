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


@pytest.mark.parametrize("asked", [(), ("--alert", "../x"), ("--scenario", "a\nb")])
def test_wrong_names_are_refused(home, asked) -> None:
    town()
    with pytest.raises(InputError) as refusal:
        call(*asked)
    assert refusal.value.exit_status == 2
