"""Ctrl-C: the command ends within two seconds, with one line and exit status 130.

Belongs here: the signal, the patience, and the end of the process. Does not: what a killed run leaves behind (storage).
"""

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator
from types import FrameType

STATUS = 130
PATIENCE_S = 1.0
"""How long code may take to put its files and records in order before the process ends."""
OVER = bytes([0])  # no signal has this number
SHOW_CURSOR = "\x1b[?25h"

_end_once = threading.Lock()


class PressedCtrlC(BaseException):
    """The person pressed Ctrl-C. Not a KeyboardInterrupt, for which libraries have answers of their own."""


@contextlib.contextmanager
def end_on_interrupt(line: str) -> Iterator[None]:
    """Within this context, Ctrl-C ends the process: what is open is closed first, but never for long.

    The interpreter runs a signal handler only between two of its instructions; a library that computes does not return
    to it. So a thread reads the signal, and ends the process when the main thread has not done so in time.
    """
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    previous = signal.signal(signal.SIGINT, _interrupt)
    previous_writer = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    watcher = threading.Thread(target=_end_in_time, args=(reader, line), name="interrupts", daemon=True)
    watcher.start()
    try:
        yield
    except PressedCtrlC:
        _end(line)
    finally:
        signal.set_wakeup_fd(previous_writer)
        signal.signal(signal.SIGINT, previous)
        os.write(writer, OVER)
        watcher.join()
        os.close(writer)
        os.close(reader)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second press must not interrupt the closing
    raise PressedCtrlC


def _end_in_time(reader: int, line: str) -> None:
    """Wait for the signal, then for the patience; return when the context is over."""
    while (number := os.read(reader, 1)) != OVER:
        if number[0] == signal.SIGINT:
            threading.Event().wait(PATIENCE_S)
            _end(line)


def _end(line: str) -> None:
    """Print the line and end the process at once: its engine may be computing in threads that nothing can stop."""
    if not _end_once.acquire(blocking=False):
        threading.Event().wait()  # the other thread ends the process
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.write(f"{SHOW_CURSOR if sys.stderr.isatty() else ''}{line}\n")
        sys.stderr.flush()
        sys.stdout.flush()
    os._exit(STATUS)
