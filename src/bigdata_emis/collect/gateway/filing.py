"""Where a telegram is stored: the file of the local day that it reports and of its command, or the refused ones.

Belongs here: judging a piece of the stream, names of files. Does not: writing them (frame_journal).
"""

import json
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from bigdata_emis.collect.gateway.frame_stream import Frame, Piece
from bigdata_emis.collect.gateway.message_parts import MessageParts
from bigdata_emis.collect.gateway.replies import answer_fault, answer_telegram
from bigdata_emis.collect.gateway.telegram import (
    TAIL,
    TIMED,
    Command,
    FaultyTelegramError,
    Telegram,
    TelegramFault,
    read_segment,
)

CLOCK_TOLERANCE = timedelta(hours=1)
"""How far a station's clock may be ahead. A setting of ours: stations set their clock once a day or less."""
FIRST_DAY = date(2005, 1, 1)
"""The year of the first version of the standard; a telegram about an earlier day has a wrong clock."""
LONGEST_STORED = 1 << 14
COMMANDS = frozenset(Command)
REFUSED = re.compile(r"refused-(\d{4}-\d{2}-\d{2})\.jsonl")


@dataclass(frozen=True)
class Judgement:
    """What becomes of a piece: the line for its file, the answer, and the fault where there is one."""

    file_name: str
    line: bytes
    answer: bytes
    fault: TelegramFault | None = None


def judge_piece(piece: Piece, *, received_at: datetime, peer: str, parts: MessageParts) -> Judgement:
    """File a telegram by what it reports, or among the refused with its fault.

    received_at: the time of arrival, with the zone of the region, in whose local time stations report. parts: what the
    parts of messages before it have announced.
    """
    try:
        if not isinstance(piece, Frame):
            raise FaultyTelegramError(piece.fault, piece.detail)
        telegram = read_segment(piece.segment)
        file_name = name_file(telegram, received_at)
        parts.check(telegram)
        return Judgement(file_name, piece.content + TAIL, answer_telegram(telegram))
    except FaultyTelegramError as problem:
        line = refused_line(piece.content, problem, received_at=received_at, peer=peer)
        answer = answer_fault(piece.content, problem)
        return Judgement(f"refused-{received_at:%Y-%m-%d}.jsonl", line, answer, problem.fault)


def name_file(telegram: Telegram, received_at: datetime) -> str:
    """The file of a telegram: by the day and the command that it reports, by the day of arrival where it has no time.

    Raises:
        FaultyTelegramError: a station does not send this command, or its time is missing or cannot be.
    """
    command = telegram.command
    if command not in COMMANDS:
        raise FaultyTelegramError(TelegramFault.COMMAND, f"CN {command} is no command of a station")
    if command not in TIMED:
        return f"{received_at:%Y-%m-%d}-other.hj212"
    measured_at = telegram.measured_at
    if measured_at is None:
        raise FaultyTelegramError(TelegramFault.TIME, "has no DataTime")
    if measured_at > received_at.replace(tzinfo=None) + CLOCK_TOLERANCE:
        raise FaultyTelegramError(TelegramFault.TIME, f"DataTime {measured_at} is later than its arrival")
    if measured_at.date() < FIRST_DAY:
        raise FaultyTelegramError(TelegramFault.TIME, f"DataTime {measured_at} is before {FIRST_DAY.year}")
    return f"{measured_at:%Y-%m-%d}-{command}.hj212"


def refused_line(content: bytes, problem: FaultyTelegramError, *, received_at: datetime, peer: str) -> bytes:
    """A line of JSON about refused bytes; the bytes themselves as characters 0 to 255, without the password."""
    kept = re.sub(rb"PW=[^;&]*", b"PW=", content[:LONGEST_STORED])
    record = {
        "received_utc": received_at.astimezone(UTC).isoformat(timespec="milliseconds"),
        "peer": peer,
        "reason_code": problem.fault,
        "detail": problem.detail,
        "byte_count": len(content),
        "content": kept.decode("latin-1"),
    }
    return json.dumps(record).encode() + b"\n"
