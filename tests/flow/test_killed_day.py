"""A day that is killed at any moment and run again gives the same bytes, and no reader ever sees half a version."""

import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from bigdata_emis.region import load_region

KILLS = int(os.environ.get("EMIS_TEST_KILLS", "2"))
LONGEST_S = 240
DAY_COMMAND = [sys.executable, "-c", "from bigdata_emis.cli.app import main; main()", "day", "--region", "nys"]
# A run is killed just after it has written to one of these folders: between two stages or two published tables.
MOMENTS = (
    "published/nys/emission_hourly",
    "current/nys/emission_hourly",
    "current/nys/power_reading",
    "published/nys/emission_gridded_hourly",
    "current/nys/emission_gridded_hourly",
    "current/nys/power_hourly",
    "current/nys/activity_hourly",
    "current/nys/measured_activity_hourly",
    "current/nys/emission_industry_hourly",
    "current/nys/emission_area_hourly",
)


# The same for a day that is restated: also between two published tables, of which the first then is new.
RESTATED_MOMENTS = (
    "published/nys/emission_hourly",
    "current/nys/power_reading",
    "current/nys/activity_hourly",
    "current/nys/emission_gridded_hourly",
    "current/nys/emission_hourly",
    "current/nys/power_hourly",
    "published/nys/emission_gridded_hourly",
)


