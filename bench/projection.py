"""Time of projected days: ours beside a plain Polars script on the same recent days, and `emis recalc` on top of it.

Belongs here: the inputs, the comparison of totals, the measurement. Does not: any part of the projection.

    python -m bench.projection --plants 10000 --links 0 --recent-days 7 --hours 72 --runs 2
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from datetime import date, timedelta
from multiprocessing import get_context
from pathlib import Path

from bench.measure import Usage, measure_command
from bench.recalculation import FIRST_DAY, REGION, RecalculationSize, run_command, write_region
from bench.rivals.projection_polars import project_plainly
from bigdata_emis.control.inventory_versions import INVENTORY
from bigdata_emis.control.projection.projected_lake import ProjectedLake
from bigdata_emis.control.projection.recent_versions import published_or_projected_versions
from bigdata_emis.region import load_region
from bigdata_emis.storage.lake import open_lake
from bigdata_emis.window import day_window

ROOT = Path(__file__).parents[1]
RELATIVE_TOLERANCE = 1e-9
OURS, RIVAL = "emis", "polars"


def main() -> None:
    """Write the inputs, run both in turns, print one JSON document for each run."""
    options = parse_options()
    if options.work:
        print(json.dumps(time_work(CONTENDERS[options.work], options.recent_days, options.hours)))
        return
    with tempfile.TemporaryDirectory() as folder:
        home = options.scratch or Path(folder)
        if not (home / "regions" / REGION).is_dir():
            size = RecalculationSize(options.plants, options.links, options.areas, options.recent_days)
            with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as executor:
                executor.submit(write_region, home, size, seed=1).result()
        for number in range(options.runs):
            print(json.dumps({"run": number + 1, **compare(home, options.recent_days, options.hours)}))


def parse_options() -> argparse.Namespace:
    arguments = argparse.ArgumentParser(description=__doc__)
    defaults = (("plants", 10_000), ("links", 0), ("areas", 500), ("hours", 72), ("recent-days", 7), ("runs", 2))
    for name, default in defaults:
        arguments.add_argument(f"--{name}", type=int, default=default)
    arguments.add_argument("--scratch", type=Path, help="store the inputs here and reuse them")
    arguments.add_argument("--work", choices=sorted(CONTENDERS), help=argparse.SUPPRESS)
    return arguments.parse_args()


def compare(home: Path, recent_days: int, hours: int) -> dict[str, object]:
    """Both contenders in processes of their own, once their totals are known to be equal, and the whole command."""
    used: dict[str, Usage] = {}
    facts: dict[str, dict[str, object]] = {}
    for name in CONTENDERS:
        command = [sys.executable, "-m", "bench.projection", "--work", name]
        command += ["--recent-days", str(recent_days), "--hours", str(hours)]
        used[name] = measure_command(command, cwd=ROOT, environment={**os.environ, "EMIS_HOME": str(home)})
        facts[name] = json.loads(used[name].output)
    check_totals(*(facts[name]["grams"] for name in CONTENDERS))  # type: ignore[arg-type]
    first = FIRST_DAY + timedelta(days=recent_days)
    start = day_window(first, load_zone(home)).from_utc
    window = ["--from", start.isoformat(), "--to", (start + timedelta(hours=hours)).isoformat()]
    name = f"projected-{time.time_ns()}"
    asked = ["recalc", "--region", REGION, "--level", "orange", "--json", "--name", name]
    _, command_used = run_command(home, *asked, *window)
    return {
        "recent_days": recent_days,
        "hours": hours,
        **{f"{name}_work_s": facts[name]["work_s"] for name in CONTENDERS},
        **{f"{name}_cpu_s": round(one.cpu_s, 2) for name, one in used.items()},
        **{f"{name}_peak_mb": round(one.peak_mb) for name, one in used.items()},
        "cpu_to_polars": round(used[OURS].cpu_s / used[RIVAL].cpu_s, 2),
        "recalc_wall_s": command_used["wall_s"],
        "recalc_cpu_s": command_used["cpu_s"],
        "load_1min": command_used["load_1min"],
    }


def load_zone(home: Path) -> str:
    """The time zone of the region of the benchmark."""
    os.environ["EMIS_HOME"] = str(home)
    return load_region(REGION).time_zone


def check_totals(ours: Mapping[str, float], theirs: Mapping[str, float]) -> None:
    """Raise SystemExit when the totals of a pollutant differ: then the time of one of them means nothing."""
    for code in sorted({*ours, *theirs}):
        own, other = ours.get(code, 0.0), theirs.get(code, 0.0)
        if abs(own - other) > RELATIVE_TOLERANCE * max(abs(own), abs(other)):
            raise SystemExit(f"{code}: {own} g here, {other} g in the plain script")


def time_work(project: Callable[[list[date]], dict[str, float]], recent_days: int, hours: int) -> dict[str, object]:
    """Seconds of the work and gram of each pollutant over the projected days."""
    began = time.perf_counter()
    first = FIRST_DAY + timedelta(days=recent_days)
    grams = project([first + timedelta(days=count) for count in range(-(-hours // 24))])
    return {"work_s": round(time.perf_counter() - began, 2), "grams": grams}


def project_ours(wanted: list[date]) -> dict[str, float]:
    """The projected days as a recalculation reads them."""
    region = load_region(REGION)
    store = open_lake(region)
    inventory = published_or_projected_versions(store, wanted)
    if inventory.projection is None:
        raise SystemExit("no day is projected")
    lake = ProjectedLake(store, "bench", inventory, inventory.projection)
    grams: dict[str, float] = {}
    for day in wanted:
        for piece in lake.pieces(INVENTORY, day, []):
            sums = piece.group_by("pollutant_code").aggregate([("emission_g", "sum")])
            for code, mass in zip(sums["pollutant_code"].to_pylist(), sums["emission_g_sum"].to_pylist(), strict=True):
                grams[code] = grams.get(code, 0.0) + mass
    return grams


def project_theirs(wanted: list[date]) -> dict[str, float]:
    """The same by the plain script, on the stable files of the inventory."""
    region = load_region(REGION)
    folder = Path(open_lake(region).layout.table_folder(INVENTORY))
    return project_plainly(sorted(folder.rglob(f"{INVENTORY}.parquet")), wanted, region.time_zone)


CONTENDERS = {OURS: project_ours, RIVAL: project_theirs}


if __name__ == "__main__":
    main()
