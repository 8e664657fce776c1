"""The files of a set become visible together, at paths that every reader of Parquet can open."""

import os
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.storage.checksums import ChangedFileError, sha256_digest
from bigdata_emis.storage.files import Files
from bigdata_emis.storage.layout import Layout
from bigdata_emis.storage.published.published_set import SetFile, publish_set

TABLES = ("emission_hourly", "emission_total_daily")
DAYS = ("2015-12-20", "2015-12-21")


class Killed(BaseException):
    """The process ended here."""


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(str(tmp_path / "lake"))


def region(files: Files) -> Path:
    return Path(files.base) / "published" / "r"


def publish(files: Files, number: int, day: str = DAYS[0]) -> None:
    """Publish both tables of a day, whose only value is this number, and a manifest that names it."""
    contents = []
    for name in TABLES:
        source = Path(files.base) / "history" / f"{name}-{day}-{number}.parquet"
        source.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.table({"number": [number]}), source)
        stable = f"{region(files)}/{name}/day={day}/{name}.parquet"
        contents.append(SetFile(stable, sha256_digest(source), source=str(source)))
    manifest = str(number).encode()
    contents.append(SetFile(f"{region(files)}/manifest/day={day}.json", sha256_digest(manifest), content=manifest))
    publish_set(files, Layout(files.base, "r"), f"day={day}", contents)


def seen(files: Files, day: str = DAYS[0]) -> list[object]:
    """What a reader meets that opens the stable paths one after another; nothing where there is no file."""
    tables = [region(files) / name / f"day={day}" / f"{name}.parquet" for name in TABLES]
    numbers: list[object] = [pq.read_table(p, partitioning=None)["number"][0].as_py() for p in tables if p.exists()]
    manifest = region(files) / "manifest" / f"day={day}.json"
    return [*numbers, int(manifest.read_text())] if manifest.exists() else numbers


def test_readers_of_every_kind_read_a_table_through_its_stable_folder(files: Files) -> None:
    for number, day in enumerate(DAYS):
        publish(files, number, day)
        publish(files, number + 10, day)
    folder = region(files) / TABLES[0]
    assert sorted(pd.read_parquet(folder)["number"]) == [10, 11]
    assert sorted(ds.dataset(folder, partitioning="hive").to_table()["number"].to_pylist()) == [10, 11]
    assert sorted(pq.read_table(folder)["number"].to_pylist()) == [10, 11]
    for pattern in ("*/*.parquet", "**/*.parquet"):
        query = f"select day, number from read_parquet('{folder}/{pattern}', hive_partitioning=true) order by 1"
        assert [number for _, number in duckdb.sql(query).fetchall()] == [10, 11]
    assert pl.scan_parquet(folder, hive_partitioning=True).collect()["number"].sort().to_list() == [10, 11]
    assert pl.read_parquet(f"{folder}/*/*.parquet")["number"].sort().to_list() == [10, 11]
    with (folder / f"day={DAYS[0]}" / f"{TABLES[0]}.parquet").open("rb") as plain:
        assert plain.read(4) == b"PAR1"


def test_the_engine_reads_a_table_through_its_stable_folder(files: Files, spark: object) -> None:
    for number, day in enumerate(DAYS):
        publish(files, number, day)
    rows = spark.read.parquet(str(region(files) / TABLES[0])).select("number").collect()  # type: ignore[attr-defined]
    assert sorted(row["number"] for row in rows) == [0, 1]


def test_a_process_that_ends_anywhere_leaves_tables_and_manifest_of_one_set(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second set is published again and again, each time ended before one more operation on the file system."""
    publish(files, 1)
    operations = {"left": 0}

    def counted(original: object) -> object:
        def operation(*arguments: object, **options: object) -> object:
            operations["left"] -= 1
            if operations["left"] < 0:
                raise Killed
            return original(*arguments, **options)  # type: ignore[operator]

        return operation

    for name in ("replace", "symlink", "unlink", "rename", "fsync", "chmod"):
        monkeypatch.setattr(os, name, counted(getattr(os, name)))
    numbers = []
    for allowed in range(60):
        operations["left"] = allowed
        try:
            publish(files, 2)
        except Killed:
            numbers.append(seen(files))
        else:
            break
    operations["left"] = 1 << 30
    assert len(numbers) > 5
    assert {tuple(number) for number in numbers} <= {(1, 1, 1), (2, 2, 2)}
    assert seen(files) == [2, 2, 2]


def test_the_set_that_was_replaced_stays_until_the_next_one(files: Files) -> None:
    for number in (1, 2, 3, 3):
        publish(files, number)
    assert len(list((region(files) / ".sets" / f"day={DAYS[0]}").iterdir())) == 3
    assert seen(files) == [3, 3, 3]


def test_a_published_file_that_was_edited_or_replaced_is_restored(files: Files) -> None:
    publish(files, 1)
    edited, replaced = (region(files) / name / f"day={DAYS[0]}" / f"{name}.parquet" for name in TABLES)
    edited.chmod(0o640)
    edited.write_bytes(b"edited through the link")
    replaced.unlink()
    replaced.write_bytes(b"a file in place of the link")
    publish(files, 1)
    assert seen(files) == [1, 1, 1]


def test_a_source_that_differs_is_refused_before_the_switch(files: Files) -> None:
    publish(files, 1)
    source = Path(files.base) / "history" / "x"
    source.write_bytes(b"other")
    path = f"{region(files)}/{TABLES[0]}/day={DAYS[0]}/{TABLES[0]}.parquet"
    with pytest.raises(ChangedFileError, match="is not what was recorded"):
        publish_set(files, Layout(files.base, "r"), f"day={DAYS[0]}", [SetFile(path, "0" * 64, source=str(source))])
    assert seen(files) == [1, 1, 1]


def test_a_lake_that_was_moved_shows_the_same(files: Files, tmp_path: Path) -> None:
    publish(files, 1)
    Path(files.base).rename(tmp_path / "elsewhere")
    moved = Files(str(tmp_path / "elsewhere"))
    assert seen(moved) == [1, 1, 1]
    publish(moved, 2)
    assert seen(moved) == [2, 2, 2]


def test_the_whole_published_folder_may_be_elsewhere_but_no_folder_inside(files: Files, tmp_path: Path) -> None:
    publish(files, 1)
    (Path(files.base) / "published").rename(tmp_path / "volume")
    (Path(files.base) / "published").symlink_to(tmp_path / "volume")
    publish(files, 2)
    assert seen(files) == [2, 2, 2]
    (region(files) / TABLES[0]).rename(tmp_path / "one table")
    (region(files) / TABLES[0]).symlink_to(tmp_path / "one table")
    with pytest.raises(InputError, match=r"leads to .*one table/.*expected a folder of its own; move the folder back"):
        publish(files, 3)
    assert region(files).joinpath("manifest", f"day={DAYS[0]}.json").read_text() == "2"


def test_an_object_store_gets_the_files_one_after_another_the_manifest_last(files: Files, tmp_path: Path) -> None:
    files.is_local = False  # an object store has no folders to create; the disk of the test does
    (region(files) / "manifest").mkdir(parents=True)
    publish(files, 1)
    assert seen(files) == [1, 1, 1]
    assert not (region(files) / ".sets").exists()
