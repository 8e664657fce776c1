"""Files of a lake are written whole, replaced in one step, listed in order, and refused with a remedy."""

import errno
import hashlib
import os
import resource
import stat
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.storage import files as storage_files
from bigdata_emis.storage.checksums import ChangedFileError
from bigdata_emis.storage.files import READ_ONLY_MODE, Files

SCHEMA = pa.schema([("energy_kwh", pa.float64())])


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(str(tmp_path / "lake"))


@pytest.fixture
def small_files() -> Iterator[None]:
    """Files of at most a thousand bytes, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_nothing_is_left_of_a_file_that_could_not_be_written_whole(
    files: Files, tmp_path: Path, small_files: None
) -> None:
    files.write(f"{files.base}/a.json", b"{}")
    with pytest.raises(InputError, match="cannot be written: File too large"):
        files.write(f"{files.base}/a.json", b"x" * 5000)
    assert [(path.name, path.read_bytes()) for path in Path(files.base).iterdir()] == [("a.json", b"{}")]


def test_a_file_is_written_below_new_folders_and_read_back(files: Files) -> None:
    path = f"{files.base}/a/b/c.json"
    assert not files.exists(path)
    files.write(path, b"{}")
    assert (files.exists(path), files.read_bytes(path)) == (True, b"{}")


def test_a_large_file_is_moved_into_the_lake(files: Files, tmp_path: Path) -> None:
    (tmp_path / "work.parquet").write_bytes(b"PAR1")
    files.write(f"{files.base}/day.parquet", tmp_path / "work.parquet")
    assert files.read_bytes(f"{files.base}/day.parquet") == b"PAR1"
    assert not (tmp_path / "work.parquet").exists()


def test_writing_leaves_no_other_file_behind(files: Files) -> None:
    for content in (b"1", b"2"):
        files.write(f"{files.base}/x.json", content)
    assert files.list_names(files.base) == ["x.json"]


def test_only_files_with_the_suffix_are_listed_in_order_and_none_of_a_missing_folder(files: Files) -> None:
    for name in ("b.json", "a.json", "c.parquet", "d/e.json"):
        files.write(f"{files.base}/{name}", b"")
    assert list(files.list_files(files.base, ".json")) == [f"{files.base}/a.json", f"{files.base}/b.json"]
    assert list(files.list_files(f"{files.base}/missing")) == []
    assert files.list_names(f"{files.base}/missing") == []


def test_a_copy_replaces_what_was_there_and_is_a_file_of_its_own(files: Files) -> None:
    old, new, stable = (f"{files.base}/{name}" for name in ("old", "new", "current/stable"))
    files.write(old, b"1")
    files.write(new, b"2")
    for source in (old, new, new):
        files.copy(source, stable)
    assert files.read_bytes(stable) == b"2"
    Path(stable).write_bytes(b"edited in place")
    assert files.read_bytes(new) == b"2"
    assert Path(new).stat().st_nlink == 1
    assert files.list_names(f"{files.base}/current") == ["stable"]


@pytest.mark.parametrize("errors", [(errno.EOPNOTSUPP,), (errno.EXDEV, errno.EXDEV)], ids=["no clone", "no copy"])
def test_a_copy_is_whole_where_the_file_system_can_neither_share_nor_copy_in_the_kernel(
    files: Files, monkeypatch: pytest.MonkeyPatch, errors: tuple[int, ...]
) -> None:
    """As between two file systems; which calls the system of the test supports is not ours to choose."""

    def refuse(*_: object) -> int:
        raise OSError(errors[0], "not here")

    monkeypatch.setattr(storage_files.fcntl, "ioctl", refuse)
    if len(errors) > 1:
        monkeypatch.setattr(os, "copy_file_range", refuse)
    content = os.urandom(3_000_000)
    files.write(f"{files.base}/a", content)
    files.copy(f"{files.base}/a", f"{files.base}/b")
    assert files.read_bytes(f"{files.base}/b") == content


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_folders_and_files_are_for_owner_and_group_whatever_the_umask(files: Files, umask: int) -> None:
    before = os.umask(umask)
    try:
        files.write(f"{files.base}/a/b/record.json", b"1")
        files.write(f"{files.base}/a/b/version.parquet", b"1", mode=READ_ONLY_MODE)
    finally:
        os.umask(before)
    found = {path.name: stat.S_IMODE(path.stat().st_mode) for path in [Path(files.base), *Path(files.base).rglob("*")]}
    assert found == {"lake": 0o750, "a": 0o750, "b": 0o750, "record.json": 0o640, "version.parquet": 0o440}


def test_a_link_is_switched_whatever_was_there_and_leaves_nothing_else(files: Files) -> None:
    for name in ("one", "two"):
        files.write(f"{files.base}/{name}/x", name.encode())
    files.write(f"{files.base}/place/file", b"a file")
    for link in ("place/file", "place/new"):
        for destination in ("../one/x", "../two/x", "../two/x"):
            files.switch_link(f"{files.base}/{link}", destination)
        assert files.read_bytes(f"{files.base}/{link}") == b"two"
    assert sorted(files.list_names(f"{files.base}/place")) == ["file", "new"]


def test_the_digest_follows_what_lies_there(files: Files) -> None:
    path = f"{files.base}/x"
    files.write(path, b"")
    assert files.digest(path) == hashlib.sha256(b"").hexdigest()
    Path(path).write_bytes(b"edited")
    assert files.digest(path) == hashlib.sha256(b"edited").hexdigest()


def test_deleting_and_clearing_twice_is_no_error(files: Files) -> None:
    files.write(f"{files.base}/draft/x/y.json", b"")
    for _ in range(2):
        files.delete(f"{files.base}/draft/x/y.json")
        files.clear_folder(f"{files.base}/draft")
    assert files.list_names(f"{files.base}/draft") == []


def test_wanted_columns_are_read_as_the_wanted_type(files: Files, tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    pq.write_table(pa.table({"energy_kwh": [1, 2], "other": ["a", "b"]}), path)
    assert files.read_table(str(path), SCHEMA).equals(pa.table({"energy_kwh": [1.0, 2.0]}))


def test_a_damaged_file_is_named_with_a_remedy(files: Files) -> None:
    files.write(f"{files.base}/x.parquet", b"PAR1 half")
    with pytest.raises(InputError, match=r"x\.parquet is damaged: .*; run its day again with `emis day`"):
        files.read_table(f"{files.base}/x.parquet", SCHEMA)


def test_a_file_that_is_gone_is_named_in_one_clear_line(files: Files) -> None:
    gone = f"{files.base}/control_ledger/day=2015-12-20/x.parquet"
    with pytest.raises(ChangedFileError, match=r"x\.parquet was recorded, but there is no such file; .*`emis recalc`"):
        files.read_table(gone, SCHEMA)


def test_a_folder_that_cannot_be_created_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    files = Files(str(tmp_path / "file" / "lake"))
    with pytest.raises(InputError, match="cannot be written: Not a directory; check the path"):
        files.write(f"{files.base}/x.json", b"")


def test_paths_of_an_object_store_have_its_scheme_as_addresses_only() -> None:
    files = Files("s3://key:secret@bucket/lake?endpoint_override=127.0.0.1:9&region=x&scheme=http")
    assert (files.is_local, files.base) == (False, "bucket/lake")
    assert files.address("bucket/lake/x") == "s3://bucket/lake/x"
    assert files.plain("s3://bucket/lake/x") == "bucket/lake/x"


@pytest.mark.parametrize("root", ["tape://lake", "s3:///lake"], ids=["scheme", "bucket"])
def test_a_root_that_cannot_be_addressed_is_refused_in_one_line(root: str) -> None:
    with pytest.raises(InputError, match="set EMIS_LAKE") as refusal:
        Files(root)
    assert "\n" not in str(refusal.value)


def test_a_column_that_was_declared_later_is_empty_if_it_may_be(files: Files) -> None:
    path = Path(files.base) / "x.parquet"
    path.parent.mkdir(parents=True)
    pq.write_table(pa.table({"energy_kwh": [1.0]}), path)
    optional = SCHEMA.append(pa.field("note", pa.string()))
    assert files.read_table(str(path), optional).to_pylist() == [{"energy_kwh": 1.0, "note": None}]
    assert files.read_names(str(path)) == ["energy_kwh"]


def test_a_file_without_a_required_column_is_refused(files: Files) -> None:
    path = Path(files.base) / "x.parquet"
    path.parent.mkdir(parents=True)
    pq.write_table(pa.table({"energy_kwh": [1.0]}), path)
    with pytest.raises(InputError):
        files.read_table(str(path), SCHEMA.append(pa.field("meter_id", pa.string(), nullable=False)))
