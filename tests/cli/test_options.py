"""The answer of a command: lines for a person, or one JSON document and nothing else."""

import ast
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bigdata_emis.cli import options
from bigdata_emis.cli.options import answer, named_region, now, parse_region_and_window, progress_bar, time_zone_of
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


SIMULATED_TOWN = """name_en = "Town"
name_zh = "镇"
time_zone = "Asia/Shanghai"
is_simulated = true
[grid]
projection = "EPSG:32650"
cell_m = 3000
x_origin_m = 0
y_origin_m = 0
columns = 1
rows = 1
"""
SENTENCES = (
    "模拟数据：本区域数据源均为模拟，不得据此评价任何企业。\n"
    "SIMULATED: the feeds of this region are simulated; no plant may be judged by it.\n"
)


@pytest.fixture
def town(home: Path) -> None:
    folder = home / "regions" / "town"
    folder.mkdir(parents=True)
    (folder / "region.toml").write_text(SIMULATED_TOWN, "utf-8")


def test_whatever_is_said_of_a_simulated_region_begins_with_that(town, capsys: pytest.CaptureFixture[str]) -> None:
    answer(DOCUMENT, False, lambda: ["first"], region="town")
    answer(DOCUMENT, True, lambda: [], region="town")
    lines, _, document = capsys.readouterr().out.partition("first\n")
    assert lines == SENTENCES
    assert json.loads(document)["simulated"] is True


@pytest.mark.parametrize(("region", "simulated"), [("nys", False), ("gone", None), ("", None)])
def test_a_measured_region_is_called_so_in_json_only_and_a_deleted_one_neither(
    home, capsys: pytest.CaptureFixture[str], region: str, simulated: bool | None
) -> None:
    answer(DOCUMENT, False, lambda: ["first"], region=region)
    answer(DOCUMENT, True, lambda: [], region=region)
    line, document = capsys.readouterr().out.splitlines()
    assert line == "first"
    assert json.loads(document).get("simulated") is simulated


COMMANDS = Path(options.__file__).parent


@pytest.mark.parametrize("path", sorted(COMMANDS.rglob("*.py")), ids=lambda path: path.stem)
def test_a_command_about_a_region_answers_with_its_region(path: Path) -> None:
    """So that no command can leave out that the region is simulated."""
    for command in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(command, ast.FunctionDef) and any(one.arg == "region" for one in command.args.args):
            for call in ast.walk(command):
                if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "answer":
                    assert [word.arg for word in call.keywords] == ["region"], f"{path.name} line {call.lineno}"


def test_the_time_zone_is_that_of_the_region_and_utc_of_a_deleted_one(town) -> None:
    assert [time_zone_of(name) for name in ("town", "gone", "")] == ["Asia/Shanghai", "UTC", "UTC"]


@pytest.mark.parametrize(
    ("words", "region"),
    [
        (["emis", "runs", "-r", "jjj"], "jjj"),
        (["emis", "runs", "--region=jjj", "--json"], "jjj"),
        (["emis", "alert", "--region", "jjj", "lift"], "jjj"),
        (["emis", "runs", "-r"], ""),
        (["emis", "runs"], ""),
    ],
)
def test_the_region_that_a_command_names(words: list[str], region: str) -> None:
    assert named_region(words) == region


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
