"""The lake: whole partitions, one atomic switch, versions that can be asked for as of a time."""

import json
import os
import shutil
import subprocess
import sys
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
from bigdata_emis.schema.arrow import conform
from bigdata_emis.storage.lake import Store
from bigdata_emis.workflow.draft_lake import DraftStore

DAY = date(2015, 12, 20)
EARLY = datetime(2015, 12, 21, 1, tzinfo=UTC)
LATE = datetime(2015, 12, 22, 1, tzinfo=UTC)


def activity(index: float, hour: int = 0) -> pa.Table:
    row = {
        "activity_area_id": "a1",
        "hour_utc": datetime(2015, 12, 20, hour, tzinfo=UTC),
        "activity_index": index,
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


def test_reader_gets_what_was_written_with_units(store: Store) -> None:
    write(store, 1.5, EARLY)
    frame = store.read("area_activity_hourly", [DAY])
    assert frame["activity_index"].to_pylist() == [1.5]
    file = pq.read_schema(store.paths("area_activity_hourly", [DAY])[0])
    assert file.field("activity_index").metadata[b"unit"] == b"1"


def test_rerun_with_the_same_rows_is_the_same_version(store: Store) -> None:
    assert write(store, 1.5, EARLY) == write(store, 1.5, LATE)
    assert len(store.versions("area_activity_hourly", [DAY])) == 1


def test_restatement_leaves_the_old_version_to_be_asked_for(store: Store) -> None:
    write(store, 1.0, EARLY)
    write(store, 2.0, LATE)
    assert store.read("area_activity_hourly", [DAY])["activity_index"].to_pylist() == [2.0]
    assert store.read("area_activity_hourly", [DAY], as_of=EARLY)["activity_index"].to_pylist() == [1.0]
    assert store.read("area_activity_hourly", [DAY], as_of=datetime(2015, 1, 1, tzinfo=UTC)).num_rows == 0


def test_going_back_to_earlier_rows_is_a_new_version_with_the_old_content(store: Store) -> None:
    first = write(store, 1.0, EARLY)
    write(store, 2.0, LATE)
    assert write(store, 1.0, datetime(2015, 12, 23, tzinfo=UTC)) == first
    assert store.read("area_activity_hourly", [DAY])["activity_index"].to_pylist() == [1.0]
    assert len(store.versions("area_activity_hourly", [DAY])) == 3


@pytest.mark.parametrize("second_utc", [LATE, EARLY], ids=["the same time", "an earlier one"])
def test_what_is_written_later_is_the_newest_whatever_time_the_writer_gives(
    store: Store, tmp_path: Path, second_utc: datetime
) -> None:
    """Eight contents and back to the first, so that no order of their digests makes it pass."""
    write(store, 0.0, LATE)
    for index in [*range(1, 9), 0]:
        written = write(store, float(index), second_utc)
        newest = store.versions("area_activity_hourly", [DAY])[-1]
        published = pq.read_table(store.publish(newest), partitioning=None)
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


def test_switch_lost_to_a_crash_hides_the_version_from_no_stage_and_is_made_good_by_the_rerun(
    store: Store, tmp_path: Path
) -> None:
    write(store, 1.0, EARLY)
    stable = next((tmp_path / "current").rglob("*.parquet"))
    stable.unlink()
    assert store.read("area_activity_hourly", [DAY])["activity_index"].to_pylist() == [1.0]
    write(store, 1.0, LATE)
    assert pq.read_table(stable, partitioning=None)["activity_index"].to_pylist() == [1.0]


def test_what_a_stage_was_given_to_read_stays_as_it_was_when_the_day_is_written_anew(store: Store) -> None:
    write(store, 1.0, EARLY)
    given = store.paths("area_activity_hourly", [DAY])
    write(store, 2.0, LATE)
    assert pq.read_table(given[0], partitioning=None)["activity_index"].to_pylist() == [1.0]
    assert store.read("area_activity_hourly", [DAY])["activity_index"].to_pylist() == [2.0]


def test_a_file_that_somebody_changed_in_place_is_made_whole_by_the_rerun_which_says_so(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    write(store, 1.0, EARLY)
    Path(store.paths("area_activity_hourly", [DAY])[0]).write_bytes(b"x")
    write(store, 1.0, LATE)
    assert store.read("area_activity_hourly", [DAY])["activity_index"].to_pylist() == [1.0]
    assert "was changed in place" in caplog.text
    assert len(store.versions("area_activity_hourly", [DAY])) == 1


def test_what_killed_processes_of_this_host_left_beside_a_file_is_cleared_by_the_next_that_writes_it(
    store: Store, tmp_path: Path
) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    owners = {
        "ended": f"{gethostname()}-{ended.pid}",
        "running": f"{gethostname()}-{os.getppid()}",
        "elsewhere": f"another-host-{ended.pid}",
    }
    folder = tmp_path / "published" / store.region_id / "manifest"
    folder.mkdir(parents=True)
    for of in owners.values():
        (folder / f"day.json.{of}.part").touch()
    store.write_document("manifest/day.json", b"{}", tree="published")
    left = {of for of in owners if (folder / f"day.json.{owners[of]}.part").exists()}
    assert (left, (folder / "day.json").read_bytes()) == ({"running", "elsewhere"}, b"{}")


def test_broken_file_is_named_with_a_way_to_mend(store: Store) -> None:
    write(store, 1.0, EARLY)
    path = Path(store.paths("area_activity_hourly", [DAY])[0])
    path.unlink()
    path.write_bytes(b"PAR1 half")
    with pytest.raises(InputError, match="run its day again"):
        store.read("area_activity_hourly", [DAY])


def test_same_answer_is_landed_once_and_read_back_in_order(store: Store) -> None:
    for request, payload in [("p2", b"two"), ("p1", b"one"), ("p1", b"one"), ("p1", b"changed")]:
        store.land("power", DAY, request, payload, "json")
    assert sorted(payload for _, payload in store.raw("power", DAY)) == [b"changed", b"one", b"two"]
    assert [name[:2] for name, _ in store.raw("power", DAY)] == ["p1", "p1", "p2"]


def test_request_cannot_leave_the_raw_folder(store: Store, tmp_path: Path) -> None:
    store.land("power", DAY, "../../../escape", b"x", "json")
    assert not list(tmp_path.glob("escape*"))
    assert len(store.raw("power", DAY)) == 1


def test_a_copied_lake_publishes_its_own_files(store: Store, tmp_path: Path) -> None:
    write(store, 1.0, EARLY)
    copied = tmp_path / "copy"
    shutil.copytree(tmp_path / "history", copied / "history")
    shutil.rmtree(tmp_path / "history")
    other = Store(str(copied), "r", "Asia/Shanghai")
    version = other.versions("area_activity_hourly", [DAY])[-1]
    assert other.address(version).startswith(f"{copied}/history/")
    assert pq.read_table(other.publish(version), partitioning=None)["activity_index"].to_pylist() == [1.0]
    assert other.read("area_activity_hourly", [DAY], as_of=LATE)["activity_index"].to_pylist() == [1.0]


def test_the_record_of_a_version_names_its_file_relative_to_the_lake(store: Store, tmp_path: Path) -> None:
    version = write(store, 1.0, EARLY)
    folder = tmp_path / "history" / "r" / "area_activity_hourly" / f"day={DAY}"
    told = json.loads(next(folder.glob("*.json")).read_text("utf-8"))
    assert told["path"] == f"history/r/area_activity_hourly/day={DAY}/{version}.parquet"


@pytest.mark.parametrize("root", ["tape://lake", "s3:///lake"], ids=["scheme", "bucket"])
def test_a_lake_that_cannot_be_addressed_is_refused_in_one_line(root: str) -> None:
    with pytest.raises(InputError, match="mend EMIS_LAKE") as refusal:
        Store(root, "r", "UTC")
    assert "\n" not in str(refusal.value)


def test_a_lake_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written: Not a directory"):
        write(Store(str(tmp_path / "file" / "lake"), "r", "Asia/Shanghai"), 1.0, EARLY)


def test_locks_lie_beside_a_local_lake_and_in_the_home_for_an_object_store_which_knows_none(home: Path) -> None:
    bucket = "s3://key:secret@bucket/lake?endpoint_override=127.0.0.1:9&region=x&scheme=http"
    folders = [Store(root, "r", "UTC").lock_folder() for root in (str(home / "lake"), f"file://{home}/lake", bucket)]
    assert folders == [home / "lake" / "lock" / "r", home / "lake" / "lock" / "r", home / "lock" / "r"]


def test_a_turn_at_a_draft_waits_for_nobody_but_at_what_is_of_no_day(store: Store) -> None:
    """The draft is its own; the registry is not in it, and a turn within a turn is refused."""
    draft = DraftStore.of(store, "month")
    with store.turn([DAY], writes=["emission_hourly"]):
        with draft.turn([DAY], writes=["emission_hourly"]):
            pass
        with pytest.raises(RuntimeError, match="within a turn"), draft.turn([], writes=["enterprise"]):
            pass
