"""Simulated stations against the gateway: do thousands of them lose a telegram, and how long do answers take?

    python -m bench.stations --stations 2000 --seconds 60

A gateway is started as a process of its own and stores in a scratch folder. Each station keeps a connection, sends a
telegram of an hour, waits for its answer, and sends again after a time-out. At the end the files are read and compared
with what was answered.

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
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

TIMEOUT_S, ATTEMPTS = 10, 3
FACTORS = ("a21026", "a21002", "a34013", "a19001", "a01012", "a00000")


@dataclass
class Tally:
    """What the stations saw. delays_s: from the telegram to its answer."""

    sent: int = 0
    repeated: int = 0
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


async def run_station(station_id: str, address: tuple[str, int], end: float, every_s: float, tally: Tally) -> None:
    draw = random.Random(station_id)
    try:
        reader, writer = await asyncio.open_connection(*address)
    except OSError:
        tally.connections_failed += 1
        return
    await asyncio.sleep(draw.uniform(0, every_s))
    number = 0
    while time.monotonic() < end:
        request_id, content = telegram(station_id, number, draw)
        number += 1
        began = time.monotonic()
        if not await exchange(request_id, content, reader, writer, tally):
            break
        tally.answered.add((station_id, request_id))
        tally.delays_s.append(time.monotonic() - began)
        await asyncio.sleep(max(0.0, every_s - (time.monotonic() - began)))
    writer.close()


async def exchange(
    request_id: str, content: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, tally: Tally
) -> bool:
    """Send until it is answered by a data answer, at most ATTEMPTS times; whether it was."""
    for attempt in range(ATTEMPTS):
        tally.sent += attempt == 0
        tally.repeated += attempt > 0
        writer.write(content)
        try:
            async with asyncio.timeout(TIMEOUT_S):
                while answer := await reader.readline():
                    if b"CN=9014" in answer and f"QN={request_id};".encode() in answer:
                        return True
        except (TimeoutError, ConnectionError):
            continue
    return False


async def run_stations(address: tuple[str, int], count: int, seconds: float, every_s: float) -> Tally:
    tally, end = Tally(), time.monotonic() + seconds
    stations = [run_station(f"BENCH{number:06d}", address, end, every_s, tally) for number in range(count)]
    await asyncio.gather(*stations)
    return tally


def count_stored(folder: Path) -> tuple[set[tuple[str, str]], int]:
    """The telegrams on disk by station and number, and how many lines there are."""
    found = [
        (hit[2].decode(), hit[1].decode())
        for path in folder.glob("*.hj212")
        for hit in re.finditer(rb"QN=(\d{17});[^&]*?MN=(\w+);", path.read_bytes())
    ]
    return set(found), len(found)


def start_gateway(scratch: Path, connections: int) -> tuple[subprocess.Popen[str], tuple[str, int]]:
    """A gateway as a process of its own, and where it listens."""
    words = ["gateway", "--region", "nys", "--folder", str(scratch / "gateway"), "--port", "0", "--json"]
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
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        process, address = start_gateway(Path(name), options.stations + 10)
        began = time.monotonic()
        tally = asyncio.run(run_stations(address, options.stations, options.seconds, options.every_s))
        elapsed_s = time.monotonic() - began
        process.send_signal(signal.SIGTERM)
        counts = json.loads(process.communicate()[0])
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        stored, line_count = count_stored(Path(counts["folder"]))
    delays = sorted(tally.delays_s) or [0.0]
    summary = {
        "stations": options.stations,
        "seconds": round(elapsed_s, 1),
        "sent": tally.sent,
        "repeated": tally.repeated,
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
