"""A day that is killed at any moment and run again gives the same bytes, and no reader ever sees half a version."""

import hashlib
import os
import random
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from bigdata_emis.region import load_region

KILLS = int(os.environ.get("EMIS_TEST_KILLS", "4"))
DAY_COMMAND = [sys.executable, "-c", "from bigdata_emis.cli import main; main()", "day", "--region", "nys"]


def environment(home: Path) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("EMIS_") or k == "EMIS_ENGINE"}
    return {**kept, "EMIS_HOME": str(home)}


def run_day(home: Path, day: str) -> None:
    done = subprocess.run([*DAY_COMMAND, "--date", day], env=environment(home), capture_output=True, text=True, timeout=240)  # noqa: S603
    assert done.returncode == 0, done.stderr


def checksums(home: Path) -> dict[str, str]:
    """Every published Parquet file by its path below the lake."""
    current = home / "lake" / "current"
    return {str(p.relative_to(current)): hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(current.rglob("*.parquet"))}


class Reader(threading.Thread):
    """Polls what is published as a downstream model would, and remembers each row count that it saw."""

    def __init__(self, current: Path) -> None:
        super().__init__(daemon=True)
        self.current, self.seen, self.faults, self.over = current, {}, [], threading.Event()

    def run(self) -> None:
        while not self.over.wait(0.02):
            for path in list(self.current.rglob("*.parquet")) if self.current.exists() else []:
                try:
                    self.seen.setdefault(path.name, set()).add(pq.read_table(path, partitioning=None).num_rows)
                except Exception as problem:  # noqa: BLE001 - whatever it is, a reader met it
                    self.faults.append(f"{path.name}: {problem}")


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_killed_day_gives_the_same_bytes_and_readers_never_see_half(tmp_path: Path) -> None:
    day = load_region("nys").options["demo_day"]
    calm, rough = tmp_path / "calm", tmp_path / "rough"
    run_day(calm, day)
    reader = Reader(rough / "lake" / "current")
    reader.start()
    moments = random.Random(20151219)  # noqa: S311
    for _ in range(KILLS):
        child = subprocess.Popen(  # noqa: S603
            [*DAY_COMMAND, "--date", day], env=environment(rough), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        try:
            child.wait(timeout=moments.uniform(0.5, 14.0))
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
    run_day(rough, day)
    reader.over.set()
    reader.join()
    assert checksums(rough) == checksums(calm)
    assert reader.faults == []
    assert all(len(counts) == 1 for counts in reader.seen.values())
    assert not list((rough / "lake" / "current").rglob("*.part"))
