"""What a region waits for: a day, a decision, or somebody who looks at failed runs."""

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from bigdata_emis import schema
from bigdata_emis.codes import ScenarioStatus
from bigdata_emis.schema.arrow import arrow_schema
from bigdata_emis.storage import database
from bigdata_emis.upkeep.health.region_health import check_drafts, check_published, check_published_files, check_runs
from tests.upkeep.conftest import DAY, NOW, TABLE, Village


def add_scenario(name: str, status: str, to_utc: datetime) -> None:
    row: dict[str, Any] = {field: None for field in schema.table("scenario").names}
    row |= {"scenario_id": name, "status": status, "from_utc": to_utc - timedelta(days=1), "to_utc": to_utc}
    database.append("scenario", "village", pa.Table.from_pylist([row], arrow_schema(schema.table("scenario"))))


@pytest.mark.parametrize(
    ("last", "level"), [(date(2026, 2, 28), "ok"), (date(2026, 2, 27), "ok"), (date(2026, 2, 26), "warn")]
)
def test_a_day_may_be_missing_in_the_morning_but_not_two(village: Village, last: date, level: str) -> None:
    village.list_published(village.write(1, days_ago=1, table_day=last))
    (finding,) = check_published(village.region, NOW)
    assert (str(finding.level), finding.what.split(",")[0]) == (level, str(last))


def test_nothing_published_is_a_warning(village: Village) -> None:
    (finding,) = check_published(village.region, NOW)
    assert (str(finding.level), finding.what) == ("warn", "nothing is published")


def test_an_archive_is_never_late(village: Village) -> None:
    file = village.folder / "region.toml"
    file.write_text(f'{file.read_text("utf-8")}[options]\nlast_day = "2026-02-28"\n', "utf-8")
    village.list_published(village.write(1, days_ago=1, table_day=date(2026, 1, 10)))
    (finding,) = check_published(village.region, NOW)
    assert str(finding.level) == "ok"


def test_a_damaged_published_file_is_named(village: Village) -> None:
    manifest = {"files": [], "day_files": [], "region_files": []}
    version = village.write(1, days_ago=1)
    stable = village.home / "lake" / "published" / "village" / TABLE / f"day={DAY}" / f"{TABLE}.parquet"
    entry = {"path": str(stable.relative_to(village.home / "lake")), "sha256": version.sha256}
    entry["version_path"] = str(Path(version.path).relative_to(village.home / "lake"))
    village.publish(version, json.dumps({**manifest, "files": [entry]}).encode())
    (finding,) = check_published_files(village.region, NOW)
    assert (str(finding.level), finding.what) == ("ok", "of 1 published days are what was recorded")
    place = stable.resolve()
    place.chmod(0o640)
    place.write_bytes(place.read_bytes()[:-9])
    (finding,) = check_published_files(village.region, NOW)
    assert str(finding.level) == "fail"
    assert finding.what == f"published/village/{TABLE}/day={DAY}/{TABLE}.parquet is not what was recorded"
    assert "emis published --region village --verify" in finding.remedy


def test_a_draft_waits_until_its_hours_are_over(village: Village) -> None:
    add_scenario("over", ScenarioStatus.DRAFT, NOW - timedelta(hours=1))
    add_scenario("decided", ScenarioStatus.REJECTED, NOW + timedelta(days=1))
    (finding,) = check_drafts(village.region, NOW)
    assert str(finding.level) == "ok"
    add_scenario("open", ScenarioStatus.DRAFT, NOW + timedelta(days=1))
    (finding,) = check_drafts(village.region, NOW)
    assert (str(finding.level), finding.what) == ("warn", "1: open")


def test_failed_runs_of_the_last_day_are_counted(village: Village) -> None:
    village.add_run("a/combine", days_ago=3, status="failed")
    village.add_run("b/combine", days_ago=0.5)
    (finding,) = check_runs(village.region, NOW)
    assert str(finding.level) == "ok"
    village.add_run("c/combine", days_ago=0.4, status="refused")
    (finding,) = check_runs(village.region, NOW)
    assert (str(finding.level), finding.what) == ("warn", "1 did not succeed; the last: combine refused")
