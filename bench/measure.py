"""A command measured from its start to its end: wall, CPU seconds and peak memory of its whole process tree.

Belongs here: the measurement. Does not: what is run.
"""

import os
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

INTERVAL_SECONDS = 0.2
LAST_LINES = 25
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
PROC = Path("/proc")


@dataclass(frozen=True)
class Measured:
    """What a process tree took. peak_mb is the largest sum of proportional set sizes that was seen, or the peak of the child alone."""

    wall_s: float
    cpu_s: float
    peak_mb: float
    output: str


class Watch(threading.Thread):
    """Looks at a process tree a few times a second; a JVM that nobody waits for is in no rusage, so its CPU time is kept here."""

    def __init__(self, root: int) -> None:
        super().__init__(daemon=True)
        self.root, self.peak_kb = root, 0
        self.cpu_seconds: dict[int, float] = {}
        self.done = threading.Event()

    def run(self) -> None:
        while not self.done.wait(INTERVAL_SECONDS):
            tree = descendants(self.root) | {pid for pid in self.cpu_seconds if (PROC / str(pid)).is_dir()}
            self.peak_kb = max(self.peak_kb, sum(proportional_kb(pid) for pid in tree))
            self.cpu_seconds |= {pid: seconds for pid in tree if (seconds := own_cpu_seconds(pid)) is not None}


def measured(command: Sequence[str], *, cwd: Path, environment: dict[str, str]) -> Measured:
    """Run a command, whose words on stderr are passed on as they come. Raises SystemExit with its last words when it fails."""
    began = time.perf_counter()
    child = subprocess.Popen(
        command, cwd=cwd, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace"
    )
    watch, last = Watch(child.pid), deque[str](maxlen=LAST_LINES)
    listener = threading.Thread(target=_pass_on, args=(child.stderr, last), daemon=True)
    watch.start()
    listener.start()
    output = child.stdout.read() if child.stdout else ""
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - began
    child.returncode = os.waitstatus_to_exitcode(status)
    watch.done.set()
    watch.join()
    if child.returncode:
        listener.join(timeout=1)
        raise SystemExit(f"{' '.join(command)} failed:\n{''.join(last)}")
    cpu = max(usage.ru_utime + usage.ru_stime, sum(watch.cpu_seconds.values()))
    return Measured(wall, cpu, max(watch.peak_kb, usage.ru_maxrss) / 1024, output)


def _pass_on(lines: IO[str] | None, last: deque[str]) -> None:
    for line in lines or ():
        last.append(line)
        sys.stderr.write(line)


def descendants(root: int) -> set[int]:
    """A process and all that stem from it."""
    found, wanted = {root}, [root]
    while wanted:
        try:
            children = [
                int(pid)
                for tasks in (PROC / str(wanted.pop()) / "task").iterdir()
                for pid in (tasks / "children").read_text().split()
            ]
        except OSError:
            continue
        wanted += [pid for pid in children if pid not in found]
        found |= set(children)
    return found


def proportional_kb(pid: int) -> int:
    """Memory of a process, what it shares counted in part."""
    try:
        lines = (PROC / str(pid) / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def own_cpu_seconds(pid: int) -> float | None:
    """User and system time of a process itself."""
    try:
        fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND
