"""Processes of a running `make airflow`, found through /proc, and killed by SIGKILL.

Belongs here: which process is the command, the task, the worker and the scheduler. Does not: when they are killed.
"""

import os
import signal
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class RunningCommand:
    """A command of a task: its process, that of its task, and that of the worker above."""

    words: list[str]
    command: int
    task: int
    worker: int


def running_commands(scheduler: int) -> list[RunningCommand]:
    """The `emis` commands that run below a scheduler."""
    parents = {int(path.name): _parent(path) for path in Path("/proc").iterdir() if path.name.isdecimal()}
    found = []
    for process in parents:
        words = _words(process)
        is_command = any(word.endswith("/bin/emis") for word in words[:2])
        if is_command and scheduler in (above := _above(process, parents)):
            found.append(RunningCommand(words, process, above[0], above[1]))
    return found


def kill(process: int) -> None:
    """End a process as a power cut would."""
    os.kill(process, signal.SIGKILL)


def scheduler_of(home: Path) -> int:
    """The process of the scheduler that runs now."""
    return int((home / "airflow" / "scheduler.pid").read_text())


def _above(process: int, parents: dict[int, int]) -> list[int]:
    above = []
    while (process := parents.get(process, 0)) > 1:
        above.append(process)
    return above


def _parent(folder: Path) -> int:
    try:
        return int((folder / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()[1])
    except (OSError, ValueError, IndexError):
        return 0


def _words(process: int) -> list[str]:
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes().decode("utf-8", "replace").split("\0")
    except OSError:
        return []
