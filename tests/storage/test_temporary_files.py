"""Temporary files are named by process, and only the leftovers of ended processes of this host are deleted."""

import errno
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from socket import gethostname

import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.storage.temporary_files import (
    clear_leftovers,
    is_stale,
    lasting_process_tag,
    process_tag,
    temporary_folder,
    temporary_path,
    write_whole,
)


@pytest.fixture(scope="module")
def ended_process_id() -> int:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    return child.pid


def test_the_tag_of_this_process_names_host_and_number_and_is_not_stale() -> None:
    assert process_tag() == f"{gethostname()}-{os.getpid()}"
    assert not is_stale(process_tag())


def test_only_an_ended_process_of_this_host_is_stale(ended_process_id: int) -> None:
    assert is_stale(f"{gethostname()}-{ended_process_id}")
    assert not is_stale(f"another-host-{ended_process_id}")
    assert not is_stale(f"{gethostname()}-{os.getppid()}")


def test_a_tag_with_the_start_of_its_process_is_not_that_of_a_later_process_of_the_same_number() -> None:
    tag = lasting_process_tag()
    assert tag.partition("@")[0] == process_tag()
    assert tag.partition("@")[2]
    assert not is_stale(tag)
    assert is_stale(f"{process_tag()}@00000000.1")


def test_a_process_that_has_ended_is_stale_before_its_parent_asks() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert is_stale(f"{gethostname()}-{child.pid}")
    child.wait()


@pytest.mark.parametrize("text", ["", "x", f"{gethostname()}-x"])
def test_a_text_that_is_no_tag_is_not_stale(text: str) -> None:
    assert not is_stale(text)


def test_a_temporary_file_lies_in_the_folder_of_its_target(tmp_path: Path) -> None:
    assert temporary_path(tmp_path / "x.json") == tmp_path / f".x.json.{process_tag()}.part"


def test_what_killed_processes_left_in_the_folder_is_deleted_by_the_next_writer(
    tmp_path: Path, ended_process_id: int
) -> None:
    stale = f"{gethostname()}-{ended_process_id}"
    names = {
        "own": f"x.json.{process_tag()}.part",
        "stale": f"x.json.{stale}.part",
        "stale, of another target": f"y.json.{stale}.part",
        "of a running process": f"x.json.{gethostname()}-{os.getppid()}.part",
        "of another host": f"x.json.another-host-{ended_process_id}.part",
        "of a person": "notes.part",
    }
    for name in names.values():
        (tmp_path / name).touch()
    temporary_path(tmp_path / "x.json")
    assert {what for what, name in names.items() if (tmp_path / name).exists()} == {
        "own",
        "of a running process",
        "of another host",
        "of a person",
    }


def test_a_temporary_folder_ends_with_its_block_and_removes_those_of_killed_processes(
    tmp_path: Path, ended_process_id: int
) -> None:
    stale, strange = tmp_path / f"emis-{gethostname()}-{ended_process_id}-abc", tmp_path / "emis-of-mine"
    stale.mkdir()
    strange.mkdir()
    with temporary_folder(base=str(tmp_path)) as folder:
        assert (folder.parent, folder.is_dir()) == (tmp_path, True)
        assert folder.name.startswith(f"emis-{process_tag()}-")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["emis-of-mine"]


@pytest.mark.parametrize(
    "problem",
    [OSError(errno.ENOSPC, "No space left on device"), RuntimeError("Job: IO error: No space left on device (28)")],
    ids=["of the system", "of the engine"],
)
def test_a_full_disk_is_one_line_that_names_the_folder(tmp_path: Path, problem: Exception) -> None:
    with (
        pytest.raises(InputError, match=f"^{tmp_path}: No space left on device; check the path in EMIS_LAKE"),
        temporary_folder(base=str(tmp_path)),
    ):
        raise problem


def test_any_other_error_of_the_block_stays_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="x"), temporary_folder(base=str(tmp_path)):
        raise ValueError("x")


def test_a_temporary_folder_that_cannot_be_created_is_refused(tmp_path: Path) -> None:
    with (
        pytest.raises(InputError, match="missing: No such file or directory; check the path in EMIS_LAKE"),
        temporary_folder(base=str(tmp_path / "missing")),
    ):
        pass


def test_leftovers_are_found_in_every_folder_of_a_lake(tmp_path: Path, ended_process_id: int) -> None:
    stale = f"{gethostname()}-{ended_process_id}"
    deep = tmp_path / "history" / "r" / "t"
    deep.mkdir(parents=True)
    (deep / f"1.json.{stale}.part").touch()
    (deep / "2.json").touch()
    (tmp_path / f".scenario-{stale}-x").mkdir()
    assert clear_leftovers(tmp_path) >= 2
    assert [path.name for path in tmp_path.rglob("*") if not path.is_dir()] == ["2.json"]
    assert not list(tmp_path.glob(".scenario-*"))


def test_a_full_folder_for_temporary_files_is_said_with_the_way_to_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with (
        pytest.raises(InputError, match="No space left on device; free disk space there, or set TMPDIR"),
        temporary_folder(),
    ):
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_file_is_written_whole_or_refused(tmp_path: Path) -> None:
    write_whole(tmp_path / "a.csv", b"1")
    write_whole(tmp_path / "a.csv", b"2")
    with pytest.raises(InputError, match="give a file in a folder that can be written"):
        write_whole(tmp_path / "no" / "a.csv", b"1")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a.csv", b"2")]
