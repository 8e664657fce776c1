"""Days before the window whose rows come late: asked for again, and said when they changed."""

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from bigdata_emis.region import Region
from bigdata_emis.run.late_days import list_reopened_days, select_covered_days
from bigdata_emis.run.receipt import Receipt
from bigdata_emis.run.stage import context_for, run_stage
from bigdata_emis.storage.lake import Store
from bigdata_emis.window import Window, day_window
from tests.run.fused_day import DAY, KNOWN, region

NEXT = DAY + timedelta(days=1)
LATE = KNOWN + timedelta(hours=8)
TABLE = "power_reading"


@pytest.fixture
def place(tmp_path: Path) -> Region:
    folder = tmp_path / "regions" / "a"
    (folder / "drop").mkdir(parents=True)
    feed = {"format": "csv", "drop": "drop/{day}.csv", "constants": {"interval_min": 60}, "late_h": 6}
    return replace(region(), folder=folder, feeds={"power": feed})


def drop(place: Region, day: date, hours: int) -> None:
    rows = "".join(f"m1,{day}T{hour:02d}:00,7.5\n" for hour in range(hours))
    (place.folder / "drop" / f"{day}.csv").write_text(f"meter_id,interval_start_utc,energy_kwh\n{rows}")


def collect(place: Region, lake: Store, window: Window) -> Receipt:
    return run_stage("collect_power", context_for(place, window, LATE, "run-1", store=lake))


def hour_of(day: date, hour: int) -> Window:
    start = day_window(day, "UTC").from_utc + timedelta(hours=hour)
    return Window(start, start + timedelta(hours=1))


def test_rows_that_come_late_reopen_their_day_and_the_receipt_says_so(place, lake, caplog):
    drop(place, DAY, 20)
    collect(place, lake, day_window(DAY, "UTC"))
    drop(place, DAY, 24)
    drop(place, NEXT, 3)
    receipt = collect(place, lake, hour_of(NEXT, 2))
    assert (receipt.reopened_days, receipt.rows_out) == (["2015-12-20"], 27)
    assert [lake.read(TABLE, [day]).num_rows for day in (DAY, NEXT)] == [24, 3]
    command = "emis backfill --region a --from 2015-12-20 --to 2015-12-20 --late"
    assert f"late rows changed power_reading of 2015-12-20; the next `emis day` or `{command}`" in caplog.text


def test_a_day_before_is_not_touched_when_it_did_not_change_or_lies_too_far_back(place, lake):
    drop(place, DAY, 24)
    drop(place, NEXT, 3)
    collect(place, lake, day_window(DAY, "UTC"))
    assert collect(place, lake, hour_of(NEXT, 2)).reopened_days == []
    drop(place, DAY, 20)
    days_later = DAY + timedelta(days=4)
    drop(place, days_later, 8)
    assert collect(place, lake, hour_of(days_later, 7)).reopened_days == []
    assert len(lake.versions(TABLE, [DAY])) == 1


def test_a_changed_file_reopens_its_day_though_late_rows_are_not_asked_for(place, lake):
    drop(place, DAY, 24)
    drop(place, NEXT, 8)
    collect(place, lake, day_window(DAY, "UTC"))
    drop(place, DAY, 20)
    assert collect(place, lake, hour_of(NEXT, 7)).reopened_days == ["2015-12-20"]
    assert lake.read(TABLE, [DAY]).num_rows == 20


def test_a_day_before_of_which_nothing_was_received_is_not_begun(place, lake):
    drop(place, NEXT, 3)
    assert collect(place, lake, hour_of(NEXT, 2)).reopened_days == []
    assert lake.days(TABLE) == [NEXT]


def test_a_day_before_that_is_down_does_not_stop_the_day_that_is_asked_for(place, lake, caplog):
    drop(place, DAY, 24)
    collect(place, lake, day_window(DAY, "UTC"))
    (place.folder / "drop" / f"{DAY}.csv").unlink()
    drop(place, NEXT, 3)
    assert collect(place, lake, hour_of(NEXT, 2)).rows_out == 27
    assert "late rows of 2015-12-20 could not be collected" in caplog.text


def test_covered_are_the_days_that_the_results_do_not_leave_out():
    frame = pa.table({"a": [1]}).replace_schema_metadata({"left_out_days": json.dumps(["2015-12-20"])})
    assert select_covered_days([DAY, NEXT], {TABLE: frame}) == [NEXT]
    assert select_covered_days([DAY], {TABLE: pa.table({"a": [1]})}) == [DAY]


def test_a_day_is_reopened_when_its_newest_version_is_another_one():
    assert list_reopened_days({DAY: "", NEXT: "v1"}, {DAY: "v1", NEXT: "v1"}, region(), TABLE) == ["2015-12-20"]
