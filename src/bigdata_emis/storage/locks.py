"""One at a time where two would collide: locks on files, held until their block or their process ends, whatever ends it.

Belongs here: what a lock is, who waits and who is turned away, and the order in which several are taken. Does not: which tables a stage
or a restatement takes (run, restate), where the locks of a lake lie (store).
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
from bigdata_emis.storage.temporary_files import owner

log = logging.getLogger(__name__)

ARRIVAL, TABLES = 1, 2
"""Levels of turns: who has a turn at what arrives may take one at tables, never the other way round."""
RANGE = struct.Struct("hhqqi4x")
"""The kernel's struct flock: kind, where the start counts from, start, length (0 reaches to the end), process."""
EVERY_DAY = (0, 0)
_LEVEL: ContextVar[int] = ContextVar("level", default=0)


class HeldError(InputError):
    """Another process holds the lock of a long work."""


@contextmanager
def alone(path: Path, *, what: str, remedy: str) -> Iterator[None]:
    """Hold the lock of a long work. Raises HeldError (`what`, by which process, and `mend`) when another process holds it."""
    with _opened(path) as handle:
        if not _flock(handle, path, fcntl.LOCK_EX | fcntl.LOCK_NB):
            raise HeldError(f"{what} ({path.read_text('utf-8') or 'starting'})", remedy)
        os.truncate(handle, 0)
        os.pwrite(handle, owner().encode(), 0)
        yield


@contextmanager
def one_after_another(path: Path) -> Iterator[None]:
    """Hold the lock of a file or folder for a moment; who comes second waits."""
    with _opened(path) as handle:
        _flock(handle, path, fcntl.LOCK_EX)
        yield


@contextmanager
def turn(
    folder: Path, days: Collection[date], *, reads: Collection[str], writes: Collection[str], level: int = TABLES
) -> Iterator[None]:
    """Hold days that follow one another of these tables, or every day where none is named.

    Nobody else writes meanwhile what is read, or reads or writes what is written. Who comes second waits and says so. Everyone takes tables
    in order of name, and once he has his nothing more but of a later level, so that no two wait for each other. Different days never wait, except where the
    system has no locks on parts of a file (other than Linux): there a table is locked whole.
    """
    if _LEVEL.get() >= level:
        raise RuntimeError("a turn was asked for within a turn: two that did so could wait for each other for ever")
    span = (min(days).toordinal(), (max(days) - min(days)).days + 1) if days else EVERY_DAY
    shown = f" of {min(days)}" if days else ""
    token = _LEVEL.set(level)
    try:
        with ExitStack() as held:
            for name in sorted({*reads, *writes}):
                path = folder / f"{name}.lock"
                _take(held.enter_context(_opened(path)), path, span, is_written=name in writes, shown=f"{name}{shown}")
            yield
    finally:
        _LEVEL.reset(token)


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    """A file that is made when it is not there, or a folder; closing it gives back every lock on it."""
    try:
        if not path.is_dir():
            path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as problem:
        raise InputError(
            f"{path} cannot be written: {problem.strerror}", "mend EMIS_LAKE or EMIS_HOME, or make room"
        ) from None
    try:
        yield handle
    finally:
        _give_back(handle)
        os.close(handle)


def _take(handle: int, path: Path, span: tuple[int, int], *, is_written: bool, shown: str) -> None:
    """Take days of a table, at once or, said so, when they are given back."""
    if _range(handle, path, span, is_written=is_written, waits=False):
        return
    log.warning("waiting for another process that works on %s", shown)
    _range(handle, path, span, is_written=is_written, waits=True)


def _range(handle: int, path: Path, span: tuple[int, int], *, is_written: bool, waits: bool) -> bool:
    """Whether the lock on a part of a file was taken."""
    if not hasattr(fcntl, "F_OFD_SETLKW"):
        kind = fcntl.LOCK_EX if is_written else fcntl.LOCK_SH
        return _flock(handle, path, kind if waits else kind | fcntl.LOCK_NB)
    asked = RANGE.pack(fcntl.F_WRLCK if is_written else fcntl.F_RDLCK, os.SEEK_SET, *span, 0)
    try:
        fcntl.fcntl(handle, fcntl.F_OFD_SETLKW if waits else fcntl.F_OFD_SETLK, asked)
    except BlockingIOError:
        return False
    except OSError as problem:
        raise _without_locks(path, problem) from None
    return True


def _flock(handle: int, path: Path, kind: int) -> bool:
    """Whether the lock on a whole file was taken."""
    try:
        fcntl.flock(handle, kind)
    except BlockingIOError:
        return False
    except OSError as problem:
        raise _without_locks(path, problem) from None
    return True


def _give_back(handle: int) -> None:
    """A child that was forked meanwhile shares the lock, and closing alone would leave it to him."""
    with suppress(OSError):
        fcntl.flock(handle, fcntl.LOCK_UN)
        if hasattr(fcntl, "F_OFD_SETLK"):
            fcntl.fcntl(handle, fcntl.F_OFD_SETLK, RANGE.pack(fcntl.F_UNLCK, os.SEEK_SET, *EVERY_DAY, 0))


def _without_locks(path: Path, problem: OSError) -> InputError:
    return InputError(
        f"{path} cannot be locked: {problem.strerror}", "mount the file system of EMIS_LAKE and EMIS_HOME with locks"
    )
