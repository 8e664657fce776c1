"""The gateway: a TCP server to which stations send telegrams of HJ 212, each answered once it is on disk.

Belongs here: connections and their limits, the order store-then-answer, the end on a signal. Does not: telegrams
(telegram), files (frame_journal), answers (replies).

A connection is read again only when everything of its last bytes is on disk and its answers are sent: a slow disk or a
station that does not read slows that station down, and memory stays bounded by the number of connections.
"""

import asyncio
import contextlib
import logging
import resource
import signal
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from bigdata_emis.collect.gateway.filing import Judgement, judge_piece
from bigdata_emis.collect.gateway.frame_journal import FrameJournal
from bigdata_emis.collect.gateway.frame_stream import FrameStream, Piece
from bigdata_emis.collect.gateway.message_parts import MessageParts

log = logging.getLogger(__name__)

CHUNK_BYTES = 1 << 14
FINISH_S = 10.0
"""How long connections may take for their last telegrams when the gateway ends."""
SPARE_FILES = 64
BACKLOG = 4096
"""Connections that may wait to be accepted, as when all stations come back after a failure of the network."""


@dataclass(frozen=True)
class GatewayLimits:
    """What one connection may do, and how many there may be.

    idle_s: without any bytes; the standard lets a station report once in an hour or more rarely. answer_s: until the
    station has taken its answers. refused_count, refused_bytes: refused pieces in a row, and their bytes in all.
    """

    connection_count: int = 10_000
    idle_s: float = 7200
    answer_s: float = 30
    refused_count: int = 20
    refused_bytes: int = 1 << 20


@dataclass
class GatewayCounts:
    """What the gateway has done since it started."""

    connections: int = 0
    connections_refused: int = 0
    accepted: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    unstored: int = 0

    def as_document(self) -> dict[str, object]:
        """The counts as a JSON document."""
        return {**vars(self), "refused": dict(sorted(self.refused.items()))}


@dataclass
class _Connection:
    """One connection; `is_waiting` while nothing of it is being worked on, when it can end without loss."""

    task: asyncio.Task[None]
    is_waiting: bool = False
    refused_in_a_row: int = 0
    refused_bytes: int = 0


class Gateway:
    """A server that stores telegrams below the folder of a journal.

    clock: the time of arrival with the zone of the region, in whose local time stations report.
    """

    def __init__(self, journal: FrameJournal, clock: Callable[[], datetime], limits: GatewayLimits) -> None:
        self.counts = GatewayCounts()
        self._journal, self._clock, self._limits = journal, clock, limits
        self._connections: dict[asyncio.Task[None], _Connection] = {}
        self._server: asyncio.Server | None = None
        self._is_ending = False
        self._parts = MessageParts()

    async def start(self, host: str, port: int) -> tuple[str, int]:
        """Listen; the address and port that were bound. Raises OSError when they cannot be."""
        self._server = await asyncio.start_server(self._serve, host, port, limit=CHUNK_BYTES, backlog=BACKLOG)
        bound = self._server.sockets[0].getsockname()
        return str(bound[0]), int(bound[1])

    async def stop(self) -> None:
        """End: no new connection, every telegram that was read is stored and answered, then all is closed."""
        self._is_ending = True
        if self._server is not None:
            self._server.close()
        for connection in list(self._connections.values()):
            if connection.is_waiting:
                connection.task.cancel()
        if self._connections:
            _, late = await asyncio.wait(set(self._connections), timeout=FINISH_S)
            for task in late:
                task.cancel()
        await self._journal.finish()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if self._is_ending or task is None or len(self._connections) >= self._limits.connection_count:
            self.counts.connections_refused += 1
            writer.close()
            return
        self.counts.connections += 1
        connection = self._connections[task] = _Connection(task)
        try:
            await self._answer_all(connection, reader, writer)
        except (TimeoutError, ConnectionError) as problem:
            # What had not been answered comes again: a station repeats it.
            log.info("a station was silent for too long or hung up: %s", type(problem).__name__)
        except OSError as problem:
            log.error("telegrams cannot be stored and are not answered: %s", problem)
        except asyncio.CancelledError:
            if not self._is_ending:
                raise
        finally:
            del self._connections[task]
            writer.close()
            with contextlib.suppress(ConnectionError, TimeoutError):
                await asyncio.wait_for(writer.wait_closed(), 1)

    async def _answer_all(
        self, connection: _Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        stream, peer = FrameStream(), str((writer.get_extra_info("peername") or ("unknown",))[0])
        while not self._is_ending:
            connection.is_waiting = True
            async with asyncio.timeout(self._limits.idle_s):
                chunk = await reader.read(CHUNK_BYTES)
            connection.is_waiting = False
            pieces = stream.add(chunk) if chunk else stream.finish()
            answers = await self._store(pieces, connection, peer)
            if answers and not writer.is_closing():
                writer.write(answers)
                if writer.transport.get_write_buffer_size():  # else they are with the system already
                    async with asyncio.timeout(self._limits.answer_s):
                        await writer.drain()
            if not chunk or self._is_abusive(connection):
                return

    async def _store(self, pieces: list[Piece], connection: _Connection, peer: str) -> bytes:
        """Store what came and count it; the answers, which may be sent now."""
        if not pieces:
            return b""
        received_at = self._clock()
        judged = [judge_piece(piece, received_at=received_at, peer=peer, parts=self._parts) for piece in pieces]
        try:
            await self._journal.store((one.file_name, one.line) for one in judged)
        except OSError:
            self.counts.unstored += len(judged)
            raise
        for piece, one in zip(pieces, judged, strict=True):
            self._count(one, len(piece.content), connection)
        return b"".join(one.answer for one in judged)

    def _count(self, judged: Judgement, byte_count: int, connection: _Connection) -> None:
        if judged.fault is None:
            self.counts.accepted += 1
            connection.refused_in_a_row = 0
        else:
            self.counts.refused[judged.fault] += 1
            connection.refused_in_a_row += 1
            connection.refused_bytes += byte_count

    def _is_abusive(self, connection: _Connection) -> bool:
        limits = self._limits
        return connection.refused_in_a_row >= limits.refused_count or connection.refused_bytes > limits.refused_bytes


async def run_until_signal(gateway: Gateway, host: str, port: int, *, started: Callable[[str, int], None]) -> None:
    """Listen until SIGTERM or SIGINT, then end without losing a telegram that was read."""
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    try:
        started(*await gateway.start(host, port))
        await ended.wait()
        await gateway.stop()
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


def allow_connections(connection_count: int) -> int:
    """Raise the limit of open files as far as the system allows; how many connections fit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connection_count + SPARE_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
        return min(connection_count, allowed - SPARE_FILES)
    return connection_count
