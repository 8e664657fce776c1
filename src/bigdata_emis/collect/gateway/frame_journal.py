"""Telegrams on disk before they are answered: all that wait are written and synced together.

Belongs here: appending, syncing, undoing a write that failed, and the disk space that is left. Does not: which file
(filing).
"""

import asyncio
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from bigdata_emis.storage.files import FILE_MODE

LEAST_FREE_BYTES = 1 << 28
"""Disk space that telegrams leave free, so that the machine can still be used."""


class FullDiskError(OSError):
    """Storing more would leave too little disk space."""


class FrameJournal:
    """Files of a folder, to which lines are only ever appended.

    While one batch is being synced the next collects, so that thousands of stations share a few syncs a second.
    """

    def __init__(self, folder: Path, *, least_free_bytes: int = LEAST_FREE_BYTES) -> None:
        self.folder = folder
        self.sync_count = 0
        self._least_free_bytes = least_free_bytes
        self._waiting: list[tuple[list[tuple[str, bytes]], asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None

    async def store(self, lines: Iterable[tuple[str, bytes]]) -> None:
        """Return when these lines (file name, bytes) are on disk. Raises OSError when they cannot be written."""
        future = asyncio.get_running_loop().create_future()
        self._waiting.append((list(lines), future))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write_batches())
        await asyncio.shield(future)

    async def finish(self) -> None:
        """Wait until everything that was given is on disk."""
        if self._writer is not None:
            await self._writer

    async def _write_batches(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            by_name: dict[str, list[bytes]] = {}
            for lines, _ in batch:
                for name, line in lines:
                    by_name.setdefault(name, []).append(line)
            problem: Exception | None = None
            try:
                await asyncio.to_thread(self._append_all, {name: b"".join(lines) for name, lines in by_name.items()})
            except Exception as caught:  # raised again in each connection that waits for it
                problem = caught
            for _, future in batch:
                if problem is not None:
                    future.set_exception(problem)
                elif not future.done():
                    future.set_result(None)

    def _append_all(self, contents: dict[str, bytes]) -> None:
        free = shutil.disk_usage(self.folder).free - sum(map(len, contents.values()))
        if free < self._least_free_bytes:
            raise FullDiskError(f"{self.folder}: less than {self._least_free_bytes} bytes would be free")
        for name, content in contents.items():
            append_durably(self.folder / name, content)
        self.sync_count += 1


def append_durably(path: Path, content: bytes) -> None:
    """Append to a file and sync it. What a failure or a crash has left of a line does not spoil the next one.

    Raises:
        OSError: it cannot be written whole; the file is as long as before.
    """
    is_new = not path.exists()
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, FILE_MODE)
    try:
        before = os.fstat(handle).st_size
        try:
            if before and os.pread(handle, 1, before - 1) != b"\n":
                content = b"\r\n" + content
            view = memoryview(content)
            while view:
                view = view[os.write(handle, view) :]
            os.fsync(handle)
        except OSError:
            os.ftruncate(handle, before)
            raise
    finally:
        os.close(handle)
    if is_new:
        _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
