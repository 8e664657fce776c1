"""Files beside the tables: written by content, named in the manifest, and each folder of a table is one dataset."""

import hashlib
import json
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from bigdata_emis import schema
from bigdata_emis.errors import InputError
from bigdata_emis.publish.reader_files import published_files
from tests.publish.published_town import FIRST, SECOND, START, publish_day, publish_town, town, with_wider_grid

TABLES = {
    "emission_hourly": 144,
    "emission_gridded_hourly": 288,
    "emission_total_hourly": 288,
    "emission_total_daily": 12,
    "activity_method": 2,
}
"""Rows of both days."""
REGION_FILES = ["grid/grid.json", "grid/grid.parquet"] + [
    f"registry/{name}.parquet" for name in ("enterprise", "production_line", "stack", "road_link", "activity_area")
]


@pytest.fixture
def published(home: Path) -> Path:
    return publish_town(home)


@pytest.fixture(scope="module")
def unchanged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The published town, for tests that only read."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("EMIS_LAKE", "EMIS_DATABASE", "EMIS_REGIONS"):
            patch.delenv(name, raising=False)
        home = tmp_path_factory.mktemp("home")
        patch.setenv("EMIS_HOME", str(home))
        return publish_town(home)


def manifest(published: Path, day: object = SECOND) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((published / "manifest" / f"day={day}.json").read_text("utf-8"))
    return content


READERS = {
    "pandas": lambda folder: len(pd.read_parquet(folder)),
    "polars": lambda folder: pl.read_parquet(folder, hive_partitioning=True).height,
    "polars, by pattern": lambda folder: pl.read_parquet(f"{folder}/*/*.parquet", hive_partitioning=True).height,
    "pyarrow": lambda folder: ds.dataset(folder, partitioning="hive").count_rows(),
    "duckdb": lambda folder: duckdb.sql(f"SELECT count(*) FROM '{folder}/*/*.parquet'").fetchall()[0][0],
    "duckdb, every depth": lambda folder: duckdb.sql(f"SELECT count(*) FROM '{folder}/**/*.parquet'").fetchall()[0][0],
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("table", TABLES)
def test_a_folder_of_a_table_reads_as_one_dataset(table: str, reader: str, unchanged: Path) -> None:
    assert READERS[reader](str(unchanged / table)) == TABLES[table]


@pytest.mark.parametrize("reader", sorted(READERS.keys() - {"polars"}))
def test_a_file_that_a_killed_process_left_is_not_read_as_more_rows(reader: str, unchanged: Path) -> None:
    """It is as whole as the published file: whoever read both would see twice the emission.

    Polars refuses a folder with such a file, and reads it by pattern.
    """
    folder = unchanged / "emission_hourly" / f"day={SECOND}"
    leftover = folder / ".emission_hourly.parquet.host-1.part"
    leftover.write_bytes((folder / "emission_hourly.parquet").read_bytes())
    try:
        assert READERS[reader](str(unchanged / "emission_hourly")) == TABLES["emission_hourly"]
    finally:
        leftover.unlink()


def test_the_folder_of_a_table_holds_days_and_these_hold_its_file_alone(unchanged: Path) -> None:
    for table in TABLES:
        assert sorted(path.name for path in (unchanged / table).iterdir()) == [f"day={FIRST}", f"day={SECOND}"]
        assert [path.name for path in (unchanged / table / f"day={SECOND}").iterdir()] == [f"{table}.parquet"]


def test_the_manifest_names_every_file_below_the_lake_with_its_checksum(unchanged: Path) -> None:
    lake, written = unchanged.parent.parent, manifest(unchanged)
    assert [file["path"].removeprefix("published/town/") for file in written["region_files"]] == REGION_FILES
    (of_day,) = written["day_files"]
    assert of_day["path"] == f"published/town/activity_method/day={SECOND}/activity_method.parquet"
    for file in [*written["region_files"], of_day]:
        for name in ("path", "version_path"):
            assert hashlib.sha256((lake / file[name]).read_bytes()).hexdigest() == file["sha256"]


def test_every_day_keeps_the_grid_with_which_it_was_computed(published: Path, home: Path) -> None:
    before = manifest(published, FIRST)["region_files"][1]
    publish_day(with_wider_grid(town(home)), SECOND, factor=2.0, known_h=2.0)
    after = manifest(published, SECOND)["region_files"][1]
    lake = published.parent.parent
    assert [pq.read_metadata(lake / file["version_path"]).num_rows for file in (before, after)] == [6, 8]
    assert pq.read_metadata(published / "grid" / "grid.parquet").num_rows == 8
    assert json.loads((published / "grid" / "grid.json").read_text("utf-8"))["x_axis"]["count"] == 4


def test_publishing_the_same_again_writes_no_file_again(published: Path, home: Path) -> None:
    files = [published / name for name in REGION_FILES]
    before = [path.stat().st_mtime_ns for path in files]
    publish_day(town(home), SECOND, factor=2.0, known_h=2.0)
    assert [path.stat().st_mtime_ns for path in files] == before
    assert len(list((home / "lake" / "history" / "town" / "grid").iterdir())) == 2


def test_a_file_that_somebody_changed_is_written_again(published: Path, home: Path) -> None:
    path = published / "grid" / "grid.json"
    right = path.read_bytes()
    path.chmod(0o640)
    path.write_bytes(b"{}")
    publish_day(town(home), SECOND, factor=2.0, known_h=2.0)
    assert path.read_bytes() == right


def test_a_day_is_not_published_on_a_grid_that_is_not_registered(published: Path, home: Path) -> None:
    before = manifest(published)
    region = town(home)
    wider = with_wider_grid(region)
    with pytest.raises(InputError, match="table grid of region town has 8 cells that are not those of region.toml"):
        publish_day(region, SECOND, factor=9.0, known_h=2.0)
    assert manifest(published) == before
    publish_day(wider, SECOND, factor=2.0, known_h=3.0)


def test_metadata_and_manifest_say_how_the_numbers_are_to_be_read(unchanged: Path) -> None:
    said = {convention["name"]: convention for convention in manifest(unchanged)["conventions"]}
    assert "NO2" in said["nox_as_no2"]["text_en"]
    assert "PM2.5 + PM_condensable" in said["particulate_filterable"]["text_zh"]
    assert said["hour_start"]["tables"] == ["emission_hourly", "emission_gridded_hourly", "emission_total_hourly"]
    for table in ("emission_hourly", "emission_gridded_hourly", "emission_total_hourly", "emission_total_daily"):
        metadata = pq.read_schema(unchanged / table / f"day={SECOND}" / f"{table}.parquet").metadata
        for name in ("nox_as_no2", "particulate_filterable", "local_day"):
            assert said[name]["text_en"] in metadata[b"conventions_en"].decode()
            assert said[name]["text_zh"] in metadata[b"conventions_zh"].decode()


def test_a_daily_total_is_titled_as_the_mass_of_a_day(unchanged: Path) -> None:
    titles = {}
    for table in ("emission_total_daily", "emission_total_hourly"):
        field = pq.read_schema(unchanged / table / f"day={SECOND}" / f"{table}.parquet").field("emission_g")
        titles[table] = (field.metadata[b"title_en"].decode(), field.metadata[b"title_zh"].decode())
    assert titles["emission_total_daily"] == ("emission of the day", "日排放量")
    assert titles["emission_total_hourly"] == ("emission in the hour", "小时排放量")
    (file,) = (file for file in manifest(unchanged)["files"] if file["table"] == "emission_total_daily")
    assert file["columns"]["emission_g"] == {"en": "emission of the day", "zh": "日排放量"}


def test_a_convention_names_the_tables_that_it_is_about() -> None:
    tables = {name: schema.table(name) for name in ("emission_hourly", "emission_total_daily")}
    said = {c["name"]: c["tables"] for c in published_files.conventions_of(tables)}
    assert said["nox_as_no2"] == ["emission_hourly", "emission_total_daily"]
    assert said["day_mass"] == ["emission_total_daily"]


def test_the_partition_is_the_local_day_and_hours_are_in_utc(unchanged: Path) -> None:
    frame = pd.read_parquet(unchanged / "emission_hourly")
    first = frame[frame["day"].astype(str) == str(FIRST)]["hour_utc"]
    assert first.min() == START
