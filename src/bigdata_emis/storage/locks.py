"""Locks between processes on files, held until their block or their process ends, however it ends.

Belongs here: what a lock is, who waits and who is refused, and the order in which several are taken. Does not: which
tables a stage or a restatement locks (run, workflow), or where the lock files of a lake lie (lake).
"""

import fcntl
import logging
import os
import struct
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager, suppress
from contextvars import ContextVar
from datetime import date
from pathlib import Path

from bigdata_emis.errors import InputError
from bigdata_emis.storage.files import FILE_MODE, make_folder
from bigdata_emis.storage.temporary_files import process_tag

log = logging.getLogger(__name__)

INGEST, TABLES = 1, 2
"""Levels of table locks: whoever holds an ingest lock may lock tables, never the other way round."""
RANGE = struct.Struct("hhqqi4x")
"""The kernel's `struct flock`: kind, origin of the start, start, length (0 = to the end), process."""
EVERY_DAY = (0, 0)
_LEVEL: ContextVar[int] = ContextVar("level", default=0)


class HeldError(InputError):
    """Another process holds the lock of a long task."""


@contextmanager
def exclusive_lock(path: Path, *, what: str, remedy: str) -> Iterator[None]:
    """Hold the lock of a long task. Raises HeldError (`what`, which process, `remedy`) when another process has it."""
    with _open_lock_file(path) as handle:
        if not _try_flock(handle, path, fcntl.LOCK_EX | fcntl.LOCK_NB):
            raise HeldError(f"{what} ({path.read_text('utf-8') or 'starting'})", remedy)
        os.truncate(handle, 0)
        os.pwrite(handle, process_tag().encode(), 0)
        yield


@contextmanager
def brief_lock(path: Path) -> Iterator[None]:
    """Hold the lock of a file or folder for a moment; a second process waits."""
    with _open_lock_file(path) as handle:
        _try_flock(handle, path, fcntl.LOCK_EX)
        yield


@contextmanager
def table_lock(
    folder: Path, days: Collection[date], *, reads: Collection[str], writes: Collection[str], level: int = TABLES
) -> Iterator[None]:
    """Hold consecutive days of these tables, or every day where none is given.

    Meanwhile no other process writes what is read here, or reads or writes what is written here; it waits, and logs
    that it does. Tables are locked in order of name, and whoever holds locks takes only locks of a later level, so no
    two processes can wait for each other. Different days never wait, except on a system that cannot lock parts of a
    file (other than Linux): there a table is locked whole.
    """
    if _LEVEL.get() >= level:
        raise RuntimeError(
            "a table lock was taken inside a table lock: two processes could wait for each other forever"
        )
    span = (min(days).toordinal(), (max(days) - min(days)).days + 1) if days else EVERY_DAY
    shown = f" of {min(days)}" if days else ""
    token = _LEVEL.set(level)
    try:
        with ExitStack() as locked:
            for name in sorted({*reads, *writes}):
                path = folder / f"{name}.lock"
                handle = locked.enter_context(_open_lock_file(path))
                _lock_days(handle, path, span, is_written=name in writes, shown=f"{name}{shown}")
            yield
    finally:
        _LEVEL.reset(token)


@contextmanager
def _open_lock_file(path: Path) -> Iterator[int]:
    """A file, created when missing, or a folder; closing it releases every lock on it."""
    try:
        if not path.is_dir():
            make_folder(path.parent)
        handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR | os.O_CREAT, FILE_MODE)
    except OSError as problem:
        raise InputError(
            f"{path} cannot be written: {problem.strerror}",
            "check the path in EMIS_LAKE or EMIS_HOME, its permissions and the free disk space",
        ) from None
    try:
        yield handle
    finally:
        _release(handle)
        os.close(handle)


def _lock_days(handle: int, path: Path, span: tuple[int, int], *, is_written: bool, shown: str) -> None:
    """Lock days of a table, at once or, with a line in the log, when they are released."""
    if _try_range_lock(handle, path, span, is_written=is_written, waits=False):
        return
    log.warning("waiting for another process that works on %s", shown)
    _try_range_lock(handle, path, span, is_written=is_written, waits=True)


def _try_range_lock(handle: int, path: Path, span: tuple[int, int], *, is_written: bool, waits: bool) -> bool:
    """Whether the lock on a part of a file was taken."""
    if not hasattr(fcntl, "F_OFD_SETLKW"):
        kind = fcntl.LOCK_EX if is_written else fcntl.LOCK_SH
        return _try_flock(handle, path, kind if waits else kind | fcntl.LOCK_NB)
    request = RANGE.pack(fcntl.F_WRLCK if is_written else fcntl.F_RDLCK, os.SEEK_SET, *span, 0)
    try:
        fcntl.fcntl(handle, fcntl.F_OFD_SETLKW if waits else fcntl.F_OFD_SETLK, request)
    except BlockingIOError:
        return False
    except OSError as problem:
        raise _locks_unsupported(path, problem) from None
    return True


def _try_flock(handle: int, path: Path, kind: int) -> bool:
    """Whether the lock on a whole file was taken."""
    try:
        fcntl.flock(handle, kind)
    except BlockingIOError:
        return False
    except OSError as problem:
        raise _locks_unsupported(path, problem) from None
    return True


def _release(handle: int) -> None:
    """Unlock before closing: a child process forked meanwhile shares the lock and would keep it."""
    with suppress(OSError):
        fcntl.flock(handle, fcntl.LOCK_UN)
        if hasattr(fcntl, "F_OFD_SETLK"):
            fcntl.fcntl(handle, fcntl.F_OFD_SETLK, RANGE.pack(fcntl.F_UNLCK, os.SEEK_SET, *EVERY_DAY, 0))


def _locks_unsupported(path: Path, problem: OSError) -> InputError:
    return InputError(
        f"{path} cannot be locked: {problem.strerror}", "mount the file system of EMIS_LAKE and EMIS_HOME with locks"
    )
