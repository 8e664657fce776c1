"""A day killed at any change it makes and run again gives the same bytes; no reader ever sees half a version."""

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

KILLS = int(os.environ.get("EMIS_TEST_KILLS", "3"))
FIRST_DAYS = max(1, KILLS // 5)
LONGEST_S = 240
COMMAND = Path(__file__).with_name("killed_command.py")
MOST_ATTEMPTS = 3 * KILLS + 10
# After so many attempts the day is run to its end and compared, lest a later kill hides what an earlier one broke.
ATTEMPTS_A_ROUND = 10


def run_day(home: Path, day: str, *, kill_at: int = 0, when: str = "before", changes: Path | None = None) -> bool:
    """Run the day, or kill it at one of its changes; whether it was killed."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("EMIS_") or k == "EMIS_ENGINE"}
    asked = {"EMIS_TEST_CHANGES": str(changes)} if changes else {}
    done = subprocess.run(
        [sys.executable, str(COMMAND), "day", "--region", "nys", "--date", day],
        env={
            **inherited,
            **asked,
            "EMIS_HOME": str(home),
            "EMIS_TEST_KILL_AT": str(kill_at),
            "EMIS_TEST_KILL_WHEN": when,
        },
        capture_output=True,
        text=True,
        timeout=LONGEST_S,
    )
    assert done.returncode in {0, -signal.SIGKILL}, done.stderr
    assert kill_at or done.returncode == 0, "nobody was to be killed"
    return done.returncode == -signal.SIGKILL


def change_count(home: Path, day: str, counted: Path) -> int:
    """Run the day to its end; how many changes it made."""
    run_day(home, day, changes=counted)
    return len(counted.read_text("utf-8").splitlines())


def tables_below(tree: Path) -> list[Path]:
    """The Parquet files of a tree at their stable paths, which lead through a link into the set of a day."""
    files = []
    for folder, folders, names in os.walk(tree, followlinks=True):
        folders[:] = [name for name in folders if name != ".sets"]
        files += [Path(folder) / name for name in names if name.endswith(".parquet")]
    return files


def checksums(home: Path, *trees: str) -> dict[str, str]:
    """Every Parquet file of current/ and published/, or of the trees named, by its path below the lake."""
    lake = home / "lake"
    files = sorted(p for tree in trees or ("current", "published") for p in tables_below(lake / tree))
    return {str(p.relative_to(lake)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def parts(home: Path) -> list[Path]:
    return [p for tree in ("current", "published") for p in (home / "lake" / tree).rglob("*.part")]


class Reader(threading.Thread):
    """Reads what lies at stable paths again and again, as a downstream model would; collects checksums and faults."""

    def __init__(self, lake: Path) -> None:
        super().__init__(daemon=True)
        self.lake, self.over = lake, threading.Event()
        self.checksums: dict[str, set[str]] = {}
        self.faults: list[str] = []
        self.manifests = 0

    def run(self) -> None:
        while not self.over.wait(0.05):
            for path in tables_below(self.lake / "published"):
                self.read(path)
            for manifest in list((self.lake / "published").glob("*/manifest/*.json")):
                self.follow(json.loads(manifest.read_text("utf-8")))

    def read(self, path: Path) -> None:
        try:
            content = path.read_bytes()
            pq.read_metadata(path)
        except Exception as problem:  # whatever it is, a reader has seen it
            self.faults.append(f"{path}: {problem}")
        else:
            name = str(path.relative_to(self.lake))
            self.checksums.setdefault(name, set()).add(hashlib.sha256(content).hexdigest())

    def follow(self, manifest: dict[str, Any]) -> None:
        """The versions that a manifest names are where it says, whole, whatever has been published since."""
        self.manifests += 1
        self.faults += [
            f"{file['version_path']} is not what the manifest names"
            for file in manifest["files"]
            if hashlib.sha256((self.lake / file["version_path"]).read_bytes()).hexdigest() != file["sha256"]
        ]

    def end(self) -> None:
        self.over.set()
        self.join()


@pytest.mark.slow
@pytest.mark.timeout(LONGEST_S * (2 * FIRST_DAYS + 1))
def test_first_day_killed_at_any_change_and_run_again_gives_the_same_bytes(tmp_path: Path) -> None:
    day = load_region("nys").options["demo_day"]
    calm = tmp_path / "calm"
    changes = change_count(calm, day, tmp_path / "changes")
    wanted = checksums(calm)
    moments = random.Random(20151219)
    for _ in range(FIRST_DAYS):
        rough = tmp_path / "rough"
        reader = Reader(rough / "lake")
        reader.start()
        moment, when = moments.randint(1, changes), moments.choice(["before", "after"])
        assert run_day(rough, day, kill_at=moment, when=when), f"change {moment} of {changes} was not reached"
        run_day(rough, day)
        reader.end()
        assert checksums(rough) == wanted, f"killed {when} change {moment}"
        assert reader.faults == []
        assert reader.checksums
        assert all(seen == {wanted[path]} for path, seen in reader.checksums.items())
        assert not parts(rough)
        shutil.rmtree(rough)


def copy_region(home: Path) -> None:
    """Copy the region into the home, so that its feeds can be changed."""
    shutil.copytree(load_region("nys").folder, home / "regions" / "nys")


def restate(home: Path, energy_kwh: str) -> None:
    """State the factor from load to energy anew: a hundredth more or less changes every reading of the day."""
    feeds = home / "regions" / "nys" / "feeds.toml"
    text = feeds.read_text("utf-8")
    assert "energy_kwh = 1000.0" in text or "energy_kwh = 1010.0" in text
    feeds.write_text(
        text.replace("= 1010.0", "= 1000.0").replace("energy_kwh = 1000.0", f"energy_kwh = {energy_kwh}"), "utf-8"
    )


def assert_one_set(home: Path, old: dict[str, str], new: dict[str, str]) -> None:
    """What lies at the stable paths is the set of one version, whole."""
    seen = checksums(home, "published")
    assert seen in (
        {path: value for path, value in old.items() if path.startswith("published")},
        {path: value for path, value in new.items() if path.startswith("published")},
    )


def changed_tables(old: dict[str, str], new: dict[str, str]) -> set[str]:
    changed = {path for path in old if path.startswith("published") and old[path] != new[path]}
    return {Path(path).parent.parent.name for path in changed}


def kill_restatements(home: Path, day: str, changes: int, by_factor: dict[str, dict[str, str]]) -> int:
    """State the day anew, so that there always is something to write, until KILLS runs have died; how often it took."""
    moments = random.Random(20151220)
    died = attempts = 0
    while died < KILLS:
        # What a killed run has done already leaves the next one fewer changes, so that some end before their moment.
        assert attempts < MOST_ATTEMPTS, f"only {died} of {attempts} runs were killed"
        attempts += 1
        factor = ("1000.0", "1010.0")[attempts % 2]
        restate(home, factor)
        died += run_day(home, day, kill_at=moments.randint(1, changes), when=moments.choice(["before", "after"]))
        assert_one_set(home, *by_factor.values())
        if attempts % ATTEMPTS_A_ROUND == 0 or died == KILLS:
            run_day(home, day)
            assert checksums(home) == by_factor[factor]
            assert not parts(home)
    return attempts


@pytest.mark.slow
@pytest.mark.timeout(LONGEST_S * (2 * MOST_ATTEMPTS + 3))
def test_day_killed_while_it_is_restated_shows_the_old_version_or_the_new_one(tmp_path: Path) -> None:
    day = load_region("nys").options["demo_day"]
    home = tmp_path / "home"
    home.mkdir()
    copy_region(home)
    run_day(home, day)
    old = checksums(home)
    restate(home, "1010.0")
    run_day(home, day)
    new = checksums(home)
    # What has been read in both ways once leaves the day fewer changes to make.
    restate(home, "1000.0")
    changes = change_count(home, day, tmp_path / "changes")
    assert checksums(home) == old
    tables = {"emission_hourly", "emission_gridded_hourly", "emission_total_hourly", "emission_total_daily"}
    assert changed_tables(old, new) == tables
    reader = Reader(home / "lake")
    reader.start()
    attempts = kill_restatements(home, day, changes, {"1000.0": old, "1010.0": new})
    reader.end()
    assert reader.faults == []
    assert reader.manifests
    assert all(seen <= {old[path], new[path]} for path, seen in reader.checksums.items())
    sys.stderr.write(f"{KILLS} of {attempts} runs killed, {reader.manifests} manifests followed\n")
