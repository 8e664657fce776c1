"""A file that nobody touched is read once; one that somebody touched is read again."""

from pathlib import Path

import pyarrow.fs as pafs
import pytest

from bigdata_emis.storage import checksums
from bigdata_emis.storage.checksums import (
    changed_file,
    file_digest,
    missing_file,
    note_digest,
    remedy_of,
    sha256_digest,
)

EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
LOCAL = pafs.LocalFileSystem()


def test_a_file_and_its_bytes_have_the_same_checksum(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    assert sha256_digest(tmp_path / "empty") == sha256_digest(b"") == EMPTY_SHA256


def test_a_file_is_read_once_until_it_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, read = tmp_path / "x", []
    path.write_bytes(b"1")

    def digest(content: bytes | Path) -> str:
        read.append(content)
        return sha256_digest(content)

    monkeypatch.setattr(checksums, "sha256_digest", digest)
    assert file_digest(LOCAL, str(path)) == file_digest(LOCAL, str(path)) == sha256_digest(b"1")
    path.write_bytes(b"12")
    assert file_digest(LOCAL, str(path)) == sha256_digest(b"12")
    assert len(read) == 2


def test_what_was_just_written_is_not_read_again(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"1")
    note_digest(LOCAL, str(path), "noted")
    assert file_digest(LOCAL, str(path)) == "noted"


def test_a_file_system_that_is_not_local_is_read_as_a_stream(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"1" * 3_000_000)
    store = pafs.SubTreeFileSystem(str(tmp_path), LOCAL)
    assert file_digest(store, "x") == sha256_digest(b"1" * 3_000_000)
    with pytest.raises(FileNotFoundError):
        file_digest(store, "y")


def test_a_changed_and_a_missing_file_are_refused_in_one_line_with_status_3() -> None:
    errors = [changed_file("a/b", "restore it"), missing_file("a/b", "restore it")]
    assert [str(error) for error in errors] == [
        "a/b is not what was recorded: its SHA-256 differs; restore it",
        "a/b was recorded, but there is no such file; restore it",
    ]
    assert {error.exit_status for error in errors} == {3}


@pytest.mark.parametrize(
    ("table", "command"),
    [
        ("counterfactual_hourly", "judge its scenario again with `emis outcome`"),
        ("achieved_cut", "judge its scenario again with `emis outcome`"),
        ("control_ledger", "recalculate its scenario with `emis recalc`"),
        ("control_source", "run its day again with `emis day`"),
        ("emission_hourly", "run its day again with `emis day`"),
    ],
)
def test_the_remedy_names_the_command_that_writes_the_table(table: str, command: str) -> None:
    assert remedy_of(table) == (f"restore the file from a backup, or {command}: the same rows give the same file")
