"""Telegrams in a stream of bytes: split, glued together, damaged, or with bytes between them that belong to none.

Belongs here: where a telegram begins and ends, and whether length and checksum agree. Does not: its fields (telegram).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from bigdata_emis.collect.gateway.telegram import CRC_DIGITS, LENGTH_DIGITS, MARK, TAIL, TelegramFault, compute_crc

HEAD = len(MARK) + LENGTH_DIGITS
LOOKS_COMPLETE = re.compile(rb"&&[0-9A-Fa-f]{4}\r\n")
"""The end of a telegram; within the length that one declares, its length field is wrong."""
MARKS = re.compile(MARK + b"+")
"""Of more than two # the last two are the mark of a telegram."""
BLANK = b"\r\n\t \x00"


@dataclass(frozen=True)
class Frame:
    """The bytes of a telegram as received, without its end of line, of which length and checksum agree."""

    content: bytes

    @property
    def segment(self) -> bytes:
        """The data segment."""
        return self.content[HEAD:-CRC_DIGITS]


@dataclass(frozen=True)
class RefusedBytes:
    """Bytes that are no telegram, and why."""

    content: bytes
    fault: TelegramFault
    detail: str


Piece = Frame | RefusedBytes


class FrameStream:
    """Turns chunks of bytes into frames and refused bytes; no byte but blanks between telegrams is left out.

    It holds at most one telegram that is not complete, so never more than about 10 kB.
    """

    def __init__(self) -> None:
        self._bytes = b""

    def add(self, chunk: bytes) -> list[Piece]:
        """What is complete after this chunk."""
        self._bytes += chunk
        return _join_garbage(self._take())

    def finish(self) -> list[Piece]:
        """What is left when no more comes: an unfinished telegram is refused, what follows its mark is read."""
        pieces: list[Piece] = []
        while self._bytes:
            pieces += self._take()
            if self._bytes:
                end = self._resume_at(len(self._bytes))
                pieces += self._refuse(end, TelegramFault.LENGTH, "the telegram is not complete")
        return _join_garbage(pieces)

    def _take(self) -> Iterator[Piece]:
        while True:
            marks = MARKS.search(self._bytes)
            if marks is None:
                keep = len(MARK[:1]) if self._bytes.endswith(MARK[:1]) else 0
                yield from self._refuse(len(self._bytes) - keep, TelegramFault.FRAMING, "no ## before it")
                return
            yield from self._refuse(marks.end() - len(MARK), TelegramFault.FRAMING, "no ## before it")
            if len(self._bytes) < HEAD:
                return
            digits = self._bytes[len(MARK) : HEAD]
            if not digits.isdigit():
                yield from self._refuse(self._resume_at(HEAD), TelegramFault.FRAMING, "no four digits after ##")
                continue
            end = HEAD + int(digits) + CRC_DIGITS
            if len(self._bytes) < end:
                early = LOOKS_COMPLETE.search(self._bytes, HEAD)
                if early is None:
                    return
                yield from self._refuse(early.end(), TelegramFault.LENGTH, f"shorter than its length {int(digits)}")
                continue
            yield from self._check(end)

    def _check(self, end: int) -> Iterator[Piece]:
        """The telegram that ends there by its length."""
        content = self._bytes[:end]
        segment, written = content[HEAD:-CRC_DIGITS], content[-CRC_DIGITS:]
        expected = b"%04X" % compute_crc(segment)
        if written.upper() == expected:
            self._bytes = self._bytes[end:].removeprefix(TAIL)
            yield Frame(content)
        elif segment.endswith(b"&&"):
            detail = f"checksum {written.decode('latin-1')!r}, expected {expected.decode()}"
            yield from self._refuse(self._resume_at(end), TelegramFault.CRC, detail)
        else:
            detail = f"no && at the end of its length {len(segment)}"
            yield from self._refuse(self._resume_at(end), TelegramFault.LENGTH, detail)

    def _resume_at(self, end: int) -> int:
        """Where reading goes on after a damaged telegram: behind the end of line, or at a ## before it."""
        line_end = self._bytes.find(TAIL, len(MARK))
        ends = [self._bytes.find(MARK, len(MARK)), line_end + len(TAIL) if line_end >= 0 else -1]
        return min([place for place in ends if place >= 0], default=end)

    def _refuse(self, end: int, fault: TelegramFault, detail: str) -> Iterator[Piece]:
        refused, self._bytes = self._bytes[:end], self._bytes[end:]
        if refused.strip(BLANK):
            yield RefusedBytes(refused, fault, detail)


def _join_garbage(pieces: Iterable[Piece]) -> list[Piece]:
    """The pieces, of which all without a telegram's mark and length that follow each other are one with its length."""
    joined: list[Piece] = []
    for is_garbage, run in groupby(pieces, lambda piece: getattr(piece, "fault", None) == TelegramFault.FRAMING):
        parts = list(run)
        if not is_garbage or len(parts) == 1:
            joined += parts
            continue
        content = b"".join(part.content for part in parts)
        joined.append(RefusedBytes(content, TelegramFault.FRAMING, f"{len(content)} bytes without a telegram"))
    return joined


def split_frames(content: bytes) -> Iterator[Piece]:
    """The frames and refused bytes of a whole file."""
    stream, step = FrameStream(), 1 << 16
    for start in range(0, len(content), step):
        yield from stream.add(content[start : start + step])
    yield from stream.finish()
