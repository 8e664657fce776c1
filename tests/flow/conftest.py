"""A simulated region with its day, shared by the processes of a test run, and a town that is computed by hand."""

import csv
import fcntl
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

SEED = 20151219
SIZE = "tiny"
DAY = date(2015, 12, 20)
KNOWN_UTC = datetime(2015, 12, 21, 4, tzinfo=UTC)
TOKEN = "hush"
COMPLETE = "complete.txt"


@dataclass(frozen=True)
class Place:
    """Where the simulated world lies, and how to work in a home of its own."""

    world: Path
    shared: Path
    day: date = DAY
    known_utc: datetime = KNOWN_UTC

    @contextmanager
    def working_in(self, home: Path, engine: str = "sail") -> Iterator[Any]:
        """The region jjj with its lake and database below `home`, its feeds served over HTTP."""
        from bigdata_emis.demo.generate import ARCHIVE
        from bigdata_emis.demo.providers.replay import serve
        from bigdata_emis.region import load_region

        address, stop = serve(self.world / ARCHIVE, token=TOKEN)
        with pytest.MonkeyPatch.context() as patch:
            for name in ("EMIS_LAKE", "EMIS_DATABASE"):
                patch.delenv(name, raising=False)
            for name, value in {
                "EMIS_HOME": str(home),
                "EMIS_ENGINE": engine,
                "EMIS_REGIONS": str(self.world / "regions"),
                "EMIS_FEEDS_ADDRESS": address,
                "EMIS_FEED_TOKEN": TOKEN,
            }.items():
                patch.setenv(name, value)
            try:
                yield load_region("jjj")
            finally:
                stop()

    def compute_day(self, home: Path, engine: str) -> None:
        """Collect and clean the day, learn models and factors from it, then run what follows, as the demonstration."""
        from bigdata_emis import flow
        from bigdata_emis.window import day_window
        from bigdata_emis.workflow.day import run_flow

        by_day = [stage.name for stage in flow.STAGES if stage.schedule == "day"]
        readings = [name for name in by_day if name.startswith(("collect_", "clean_", "reconcile_"))]
        rest = [name for name in by_day if name not in readings]
        with self.working_in(home, engine) as region:
            window = day_window(self.day, region.time_zone)
            for stages in (readings, ["train_activity"], ["estimate_activity", "derive_factors"], rest):
                result = run_flow(region, window, known_utc=self.known_utc, only=stages)
                assert result.failures == []

    def home_of(self, engine: str) -> Path:
        """The home with the day as an engine computed it, once in a test run."""
        home = self.shared / engine
        create_once(home, lambda: self.compute_day(home, engine))
        return home


def create_once(folder: Path, create: Callable[[], Any]) -> None:
    """Let the first process create the content of the folder while the others wait."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / COMPLETE).exists():
            create()
            (folder / COMPLETE).touch()


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """The simulated region, generated once in a test run, whatever the number of processes."""
    from bigdata_emis.demo.generate import generate

    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "flow"
    world = shared / "world"
    create_once(world, lambda: generate(seed=SEED, size=SIZE, home=world))
    return Place(world, shared)


@dataclass(frozen=True)
class CommandResult:
    """Exit status, output and error line of a command."""

    status: int
    out: str
    line: str


@dataclass
class Town:
    """A region with one line and one meter: 24 hours of 100 kWh, so 24 t of product with 2 kg of SO2 each."""

    folder: Path
    home: Path
    call: Callable[..., CommandResult]

    def registry(self, **tables: list[dict[str, object]]) -> None:
        """Write registry files."""
        (self.folder / "registry").mkdir(parents=True, exist_ok=True)
        for name, rows in tables.items():
            with (self.folder / "registry" / f"{name}.csv").open("w", encoding="utf-8", newline="") as out:
                writer = csv.DictWriter(out, list(rows[0]))
                writer.writeheader()
                writer.writerows(rows)

    def power(self, energies: list[object], day: str = "2015-12-20") -> None:
        """Write the file with the hourly readings of the meter on a day."""
        lines = [f"m1,{day}T{hour:02d}:00,{energy}" for hour, energy in enumerate(energies)]
        drop = self.folder / "drop"
        drop.mkdir(exist_ok=True)
        (drop / f"{day}.csv").write_text("\n".join(["meter_id,interval_start_utc,energy_kwh", *lines]) + "\n", "utf-8")

    def day(self, *more: str) -> CommandResult:
        """`emis day` of the town."""
        return self.call("day", "--region", "town", "--date", "2015-12-20", *more)

    @property
    def published(self) -> dict[str, bytes]:
        """Every published file by its path."""
        root = self.home / "lake" / "published"
        return {str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


REGION = """
name_en = "Town"
name_zh = "镇"
time_zone = "UTC"
is_simulated = true
[grid]
projection = "EPSG:32650"
cell_m = 3000
x_origin_m = 440000
y_origin_m = 4400000
columns = 30
rows = 30
"""
FEEDS = """
[power]
format = "csv"
drop = "drop/{day}.csv"
[power.constants]
interval_min = 60
"""
LINE = {
    "production_line_id": "l1",
    "enterprise_id": "e1",
    "sector_code": "industrial_process",
    "industry_code": "sinter",
    "activity_unit_code": "t",
    "capacity_per_h": 2.0,
    "base_load_share": 0.0,
    "power_elasticity": 1.0,
    "reference_energy_kwh": 200.0,
}
FACTOR = {
    "production_line_id": "l1",
    "pollutant_code": "SO2",
    "emission_factor_g_per_unit": 4000.0,
    "removal_share": 0.5,
    "relative_sd_share": 0.2,
    "source": "chosen for this test",
    "confidence": 1.0,
}


@pytest.fixture
def town(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Town:
    """The town with its files; commands are called in this process."""

    def call(*words: str) -> CommandResult:
        from bigdata_emis.cli.app import main

        capsys.readouterr()
        monkeypatch.setattr(sys, "argv", ["emis", *words])
        try:
            main()
            status = 0
        except SystemExit as end:
            status = int(end.code or 0)
        printed = capsys.readouterr()
        return CommandResult(status, printed.out, printed.err)

    town = Town(home / "regions" / "town", home, call)
    town.registry(
        enterprise=[{"enterprise_id": "e1", "industry_code": "sinter", "longitude_deg": 116.5, "latitude_deg": 39.9}],
        production_line=[LINE],
        meter=[{"meter_id": "m1", "production_line_id": "l1", "meter_role_code": "production", "interval_min": 60}],
        emission_factor=[FACTOR],
    )
    (town.folder / "region.toml").write_text(REGION, "utf-8")
    (town.folder / "feeds.toml").write_text(FEEDS, "utf-8")
    town.power([100.0] * 24)
    return town
