"""Who waits for whom, who is turned away, and that a lock ends with its process."""

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
from bigdata_emis.storage.locks import alone, turn

SCRIPT = """
import fcntl, logging, sys
from datetime import date
from pathlib import Path
from bigdata_emis.storage.locks import alone, turn
logging.basicConfig(stream=sys.stdout, format="%(message)s")
folder, kind, first, last, reads, writes = sys.argv[1:]
if kind == "whole":
    del fcntl.F_OFD_SETLKW
days = [date.fromisoformat(day) for day in (first, last) if day]
held = alone(Path(folder), what="busy", remedy="wait") if kind == "alone" else turn(Path(folder), days, reads=reads.split(), writes=writes.split())
with held:
    print("has it", flush=True)
    sys.stdin.readline()
"""
FIRST, SECOND = "2019-01-01", "2019-01-02"


class Other:
    """Another process, which holds what it has asked for until it is told to end."""

    def __init__(self, folder: Path, kind: str, *words: str) -> None:
        told = [str(folder), kind, *words, *[""] * (4 - len(words))]
        self.process = subprocess.Popen(
            [sys.executable, "-c", SCRIPT, *told], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def says(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def end(self) -> int:
        return self.process.communicate("end\n") and self.process.returncode


@contextmanager
def other(folder: Path, kind: str, *words: str) -> Iterator[Other]:
    made = Other(folder, kind, *words)
    try:
        yield made
    finally:
        made.process.kill()
        made.process.communicate()


WAITS = "waiting for another process that works on sources of 2019-01-0"
HELD = (FIRST, FIRST, "readings", "sources")
CASES = {
    "two read what nobody writes": (HELD, (FIRST, FIRST, "readings", "cells"), False),
    "one reads what another writes": (HELD, (FIRST, FIRST, "sources", "cells"), True),
    "two write the same": (HELD, (FIRST, FIRST, "", "sources"), True),
    "one writes what another reads": ((FIRST, FIRST, "sources", ""), (FIRST, FIRST, "", "sources"), True),
    "another day": (HELD, (SECOND, SECOND, "readings", "sources"), False),
    "a month that holds the day": (HELD, (FIRST, "2019-01-31", "", "sources"), True),
    "a day of a month": ((FIRST, "2019-01-31", "", "sources"), (SECOND, SECOND, "", "sources"), True),
    "a day after a month": ((FIRST, "2019-01-31", "", "sources"), ("2019-02-01", "2019-02-01", "", "sources"), False),
    "a day of a table that is taken whole": (("", "", "", "sources"), (SECOND, SECOND, "", "sources"), True),
}


@pytest.mark.parametrize(("first", "second", "waits"), CASES.values(), ids=CASES.keys())
def test_who_comes_second_waits_only_for_the_same_days_of_what_is_written(
    tmp_path: Path, first: tuple[str, ...], second: tuple[str, ...], waits: bool
) -> None:
    with other(tmp_path, "turn", *first) as one:
        assert one.says() == "has it"
        with other(tmp_path, "turn", *second) as two:
            if waits:
                assert two.says().startswith(WAITS)
                assert one.end() == 0
            assert two.says() == "has it"


def test_where_parts_of_a_file_cannot_be_locked_the_table_is_one_and_readers_still_read_together(
    tmp_path: Path,
) -> None:
    with (
        other(tmp_path, "whole", FIRST, FIRST, "sources", "") as one,
        other(tmp_path, "whole", SECOND, SECOND, "sources", "") as two,
    ):
        assert (one.says(), two.says()) == ("has it", "has it")
        with other(tmp_path, "whole", SECOND, SECOND, "", "sources") as three:
            assert three.says().startswith(WAITS)
            assert (one.end(), two.end()) == (0, 0)
            assert three.says() == "has it"


def test_what_a_killed_process_held_is_free(tmp_path: Path) -> None:
    lock = tmp_path / "day.lock"
    with other(tmp_path, "turn", *HELD) as one, other(lock, "alone") as long:
        assert (one.says(), long.says()) == ("has it", "has it")
        with other(tmp_path, "turn", *HELD) as two:
            assert two.says().startswith(WAITS)
            for killed in (one, long):
                os.kill(killed.process.pid, signal.SIGKILL)
                killed.process.wait()
            assert two.says() == "has it"
            with alone(lock, what="busy", remedy="wait"):
                pass


def test_who_would_do_the_same_long_work_is_turned_away_and_told_who_does_it(tmp_path: Path) -> None:
    lock = tmp_path / "day.lock"
    with other(lock, "alone") as one:
        assert one.says() == "has it"
        with (
            pytest.raises(InputError, match=rf"busy \(.+-{one.process.pid}\); wait"),
            alone(lock, what="busy", remedy="wait"),
        ):
            pass
        assert one.end() == 0
    with alone(lock, what="busy", remedy="wait"):
        pass


def test_two_that_want_the_same_tables_for_opposite_ends_never_block_each_other(tmp_path: Path) -> None:
    script = """
import sys
from datetime import date
from pathlib import Path
from bigdata_emis.storage.locks import turn
for _ in range(300):
    with turn(Path(sys.argv[1]), [date(2019, 1, 1)], reads=[sys.argv[2]], writes=[sys.argv[3]]):
        pass
"""
    orders = (("a", "b"), ("b", "a"), ("a", "b"))
    made = [
        subprocess.Popen([sys.executable, "-c", script, str(tmp_path), *order], stderr=subprocess.DEVNULL)
        for order in orders
    ]
    assert [process.wait(timeout=60) for process in made] == [0, 0, 0]


def test_stages_that_a_dag_runs_side_by_side_never_wait_for_each_other() -> None:
    waits = flow.edges()
    after = {s.name: {s.name} for s in flow.STAGES}
    for _ in flow.STAGES:
        for before, later in waits:
            after[before] |= after[later]
    beside = [
        (a, b) for a in flow.STAGES for b in flow.STAGES if b.name not in after[a.name] and a.name not in after[b.name]
    ]
    assert beside
    assert [(a.name, b.name) for a, b in beside if set(a.writes) & {*b.reads, *b.writes}] == []


def test_a_turn_within_a_turn_is_a_fault_of_the_code(tmp_path: Path) -> None:
    day = [date(2019, 1, 1)]
    with (
        turn(tmp_path, day, reads=["a"], writes=[]),
        pytest.raises(RuntimeError, match="within a turn"),
        turn(tmp_path, day, reads=["b"], writes=[]),
    ):
        pass
    with turn(tmp_path, day, reads=[], writes=["a"]):
        pass


def test_a_folder_that_cannot_be_made_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(InputError, match="cannot be written: Not a directory; mend EMIS_LAKE"),
        turn(tmp_path / "file" / "x", [], reads=[], writes=["a"]),
    ):
        pass
