"""The log: one line for each event, in UTC, with the run, without secrets, in a file that only its owner can read.

Belongs here: handlers and their format, and the rotation. Does not: what is logged (every room), or the traceback of an
error that nobody foresaw, which has a file of its own in EMIS_HOME/log (cli/unexpected_errors).
"""

import errno
import logging
import os
import stat
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from bigdata_emis.errors import InputError, escape_unprintable
from bigdata_emis.run.run_record import CURRENT_RUN
from bigdata_emis.storage.locks import brief_lock

ROOM = "bigdata_emis"
COMMAND = f"{ROOM}.cli.command"
"""The logger of the command itself: its lines are on the terminal already."""
OWNER_ONLY_FILE, OWNER_ONLY_FOLDER = 0o600, 0o700
LARGEST_BYTES, ROTATED_FILES = 10_000_000, 5

Redaction = Callable[[str], str]


class LogFileHandler(logging.StreamHandler["TextIO"]):
    """A handler that appends to a file of its owner; lines of several processes follow one another whole."""

    def __init__(self, path: Path, redact: Redaction) -> None:
        rotate(path)
        super().__init__(_open(path))
        self.setFormatter(LineFormatter(redact))
        self._path = path
        self._has_failed = False

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name of the base class
        """Say once that the log cannot be written, for instance because the disk is full; the work goes on."""
        if not self._has_failed:
            self._has_failed = True
            problem = sys.exc_info()[1]
            reason = problem.strerror if isinstance(problem, OSError) else type(problem).__name__
            print(f"emis: log file {self._path} cannot be written: {reason}; the work goes on", file=sys.stderr)

    def flush(self) -> None:
        """Flush the file; each line was written whole already."""
        with suppress(OSError):
            super().flush()

    def close(self) -> None:
        """Close the file."""
        with suppress(OSError):
            self.stream.close()
        super().close()


class LineFormatter(logging.Formatter):
    """An event as `2026-11-30T02:10:00.123Z WARNING bigdata_emis.storage.lake [run] message`, on one line."""

    def __init__(self, redact: Redaction) -> None:
        super().__init__()
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        """One line; a traceback follows with its lines indented."""
        stamp = datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
        message = escape_unprintable(" ".join(self._redact(record.getMessage()).split()))
        line = f"{stamp} {record.levelname} {record.name} [{CURRENT_RUN.get() or '-'}] {message}"
        if record.exc_info:
            trace = self._redact(self.formatException(record.exc_info))
            line += "".join(f"\n    {escape_unprintable(part)}" for part in trace.splitlines())
        return line


def start_logging(path: Path | None, *, redact: Redaction, is_verbose: bool) -> list[logging.Handler]:
    """Log to a file, and say on stderr what is a warning or, when verbose, anything; returns the new handlers.

    Raises InputError when the file cannot be written.
    """
    screen = logging.StreamHandler()
    screen.setLevel(logging.INFO if is_verbose else logging.WARNING)
    screen.addFilter(lambda record: record.name != COMMAND)
    handlers: list[logging.Handler] = [screen, *([LogFileHandler(path, redact)] if path else [])]
    logging.getLogger(ROOM).setLevel(logging.INFO)
    for handler in handlers:
        logging.getLogger().addHandler(handler)
    return handlers


def stop_logging(handlers: list[logging.Handler]) -> None:
    """Take the handlers away and close them."""
    for handler in handlers:
        logging.getLogger().removeHandler(handler)
        handler.close()


def rotate(path: Path) -> None:
    """When a log has grown large, make it the first of the rotated ones; the last of these is deleted.

    It is done once, when a process begins to log, so that no process ever writes to a file that another one renamed
    more than once.
    """
    try:
        path.parent.mkdir(mode=OWNER_ONLY_FOLDER, parents=True, exist_ok=True)
        with brief_lock(path.parent):
            if not path.is_file() or path.stat().st_size < LARGEST_BYTES:
                return
            for number in range(ROTATED_FILES, 0, -1):
                source = path if number == 1 else path.with_name(f"{path.name}.{number - 1}")
                if source.exists():
                    source.replace(path.with_name(f"{path.name}.{number}"))
    except OSError as problem:
        raise _unwritable(path, problem) from None


def _open(path: Path) -> TextIO:
    """The file for appending. A link is not followed, and a device or a pipe is refused."""
    try:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK
        descriptor = os.open(path, flags, OWNER_ONLY_FILE)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise OSError(errno.EINVAL, "it is no file")
        os.fchmod(descriptor, OWNER_ONLY_FILE)
        return os.fdopen(descriptor, "a", encoding="utf-8", errors="backslashreplace", buffering=1)
    except OSError as problem:
        raise _unwritable(path, problem) from None


def _unwritable(path: Path, problem: OSError) -> InputError:
    return InputError(
        f"log file {path} cannot be written: {problem.strerror}", "name a file of your own with --log or EMIS_LOG"
    )
