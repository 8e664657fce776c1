"""Ctrl-C in a terminal ends a command within two seconds, in one line, also while a library computes."""

import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bigdata_emis.cli.interrupts import STATUS

LONGEST_S = 2.0
CTRL_C = b"\x03"
START = """
import sys, threading
from bigdata_emis.cli.interrupts import end_on_interrupt
from bigdata_emis.engine import spark_session
"""
WAITS_FOR_A_LOCK = START + "with end_on_interrupt('stopped'):\n    print('ready', flush=True); threading.Event().wait()"
CLOSES_FOR_EVER = (
    START
    + """
with end_on_interrupt('stopped'):
    try:
        print('ready', flush=True); threading.Event().wait()
    finally:
        threading.Event().wait()
"""
)
COMPUTES_IN_THE_ENGINE = (
    START
    + """
import itertools
with end_on_interrupt('stopped'):
    session = spark_session.session('sail')
    session.range(1).count()
    print('ready', flush=True)
    for _ in itertools.count():
        session.sql('SELECT sum(a.id * b.id % 7) FROM range(300000) a, range(300000) b').collect()
"""
)


@contextmanager
def in_terminal(script: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """A process that is the foreground of a terminal of its own; the second value is the terminal's other end."""
    ours, theirs = pty.openpty()
    take_terminal = "import fcntl, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0)\n"
    process = subprocess.Popen(
        [sys.executable, "-c", take_terminal + script],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    try:
        yield process, ours
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def read_until(terminal: int, text: bytes, within_s: float = 60) -> bytes:
    """What the terminal shows until this text, or until its process has ended."""
    shown = b""
    while text not in shown and select.select([terminal], [], [], within_s)[0]:
        try:
            shown += os.read(terminal, 4096)
        except OSError:
            break
    return shown


@pytest.mark.parametrize("script", [WAITS_FOR_A_LOCK, CLOSES_FOR_EVER, COMPUTES_IN_THE_ENGINE])
def test_ctrl_c_ends_the_command_in_time_with_one_line_and_status_130(script: str) -> None:
    with in_terminal(script) as (process, terminal):
        assert b"ready" in read_until(terminal, b"ready")
        pressed_s = time.monotonic()
        os.write(terminal, CTRL_C)
        shown = read_until(terminal, b"no such text", within_s=LONGEST_S + 1)
        assert process.wait(LONGEST_S) == STATUS
        assert time.monotonic() - pressed_s < LONGEST_S
    lines = shown.decode().replace("\x1b[?25h", "").replace("^C", "").split()
    assert lines == ["stopped"]


def test_without_an_interrupt_the_handler_of_before_is_back() -> None:
    script = START + "import signal\nbefore = signal.getsignal(2)\nwith end_on_interrupt('stopped'): pass\n"
    script += "assert signal.getsignal(2) is before and signal.set_wakeup_fd(-1) == -1"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


def test_another_signal_ends_the_command_as_before() -> None:
    with in_terminal(WAITS_FOR_A_LOCK) as (process, terminal):
        read_until(terminal, b"ready")
        process.send_signal(signal.SIGTERM)
        assert process.wait(LONGEST_S) == -signal.SIGTERM
