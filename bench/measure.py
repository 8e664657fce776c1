"""Wall time, CPU time and peak memory of a command and its whole process tree.

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
class Usage:
    """Use of resources by a process tree, with its output.

    peak_mb is the largest sampled sum of proportional set sizes, or the peak of the child alone if that is larger.
    """

    wall_s: float
    cpu_s: float
    peak_mb: float
    output: str


class TreeWatch(threading.Thread):
    """Samples a process tree a few times a second.

    It also stores CPU times, since a JVM that its parent does not wait for is not in the usage reported by the system.
    """

    def __init__(self, root: int) -> None:
        super().__init__(daemon=True)
        self.root, self.peak_kb = root, 0
        self.cpu_seconds: dict[int, float] = {}
        self.done = threading.Event()

    def run(self) -> None:
        while not self.done.wait(INTERVAL_SECONDS):
            tree = find_descendants(self.root) | {pid for pid in self.cpu_seconds if (PROC / str(pid)).is_dir()}
            self.peak_kb = max(self.peak_kb, sum(read_proportional_kb(pid) for pid in tree))
            self.cpu_seconds |= {pid: seconds for pid in tree if (seconds := read_cpu_seconds(pid)) is not None}


def measure_command(command: Sequence[str], *, cwd: Path, environment: dict[str, str]) -> Usage:
    """Run a command and return its use of resources; its stderr is forwarded line by line.

    Raises SystemExit with the last lines of stderr when the command fails.
    """
    began = time.perf_counter()
    child = subprocess.Popen(
        command, cwd=cwd, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace"
    )
    watch, last_lines = TreeWatch(child.pid), deque[str](maxlen=LAST_LINES)
    listener = threading.Thread(target=_forward_lines, args=(child.stderr, last_lines), daemon=True)
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
        raise SystemExit(f"{' '.join(command)} failed:\n{''.join(last_lines)}")
    cpu = max(usage.ru_utime + usage.ru_stime, sum(watch.cpu_seconds.values()))
    return Usage(wall, cpu, max(watch.peak_kb, usage.ru_maxrss) / 1024, output)


def _forward_lines(lines: IO[str] | None, last_lines: deque[str]) -> None:
    for line in lines or ():
        last_lines.append(line)
        sys.stderr.write(line)


def find_descendants(root: int) -> set[int]:
    """A process and all its descendants."""
    tree, to_visit = {root}, [root]
    while to_visit:
        try:
            children = [
                int(pid)
                for tasks in (PROC / str(to_visit.pop()) / "task").iterdir()
                for pid in (tasks / "children").read_text().split()
            ]
        except OSError:
            continue
        to_visit += [pid for pid in children if pid not in tree]
        tree |= set(children)
    return tree


def read_proportional_kb(pid: int) -> int:
    """Proportional set size of a process: shared memory counts in proportion."""
    try:
        lines = (PROC / str(pid) / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def read_cpu_seconds(pid: int) -> float | None:
    """User and system seconds of a process, without its children; None when it has ended."""
    try:
        fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND
