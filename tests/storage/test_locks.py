"""Which process waits, which is refused, and that a lock ends with its process."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest

from bigdata_emis import flow
from bigdata_emis.errors import InputError
from bigdata_emis.storage.locks import INGEST, brief_lock, exclusive_lock, table_lock

SCRIPT = """
import fcntl, logging, sys
from datetime import date
from pathlib import Path
from bigdata_emis.storage.locks import exclusive_lock, table_lock
logging.basicConfig(stream=sys.stdout, format="%(message)s")
folder, kind, first, last, reads, writes = sys.argv[1:]
if kind == "whole":
    del fcntl.F_OFD_SETLKW
days = [date.fromisoformat(day) for day in (first, last) if day]
if kind == "exclusive":
    lock = exclusive_lock(Path(folder), what="busy", remedy="wait")
else:
    lock = table_lock(Path(folder), days, reads=reads.split(), writes=writes.split())
with lock:
    print("locked", flush=True)
    sys.stdin.readline()
"""
FIRST, SECOND = "2019-01-01", "2019-01-02"


class LockingProcess:
    """Another process, which holds the lock it asks for until it is ended."""

    def __init__(self, folder: Path, kind: str, *words: str) -> None:
        arguments = [str(folder), kind, *words, *[""] * (4 - len(words))]
        self.process = subprocess.Popen(
            [sys.executable, "-c", SCRIPT, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def read_line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def end(self) -> int:
        return self.process.communicate("end\n") and self.process.returncode


@contextmanager
def lock_in_process(folder: Path, kind: str, *words: str) -> Iterator[LockingProcess]:
    locking = LockingProcess(folder, kind, *words)
    try:
        yield locking
    finally:
        locking.process.kill()
        locking.process.communicate()


WAITS = "waiting for another process that works on sources of 2019-01-0"
READS_AND_WRITES = (FIRST, FIRST, "readings", "sources")
CASES = {
    "two read what nobody writes": (READS_AND_WRITES, (FIRST, FIRST, "readings", "cells"), False),
    "one reads what another writes": (READS_AND_WRITES, (FIRST, FIRST, "sources", "cells"), True),
    "two write the same": (READS_AND_WRITES, (FIRST, FIRST, "", "sources"), True),
    "one writes what another reads": ((FIRST, FIRST, "sources", ""), (FIRST, FIRST, "", "sources"), True),
    "another day": (READS_AND_WRITES, (SECOND, SECOND, "readings", "sources"), False),
    "a month that holds the day": (READS_AND_WRITES, (FIRST, "2019-01-31", "", "sources"), True),
    "a day of a month": ((FIRST, "2019-01-31", "", "sources"), (SECOND, SECOND, "", "sources"), True),
    "a day after a month": ((FIRST, "2019-01-31", "", "sources"), ("2019-02-01", "2019-02-01", "", "sources"), False),
    "a day of a table that is locked whole": (("", "", "", "sources"), (SECOND, SECOND, "", "sources"), True),
}


@pytest.mark.parametrize(("first", "second", "waits"), CASES.values(), ids=CASES.keys())
def test_a_second_process_waits_only_for_the_same_days_of_a_table_that_is_written(
    tmp_path: Path, first: tuple[str, ...], second: tuple[str, ...], waits: bool
) -> None:
    with lock_in_process(tmp_path, "tables", *first) as first_process:
        assert first_process.read_line() == "locked"
        with lock_in_process(tmp_path, "tables", *second) as second_process:
            if waits:
                assert second_process.read_line().startswith(WAITS)
                assert first_process.end() == 0
            assert second_process.read_line() == "locked"


def test_where_parts_of_a_file_cannot_be_locked_a_table_is_locked_whole_and_readers_still_share_it(
    tmp_path: Path,
) -> None:
    with (
        lock_in_process(tmp_path, "whole", FIRST, FIRST, "sources", "") as first_process,
        lock_in_process(tmp_path, "whole", SECOND, SECOND, "sources", "") as second_process,
    ):
        assert (first_process.read_line(), second_process.read_line()) == ("locked", "locked")
        with lock_in_process(tmp_path, "whole", SECOND, SECOND, "", "sources") as third_process:
            assert third_process.read_line().startswith(WAITS)
            assert (first_process.end(), second_process.end()) == (0, 0)
            assert third_process.read_line() == "locked"


def test_the_locks_of_a_killed_process_are_free(tmp_path: Path) -> None:
    lock = tmp_path / "day.lock"
    with (
        lock_in_process(tmp_path, "tables", *READS_AND_WRITES) as first_process,
        lock_in_process(lock, "exclusive") as long_task,
    ):
        assert (first_process.read_line(), long_task.read_line()) == ("locked", "locked")
        with lock_in_process(tmp_path, "tables", *READS_AND_WRITES) as second_process:
            assert second_process.read_line().startswith(WAITS)
            for killed in (first_process, long_task):
                os.kill(killed.process.pid, signal.SIGKILL)
                killed.process.wait()
            assert second_process.read_line() == "locked"
            with exclusive_lock(lock, what="busy", remedy="wait"):
                pass


def test_a_second_process_with_the_same_long_task_is_refused_with_the_name_of_the_first(tmp_path: Path) -> None:
    lock = tmp_path / "day.lock"
    with lock_in_process(lock, "exclusive") as first_process:
        assert first_process.read_line() == "locked"
        with (
            pytest.raises(InputError, match=rf"busy \(.+-{first_process.process.pid}\); wait"),
            exclusive_lock(lock, what="busy", remedy="wait"),
        ):
            pass
        assert first_process.end() == 0
    with exclusive_lock(lock, what="busy", remedy="wait"):
        pass


def test_processes_that_lock_the_same_tables_in_opposite_roles_never_block_each_other(tmp_path: Path) -> None:
    script = """
import sys
from datetime import date
from pathlib import Path
from bigdata_emis.storage.locks import table_lock
for _ in range(300):
    with table_lock(Path(sys.argv[1]), [date(2019, 1, 1)], reads=[sys.argv[2]], writes=[sys.argv[3]]):
        pass
"""
    orders = (("a", "b"), ("b", "a"), ("a", "b"))
    processes = [
        subprocess.Popen([sys.executable, "-c", script, str(tmp_path), *order], stderr=subprocess.DEVNULL)
        for order in orders
    ]
    assert [process.wait(timeout=60) for process in processes] == [0, 0, 0]


def test_stages_that_a_dag_runs_side_by_side_never_wait_for_each_other() -> None:
    waits = flow.edges()
    after = {s.name: {s.name} for s in flow.STAGES}
    for _ in flow.STAGES:
        for before, later in waits:
            after[before] |= after[later]
    parallel = [
        (a, b) for a in flow.STAGES for b in flow.STAGES if b.name not in after[a.name] and a.name not in after[b.name]
    ]
    assert parallel
    assert [(a.name, b.name) for a, b in parallel if set(a.writes) & {*b.reads, *b.writes}] == []


def test_a_table_lock_inside_a_table_lock_is_an_error_of_the_code(tmp_path: Path) -> None:
    day = [date(2019, 1, 1)]
    with (
        table_lock(tmp_path, day, reads=["a"], writes=[]),
        pytest.raises(RuntimeError, match="inside a table lock"),
        table_lock(tmp_path, day, reads=["b"], writes=[]),
    ):
        pass
    with table_lock(tmp_path, day, reads=[], writes=["a"]):
        pass


def test_a_folder_that_cannot_be_created_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(InputError, match="cannot be written: Not a directory; check the path in EMIS_LAKE"),
        table_lock(tmp_path / "file" / "x", [], reads=[], writes=["a"]),
    ):
        pass


def test_an_ingest_lock_may_hold_table_locks_but_not_the_reverse(tmp_path: Path) -> None:
    day = [date(2019, 1, 1)]
    with (
        table_lock(tmp_path, day, reads=[], writes=["ingest-power"], level=INGEST),
        table_lock(tmp_path, day, reads=[], writes=["power_reading"]),
    ):
        pass
    with (
        table_lock(tmp_path, day, reads=[], writes=["power_reading"]),
        pytest.raises(RuntimeError, match="inside a table lock"),
        table_lock(tmp_path, day, reads=[], writes=["ingest-power"], level=INGEST),
    ):
        pass


def test_a_brief_lock_of_a_folder_leaves_no_file(tmp_path: Path) -> None:
    for _ in range(2):
        with brief_lock(tmp_path):
            assert list(tmp_path.iterdir()) == []
