"""Telegrams are on disk when store returns, many with one sync, and a failure leaves no half line."""

import asyncio
import errno
import os
from pathlib import Path

import pytest

from bigdata_emis.collect.gateway.frame_journal import FrameJournal, FullDiskError, append_durably


def test_lines_that_wait_share_a_sync(tmp_path: Path):
    async def store_all() -> int:
        journal = FrameJournal(tmp_path)
        await asyncio.gather(*(journal.store([("a", b"%d\n" % number), ("b", b"x\n")]) for number in range(500)))
        await journal.finish()
        return journal.sync_count

    assert asyncio.run(store_all()) <= 2
    assert sorted(map(int, (tmp_path / "a").read_bytes().split())) == list(range(500))
    assert (tmp_path / "b").read_bytes() == b"x\n" * 500
    assert (tmp_path / "a").stat().st_mode & 0o007 == 0


def test_a_line_that_a_crash_has_cut_does_not_spoil_the_next(tmp_path: Path):
    (tmp_path / "a").write_bytes(b"##0100QN=20")
    append_durably(tmp_path / "a", b"next\r\n")
    assert (tmp_path / "a").read_bytes() == b"##0100QN=20\r\nnext\r\n"


def test_what_cannot_be_written_whole_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    append_durably(tmp_path / "a", b"first\n")

    def refuse(_: int) -> None:
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(OSError, match="no space"):
        append_durably(tmp_path / "a", b"second\n")
    assert (tmp_path / "a").read_bytes() == b"first\n"


def test_a_disk_that_is_nearly_full_refuses_and_later_lines_are_stored_again(tmp_path: Path):
    async def store() -> None:
        with pytest.raises(FullDiskError):
            await FrameJournal(tmp_path, least_free_bytes=1 << 62).store([("a", b"x\n")])

    asyncio.run(store())
    assert not (tmp_path / "a").exists()


def test_lines_are_stored_after_a_failure(tmp_path: Path):
    async def store() -> None:
        journal = FrameJournal(tmp_path / "folder")
        with pytest.raises(OSError, match="folder"):
            await journal.store([("a", b"x\n")])
        (tmp_path / "folder").mkdir()
        await journal.store([("a", b"y\n")])

    asyncio.run(store())
    assert (tmp_path / "folder" / "a").read_bytes() == b"y\n"
