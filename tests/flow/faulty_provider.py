"""A provider whose rows come late and are corrected, whose line fails, and the collector that asks it hour by hour.

The provider runs in the process of the test. The collector is a process of its own, which the provider may kill while
it asks or just after it was answered: `python -m tests.flow.faulty_provider FROM_STEP TO_STEP`.
"""

import hashlib
import json
import math
import os
import random
import signal
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyarrow as pa

from bigdata_emis.errors import FeedError
from bigdata_emis.region import load_region
from bigdata_emis.run.stage import context_for, run_stage
from bigdata_emis.storage import database
from bigdata_emis.storage.lake import open_lake
from bigdata_emis.window import Window
from tests.loopback import serving

FIRST = datetime(2015, 12, 1, 16, tzinfo=UTC)
"""The start of 2 December in Beijing."""
STEP = timedelta(hours=6)
LATEST_H = 72
TABLE = "power_reading"
PAGE_SIZE = 100
MOST_ATTEMPTS = 40
REGION_TOML = """name_en = "Town"
name_zh = "城"
time_zone = "Asia/Shanghai"
is_simulated = true
[grid]
projection = "EPSG:32650"
cell_m = 3000
x_origin_m = 400000.0
y_origin_m = 4370000.0
columns = 40
rows = 40
"""
FEEDS_TOML = f"""[power]
format = "json"
address = "{{EMIS_FEEDS_ADDRESS}}/power"
page_size = {PAGE_SIZE}
late_h = {LATEST_H}
attempts = 6
wait_s = 0
timeout_s = 0.5
[power.columns]
meterNo = "meter_id"
startTime = "interval_start_utc"
kWh = "energy_kwh"
[power.constants]
interval_min = 60
"""
FAULTS = {
    "status 500": 0.04,
    "status 502": 0.02,
    "status 503": 0.03,
    "status 429": 0.06,
    "silence": 0.01,
    "hang up": 0.04,
    "short body": 0.03,
    "half a text": 0.03,
    "renamed column": 0.01,
    "page of a proxy": 0.005,
    "page again": 0.005,
    "rows twice": 0.03,
}
"""The share of requests that are answered so; 31 % in all."""
HARMLESS = ("rows twice",)


@dataclass(frozen=True)
class Saying:
    """What the provider says of one meter and hour, from when on: late, as zero at first, or corrected and back."""

    meter_id: str
    hour_utc: datetime
    energies: tuple[tuple[datetime, float], ...]

    def at(self, now: datetime) -> float | None:
        said = [energy for since, energy in self.energies if since <= now]
        return said[-1] if said else None

    def record(self, energy: float) -> dict[str, Any]:
        return {"meterNo": self.meter_id, "startTime": f"{self.hour_utc:%Y-%m-%dT%H:%M:%SZ}", "kWh": energy}


def draw_sayings(seed: int, *, day_count: int, meter_count: int) -> list[Saying]:
    """Every meter and hour, in order of time; the last word comes within three days."""
    draw, sayings = random.Random(seed), []
    for number in range(day_count * 24):
        hour = FIRST + timedelta(hours=number)
        for meter in range(meter_count):
            energy = round(100 + 40 * math.sin(number / 4 + meter) + draw.uniform(0, 5), 3)
            ends, kind = hour + timedelta(hours=1), draw.random()
            said = [(ends, energy)]
            if kind < 0.1:
                said = [(ends + timedelta(hours=draw.randint(1, LATEST_H - 1)), energy)]
            elif kind < 0.15:
                said = [(ends, 0.0), (ends + timedelta(hours=draw.randint(6, LATEST_H - 1)), energy)]
            elif kind < 0.18:
                later = sorted(draw.sample(range(6, LATEST_H - 1, 6), 2))
                said += [(ends + timedelta(hours=later[0]), energy + 7), (ends + timedelta(hours=later[1]), energy)]
            sayings.append(Saying(f"m{meter}", hour, tuple(said)))
    return sayings


@dataclass
class FaultyProvider:
    """A provider with a clock of its own that the test sets; `whole` are the digests of bodies that were sent whole."""

    sayings: list[Saying]
    draw: random.Random
    is_faulty: bool = True
    now: datetime = FIRST
    address: str = ""
    whole: set[str] = field(default_factory=set)
    faults: Counter[str] = field(default_factory=Counter)
    request_count: int = 0
    kill_at: int = 0
    victim: int = 0
    kill_count: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def rows(self, query: dict[str, str]) -> list[dict[str, Any]]:
        first, end = (datetime.fromisoformat(query[name]) for name in ("from", "to"))
        asked = (one for one in self.sayings if first <= one.hour_utc < end)
        return [one.record(energy) for one in asked if (energy := one.at(self.now)) is not None]

    def draw_fault(self) -> str:
        if not self.is_faulty:
            return ""
        names, shares = zip(*FAULTS.items(), strict=True)
        return self.draw.choices([*names, ""], [*shares, 1 - sum(shares)])[0]

    def is_time_to_kill(self) -> bool:
        with self.lock:
            self.request_count += 1
            return bool(self.victim) and self.request_count == self.kill_at

    def kill(self) -> None:
        os.kill(self.victim, signal.SIGKILL)
        self.victim, self.kill_count = 0, self.kill_count + 1


