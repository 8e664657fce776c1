"""A region with a lake and a registry, in which versions, answers, logs and runs have any age."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from bigdata_emis import schema
from bigdata_emis.publish.manifest import published_rows
from bigdata_emis.region import Region, load_region
from bigdata_emis.schema.arrow import arrow_schema, conform
from bigdata_emis.storage import database
from bigdata_emis.storage.lake import Store, Version, open_lake
from bigdata_emis.storage.registries.registry_identity import prepare_registry

TABLE = "area_activity_hourly"
DAY = date(2026, 1, 10)
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
REGION = """
name_en = "Village"
name_zh = "村"
time_zone = "UTC"
is_simulated = true
[grid]
projection = "EPSG:32650"
cell_m = 3000
x_origin_m = 440000
y_origin_m = 4400000
columns = 3
rows = 3
"""


@dataclass
class Village:
    """A region folder below EMIS_HOME with its lake."""

    home: Path
    folder: Path

    @property
    def region(self) -> Region:
        return load_region("village")

    @property
    def store(self) -> Store:
        return open_lake(self.region)

    def keep(self, **days: int) -> Region:
        """The region with these retention policies."""
        return replace(self.region, retention=days)

    def write(self, index: float, *, days_ago: float, table_day: date = DAY) -> Version:
        """A version of the day, known so many days before NOW."""
        return self.store.write(
            TABLE, activity(index, table_day), [table_day], known_utc=NOW - timedelta(days=days_ago), run_id="run-1"
        )[0]

    def list_published(self, version: Version) -> None:
        """List a version as published."""
        database.upsert("published_version", "village", published_rows(self.store, [version]))

    def publish(self, version: Version, manifest: bytes = b"{}") -> None:
        """List a version as published, and publish it with a manifest."""
        self.list_published(version)
        self.store.publish_set(f"day={version.day}", [version], {f"manifest/day={version.day}.json": manifest})

    def stored(self) -> list[str]:
        """The versions of the day whose files are there, in order."""
        return [v.version for v in self.store.versions(TABLE, [DAY]) if Path(v.path).exists()]

    def add_run(self, run_id: str, *, days_ago: float, status: str = "done", process_tag: str = "elsewhere-1") -> None:
        """A recorded run."""
        row: dict[str, Any] = {name: None for name in schema.table("run").names} | {
            "run_id": run_id,
            "stage_name": "combine",
            "started_utc": NOW - timedelta(days=days_ago),
            "status": status,
            "process_tag": process_tag,
        }
        database.append("run", "village", pa.Table.from_pylist([row], arrow_schema(schema.table("run"))))

    def acts(self) -> list[str]:
        """The notes of the audit trail."""
        return [str(note) for note in database.read("audit", "village")["note"].to_pylist()]


def activity(index: float, day: date = DAY) -> pa.Table:
    row = {
        "activity_area_id": "a1",
        "hour_utc": datetime(day.year, day.month, day.day, 3, tzinfo=UTC),
        "activity_index": index,
        "counted_activity": None,
        "imputation_code": "none",
        "reading_count": 1,
        "flag_codes": [],
    }
    return conform(pa.Table.from_pylist([row]), schema.table(TABLE))


@pytest.fixture(scope="session")
def empty_registry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry without rows, created once: its migrations take a second."""
    home = tmp_path_factory.mktemp("registry")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EMIS_HOME", str(home))
        for name in ("EMIS_LAKE", "EMIS_DATABASE"):
            patch.delenv(name, raising=False)
        prepare_registry()
    return home / "emis.sqlite"


@pytest.fixture
def make_village(home: Path, empty_registry: Path) -> Callable[[str], Village]:
    """Write the region folder, with these feeds, and create its registry."""

    def make(feeds: str) -> Village:
        folder = home / "regions" / "village"
        folder.mkdir(parents=True)
        (folder / "region.toml").write_text(REGION, "utf-8")
        (folder / "feeds.toml").write_text(feeds, "utf-8")
        shutil.copy(empty_registry, home / "emis.sqlite")
        return Village(home, folder)

    return make


@pytest.fixture
def village(make_village: Callable[[str], Village]) -> Village:
    """A village without feeds."""
    return make_village("")
