"""Runs that would collide take turns or are turned away; days and regions that have nothing to do with each other do not wait."""

import json
import os
import subprocess
import sys

import pytest

from bigdata_emis.region import load_region
from bigdata_emis.run.stage import lake
from bigdata_emis.window import parse_day

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
DAY, OTHER_DAY = "2015-12-20", "2015-12-21"
EMIS = [sys.executable, "-c", "from bigdata_emis.cli import main; main()"]


@pytest.fixture
def slow_town(town):
    """The town, whose provider writes the day's file only when the test does: a named pipe."""
    town.power([100.0] * 24, OTHER_DAY)
    os.mkfifo(town.folder / "drop" / "pipe.csv")
    (town.folder / "drop" / f"{DAY}.csv").rename(town.folder / "drop" / "readings.csv")
    (town.folder / "drop" / "pipe.csv").rename(town.folder / "drop" / f"{DAY}.csv")
    return town


def started(*words: str) -> subprocess.Popen[str]:
    return subprocess.Popen([*EMIS, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def deliver(town, pipe) -> None:
    with pipe:
        pipe.write((town.folder / "drop" / "readings.csv").read_text("utf-8"))


def test_a_second_run_of_a_day_is_turned_away_another_day_is_not_and_the_first_loses_nothing(slow_town):
    first = started("day", "--region", "town", "--date", DAY, "--json")
    # Opens when the first has begun to read its feed, and is inside the day for as long as nothing is written.
    pipe = (slow_town.folder / "drop" / f"{DAY}.csv").open("w", encoding="utf-8")
    again = slow_town.day()
    assert again.status == 2
    assert f"emis: region town: another process makes {DAY} (" in again.line
    assert again.line.endswith(f"-{first.pid}); wait until it has ended, then do it again\n")
    window = ("--region", "town", "--from", OTHER_DAY, "--to", "2015-12-22")
    assert [slow_town.call("run", stage, *window).status for stage in ("collect_power", "clean_power")] == [0, 0]
    deliver(slow_town, pipe)
    out, problem = first.communicate()
    assert first.returncode == 0, problem
    assert {receipt["stage"]: receipt["rows_out"] for receipt in json.loads(out)["receipts"]}["collect_power"] == 24
    assert len([path for path in slow_town.published if path.endswith(".parquet")]) == 4


def test_a_stage_waits_for_no_provider_but_who_collects_the_same_of_a_feed_does(slow_town):
    window = ("--region", "town", "--from", DAY, "--to", OTHER_DAY, "--json")
    drop = slow_town.folder / "drop"
    assert slow_town.call("run", "register", *window).status == 0
    collecting = started("run", "collect_power", *window)
    pipe = (drop / f"{DAY}.csv").open("w", encoding="utf-8")
    assert slow_town.call("run", "clean_power", *window).status == 0
    again = started("run", "collect_power", *window)
    assert again.stderr.readline() == f"waiting for another process that works on arrival-power of {DAY}\n"
    text = (drop / "readings.csv").read_text("utf-8")
    (drop / "readings.csv").rename(drop / f"{DAY}.csv")
    with pipe:
        pipe.write(text)
    problems = [process.communicate()[1] for process in (collecting, again)]
    assert (collecting.returncode, again.returncode) == (0, 0), problems
    assert slow_town.call("run", "clean_power", *window).status == 0
    assert lake(load_region("town")).read("power_hourly", [parse_day(DAY)]).num_rows == 24
