"""Stations on loopback: stored, then answered; limits; and an end without a loss."""

import asyncio
import json
import os
import random
import signal
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bigdata_emis.collect.gateway.frame_journal import FrameJournal
from bigdata_emis.collect.gateway.frame_stream import Frame, split_frames
from bigdata_emis.collect.gateway.gateway_server import Gateway, GatewayLimits, allow_connections, run_until_signal
from bigdata_emis.collect.gateway.telegram import read_segment
from tests.collect.gateway.telegrams import hour, packet
from tests.collect.mutations import spoil_bytes

ARRIVAL = datetime(2026, 1, 15, 10, 5, tzinfo=ZoneInfo("Asia/Shanghai"))
HOURS = "2026-01-15-2061.hj212"
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def serve(folder: Path, *talks: Talk, limits: GatewayLimits | None = None, least_free_bytes: int = 0) -> Gateway:
    async def run() -> Gateway:
        journal = FrameJournal(folder, least_free_bytes=least_free_bytes)
        gateway = Gateway(journal, lambda: ARRIVAL, limits or GatewayLimits())
        host, port = await gateway.start("127.0.0.1", 0)

        async def connect(talk: Talk) -> None:
            reader, writer = await asyncio.open_connection(host, port)
            await talk(reader, writer)
            writer.close()

        async with asyncio.timeout(3600):
            await asyncio.gather(*map(connect, talks))
            await gateway.stop()
        return gateway

    return asyncio.run(run())


async def read_answer(reader: asyncio.StreamReader) -> dict[str, str]:
    line = await reader.readline()
    frame = next(split_frames(line), None)
    return dict(read_segment(frame.segment).fields) if isinstance(frame, Frame) else {}


def sending(*packets: bytes, answers: list | None = None) -> Talk:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for one in packets:
            writer.write(one)
        for _ in packets:
            answer = await read_answer(reader)
            if answers is not None:
                answers.append((answer.get("CN"), answer.get("QN")))

    return talk


def test_a_telegram_is_on_disk_when_its_answer_comes(tmp_path: Path):
    stored: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(packet(hour()))
        assert (await read_answer(reader))["CN"] == "9014"
        stored.append((tmp_path / HOURS).read_bytes())

    gateway = serve(tmp_path, talk)
    assert stored == [packet(hour())]
    assert (gateway.counts.accepted, gateway.counts.connections) == (1, 1)


def test_telegrams_are_answered_in_their_order_each_with_its_own_number(tmp_path: Path):
    requests = [f"202601150900{number:05d}" for number in range(50)]
    answers: list[tuple[str, str]] = []
    serve(tmp_path, sending(*(packet(hour(request=request)) for request in requests), answers=answers))
    assert answers == [("9014", request) for request in requests]


def test_a_faulty_telegram_is_quarantined_and_the_connection_goes_on(tmp_path: Path):
    answers: list[tuple[str, str]] = []
    wrong = packet(hour())[:-6] + b"0000\r\n"
    gateway = serve(tmp_path, sending(wrong, packet(hour()), answers=answers))
    assert [command for command, _ in answers] == ["9011", "9014"]
    refused = (tmp_path / "refused-2026-01-15.jsonl").read_text().splitlines()
    assert [json.loads(line)["reason_code"] for line in refused] == ["crc"]
    assert gateway.counts.as_document()["refused"] == {"crc": 1}


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (packet(hour().replace("Flag=5;", "Flag=7;PNUM=2;PNO=3;")), "field"),
        (packet(hour()).replace(b"##0", b"##-", 1), "framing"),
        (packet(hour()).replace(b"##0", b"##+", 1), "framing"),
        (packet(hour()).replace(b"##0", b"##9", 1), "length"),
    ],
)
def test_an_impossible_telegram_is_answered_as_wrong_and_quarantined(tmp_path: Path, wrong: bytes, reason: str):
    """Part 3 of 2, values that are no finite number, lengths that are negative or have a sign or are too large."""
    answers: list[tuple[str, str]] = []
    gateway = serve(tmp_path, sending(wrong, packet(hour()), answers=answers))
    assert [command for command, _ in answers] == ["9011", "9014"]
    assert gateway.counts.as_document()["refused"] == {reason: 1}
    (line,) = (tmp_path / "refused-2026-01-15.jsonl").read_text().splitlines()
    assert json.loads(line)["reason_code"] == reason
    assert (tmp_path / HOURS).read_bytes() == packet(hour())


def test_parts_that_announce_different_numbers_are_answered_as_wrong(tmp_path: Path):
    first, second, right = (
        packet(hour(request="20260115090000009").replace("Flag=5;", f"Flag=7;PNUM={count};PNO={number};"))
        for count, number in ((2, 1), (3, 2), (2, 2))
    )
    answers: list[tuple[str, str]] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for one in (first, second, right):
            await sending(one, answers=answers)(reader, writer)

    serve(tmp_path, talk)
    assert [command for command, _ in answers] == ["9014", "9011", "9014"]
    (line,) = (tmp_path / "refused-2026-01-15.jsonl").read_text().splitlines()
    assert json.loads(line)["detail"] == "PNUM is 3, and 2 in the parts before it"


