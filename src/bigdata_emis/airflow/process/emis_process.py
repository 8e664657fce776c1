"""One `emis` command of a task: listed among the runs from before its start to its end, and ended with its task.

Belongs here: the process, and what becomes of it when its task or the worker of its task is killed. Does not: which
command, or what Airflow does about a failure (dag_tasks, approval).
"""

import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from bigdata_emis.engine.processes import end, end_with_parent

LOOK_EVERY_S = 1.0
WORKER_KILLED = "the Airflow worker of its task was killed"


@dataclass(frozen=True)
class EndedCommand:
    """Exit status of a command (negative: the signal that killed it), what it printed, and its last message."""

    status: int
    printed: str
    last_line: str
    process_id: int = 0


class EmisProcess:
    """A command that runs as long as the task that waits for it, and no longer.

    A watchdog ends it when this process is killed. When the worker above this process is killed, Airflow tries the task
    again, and this process ends the command itself.
    """

    def __init__(self, arguments: Sequence[str], say: Callable[[str], None]) -> None:
        self.arguments = list(arguments)
        self.say = say
        self.process: subprocess.Popen[str] | None = None
        self._is_worker_killed = False

    def run(self) -> EndedCommand:
        """Run the command to its end, passing on its messages."""
        from bigdata_emis.run.announced_run import announce_if_possible, end_command
        from bigdata_emis.run.run_record import ANNOUNCED

        started_utc, worker = datetime.now(UTC), os.getppid()
        announced, reason = announce_if_possible(self.arguments)
        if reason:
            self.say(f"not among the runs before it begins: {reason}")
        variables = {**os.environ, ANNOUNCED: announced.run_id} if announced else dict(os.environ)
        ended = self._run(variables, worker)
        if ended.status < 0:
            ended = replace(ended, last_line=self._record_kill(ended.process_id, ended.status, started_utc))
        if announced:
            end_command(announced, ended.status, ended.last_line)
        return ended

    def terminate(self) -> None:
        """End the command; unfinished results never become visible."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def _run(self, variables: dict[str, str], worker: int) -> EndedCommand:
        command = [str(Path(sys.executable).with_name("emis")), *self.arguments]
        with tempfile.TemporaryFile("w+", encoding="utf-8") as out:
            self.process = subprocess.Popen(
                command,
                env=variables,
                stdout=out,
                stderr=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                errors="replace",
            )
            watchdog, is_over = end_with_parent(self.process.pid), threading.Event()
            threading.Thread(target=self._end_with_worker, args=(worker, is_over), daemon=True).start()
            try:
                last_line = self._pass_on_messages(self.process)
                exit_status = self.process.wait()
            finally:
                is_over.set()
                end(watchdog)
            out.seek(0)
            # A command that ended in good order because it was asked to has not done its work.
            status = -signal.SIGTERM if self._is_worker_killed else exit_status
            return EndedCommand(status, out.read(), last_line, self.process.pid)

    def _pass_on_messages(self, process: "subprocess.Popen[str]") -> str:
        last = ""
        for line in process.stderr or ():
            if line.strip():
                last = line.strip()
                self.say(last)
        return last

    def _end_with_worker(self, worker: int, is_over: threading.Event) -> None:
        while not is_over.wait(LOOK_EVERY_S):
            if os.getppid() != worker:
                self._is_worker_killed = True
                self.terminate()
                return

    def _record_kill(self, process_id: int, status: int, started_utc: datetime) -> str:
        from bigdata_emis.airflow.process.killed_command import record_killed_command

        cause = WORKER_KILLED if self._is_worker_killed else ""
        return record_killed_command(self.arguments, process_id, started_utc=started_utc, status=status, cause=cause)
