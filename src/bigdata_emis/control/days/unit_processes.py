"""Units of work side by side: in processes where that pays and is safe, else in this one.

Belongs here: which unit runs where, and how its result comes back. Does not: what a unit computes.

Threads do not help: a step of arithmetic on a block that fits in the cache lasts 10 µs, and between two steps a thread
waits until another one releases the interpreter.
"""

import os
import pickle
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from bigdata_emis.storage.scenario_lake import BESIDE_THREADS

MOST_PROCESSES = 4
MOST_UNITS = 256
"""The number of a unit is one byte, so that two processes never take the same one."""
QUIET_THREADS = {"MainThread", "interrupts"}
"""Threads of a command that hold no lock while it computes."""

Result = TypeVar("Result")


def usable_processes(units: int) -> int:
    """How many processes can share the work: one where a copy of this process would not be safe.

    A copy has only the thread that makes it: a lock that another thread holds would never be released.
    """
    others = {thread.name for thread in threading.enumerate()} - QUIET_THREADS
    if sys.platform != "linux" or others:
        return 1
    return max(min(len(os.sched_getaffinity(0)), units, MOST_PROCESSES), 1)


def run_units(
    units: Sequence[Callable[[], Result]],
    checks: Sequence[Callable[[], object]],
    folder: Path,
    *,
    alongside: Callable[[], object],
    processes: int,
) -> list[Result]:
    """The results of units, in their order; checks are done at the same time and return nothing.

    folder: for the results of other processes. alongside: called in a thread of this process.
    Raises what a unit, a check or the call alongside raises.
    """
    if processes > 1 and len(units) + len(checks) < MOST_UNITS:
        everything: list[Callable[[], Any]] = [*units, *checks]
        return _run_in_processes(everything, folder, alongside, processes)[: len(units)]
    with ThreadPoolExecutor(max_workers=BESIDE_THREADS) as pool:
        beside = [pool.submit(call) for call in (alongside, *checks)]
        results = [unit() for unit in units]
        for call in beside:
            call.result()
    return results


def _run_in_processes(
    units: Sequence[Callable[[], Any]], folder: Path, alongside: Callable[[], object], processes: int
) -> list[Any]:
    numbers, writer = os.pipe()
    os.write(writer, bytes(range(len(units))))
    os.close(writer)
    children: list[int] = []
    try:
        children.extend(_start_copy(units, numbers, folder) for _ in range(processes - 1))
        with ThreadPoolExecutor(max_workers=1) as thread:
            beside = thread.submit(alongside)
            results = dict(_take_units(units, numbers))
            beside.result()
        while children:
            results |= _results_of_copy(children.pop(), folder)
    finally:
        os.close(numbers)
        for child in children:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
    return [results[number] for number in range(len(units))]


def _take_units(units: Sequence[Callable[[], Any]], numbers: int) -> Iterator[tuple[int, Any]]:
    """Run units until none is left; whoever is free takes the next one."""
    while taken := os.read(numbers, 1):
        yield taken[0], units[taken[0]]()


def _start_copy(units: Sequence[Callable[[], Any]], numbers: int, folder: Path) -> int:
    """A copy of this process that takes units, too; its number."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # that threads exist: usable_processes knows which
        process = os.fork()
    if process == 0:
        _work_as_copy(units, numbers, folder)
    return process


def _work_as_copy(units: Sequence[Callable[[], Any]], numbers: int, folder: Path) -> NoReturn:
    """Store the results, or the error, and end without anything that the end of a command does."""
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        outcome: Any
        try:
            outcome = dict(_take_units(units, numbers))
        except Exception as problem:
            outcome = problem
        with _result_file(folder, os.getpid()).open("wb") as file:
            pickle.dump(outcome, file, protocol=pickle.HIGHEST_PROTOCOL)
    finally:
        os._exit(0)


def _results_of_copy(process: int, folder: Path) -> dict[int, Any]:
    _, status = os.waitpid(process, 0)
    path = _result_file(folder, process)
    if not path.is_file():
        raise RuntimeError(f"a process of the recalculation ended with status {os.waitstatus_to_exitcode(status)}")
    with path.open("rb") as file:
        outcome = pickle.load(file)  # noqa: S301  written by a copy of this process into a folder of its own
    if isinstance(outcome, Exception):
        raise outcome
    return dict(outcome)


def _result_file(folder: Path, process: int) -> Path:
    return folder / f"{process}.results"
