"""The lake: whole partitions, one atomic switch, and versions as they were known at a time."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from socket import gethostname

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bigdata_emis import schema
from bigdata_emis.errors import InputError
from bigdata_emis.region import load_region
from bigdata_emis.schema.arrow import conform
from bigdata_emis.storage.checksums import ChangedFileError
from bigdata_emis.storage.lake import Store, Version, open_lake
from bigdata_emis.storage.scenario_lake import ScenarioStore
from bigdata_emis.workflow.draft_lake import DraftStore

DAY = date(2015, 12, 20)
EARLY = datetime(2015, 12, 21, 1, tzinfo=UTC)
LATE = datetime(2015, 12, 22, 1, tzinfo=UTC)


def activity(index: float, hour: int = 0) -> pa.Table:
    row = {
        "activity_area_id": "a1",
        "hour_utc": datetime(2015, 12, 20, hour, tzinfo=UTC),
        "activity_index": index,
        "counted_activity": None,
        "imputation_code": "none",
        "reading_count": 1,
        "flag_codes": [],
    }
    return conform(pa.Table.from_pylist([row]), schema.table("area_activity_hourly"))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(str(tmp_path), "r", "Asia/Shanghai")


def write(store: Store, index: float, known_utc: datetime) -> str:
    return store.write("area_activity_hourly", activity(index), [DAY], known_utc=known_utc, run_id="x")[0].version


def publish(store: Store, version: Version) -> str:
    store.publish_set(f"day={version.day}", [version], {})
    return store.published_path(version)


def test_reader_gets_what_was_written_with_units(store: Store) -> None:
    write(store, 1.5, EARLY)
    frame = store.read("area_activity_hourly", [DAY])
    assert frame["activity_index"].to_pylist() == [1.5]
    file = pq.read_schema(store.paths("area_activity_hourly", [DAY])[0])
    assert file.field("activity_index").metadata[b"unit"] == b"1"


@pytest.mark.parametrize("is_simulated", [True, False])
def test_every_file_of_a_lake_says_whether_its_region_is_simulated(tmp_path: Path, is_simulated: bool) -> None:
    lake = Store(str(tmp_path), "r", "Asia/Shanghai", is_simulated=is_simulated)
    scenario = ScenarioStore(DraftStore(lake, "draft"), "red-1")
    for store in (lake, scenario):
        write(store, 1.5, EARLY)
        (path,) = store.paths("area_activity_hourly", [DAY])
        assert json.loads(pq.read_schema(path).metadata[b"simulated"]) is is_simulated
    pieces = {DAY: lambda: [activity(1.5)]}
    (version,) = scenario.write_pieces(
        "area_activity_hourly", pieces, known_utc=LATE, run_id="x", complete_shares={DAY: 1.0}
    )
    metadata = pq.read_schema(scenario.address(version)).metadata
    assert json.loads(metadata[b"simulated"]) is is_simulated
    assert metadata[b"table"] == b"area_activity_hourly"


def test_rerun_with_the_same_rows_is_the_same_version(store: Store) -> None:
    assert write(store, 1.5, EARLY) == write(store, 1.5, LATE)
    assert len(store.versions("area_activity_hourly", [DAY])) == 1


def test_an_earlier_version_can_be_read_as_of_its_time(store: Store) -> None:
    write(store, 1.0, EARLY)
    write(store, 2.0, LATE)
    assert store.read("area_activity_hourly", [DAY])["activity_index"].to_pylist() == [2.0]
    assert store.read("area_activity_hourly", [DAY], as_of=EARLY)["activity_index"].to_pylist() == [1.0]
    assert store.read("area_activity_hourly", [DAY], as_of=datetime(2015, 1, 1, tzinfo=UTC)).num_rows == 0


def test_earlier_rows_written_again_are_a_new_version_with_the_old_content(store: Store) -> None:
    first = write(store, 1.0, EARLY)
    write(store, 2.0, LATE)
    assert write(store, 1.0, datetime(2015, 12, 23, tzinfo=UTC)) == first
    assert store.read("area_activity_hourly", [DAY])["activity_index"].to_pylist() == [1.0]
    assert len(store.versions("area_activity_hourly", [DAY])) == 3


@pytest.mark.parametrize("second_utc", [LATE, EARLY], ids=["the same time", "an earlier one"])
def test_the_version_written_last_is_the_newest_whatever_time_the_writer_gives(
    store: Store, tmp_path: Path, second_utc: datetime
) -> None:
    """Eight contents and then the first again, so that no order of their checksums lets the test pass."""
    write(store, 0.0, LATE)
    for index in [*range(1, 9), 0]:
        written = write(store, float(index), second_utc)
        newest = store.versions("area_activity_hourly", [DAY])[-1]
        published = pq.read_table(publish(store, newest), partitioning=None)
        assert newest.version == written
        assert (
            published["activity_index"].to_pylist()
            == store.read("area_activity_hourly", [DAY])["activity_index"].to_pylist()
            == [index]
        )
    assert len({version.known_utc for version in store.versions("area_activity_hourly", [DAY])}) == 10
    assert store.read("area_activity_hourly", [DAY], as_of=LATE)["activity_index"].to_pylist() == [0.0]


def test_rows_go_to_their_local_day(store: Store) -> None:
    frame = pa.concat_tables([activity(1.0, hour=15), activity(2.0, hour=16)])
    store.write("area_activity_hourly", frame, [DAY, date(2015, 12, 21)], known_utc=EARLY, run_id="x")
    assert store.read("area_activity_hourly", [DAY])["activity_index"].to_pylist() == [1.0]
    assert store.read("area_activity_hourly", [date(2015, 12, 21)])["activity_index"].to_pylist() == [2.0]


def test_plain_readers_see_only_the_current_version(store: Store, tmp_path: Path) -> None:
    write(store, 1.0, EARLY)
    write(store, 2.0, LATE)
    folder = tmp_path / "current" / "r" / "area_activity_hourly"
    assert pd.read_parquet(folder)["activity_index"].tolist() == [2.0]
    assert duckdb.sql(f"select activity_index from '{folder}/*/*.parquet'").fetchall() == [(2.0,)]
    assert pq.read_table(folder)["activity_index"].to_pylist() == [2.0]


def test_a_switch_lost_in_a_crash_hides_the_version_from_no_stage_and_is_repeated_by_the_rerun(
    store: Store, tmp_path: Path
) -> None:
    write(store, 1.0, EARLY)
    stable = next((tmp_path / "current").rglob("*.parquet"))
    stable.unlink()
    assert store.read("area_activity_hourly", [DAY])["activity_index"].to_pylist() == [1.0]
    write(store, 1.0, LATE)
    assert pq.read_table(stable, partitioning=None)["activity_index"].to_pylist() == [1.0]


def test_the_files_given_to_a_stage_stay_as_they_were_when_the_day_is_written_again(store: Store) -> None:
    write(store, 1.0, EARLY)
    given = store.paths("area_activity_hourly", [DAY])
    write(store, 2.0, LATE)
    assert pq.read_table(given[0], partitioning=None)["activity_index"].to_pylist() == [1.0]
    assert store.read("area_activity_hourly", [DAY])["activity_index"].to_pylist() == [2.0]


def test_a_file_that_was_edited_in_place_is_restored_by_the_rerun_and_logged(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    write(store, 1.0, EARLY)
    Path(store.paths("area_activity_hourly", [DAY])[0]).write_bytes(b"x")
    write(store, 1.0, LATE)
    assert store.read("area_activity_hourly", [DAY])["activity_index"].to_pylist() == [1.0]
    assert "was changed in place" in caplog.text
    assert len(store.versions("area_activity_hourly", [DAY])) == 1


def test_leftovers_of_killed_processes_are_deleted_when_the_same_document_is_written(
    store: Store, tmp_path: Path
) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    tags = {
        "ended": f"{gethostname()}-{ended.pid}",
        "running": f"{gethostname()}-{os.getppid()}",
        "elsewhere": f"another-host-{ended.pid}",
    }
    folder = tmp_path / "published" / store.region_id / "manifest"
    folder.mkdir(parents=True)
    for tag in tags.values():
        (folder / f"day.json.{tag}.part").touch()
    store.write_document("manifest/day.json", b"{}", tree="published")
    remaining = {name for name, tag in tags.items() if (folder / f"day.json.{tag}.part").exists()}
    assert (remaining, (folder / "day.json").read_bytes()) == ({"running", "elsewhere"}, b"{}")


@pytest.mark.parametrize("damage", ["edited", "half", "gone"])
def test_a_version_that_is_not_what_was_recorded_is_refused_by_every_reader(store: Store, damage: str) -> None:
    write(store, 1.0, EARLY)
    version = store.versions("area_activity_hourly", [DAY])[-1]
    path = Path(version.path)
    content = path.read_bytes()
    path.unlink()
    if damage != "gone":
        path.write_bytes(content[: len(content) // 2] if damage == "half" else content + b" ")
    said = "there is no such file" if damage == "gone" else "is not what was recorded"
    readers: list[Callable[[], object]] = [
        lambda: store.read("area_activity_hourly", [DAY]),
        lambda: store.paths("area_activity_hourly", [DAY], as_of=LATE),
        lambda: store.read_version(version),
        lambda: store.publish_set("x", [version], {}),
    ]
    for reader in readers:
        with pytest.raises(ChangedFileError, match=rf"{version.version}\.parquet .*{said}") as refusal:
            reader()
        assert refusal.value.exit_status == 3
    assert not store.files.list_names(f"{store.files.base}/published/r")
    write(store, 1.0, LATE)
    assert store.read("area_activity_hourly", [DAY])["activity_index"].to_pylist() == [1.0]


def test_writing_in_place_to_the_stable_file_changes_no_version_and_is_undone_by_the_rerun(
    store: Store, tmp_path: Path
) -> None:
    write(store, 1.0, EARLY)
    stable = next((tmp_path / "current").rglob("*.parquet"))
    stable.write_bytes(b"x")
    assert store.read("area_activity_hourly", [DAY])["activity_index"].to_pylist() == [1.0]
    write(store, 1.0, LATE)
    assert pq.read_table(stable, partitioning=None)["activity_index"].to_pylist() == [1.0]


@pytest.mark.parametrize("kept_bytes", [0, 50])
def test_a_record_that_was_cut_is_skipped_with_a_warning_and_the_day_can_be_written_again(
    store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture, kept_bytes: int
) -> None:
    write(store, 1.0, EARLY)
    write(store, 2.0, LATE)
    record = max((tmp_path / "history").rglob("*.json"))
    record.write_bytes(record.read_bytes()[:kept_bytes])
    assert store.read("area_activity_hourly", [DAY])["activity_index"].to_pylist() == [1.0]
    assert len(store.versions("area_activity_hourly", [DAY])) == 1
    assert f"{record.name} is damaged and not read" in caplog.text
    write(store, 2.0, LATE)
    assert store.read("area_activity_hourly", [DAY])["activity_index"].to_pylist() == [2.0]
    caplog.clear()
    assert len(store.versions("area_activity_hourly", [DAY])) == 2
    assert not caplog.text
    assert record.with_name(f"{record.name}.damaged").read_bytes() == b"" if kept_bytes == 0 else True


def test_a_damaged_record_of_a_scenario_is_refused_until_the_scenario_is_written_again(store: Store) -> None:
    """What is left would be another version than the one that somebody decided on."""
    scenario = ScenarioStore(store, "orange-1")
    declared = schema.table("control_hourly")
    row = {**dict.fromkeys(declared.names), "source_id": "u", "baseline_emission_g": None}
    frames = [
        conform(
            pa.Table.from_pylist(
                [{**row, "scenario_id": "orange-1", "pollutant_code": "NOx", "hour_utc": EARLY, "cut_emission_g": g}]
            ),
            declared,
        )
        for g in (1.0, 2.0)
    ]
    for frame, known_utc in zip(frames, (EARLY, LATE), strict=True):
        scenario.write("control_hourly", frame, [date(2015, 12, 21)], known_utc=known_utc, run_id="r")
    record = max(Path(store.files.base, "history").rglob("*.json"))
    record.write_bytes(record.read_bytes()[:50])
    for read in (scenario.versions, scenario.read, store.read):
        with pytest.raises(ChangedFileError, match=rf"{record.name} is damaged; .*`emis recalc`"):
            read("control_hourly", [date(2015, 12, 21)])
    scenario.write("control_hourly", frames[1], [date(2015, 12, 21)], known_utc=LATE, run_id="r")
    assert scenario.read("control_hourly", [date(2015, 12, 21)])["cut_emission_g"].to_pylist() == [2.0]


def test_files_of_somebody_else_in_the_lake_disturb_nobody(
    store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write(store, 1.0, EARLY)
    for folder in ("history/r/area_activity_hourly", "current/r/area_activity_hourly"):
        for name in ("README", "notes.json", ".DS_Store"):
            (tmp_path / folder / f"day={DAY}" / name).write_text("hi")
        (tmp_path / folder / "day=soon").mkdir()
    write(store, 2.0, LATE)
    assert store.read("area_activity_hourly", [DAY])["activity_index"].to_pylist() == [2.0]
    assert store.days("area_activity_hourly") == [DAY]


def test_a_lake_has_no_hard_links_and_versions_are_read_only(store: Store, tmp_path: Path) -> None:
    write(store, 1.0, EARLY)
    publish(store, store.versions("area_activity_hourly", [DAY])[-1])
    files = [path for path in tmp_path.rglob("*") if path.is_file() and not path.is_symlink()]
    assert {path.stat().st_nlink for path in files} == {1}
    modes = {path.relative_to(tmp_path).parts[0]: path.stat().st_mode & 0o777 for path in tmp_path.rglob("*.parquet")}
    assert modes == {"history": 0o440, "current": 0o640, "published": 0o440}


def test_a_copied_lake_publishes_its_own_files(store: Store, tmp_path: Path) -> None:
    write(store, 1.0, EARLY)
    copied = tmp_path / "copy"
    shutil.copytree(tmp_path / "history", copied / "history")
    shutil.rmtree(tmp_path / "history")
    copy = Store(str(copied), "r", "Asia/Shanghai")
    version = copy.versions("area_activity_hourly", [DAY])[-1]
    assert copy.address(version).startswith(f"{copied}/history/")
    assert pq.read_table(publish(copy, version), partitioning=None)["activity_index"].to_pylist() == [1.0]
    assert copy.read("area_activity_hourly", [DAY], as_of=LATE)["activity_index"].to_pylist() == [1.0]


def test_the_record_of_a_version_names_its_file_relative_to_the_lake(store: Store, tmp_path: Path) -> None:
    version = write(store, 1.0, EARLY)
    folder = tmp_path / "history" / "r" / "area_activity_hourly" / f"day={DAY}"
    record = json.loads(next(folder.glob("*.json")).read_text("utf-8"))
    assert record["path"] == f"history/r/area_activity_hourly/day={DAY}/{version}.parquet"


def test_a_lake_that_cannot_be_created_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written: Not a directory"):
        write(Store(str(tmp_path / "file" / "lake"), "r", "Asia/Shanghai"), 1.0, EARLY)


def test_locks_lie_beside_a_local_lake_and_in_the_home_for_an_object_store_which_knows_none(home: Path) -> None:
    bucket = "s3://key:secret@bucket/lake?endpoint_override=127.0.0.1:9&region=x&scheme=http"
    folders = [Store(root, "r", "UTC").lock_folder() for root in (str(home / "lake"), f"file://{home}/lake", bucket)]
    assert folders == [home / "lake" / "lock" / "r", home / "lake" / "lock" / "r", home / "lock" / "r"]


def test_a_draft_locks_no_day_but_tables_without_days(store: Store) -> None:
    """The draft is its own; the registry is not in it, and a turn inside a table lock is refused."""
    draft = DraftStore(store, "month")
    with store.lock_tables([DAY], writes=["emission_hourly"]):
        with draft.lock_tables([DAY], writes=["emission_hourly"]):
            pass
        with pytest.raises(RuntimeError, match="inside a table lock"), draft.lock_tables([], writes=["enterprise"]):
            pass


def test_a_document_is_read_back_and_missing_ones_are_none(store: Store) -> None:
    store.write_document("manifest/day.json", b"{}", tree="published")
    assert store.read_document("manifest/day.json", tree="published") == b"{}"
    assert store.read_document("manifest/day.json") is None


def test_one_version_can_be_read_whatever_is_current(store: Store) -> None:
    write(store, 1.0, EARLY)
    write(store, 2.0, LATE)
    first = store.versions("area_activity_hourly", [DAY])[0]
    assert store.read_version(first, columns=["activity_index"]).to_pydict() == {"activity_index": [1.0]}


def test_days_are_those_with_a_version_in_order(store: Store) -> None:
    days = [date(2015, 12, 21), DAY]
    store.write("area_activity_hourly", activity(1.0), days, known_utc=EARLY, run_id="x")
    assert store.days("area_activity_hourly") == sorted(days)
    assert store.days("emission_hourly") == []


def test_the_lake_of_a_region_lies_in_the_home(home: Path) -> None:
    lake = open_lake(load_region("nys"))
    assert (lake.region_id, lake.files.base) == ("nys", str(home / "lake"))
