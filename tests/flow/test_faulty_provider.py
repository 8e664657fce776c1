"""A line that fails at every third request and a collector that is killed: nothing is lost, doubled or shifted.

By default one day and two kills; with EMIS_TEST_REPLAY_DAYS=10 ten days and twenty kills.
"""

import hashlib
import os
import random
import subprocess
import sys
from datetime import UTC, timedelta
from pathlib import Path
from typing import IO

import pytest

from bigdata_emis.clean.clean_power import clean_power_rows
from bigdata_emis.clean.readings.hour_grid import build_hour_grid
from bigdata_emis.clean.readings.rules import compile_rules
from bigdata_emis.clean.readings.thresholds import CleaningOptions
from bigdata_emis.region import load_region
from bigdata_emis.run.stage import context_for
from bigdata_emis.storage.lake import open_lake
from bigdata_emis.window import Window
from tests.flow.faulty_provider import (
    FIRST,
    LATEST_H,
    STEP,
    FaultyProvider,
    collect_step,
    digest_of_readings,
    draw_sayings,
    known_at,
    read_all,
    serve,
    write_region,
)

DAY_COUNT = int(os.environ.get("EMIS_TEST_REPLAY_DAYS", "1"))
KILL_COUNT = 2 * DAY_COUNT if DAY_COUNT >= 10 else 2
METER_COUNT = 20
STEPS_A_DAY = 4
LAST_STEP = (DAY_COUNT + LATEST_H // 24) * STEPS_A_DAY + 1
SAYINGS = draw_sayings(14, day_count=DAY_COUNT, meter_count=METER_COUNT)


@pytest.fixture
def homes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    write_region(tmp_path / "regions")
    monkeypatch.setenv("EMIS_REGIONS", str(tmp_path / "regions"))
    return tmp_path / "faulty", tmp_path / "faultless"


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_ten_days_of_a_faulty_line_are_those_of_a_faultless_one(
    homes: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    faulty_home, faultless_home = homes
    provider = FaultyProvider(SAYINGS, random.Random(30))
    with serve(provider):
        monkeypatch.setenv("EMIS_FEEDS_ADDRESS", provider.address)
        monkeypatch.setenv("EMIS_HOME", str(faulty_home))
        with (faulty_home.parent / "collector.log").open("w") as errors:
            digests = collect_and_kill(provider, errors)
        provider.victim = 0
        collect_step(LAST_STEP, first=FIRST)
    check_raw(provider)
    assert provider.kill_count == KILL_COUNT
    assert {step: digest_of_readings(DAY_COUNT, as_of=known_at(step)) for step in digests} == digests
    assert last_words() == {(one.meter_id, one.hour_utc): one.energies[-1][1] for one in SAYINGS}
    cleaned = clean_all()
    asked, answered = provider.faults.total(), provider.faults["none"] + provider.faults["rows twice"]
    print(f"{asked} requests, {1 - answered / asked:.0%} failed, {provider.kill_count} kills, {len(digests)} steps")

    monkeypatch.setenv("EMIS_HOME", str(faultless_home))
    with serve(FaultyProvider(SAYINGS, random.Random(0), is_faulty=False, now=known_at(LAST_STEP))) as faultless:
        monkeypatch.setenv("EMIS_FEEDS_ADDRESS", faultless.address)
        collect_step(LAST_STEP, first=FIRST)
    assert clean_all() == cleaned


def collect_and_kill(provider: FaultyProvider, errors: IO[str]) -> dict[int, str]:
    """All steps by a collector that is killed now and then and started again; the digest of the readings after each."""
    digests: dict[int, str] = {}
    draw, step = random.Random(20), 1
    while step < LAST_STEP:
        words = [str(step), str(LAST_STEP), str(DAY_COUNT)]
        provider.now = known_at(step)
        collector = subprocess.Popen(
            [sys.executable, "-m", "tests.flow.faulty_provider", *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        assert collector.stdout is not None
        assert collector.stdin is not None
        if provider.kill_count < KILL_COUNT:
            remaining = (LAST_STEP - step) // (KILL_COUNT - provider.kill_count)
            provider.kill_at = provider.request_count + draw.randint(1, max(20 * remaining, 40))
            provider.victim = collector.pid
        for line in collector.stdout:
            number, digest = line.split()
            digests[int(number)], step = digest, int(number) + 1
            provider.now = known_at(step)
            try:
                collector.stdin.write("go\n")
                collector.stdin.flush()
            except BrokenPipeError:
                break
        collector.stdout.close()
        assert collector.wait() in (0, -9)
    return digests


def check_raw(provider: FaultyProvider) -> None:
    """Every stored answer is byte by byte one that the provider sent whole."""
    store = open_lake(load_region("town"))
    count = 0
    for number in range(DAY_COUNT):
        files = store.raw_files("power", (FIRST + timedelta(days=number, hours=8)).date())
        for name in files.names():
            if not name.startswith("pass-"):
                count += 1
                assert hashlib.sha256(files.read(name)).hexdigest() in provider.whole, name
    assert count >= DAY_COUNT * METER_COUNT * 24 / 100


def last_words() -> dict[tuple[str, object], float]:
    rows = sorted(read_all(DAY_COUNT).to_pylist(), key=lambda row: row["record_number"])
    return {(row["meter_id"], row["interval_start_utc"].astimezone(UTC)): row["energy_kwh"] for row in rows}


def clean_all() -> list[dict]:
    region = load_region("town")
    window = Window(FIRST, FIRST + timedelta(days=DAY_COUNT))
    context = context_for(region, window, known_at(LAST_STEP), "clean")
    meters = {f"m{number}": 60.0 for number in range(METER_COUNT)}
    hourly, _ = clean_power_rows(
        read_all(DAY_COUNT),
        rules=compile_rules("power_reading", registered={"meter_id": sorted(meters)}, filled=("energy_kwh",)),
        interval_min=meters,
        maximum_kwh={},
        grid=build_hour_grid(context),
        options=CleaningOptions(),
    )
    assert hourly.num_rows == METER_COUNT * DAY_COUNT * 24
    return hourly.to_pylist()


def test_steps_follow_each_other_without_a_gap() -> None:
    assert known_at(1) - known_at(0) == STEP == timedelta(hours=24 / STEPS_A_DAY)
