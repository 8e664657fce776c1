"""What a page says of an analysis that failed."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from bigdata_emis import schema
from bigdata_emis.region import Grid, Region
from bigdata_emis.report.analysis_failures import analysis_failures
from bigdata_emis.schema.arrow import arrow_schema
from bigdata_emis.storage import database
from bigdata_emis.window import day_window

DAY = day_window(date(2015, 12, 20), "Asia/Shanghai")
STARTED = datetime(2015, 12, 21, 4, tzinfo=UTC)


@pytest.fixture
def region(home: Path) -> Region:
    database.migrate()
    return Region("a", home, "A", "甲", "Asia/Shanghai", True, Grid("EPSG:32650", 3000, 0, 0, 1, 1), {}, {}, {})


def record(stage: str, status: str, *, hour: int = 0, window=DAY, error: str | None = None) -> None:
    started = STARTED + timedelta(hours=hour)
    row = {
        "run_id": f"{stage}-{hour}",
        "stage_name": stage,
        "from_utc": window.from_utc,
        "to_utc": window.to_utc,
        "started_utc": started,
        "ended_utc": started + timedelta(minutes=1),
        "status": status,
        "error": error,
        "known_utc": STARTED,
        "code_version": "1",
    }
    database.upsert("run", "a", pa.Table.from_pylist([row], arrow_schema(schema.table("run"))))


def test_a_failure_is_one_sentence_in_each_language_with_its_reason(region: Region) -> None:
    record("associate", "failed", error="table association, column strength: 1.5 is above 1")
    (stage,) = analysis_failures(region, DAY)
    words = analysis_failures(region, DAY)[stage]
    assert stage == "associate"
    assert words["en"].startswith("The association analysis of this day failed; the inventory is whole without it. ")
    assert words["en"].endswith("column strength: 1.5 is above 1")
    assert words["zh"] == "当日关联分析未能完成，清单不受影响；原因请查 emis runs --failed --region a。"


def test_a_run_that_was_refused_counts_and_a_later_success_ends_it(region: Region) -> None:
    record("decompose", "refused")
    assert list(analysis_failures(region, DAY)) == ["decompose"]
    record("decompose", "done", hour=1)
    assert analysis_failures(region, DAY) == {}


def test_runs_of_other_days_and_other_stages_are_not_named(region: Region) -> None:
    record(
        "associate",
        "failed",
        window=replace(DAY, from_utc=DAY.from_utc + timedelta(hours=24), to_utc=DAY.to_utc + timedelta(hours=24)),
    )
    record("emit_industry", "failed")
    assert analysis_failures(region, DAY) == {}
