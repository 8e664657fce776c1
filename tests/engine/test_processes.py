"""Children end with their parent even when it is killed, a stubborn child is killed, and a free port can be bound."""

import os
import select
import signal
import socket
import subprocess
import sys

from bigdata_emis.engine.processes import end, end_with_parent, find_free_port

WAITS = [sys.executable, "-c", "import sys; sys.stdin.read()"]
IGNORES_TERM = (
    "import signal, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); sys.stdin.read()"
)
PARENT = """import os, subprocess, sys
from bigdata_emis.engine.processes import end_with_parent
child = subprocess.Popen(["sleep", "600"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
end_with_parent(child.pid)
print(child.pid, flush=True)
os.kill(os.getpid(), 9)"""


def test_a_child_ends_when_its_parent_is_killed() -> None:
    parent = subprocess.run([sys.executable, "-c", PARENT], capture_output=True, text=True, timeout=60)
    assert parent.returncode == -signal.SIGKILL
    assert has_ended(int(parent.stdout))


def has_ended(process_id: int, within_s: float = 10) -> bool:
    """Whether a process ends within this time: the file descriptor of a process becomes readable when it ends."""
    try:
        descriptor = os.pidfd_open(process_id)
    except ProcessLookupError:
        return True
    ended, _, _ = select.select([descriptor], [], [], within_s)
    os.close(descriptor)
    return bool(ended)


def test_a_child_is_ended_by_the_signal_that_was_asked_for() -> None:
    child = subprocess.Popen(WAITS, stdin=subprocess.PIPE)
    end(child, signal.SIGKILL)
    assert child.returncode == -signal.SIGKILL
    assert child.stdin
    assert child.stdin.closed


def test_a_child_that_ignores_the_signal_is_killed() -> None:
    child = subprocess.Popen([sys.executable, "-c", IGNORES_TERM], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.stdout
    child.stdout.readline()
    end(child, patience_s=0)
    child.stdout.close()
    assert child.returncode == -signal.SIGKILL


def test_ending_a_watchdog_leaves_its_child_alone() -> None:
    child = subprocess.Popen(WAITS, stdin=subprocess.PIPE)
    watchdog = end_with_parent(child.pid)
    end(watchdog)
    assert child.poll() is None
    end(child)


def test_a_preferred_port_is_given_when_it_is_free_and_another_when_it_is_taken() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert find_free_port(port) not in (0, port)
    assert find_free_port(port) == port


def test_a_free_port_can_be_bound() -> None:
    port = find_free_port()
    with socket.socket() as server:
        server.bind(("127.0.0.1", port))
        assert server.getsockname()[1] == port
