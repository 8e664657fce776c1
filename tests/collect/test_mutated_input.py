"""Whatever comes over a line is read, or refused with a reason: no crash, and the counts balance.

By default few; with EMIS_TEST_MUTATIONS=100000 so many: three telegrams for each payload, which takes longer.
EMIS_TEST_MUTATION_SEED gives other ones.
"""

import asyncio
import json
import os
import random
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from bigdata_emis.clean.clean_power import clean_power_rows
from bigdata_emis.clean.readings.hour_grid import build_hour_grid
from bigdata_emis.clean.readings.rules import compile_rules
from bigdata_emis.clean.readings.thresholds import CleaningOptions
from bigdata_emis.collect.collect_feeds import collect_feed
from bigdata_emis.collect.formats.limits import Limits
from bigdata_emis.collect.gateway.frame_stream import Frame, split_frames
from bigdata_emis.collect.gateway.gateway_server import GatewayLimits
from bigdata_emis.collect.gateway.telegram_rows import read_telegram_rows
from bigdata_emis.errors import FeedError
from tests.collect.feed_builders import POWER_BY_HTTP, Provider, context, raw_names, record
from tests.collect.gateway.telegrams import hour, packet
from tests.collect.gateway.test_gateway_server import Talk, sending, serve
from tests.collect.mutations import spoil_payload, spoil_telegram

PAYLOAD_COUNT = int(os.environ.get("EMIS_TEST_MUTATIONS", "800")) // 4
TELEGRAM_COUNT = 3 * PAYLOAD_COUNT
SEED = int(os.environ.get("EMIS_TEST_MUTATION_SEED", "0"))
CONNECTION_COUNT = 20
RECORDS = [record(number, 10.0 + number, meter=f"m{number % 3}") for number in range(12)]
LONGEST_MESSAGE = 3000
EXPECTED = ("accepted", "refused")
SENT = {(one["meterNo"], one["startTime"], one["kWh"]) for one in RECORDS}


@pytest.mark.timeout(7200)
def test_mutated_telegrams_are_stored_or_refused_with_a_reason(tmp_path: Path) -> None:
    draw = random.Random(212 + SEED)
    telegrams = [spoil_telegram(draw) + b"\r\n" for _ in range(TELEGRAM_COUNT)]
    parts = [telegrams[start::CONNECTION_COUNT] for start in range(CONNECTION_COUNT)]
    endless = GatewayLimits(refused_count=10**9, refused_bytes=10**12)
    gateway = serve(tmp_path, *map(sending_all, parts), sending(packet(hour())), limits=endless)
    refused = [json.loads(line) for path in tmp_path.glob("refused-*") for line in path.read_text().splitlines()]
    stored = {path: list(split_frames(path.read_bytes())) for path in tmp_path.glob("*.hj212")}
    assert all(isinstance(piece, Frame) for pieces in stored.values() for piece in pieces)
    assert sum(map(len, stored.values())) == gateway.counts.accepted > TELEGRAM_COUNT / 10
    assert len(refused) == gateway.counts.refused.total() > TELEGRAM_COUNT / 3
    assert all(line["reason_code"] and line["detail"] for line in refused)
    assert gateway.counts.unstored == 0
    for path in stored:
        check_rows(path)
    print(f"accepted {gateway.counts.accepted}, refused {gateway.counts.as_document()['refused']}")


def sending_all(telegrams: list[bytes]) -> Talk:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def write() -> None:
            for one in telegrams:
                writer.write(one)
                await writer.drain()
            writer.write_eof()

        _, answers = await asyncio.gather(write(), reader.read())
        assert answers.count(b"CN=9014") > 0

    return talk


def check_rows(path: Path) -> None:
    """Every stored file of values is a table."""
    command = path.stem.rpartition("-")[2]
    if command.startswith("20"):
        limits = Limits("cems", byte_count=1 << 30, row_count=10**8)
        table, written_as = read_telegram_rows(path.read_bytes(), command, path.name, limits)
        assert table.num_rows
        assert "faulty" not in written_as


@pytest.mark.timeout(7200)
def test_mutated_payloads_are_read_or_refused_with_a_reason(tmp_path: Path, provider: Provider) -> None:
    draw, outcomes, faults = random.Random(1450 + SEED), Counter[str](), list[tuple[str, bytes]]()
    for number in range(PAYLOAD_COUNT):
        folder = tmp_path / str(number)
        folder.mkdir()
        payload = spoil_payload(RECORDS, draw)
        provider.responses[:] = [answer(payload, draw) for _ in range(4)]
        outcome = collect_payload(folder, payload)
        outcomes[outcome] += outcome in EXPECTED
        faults += [] if outcome in EXPECTED else [(outcome, payload[:500])]
        shutil.rmtree(folder)
    assert not faults[:20]
    assert outcomes.total() == PAYLOAD_COUNT
    assert min(outcomes.values()) > PAYLOAD_COUNT / 10
    print(outcomes)


def answer(payload: bytes, draw: random.Random) -> tuple[int, dict[str, str], bytes]:
    """A response; of a few the length is not that of the body, or the format is not what the header says."""
    kind = draw.randrange(40)
    headers = {0: {"Content-Encoding": "gzip"}, 1: {"Content-Length": "7"}}.get(kind, {})
    return 200, headers | ({"Connection": "close"} if kind == 1 else {}), payload


def collect_payload(folder: Path, payload: bytes) -> str:
    """Accepted, refused in one line with what to do, or the fault of the program."""
    place = context(folder, power=POWER_BY_HTTP | {"page_size": 100})
    try:
        readings = collect_feed("power", "power_reading", context=place)
        check_accepted(readings, payload, folder)
    except FeedError as refusal:
        text = str(refusal)
        is_one_line = "\n" not in text and len(text) < LONGEST_MESSAGE and refusal.remedy
        return "refused" if is_one_line else f"message: {text[:300]}"
    except Exception as fault:  # what this is for
        return repr(fault)[:300]
    return "accepted"


def check_accepted(readings: pa.Table, payload: bytes, folder: Path) -> None:
    """Every record is a reading, or counted with its reason; one that was not spoilt is as it was sent."""
    sent = json.loads(payload)["records"] if payload.strip() else []
    counts = {name.decode(): json.loads(value) for name, value in readings.schema.metadata.items()}
    assert counts["received"] == len(sent) == readings.num_rows + sum(counts["set_aside"].values())
    assert len(raw_names(folder, "power")) == 1
    rows = {(row["meter_id"], row["energy_kwh"]) for row in readings.to_pylist() if not row["flag_codes"]}
    assert {(one["meterNo"], one["kWh"]) for one in sent if is_sound(one)} <= rows
    check_cleaned(readings, folder)


def is_sound(record: dict[str, Any]) -> bool:
    """Whether a record is as before it was spoilt."""
    found = tuple(map(record.get, ("meterNo", "startTime", "kWh")))
    return all(isinstance(part, str | float) for part in found) and found in SENT


def check_cleaned(readings: pa.Table, folder: Path) -> None:
    """Each reading counts in an hour or is quarantined with a reason."""
    meters = {f"m{number}": 15.0 for number in range(3)}
    rules = compile_rules("power_reading", registered={"meter_id": sorted(meters)}, filled=("energy_kwh",))
    hourly, quarantined = clean_power_rows(
        readings,
        rules=rules,
        interval_min=meters,
        maximum_kwh={},
        grid=build_hour_grid(context(folder)),
        options=CleaningOptions(),
    )
    assert all(quarantined["reason_codes"].to_pylist())
    assert sum(hourly["reading_count"].to_pylist()) + quarantined.num_rows == readings.num_rows
