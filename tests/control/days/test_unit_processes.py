"""Units of work give the same results in one process and in several; what fails elsewhere fails here."""

import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from bigdata_emis.control.days.unit_processes import run_units, usable_processes
from bigdata_emis.errors import RefusedError

PARENT = os.getpid()


def nothing() -> None:
    pass


class Meeting:
    """Two units that end only when both were begun: so each of two processes has one."""

    def __init__(self) -> None:
        self.pipes = os.pipe(), os.pipe()

    def unit(self, number: int, then: Callable[[], object]) -> Callable[[], object]:
        def meet() -> object:
            os.write(self.pipes[number][1], b"!")
            os.read(self.pipes[1 - number][0], 1)
            return then()

        return meet


def in_the_other_process(call: Callable[[], object]) -> Callable[[], object]:
    return lambda: call() if os.getpid() != PARENT else None


def run_two(folder: Path, then: Callable[[], object]) -> list[object]:
    meeting = Meeting()
    units = [meeting.unit(number, then) for number in range(2)]
    return run_units(units, [], folder, alongside=nothing, processes=2)


@pytest.mark.parametrize("processes", [1, 3])
def test_results_come_in_the_order_of_the_units(tmp_path: Path, processes: int) -> None:
    units = [lambda number=number: number * number for number in range(20)]
    results = run_units(units, [], tmp_path, alongside=nothing, processes=processes)
    assert results == [number * number for number in range(20)]


def test_two_processes_take_units(tmp_path: Path) -> None:
    processes = run_two(tmp_path, os.getpid)
    assert PARENT in processes
    assert len(set(processes)) == 2


def test_a_refusal_in_the_other_process_is_that_of_the_command(tmp_path: Path) -> None:
    def refuse() -> None:
        raise RefusedError("day 2 has no control basis", "run it again")

    with pytest.raises(RefusedError) as caught:
        run_two(tmp_path, in_the_other_process(refuse))
    assert (caught.value.what, caught.value.remedy) == ("day 2 has no control basis", "run it again")


def test_a_process_that_is_killed_stops_the_recalculation(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="ended with status -9"):
        run_two(tmp_path, in_the_other_process(lambda: os.kill(os.getpid(), signal.SIGKILL)))


@pytest.mark.parametrize("processes", [1, 2])
def test_what_a_check_or_the_call_alongside_raises_stops_the_recalculation(tmp_path: Path, processes: int) -> None:
    def refuse() -> None:
        raise RefusedError("another registry")

    with pytest.raises(RefusedError, match="another registry"):
        run_units([nothing], [], tmp_path, alongside=refuse, processes=processes)
    with pytest.raises(RefusedError, match="another registry"):
        run_units([nothing], [refuse], tmp_path, alongside=nothing, processes=processes)


def own_processes() -> list[str]:
    """The processes that this one has started; a run of all tests has others than copies."""
    return Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()


def test_after_a_failure_here_no_process_is_left(tmp_path: Path) -> None:
    def fail() -> None:
        if os.getpid() == PARENT:
            raise RefusedError("here")
        signal.pause()

    before = own_processes()
    with pytest.raises(RefusedError, match="here"):
        run_two(tmp_path, fail)
    assert own_processes() == before


def test_a_process_with_other_threads_is_not_copied() -> None:
    over = threading.Event()
    thread = threading.Thread(target=over.wait, name="web server")
    thread.start()
    assert usable_processes(8) == 1
    over.set()
    thread.join()
