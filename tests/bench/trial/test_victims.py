"""The command of a task is found below its scheduler, with its task and its worker, and can be killed."""

import subprocess
import sys
from pathlib import Path

from bench.trial.victims import kill, running_commands, scheduler_of

SCHEDULER = """
import subprocess, sys
script = "import subprocess, sys; " + sys.argv[1]
task = subprocess.Popen([sys.executable, "-c", script, sys.argv[2]], stdout=subprocess.PIPE, text=True)
print(task.stdout.readline(), flush=True)
sys.stdin.read()
"""
WORKER = (
    "print(subprocess.Popen([sys.argv[1], '-c', 'read x'], stdin=subprocess.PIPE).pid, flush=True); sys.stdin.read()"
)


def test_a_command_is_found_with_its_task_and_worker(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "emis"
    program.symlink_to("/bin/sh")
    words = [sys.executable, "-c", SCHEDULER, WORKER, str(program)]
    scheduler = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    command = int(scheduler.stdout.readline())  # type: ignore[union-attr]
    (found,) = running_commands(scheduler.pid)
    assert (found.command, found.worker, found.words[0]) == (command, scheduler.pid, str(program))
    kill(found.command)
    kill(found.task)
    scheduler.communicate("", timeout=30)
    assert running_commands(scheduler.pid) == []


def test_the_scheduler_is_the_one_that_the_services_wrote_down(tmp_path: Path) -> None:
    (tmp_path / "airflow").mkdir()
    (tmp_path / "airflow" / "scheduler.pid").write_text("4711")
    assert scheduler_of(tmp_path) == 4711