def environment(home: Path) -> dict[str, str]:
    """The environment of a run in a home, whose own regions count first."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("EMIS_") or k == "EMIS_ENGINE"}
    return {**inherited, "EMIS_HOME": str(home)}


def run_day(home: Path, day: str) -> None:
    done = subprocess.run(
        [*DAY_COMMAND, "--date", day], env=environment(home), capture_output=True, text=True, timeout=LONGEST_S
    )
    assert done.returncode == 0, done.stderr


def kill_day(home: Path, day: str, *, moment: str, delay_s: float) -> bool:
    """Start the day and kill it a little after the moment; False if it had ended by then."""
    folder = home / "lake" / moment / f"day={day}"
    before = touched_ns(folder)
    child = subprocess.Popen(
        [*DAY_COMMAND, "--date", day],
        env=environment(home),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    while touched_ns(folder) == before and not ends_within(child, 0.005):
        pass
    if ends_within(child, delay_s):
        return False
    os.killpg(child.pid, signal.SIGKILL)
    return child.wait() == -signal.SIGKILL


def touched_ns(folder: Path) -> int:
    return folder.stat().st_mtime_ns if folder.exists() else 0


def ends_within(child: subprocess.Popen[bytes], seconds: float) -> bool:
    try:
        child.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def tables_below(tree: Path) -> list[Path]:
    """The Parquet files of a tree at their stable paths, which lead through a link into the set of a day."""
    files = []
    for folder, folders, names in os.walk(tree, followlinks=True):
        folders[:] = [name for name in folders if name != ".sets"]
        files += [Path(folder) / name for name in names if name.endswith(".parquet")]
    return files


def checksums(home: Path) -> dict[str, str]:
    """Every Parquet file of current/ and published/ by its path below the lake."""
    lake = home / "lake"
    files = sorted(p for tree in ("current", "published") for p in tables_below(lake / tree))
    return {str(p.relative_to(lake)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


class Reader(threading.Thread):
    """Reads what is published again and again, as a downstream model would, and collects row counts and faults."""

    def __init__(self, lake: Path) -> None:
        super().__init__(daemon=True)
        self.lake, self.over = lake, threading.Event()
        self.seen: dict[str, set[int]] = {}
        self.faults: list[str] = []
        self.manifests = 0

    def run(self) -> None:
        while not self.over.wait(0.05):
            for tree in ("current", "published"):
                for path in tables_below(self.lake / tree):
                    self.read(path)
            for path in list((self.lake / "published").rglob("manifest/*.json")):
                self.follow(path)

    def read(self, path: Path) -> None:
        try:
            self.seen.setdefault(str(path.relative_to(self.lake)), set()).add(pq.read_metadata(path).num_rows)
        except Exception as problem:  # whatever it is, a reader has seen it
            self.faults.append(f"{path}: {problem}")

    def follow(self, manifest: Path) -> None:
        """Every manifest names files that exist and are whole."""
        self.manifests += 1
        for file in json.loads(manifest.read_text("utf-8"))["files"]:
            if hashlib.sha256((self.lake / file["path"]).read_bytes()).hexdigest() != file["sha256"]:
                self.faults.append(f"{manifest} does not match {file['path']}")


@pytest.mark.slow
@pytest.mark.timeout(LONGEST_S * (KILLS + 2))
def test_killed_day_gives_the_same_bytes_and_readers_never_see_half(tmp_path: Path) -> None:
    day = load_region("nys").options["demo_day"]
    calm, rough = tmp_path / "calm", tmp_path / "rough"
    run_day(calm, day)
    reader = Reader(rough / "lake")
    reader.start()
    delays = random.Random(20151219)
    died = [
        kill_day(rough, day, moment=MOMENTS[n % len(MOMENTS)], delay_s=delays.uniform(0.0, 0.1)) for n in range(KILLS)
    ]
    run_day(rough, day)
    reader.over.set()
    reader.join()
    assert any(died), "no run was killed: nothing was tested"
    assert checksums(rough) == checksums(calm)
    assert reader.faults == []
    assert reader.seen
    assert all(len(counts) == 1 for counts in reader.seen.values())
    assert not list((rough / "lake" / "current").rglob("*.part"))
    assert not list((rough / "lake" / "published").rglob("*.part"))
    sys.stderr.write(f"{sum(died)} of {KILLS} runs killed, {reader.manifests} manifests followed\n")


class RestatedReader(threading.Thread):
    """Reads a published day while it is computed again: the checksums of each file, and what its manifest names."""

    def __init__(self, lake: Path) -> None:
        super().__init__(daemon=True)
        self.lake, self.over = lake, threading.Event()
        self.checksums: dict[str, set[str]] = {}
        self.faults: list[str] = []

    def run(self) -> None:
        while not self.over.wait(0.02):
            for path in tables_below(self.lake / "published"):
                self.checksums.setdefault(str(path.relative_to(self.lake)), set()).add(
                    hashlib.sha256(path.read_bytes()).hexdigest()
                )
            for manifest in list((self.lake / "published").rglob("manifest/*.json")):
                self.follow(json.loads(manifest.read_text("utf-8")))

    def follow(self, manifest: dict[str, Any]) -> None:
        """The versions that a manifest names are where it says, whole, whatever has been published since."""
        self.faults += [
            f"{file['version_path']} is not what the manifest names"
            for file in manifest["files"]
            if hashlib.sha256((self.lake / file["version_path"]).read_bytes()).hexdigest() != file["sha256"]
        ]


def copy_region(home: Path) -> None:
    """Copy the region into the home, so that its feeds can be changed."""
    shutil.copytree(load_region("nys").folder, home / "regions" / "nys")


def restate(home: Path) -> None:
    """Correct the factor from load to energy: every reading of the day changes by a hundredth."""
    feeds = home / "regions" / "nys" / "feeds.toml"
    text = feeds.read_text("utf-8")
    assert "energy_kwh = 1000.0" in text
    feeds.write_text(text.replace("energy_kwh = 1000.0", "energy_kwh = 1010.0"), "utf-8")


@pytest.mark.slow
@pytest.mark.timeout(LONGEST_S * (KILLS + 3))
def test_day_killed_while_it_is_restated_shows_the_old_version_or_the_new_one(tmp_path: Path) -> None:
    day = load_region("nys").options["demo_day"]
    first, calm, rough = (tmp_path / name for name in ("first", "calm", "rough"))
    first.mkdir()
    copy_region(first)
    run_day(first, day)
    old = checksums(first)
    for home in (calm, rough):
        shutil.copytree(first, home, symlinks=True)
        restate(home)
    run_day(calm, day)
    new = checksums(calm)
    reader = RestatedReader(rough / "lake")
    reader.start()
    moments = random.Random(20151220).sample(RESTATED_MOMENTS, k=len(RESTATED_MOMENTS))
    died = [kill_day(rough, day, moment=moments[n % len(moments)], delay_s=0.0) for n in range(KILLS)]
    run_day(rough, day)
    reader.over.set()
    reader.join()
    assert any(died), "no run was killed: nothing was tested"
    changed = {path for path in old if path.startswith("published") and old[path] != new[path]}
    tables = {Path(path).parent.parent.name for path in changed}
    assert tables == {"emission_hourly", "emission_gridded_hourly", "emission_total_hourly", "emission_total_daily"}
    assert checksums(rough) == new
    assert reader.faults == []
    assert all(seen <= {old[path], new[path]} for path, seen in reader.checksums.items())
