"""The answer of a command: lines for a person, or one JSON document and nothing else."""

import json
from datetime import UTC, datetime

import pytest

from bigdata_emis.cli.options import answer, now, progress_bar

DOCUMENT = {"name": "首钢", "known_utc": datetime(2015, 12, 20, tzinfo=UTC)}


def test_a_document_is_one_line_of_json_with_instants_in_iso_8601(capsys: pytest.CaptureFixture[str]) -> None:
    answer(DOCUMENT, True, lambda: pytest.fail("lines are not wanted"))
    printed = capsys.readouterr().out
    assert "首钢" in printed
    assert json.loads(printed) == {"name": "首钢", "known_utc": "2015-12-20T00:00:00+00:00"}
    assert printed.count("\n") == 1


def test_lines_are_printed_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    answer(DOCUMENT, False, lambda: ["first", "[second]"])
    assert capsys.readouterr().out == "first\n[second]\n"


def test_progress_is_shown_on_a_terminal_only(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_bar() as step:
        step("clean_power", 1, 2)
    assert capsys.readouterr() == ("", "")


def test_now_has_a_time_zone() -> None:
    assert now().tzinfo is UTC
