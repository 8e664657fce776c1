"""The processes of Airflow: started, watched, started again when they have died, and stopped.

Belongs here: one process with its log, and how long to wait before the next start. Does not: which processes there are
and with which settings (services, environment).
"""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from bigdata_emis.devstack.environment import open_to_group_only
from bigdata_emis.engine.processes import end, end_with_parent

STOP_S = 30
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 60.0
STEADY_S = 600.0
"""A component that has run for so long counts as healthy: after its next end it is started at once again."""

Clock = Callable[[], float]


@dataclass(frozen=True)
class AirflowService:
    """One process of Airflow with its log and its pid file."""

    name: str
    process: "subprocess.Popen[bytes]"
    watchdog: "subprocess.Popen[bytes]"
    log: Path
    pid: Path

    def stop(self) -> None:
        """End the process and everything that it started."""
        end(self.watchdog)
        end(self.process, patience_s=STOP_S)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.pid.unlink(missing_ok=True)


@dataclass
class Supervised:
    """A component that is started again, after a pause that doubles, whenever its process has ended."""

    start: Callable[[], AirflowService]
    clock: Clock
    say: Callable[[str], None]
    service: AirflowService = field(init=False)
    started_s: float = field(init=False)
    next_start_s: float | None = None
    pause_s: float = FIRST_PAUSE_S

    def __post_init__(self) -> None:
        self._start()

    @property
    def has_ended(self) -> bool:
        """Whether its process has ended."""
        return self.service.process.poll() is not None

    def look_after(self) -> None:
        """Notice that the process has ended, or start it again when the pause is over."""
        now = self.clock()
        if self.next_start_s is None and self.has_ended:
            self._announce(now)
        elif self.next_start_s is not None and now >= self.next_start_s:
            self.next_start_s = None
            self._start()
            self.say(f"{self.service.name} runs again 已重新启动")

    def stop(self) -> None:
        """End the process."""
        self.service.stop()

    def _start(self) -> None:
        self.service, self.started_s = self.start(), self.clock()

    def _announce(self, now: float) -> None:
        self.service.stop()  # what it started may outlive it
        if now - self.started_s >= STEADY_S:
            self.pause_s = FIRST_PAUSE_S
        self.next_start_s = now + self.pause_s
        status, log = self.service.process.returncode, self.service.log
        self.say(f"{self.service.name} ended with status {status}; it starts again in {self.pause_s:g} s; see {log}")
        self.pause_s = min(2 * self.pause_s, LONGEST_PAUSE_S)


def start_service(
    name: str, options: list[str], *, folder: Path, logs: Path, variables: dict[str, str]
) -> AirflowService:
    """Start a process of Airflow in a session of its own; it ends with this process, also when that is killed."""
    log, pid = logs / f"{name}.log", folder / f"{name}.pid"
    open_to_group_only(log)
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "airflow", name, *options],
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=folder,
            start_new_session=True,
        )
    pid.write_text(str(process.pid))
    return AirflowService(name, process, end_with_parent(process.pid), log, pid)