@contextmanager
def serve(provider: FaultyProvider) -> Iterator[FaultyProvider]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_last = provider.is_time_to_kill()
            if is_last and provider.draw.random() < 0.5:
                provider.kill()
                return
            query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
            answer(self, provider, query)
            if is_last:
                provider.kill()

    with serving(Handler) as address:
        provider.address = address
        yield provider


def answer(handler: BaseHTTPRequestHandler, provider: FaultyProvider, query: dict[str, str]) -> None:
    fault = provider.draw_fault()
    provider.faults[fault or "none"] += 1
    if fault == "hang up":
        return
    if fault == "silence":
        handler.rfile.read(1)  # until the collector gives up
        return
    if fault.startswith("status"):
        body, status = b"busy", int(fault.split()[1])
        send(handler, status, body, {"Retry-After": "0"} if status in (429, 503) else {})
        return
    if fault == "page of a proxy":
        send(handler, 200, b"<html>please log in</html>", {})
        return
    body = write_page(provider, query, fault)
    if fault == "short body":
        send(handler, 200, body[: len(body) // 2], {"Content-Length": str(len(body))})
    elif fault == "half a text":
        send(handler, 200, body[: len(body) // 2], {})
    else:
        provider.whole |= {hashlib.sha256(body).hexdigest()} if fault in ("", *HARMLESS) else set()
        send(handler, 200, body, {})


def write_page(provider: FaultyProvider, query: dict[str, str], fault: str) -> bytes:
    rows, page = provider.rows(query), int(query["page"])
    pages = max(1, -(-len(rows) // PAGE_SIZE))
    start = (page - 1 if fault != "page again" else max(page - 2, 0)) * PAGE_SIZE
    records = rows[start : start + PAGE_SIZE]
    if fault == "rows twice":
        records = [one for one in records for _ in range(2)]
    if fault == "renamed column":
        records = [{"kwh_active" if name == "kWh" else name: value for name, value in one.items()} for one in records]
    return json.dumps({"feed": "power", "page": page, "pages": pages, "records": records}).encode()


def send(handler: BaseHTTPRequestHandler, status: int, body: bytes, headers: dict[str, str]) -> None:
    handler.send_response(status)
    for name, value in ({"Content-Length": str(len(body)), "Connection": "close"} | headers).items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)
    handler.close_connection = True


def write_region(folder: Path) -> None:
    (folder / "town").mkdir(parents=True)
    (folder / "town" / "region.toml").write_text(REGION_TOML, "utf-8")
    (folder / "town" / "feeds.toml").write_text(FEEDS_TOML, "utf-8")


def known_at(step: int) -> datetime:
    return FIRST + step * STEP


def collect_step(step: int, *, first: datetime | None = None) -> None:
    """Collect what is new at a step until it succeeds; `first`: from then on, a backfill."""
    database.migrate()
    region, known_utc = load_region("town"), known_at(step)
    window = Window(first or known_utc - STEP, known_utc)
    for _ in range(MOST_ATTEMPTS):
        try:
            run_stage("collect_power", context_for(region, window, known_utc, f"step-{step}"), clock=lambda: known_utc)
        except FeedError as problem:
            print(f"failed {step} {problem}", file=sys.stderr, flush=True)
        else:
            return
    raise SystemExit(f"step {step} failed {MOST_ATTEMPTS} times")


def digest_of_readings(day_count: int, *, as_of: datetime | None = None) -> str:
    """A digest of all readings as they are now, or as they were known then."""
    return hashlib.sha256(json.dumps(read_all(day_count, as_of=as_of).to_pylist(), default=str).encode()).hexdigest()


def read_all(day_count: int, *, as_of: datetime | None = None) -> pa.Table:
    region, first = load_region("town"), date(2015, 12, 2)
    days = [first + timedelta(days=number) for number in range(day_count)]
    return open_lake(region).read(TABLE, days, as_of=as_of)


def main() -> None:
    """The collector: one line on stdout when a step is done, the next step when a line comes on stdin."""
    first, last, day_count = map(int, sys.argv[1:])
    for step in range(first, last):
        collect_step(step)
        print(f"{step} {digest_of_readings(day_count)}", flush=True)
        sys.stdin.readline()


if __name__ == "__main__":
    main()
