"""Whatever is killed between begin and end of a command is in `emis runs`, on both databases; real processes die."""

import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bigdata_emis.run.run_record import list_runs
from tests.run.silent_provider import COLLECT, LONGEST_S, silent_provider

TASK = """
import sys
from bigdata_emis.airflow.process.emis_process import EmisProcess
print(EmisProcess(sys.argv[1:], lambda line: print(line, flush=True)).run().last_line, flush=True)
"""
WORKER = f"""
import subprocess, sys
print(subprocess.Popen([sys.executable, "-c", {TASK!r}, *sys.argv[1:]]).pid, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def provider(home: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """A provider that says nothing, and a registry of either kind."""
    monkeypatch.setenv("EMIS_DATABASE", database_url)
    with silent_provider(home, monkeypatch) as listener:
        yield listener


def start(program: str, *words: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", program, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def wait_for_end(process_id: int) -> None:
    """Until a process that is no child of this one has ended."""
    handle = os.pidfd_open(process_id)
    try:
        assert select.select([handle], [], [], LONGEST_S)[0]
    finally:
        os.close(handle)


def only_run() -> dict[str, Any]:
    (run,) = list_runs("town")
    return run


def test_a_killed_task_ends_its_command_which_is_listed_as_interrupted(provider: socket.socket) -> None:
    task = start(TASK, *COLLECT)
    asked, _ = provider.accept()
    assert (only_run()["stage"], only_run()["status"]) == ("collect_power", "running")
    task.kill()
    with asked:
        asked.settimeout(LONGEST_S)
        while asked.recv(10_000):  # the command has ended when its connection has
            pass
    task.wait()
    run = only_run()
    assert (run["status"], run["error"].endswith("ended without a message"), run["later"]) == (
        "interrupted",
        True,
        None,
    )


def test_a_killed_command_is_listed_with_the_signal_and_a_later_try_that_succeeds(provider: socket.socket) -> None:
    task = start(TASK, *COLLECT)
    asked, _ = provider.accept()
    with asked:
        (command,) = children_of(task.pid, "/bin/emis")
        os.kill(command, signal.SIGKILL)
        task.wait(LONGEST_S)
    assert "killed by signal 9" in only_run()["error"]
    again = start(TASK, *COLLECT)
    answer_once(provider)
    again.wait(LONGEST_S)
    done, killed = list_runs("town")
    assert (killed["status"], done["status"]) == ("interrupted", "done")
    assert (killed["later"]["run"], killed["later"]["status"]) == (done["run"], "done")


def test_when_the_worker_above_a_task_is_killed_the_task_ends_its_command(provider: socket.socket) -> None:
    worker = start(WORKER, *COLLECT)
    task = int(worker.stdout.readline())  # type: ignore[union-attr]
    asked, _ = provider.accept()
    with asked:
        worker.kill()
        wait_for_end(task)
    worker.wait()
    run = only_run()
    assert (run["status"], run["error"]) == (
        "interrupted",
        "emis run collect_power was ended: the Airflow worker of its task was killed",
    )


def test_a_command_without_a_stage_that_is_killed_is_listed_with_its_words(provider: socket.socket, home: Path) -> None:
    words = ["gateway", "--region", "town", "--port", "0", "--folder", str(home / "gateway")]
    task = start(TASK, *words)
    assert "listens on" in task.stdout.readline()  # type: ignore[union-attr]
    task.kill()
    task.wait()
    run = only_run()
    assert (run["stage"], run["status"]) == ("gateway", "interrupted")
    assert run["command"] == f"gateway --region town --port 0 --folder {home / 'gateway'}"


def answer_once(provider: socket.socket) -> None:
    """Answer one request: no rows."""
    connection, _ = provider.accept()
    with connection:
        connection.recv(10_000)
        body = b'{"records": [], "page": 1, "pages": 1}'
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        connection.sendall(head.encode() + body)


def children_of(process_id: int, program: str) -> list[int]:
    """The children of a process that run this program."""
    found = Path(f"/proc/{process_id}/task/{process_id}/children").read_text().split()
    return [int(child) for child in found if program in Path(f"/proc/{child}/cmdline").read_text()]