def test_a_station_that_leaves_within_a_telegram_leaves_a_refused_one(tmp_path: Path):
    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(packet(hour()) + packet(hour())[:40])
        writer.write_eof()
        await _.read()

    gateway = serve(tmp_path, talk)
    assert (gateway.counts.accepted, dict(gateway.counts.refused)) == (1, {"length": 1})


async def closed_by_gateway(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    assert await reader.read() == b""


def test_a_silent_connection_is_closed(tmp_path: Path):
    gateway = serve(tmp_path, closed_by_gateway, limits=GatewayLimits(idle_s=0.01))
    assert (gateway.counts.accepted, dict(gateway.counts.refused)) == (0, {})


def test_a_connection_beyond_their_number_is_closed_at_once(tmp_path: Path):
    gateway = serve(tmp_path, closed_by_gateway, limits=GatewayLimits(connection_count=0))
    assert (gateway.counts.connections, gateway.counts.connections_refused) == (0, 1)


@pytest.mark.parametrize("limits", [GatewayLimits(refused_count=3), GatewayLimits(refused_bytes=100)])
def test_a_connection_that_sends_nothing_right_is_closed(tmp_path: Path, limits: GatewayLimits):
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"##0000&&&&\r\n" * 10)
        assert await reader.read() == b""

    assert serve(tmp_path, talk, limits=limits).counts.accepted == 0


def test_what_cannot_be_stored_is_not_answered(tmp_path: Path):
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(packet(hour()))
        assert await reader.read() == b""

    gateway = serve(tmp_path, talk, least_free_bytes=1 << 62)
    assert (gateway.counts.accepted, gateway.counts.unstored) == (0, 1)
    assert list(tmp_path.iterdir()) == []


def test_two_hundred_stations_lose_nothing(tmp_path: Path):
    talks = [
        sending(*(packet(hour(device=f"S{station}", request=f"202601150900{n:05d}")) for n in range(5)))
        for station in range(200)
    ]
    gateway = serve(tmp_path, *talks)
    frames = [piece for piece in split_frames((tmp_path / HOURS).read_bytes()) if isinstance(piece, Frame)]
    keys = {tuple(read_segment(frame.segment).fields[name] for name in ("MN", "QN")) for frame in frames}
    assert len(frames) == len(keys) == gateway.counts.accepted == 1000


def test_two_thousand_mutated_telegrams_are_accepted_or_refused_with_a_reason(tmp_path: Path):
    check_mutated(tmp_path, 2000)


@pytest.mark.slow
def test_a_hundred_thousand_mutated_telegrams_are_accepted_or_refused_with_a_reason(tmp_path: Path):
    check_mutated(tmp_path, 100_000)


def check_mutated(folder: Path, count: int) -> None:
    """The stored pieces are the ones that the gateway counted, and the gateway still answers at the end."""
    draw = random.Random(2017)
    sent = [spoil_bytes(packet(hour()), draw) + b"\r\n" for _ in range(count)]

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def write() -> None:
            for one in sent:
                writer.write(one)
                await writer.drain()
            writer.write_eof()

        _, answers = await asyncio.gather(write(), reader.read())
        assert answers

    gateway = serve(
        folder, talk, sending(packet(hour())), limits=GatewayLimits(refused_count=10**9, refused_bytes=10**9)
    )
    refused = [json.loads(line) for path in folder.glob("refused-*") for line in path.read_text().splitlines()]
    stored = [piece for path in folder.glob("*.hj212") for piece in split_frames(path.read_bytes())]
    assert all(isinstance(piece, Frame) for piece in stored)
    assert len(stored) == gateway.counts.accepted
    assert len(refused) == gateway.counts.refused.total() >= count / 2
    assert all(record["reason_code"] and record["detail"] for record in refused)


def test_a_signal_ends_the_gateway_with_everything_answered_that_was_read(tmp_path: Path):
    gateway = Gateway(FrameJournal(tmp_path, least_free_bytes=0), lambda: ARRIVAL, GatewayLimits())
    talks: list[asyncio.Task[bytes]] = []

    async def talk(host: str, port: int) -> bytes:
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(packet(hour()))
        first = await reader.readline()
        os.kill(os.getpid(), signal.SIGTERM)
        rest = await reader.read()
        writer.close()
        return first + rest

    async def run() -> bytes:
        def started(host: str, port: int) -> None:
            talks.append(asyncio.get_running_loop().create_task(talk(host, port)))

        async with asyncio.timeout(30):
            await run_until_signal(gateway, "127.0.0.1", 0, started=started)
            return await talks[0]

    assert asyncio.run(run()).count(b"CN=9014") == 1
    assert (tmp_path / HOURS).read_bytes() == packet(hour())


def test_connections_are_as_many_as_files_may_be_open():
    assert 1 <= allow_connections(10) <= 10
