"""Simulated stations against the gateway: do thousands of them lose a telegram, and how long do answers take?

    python -m bench.stations --stations 2000 --seconds 600 --kill-after-s 300 --troubled-share 0.02

A gateway is started as a process of its own and stores in a scratch folder. Each station keeps a connection, sends a
telegram of an hour, waits for its answer, and sends again after a time-out or when the connection is cut. Some are
troubled: one sends without reading any answer, one sends half a telegram and is silent, one sends bytes one by one, one
sends nonsense. The gateway may be killed on the way and started again. At the end the files are read and compared with
what was answered.

Belongs here: the stations and what they saw. Does not: any code of the gateway, whose checksum it computes by itself.
"""

import argparse
import asyncio
import json
import os
import random
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

TIMEOUT_S, RETRY_S, FLOOD_EVERY_S = 10, 1, 0.5
TROUBLES = ("flood", "half", "bytes", "nonsense")
FACTORS = ("a21026", "a21002", "a34013", "a19001", "a01012", "a00000")


@dataclass
class Tally:
    """What the stations saw. delays_s: from the telegram to its answer."""

    sent: int = 0
    repeated: int = 0
    cut: int = 0
    given_up: int = 0
    connections_failed: int = 0
    answered: set[tuple[str, str]] = field(default_factory=set)
    delays_s: list[float] = field(default_factory=list)


def eight_shifts(register: int) -> int:
    for _ in range(8):
        register = (register >> 1) ^ 0xA001 if register & 1 else register >> 1
    return register


EIGHT_SHIFTS = [eight_shifts(value) for value in range(256)]


def checksum(segment: bytes) -> int:
    """Independent of the gateway's, and as fast, since the stations share the machine with it."""
    register = 0xFFFF
    for byte in segment:
        register = EIGHT_SHIFTS[(register >> 8) ^ byte]
    return register


def telegram(station_id: str, number: int, draw: random.Random) -> tuple[str, bytes]:
    """A telegram of an hour with a number of its own."""
    moment = datetime(2026, 1, 15) + timedelta(milliseconds=number)  # noqa: DTZ001 - the wire has no zone
    request_id = moment.strftime("%Y%m%d%H%M%S%f")[:17]
    start = (datetime(2026, 1, 14) + timedelta(hours=number % 24)).strftime("%Y%m%d%H%M%S")  # noqa: DTZ001
    data = ";".join(f"{code}-Avg={draw.uniform(1, 99):.2f},{code}-Flag=N" for code in FACTORS)
    segment = f"QN={request_id};ST=31;CN=2061;PW=1;MN={station_id};Flag=5;CP=&&DataTime={start};{data}&&".encode()
    return request_id, b"##%04d%b%04X\r\n" % (len(segment), segment, checksum(segment))


@dataclass
class Line:
    """The connection of a station, made again when it is cut."""

    address: tuple[str, int]
    tally: Tally
    reader: asyncio.StreamReader | None = None
    writer: asyncio.StreamWriter | None = None

    async def connect(self) -> bool:
        try:
            self.reader, self.writer = await asyncio.open_connection(*self.address)
        except OSError:
            self.tally.connections_failed += 1
            self.reader = self.writer = None
        return self.writer is not None

    def cut(self) -> None:
        if self.writer is not None:
            self.writer.close()
        self.reader = self.writer = None


async def run_station(station_id: str, address: tuple[str, int], end: float, every_s: float, tally: Tally) -> None:
    draw, line, number = random.Random(station_id), Line(address, tally), 0
    await asyncio.sleep(draw.uniform(0, every_s))
    while time.monotonic() < end:
        request_id, content = telegram(station_id, number, draw)
        number += 1
        began = time.monotonic()
        tally.sent += 1
        while not await exchange(request_id, content, line, tally):
            if time.monotonic() > end + TIMEOUT_S:
                tally.given_up += 1
                return
            tally.repeated += 1
        tally.answered.add((station_id, request_id))
        tally.delays_s.append(time.monotonic() - began)
        await asyncio.sleep(max(0.0, every_s - (time.monotonic() - began)))
    line.cut()


async def exchange(request_id: str, content: bytes, line: Line, tally: Tally) -> bool:
    """Send a telegram; whether a data answer to it came in time."""
    if line.writer is None and not await line.connect():
        await asyncio.sleep(RETRY_S)
        return False
    assert line.reader is not None
    assert line.writer is not None
    try:
        with suppress(ConnectionError):  # counted below, as a line that ends without an answer is
            line.writer.write(content)
            async with asyncio.timeout(TIMEOUT_S):
                while answer := await line.reader.readline():
                    if b"CN=9014" in answer and f"QN={request_id};".encode() in answer:
                        return True
    except TimeoutError:
        return False
    tally.cut += 1
    line.cut()
    return False


async def run_troubled_station(number: int, address: tuple[str, int], end: float) -> None:
    """A station that is not as it should be, which must not disturb the others."""
    station_id, draw = f"TROUBLE{number:04d}", random.Random(number)
    behaviour, count = TROUBLES[number % len(TROUBLES)], 0
    while time.monotonic() < end:
        try:
            _, writer = await asyncio.open_connection(*address)
            async with asyncio.timeout(min(60.0, max(end - time.monotonic(), 0.1))):
                while True:
                    count += 1
                    _, content = telegram(station_id, count, draw)
                    await behave(behaviour, writer, content)
        except (OSError, TimeoutError):
            await asyncio.sleep(RETRY_S)


async def behave(behaviour: str, writer: asyncio.StreamWriter, content: bytes) -> None:
    if behaviour == "half":
        writer.write(content[: len(content) // 2])
        await asyncio.sleep(3600)
    elif behaviour == "bytes":
        for byte in content:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0.01)
    else:
        writer.write(content * 20 if behaviour == "flood" else content[::-1])
        await writer.drain()
        await asyncio.sleep(FLOOD_EVERY_S if behaviour == "flood" else 1)


async def run_stations(scene: "Scene", options: argparse.Namespace) -> Tally:
    tally, end = Tally(), time.monotonic() + options.seconds
    count, troubled = options.stations, int(options.stations * options.troubled_share)
    stations = [run_station(f"BENCH{n:06d}", scene.address, end, options.every_s, tally) for n in range(count)]
    stations += [run_troubled_station(n, scene.address, end) for n in range(troubled)]
    if options.kill_after_s:
        stations.append(scene.kill_and_start(options.kill_after_s))
    await asyncio.gather(*stations)
    return tally


@dataclass
class Scene:
    """The gateway of a run: as a process of its own, killed and started again where that is asked for."""

    scratch: Path
    connection_count: int
    port: int = 0

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        self.process, self.address = start_gateway(self.scratch, self.connection_count, self.port)

    async def kill_and_start(self, after_s: float) -> None:
        await asyncio.sleep(after_s)
        self.process.kill()
        self.process.communicate()
        self.port = self.address[1]
        await asyncio.to_thread(self.start)

    def end(self) -> dict[str, Any]:
        """End the gateway as a system does; its counts since its last start."""
        self.process.send_signal(signal.SIGTERM)
        counts: dict[str, Any] = json.loads(self.process.communicate()[0])
        return counts


def count_stored(folder: Path) -> tuple[set[tuple[str, str]], int]:
    """The telegrams on disk by station and number, and how many lines there are."""
    found = [
        (hit[2].decode(), hit[1].decode())
        for path in folder.glob("*.hj212")
        for hit in re.finditer(rb"QN=(\d{17});[^&]*?MN=(\w+);", path.read_bytes())
    ]
    return set(found), len(found)


def start_gateway(scratch: Path, connections: int, port: int) -> tuple[subprocess.Popen[str], tuple[str, int]]:
    """A gateway as a process of its own, and where it listens."""
    words = ["gateway", "--region", "nys", "--folder", str(scratch / "gateway"), "--port", str(port), "--json"]
    words += ["--connections", str(connections)]
    process = subprocess.Popen(
        [sys.executable, "-m", "bigdata_emis", *words],
        env=os.environ | {"EMIS_HOME": str(scratch)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    line = process.stderr.readline()
    place = re.search(r"listens on ([\d.]+):(\d+)", line)
    if place is None:
        raise SystemExit(line + process.stderr.read())
    return process, (place[1], int(place[2]))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.stations", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--stations", type=int, default=2000)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--every-s", type=float, default=5, help="seconds from one telegram of a station to the next")
    parser.add_argument("--kill-after-s", type=float, default=0, help="kill the gateway then, and start it again")
    parser.add_argument("--troubled-share", type=float, default=0, help="so many troubled stations more")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        scene = Scene(Path(name), options.stations + int(options.stations * options.troubled_share) + 10)
        began = time.monotonic()
        tally = asyncio.run(run_stations(scene, options))
        elapsed_s = time.monotonic() - began
        counts = scene.end()
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        stored, line_count = count_stored(Path(counts["folder"]))
    delays = sorted(tally.delays_s) or [0.0]
    summary = {
        "stations": options.stations,
        "seconds": round(elapsed_s, 1),
        "sent": tally.sent,
        "repeated": tally.repeated,
        "connections_cut": tally.cut,
        "given_up": tally.given_up,
        "connections_failed": tally.connections_failed,
        "answered": len(tally.answered),
        "answered_per_s": round(len(tally.answered) / elapsed_s, 1),
        "answered_and_not_stored": len(tally.answered - stored),
        "stored_lines": line_count,
        "delay_s_median": round(delays[len(delays) // 2], 3),
        "delay_s_p99": round(delays[int(len(delays) * 0.99)], 3),
        "gateway_cpu_s": round(used.ru_utime + used.ru_stime, 2),
        "load": os.getloadavg()[0],
        "gateway": counts,
    }
    print(json.dumps(summary, indent=1))


if __name__ == "__main__":
    main()
