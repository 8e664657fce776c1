"""The answer of a command: lines for a person, or one JSON document and nothing else."""

import json
from datetime import UTC, datetime

import pytest

from bigdata_emis.cli.options import answer, now, parse_region_and_window, progress_bar
from bigdata_emis.errors import InputError
from bigdata_emis.window import Window

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


def test_times_of_a_window_are_those_of_the_clock_of_the_region() -> None:
    region, window = parse_region_and_window("nys", "2019-07-15", "2019-07-15T06:00")
    assert region.region_id == "nys"
    assert window == Window(datetime(2019, 7, 15, 5, tzinfo=UTC), datetime(2019, 7, 15, 11, tzinfo=UTC))


def test_a_window_of_no_hours_is_refused() -> None:
    with pytest.raises(InputError, match="the window is empty: it begins and ends at 2019-07-15 00:00 -05:00; give a"):
        parse_region_and_window("nys", "2019-07-15", "2019-07-15")


def test_a_window_that_ends_before_it_starts_is_refused_in_local_time() -> None:
    with pytest.raises(
        InputError, match=r"ends \(2019-07-14 00:00 -05:00\) before it starts \(2019-07-15 00:00 -05:00\)"
    ):
        parse_region_and_window("nys", "2019-07-15", "2019-07-14")
