"""A file of telegrams as a table: a row for each factor of each telegram of one command.

Belongs here: telegrams as columns that a feed can map to our fields. Does not: the telegrams themselves (telegram), or
which factor is which pollutant (feeds.toml).

The parts of a telegram in several parts are read like telegrams, since each names its station, its QN and its factors;
a later part without DataTime has that of the first.
"""

import logging
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import pyarrow as pa

from bigdata_emis.collect.formats.limits import Limits
from bigdata_emis.collect.gateway.frame_stream import Frame, split_frames
from bigdata_emis.collect.gateway.message_parts import MessageParts
from bigdata_emis.collect.gateway.telegram import (
    STATUS,
    TIME_FIELD,
    TIMED,
    Command,
    FaultyTelegramError,
    Telegram,
    read_segment,
)
from bigdata_emis.errors import FeedError

log = logging.getLogger(__name__)

HOURLY = Command.HOUR
FLOW_FACTORS = ("a00000", "B02")
"""Flow of the stack gas: means in m³/s, amounts (Cou) in m³. Source: HJ 212-2017, table B.2, and the codes of 2005."""
FLOW = "flow_m3_per_h"
SECONDS_OF_HOUR = 3600
VALID = "N"
KEYS = ("MN", "QN", "ST", "CN", "PNO", TIME_FIELD, "factor")
STATISTICS = ("Rtd", "Avg", "Min", "Max", "Cou", "ZsRtd", "ZsAvg", "ZsMin", "ZsMax", STATUS, "EFlag")

Series = tuple[str, str]


@dataclass
class _Flow:
    """The flow of a station and time as text, and its status."""

    text: str | None
    status: str


@dataclass
class _Telegrams:
    """The telegrams of one command, and how many others the file holds: by command, and by fault."""

    wanted: list[tuple[Telegram, str]] = field(default_factory=list)
    other_commands: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)


def read_telegram_rows(content: bytes, command: str, where: str, limits: Limits) -> tuple[pa.Table, str]:
    """The rows of the telegrams of a command (empty: hours, 2061) as texts, and what the file holds in words.

    Columns: MN, QN, ST, CN, PNO, DataTime, factor; of each factor what was sent (Rtd, Avg, Cou, Flag …); and
    flow_m3_per_h, the flow that the station reports for the same time, in every row. Where the flow has a status other
    than N, so has the row.

    Raises:
        FeedError: the command has no measured values, or nothing in the file is a telegram.
        TooLargeError: more rows than allowed.
    """
    command = command or HOURLY
    if command not in TIMED:
        raise FeedError(f"{where}: '{command}' is no command with measured values", f'write records = "{HOURLY}"')
    telegrams = _read_all(content, command)
    if content.strip() and not telegrams.wanted and not telegrams.other_commands:
        raise FeedError(f"{where}: holds no telegram of HJ 212", "expected ##, length, segment, checksum")
    if telegrams.faults:
        listed = ", ".join(f"{count} {fault}" for fault, count in sorted(telegrams.faults.items()))
        log.warning("%s: bytes that are no telegram are not read: %s", where, listed)
    rows = list(_rows(telegrams.wanted))
    limits.check_rows(len(rows), where)
    names = [*KEYS, *(name for name in STATISTICS if any(name in row for row in rows)), FLOW]
    table = pa.table({name: pa.array([row.get(name) for row in rows], pa.string()) for name in names})
    return table, _describe(telegrams, command)


def _read_all(content: bytes, command: str) -> _Telegrams:
    found, times, parts = _Telegrams(), dict[tuple[str, str], str](), MessageParts()
    for piece in split_frames(content):
        try:
            if not isinstance(piece, Frame):
                raise FaultyTelegramError(piece.fault, piece.detail)
            telegram = read_segment(piece.segment)
            parts.check(telegram)
        except FaultyTelegramError as problem:
            found.faults[problem.fault] += 1
            continue
        if telegram.command != command:
            found.other_commands[telegram.command] += 1
            continue
        message = telegram.station_id, telegram.fields.get("QN", "")
        time = times[message] = telegram.values.get(TIME_FIELD) or times.get(message, "")
        found.wanted.append((telegram, time))
    return found


def _rows(telegrams: list[tuple[Telegram, str]]) -> Iterator[dict[str, str | None]]:
    flows = {
        (telegram.station_id, time): flow for telegram, time in telegrams if (flow := _read_flow(telegram)) is not None
    }
    for telegram, time in telegrams:
        flow = flows.get((telegram.station_id, time))
        keys = {name: telegram.fields.get(name) for name in KEYS} | {TIME_FIELD: time}
        for factor, values in telegram.factors.items():
            row: dict[str, str | None] = {**values, **keys, "factor": factor, FLOW: flow.text if flow else None}
            if flow and flow.status != VALID and values.get(STATUS, VALID) == VALID:
                row[STATUS] = flow.status
            yield row


def _read_flow(telegram: Telegram) -> _Flow | None:
    """The flow that a telegram reports in m³/h: from its mean or present value, else from the amount of an hour."""
    for factor in FLOW_FACTORS:
        values = telegram.factors.get(factor)
        if values is None:
            continue
        status = values.get(STATUS, VALID)
        per_second = values.get("Avg") or values.get("Rtd")
        if per_second:
            return _Flow(_multiply(per_second, SECONDS_OF_HOUR), status)
        amount = values.get("Cou") if telegram.command == HOURLY else None
        return _Flow(amount, status)
    return None


def _multiply(text: str, factor: int) -> str:
    """A number as text times a factor; a text that is no number stays, and is refused where numbers are read."""
    try:
        return repr(float(text) * factor)
    except ValueError:
        return text


def _describe(telegrams: _Telegrams, command: str) -> str:
    parts = [f"{len(telegrams.wanted)} telegrams of command {command}"]
    if others := telegrams.other_commands:
        parts.append("not used: " + ", ".join(f"{count} of {name}" for name, count in sorted(others.items())))
    if telegrams.faults:
        parts.append(f"{telegrams.faults.total()} faulty")
    return "; ".join(parts)
