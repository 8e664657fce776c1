"""Logs by their last line, and leftovers only of processes of this host and user that have ended."""

import os
import tempfile
from pathlib import Path
from socket import gethostname

import pytest

from bigdata_emis.upkeep.pruning.removable_logs import leftovers, removable_logs, removable_task_logs
from tests.upkeep.conftest import NOW

DEAD = f"{gethostname()}-4194399"


def aged(path: Path, days: float) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"line\n")
    os.utime(path, (NOW.timestamp() - days * 86_400,) * 2)
    return path


def test_a_log_with_a_new_line_stays(tmp_path: Path) -> None:
    aged(tmp_path / "log" / "emis-1.log", 3)
    old = aged(tmp_path / "log" / "emis-2.log", 9)
    aged(tmp_path / "log" / "notes.txt", 99)
    limit = NOW.replace(day=1) - (NOW - NOW.replace(hour=0))
    assert [r.paths for r in removable_logs(tmp_path, limit_utc=limit.replace(year=2026, month=2, day=25))] == [
        (str(old),)
    ]


def test_a_task_log_goes_with_its_whole_run(tmp_path: Path) -> None:
    run = tmp_path / "airflow" / "logs" / "tasks" / "dag_id=inventory_a" / "run_id=1"
    aged(run / "task_id=x" / "attempt=1.log", 30)
    assert len(list(removable_task_logs(tmp_path, "a", limit_utc=NOW))) == 1
    aged(run / "task_id=y" / "attempt=1.log", -1)
    assert list(removable_task_logs(tmp_path, "a", limit_utc=NOW)) == []


def test_leftovers_are_files_and_folders_of_ended_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lake, temporary = tmp_path / "lake", tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    aged(lake / "current" / f".x.parquet.{DEAD}.part", 1)
    aged(lake / "current" / f".y.parquet.{gethostname()}-{os.getpid()}.part", 1)
    aged(lake / "current" / ".z.parquet.elsewhere-1.part", 1)
    aged(temporary / f"emis-{DEAD}-abc" / "inner" / "piece", 1)
    (temporary / f"emis-{DEAD}-link").symlink_to(lake)
    found = list(leftovers(lake))
    assert [removal.detail for removal in found] == [f"emis-{DEAD}-abc", f".x.parquet.{DEAD}.part"]
    assert sum(removal.byte_count for removal in found) == 10


def test_an_object_store_has_no_leftovers_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert list(leftovers(None)) == []
