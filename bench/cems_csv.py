"""Stack readings from dropped CSV files to clean hours: our commands beside a plain Polars script of the same rules.

Belongs here: the files, both runs, and the comparison of their results. Does not: the script (rivals/cems_polars).
"""

import argparse
import json
import os
import sys
import tempfile
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from bench.measure import Usage, measure_command

REGION = "stacks"
FIRST = date(2024, 11, 1)
POLLUTANTS = {"21026": "SO2", "21002": "NOx", "34013": "PM"}
MISSING, REPEATED, NEGATIVE, UNKNOWN, INVALID = 0.01, 0.005, 0.002, 0.001, 0.005
REGION_TOML = """
name_en = "Stacks"
name_zh = "烟囱"
time_zone = "Asia/Shanghai"
is_simulated = true
[grid]
projection = "EPSG:32650"
cell_m = 3000
x_origin_m = 420000
y_origin_m = 4380000
columns = 20
rows = 20
"""
FEEDS_TOML = """
[cems]
format = "csv"
drop = "drop/{day}.csv"
absent_fields = ["emission_g"]
valid_statuses = ["N"]
[cems.columns]
stack = "stack_id"
pollutant = "pollutant_code"
time = "hour_utc"
mg_m3 = "concentration_mg_per_m3"
m3_h = "flow_m3_per_h"
status = "flag_codes"
[cems.codes.pollutant_code]
21026 = "SO2"
21002 = "NOx"
34013 = "PM"
"""
TOLERANCE = 1e-9


def write_region(folder: Path, *, stacks: int, days: int, seed: int = 1) -> int:
    """A region with its registry and a file for each day; returns the number of readings."""
    for name in ("registry", "drop"):
        (folder / name).mkdir(parents=True)
    (folder / "region.toml").write_text(REGION_TOML, "utf-8")
    (folder / "feeds.toml").write_text(FEEDS_TOML, "utf-8")
    ids = [f"S{number:05d}" for number in range(stacks)]
    registry = {
        "enterprise": "enterprise_id,name_zh,industry_code,longitude_deg,latitude_deg\nE1,甲,sinter,116.3,39.8\n",
        "production_line": "production_line_id,enterprise_id,sector_code,industry_code,activity_unit_code\n"
        "L1,E1,industrial_process,sinter,t\n",
        "stack": "stack_id,production_line_id\n" + "".join(f"{name},L1\n" for name in ids),
    }
    for name, text in registry.items():
        (folder / "registry" / f"{name}.csv").write_text(text, "utf-8")
    draw, count = np.random.default_rng(seed), 0
    for number in range(days):
        rows = _day_of_readings(ids, FIRST + timedelta(days=number), draw)
        rows.write_csv(folder / "drop" / f"{FIRST + timedelta(days=number)}.csv")
        count += rows.height
    return count


def _day_of_readings(ids: list[str], day: date, draw: np.random.Generator) -> pl.DataFrame:
    hours = [f"{day} {hour:02d}:00:00" for hour in range(24)]
    rows = pl.DataFrame({"stack": ids}).join(pl.DataFrame({"pollutant": list(POLLUTANTS)}), how="cross")
    rows = rows.join(pl.DataFrame({"time": hours}), how="cross")
    size = rows.height
    rows = rows.with_columns(
        mg_m3=pl.Series(30 + 3 * draw.random(size)).round(6),
        m3_h=pl.Series(200_000 + 20_000 * draw.random(size)).round(1),
        status=pl.Series(np.where(draw.random(size) < INVALID, "M", "N")),
    )
    rows = pl.concat([rows.filter(draw.random(size) >= MISSING), rows.filter(draw.random(size) < REPEATED)])
    size = rows.height
    return rows.with_columns(
        mg_m3=pl.when(pl.Series(draw.random(size) < NEGATIVE)).then(-1.0).otherwise(pl.col("mg_m3")),
        stack=pl.when(pl.Series(draw.random(size) < UNKNOWN)).then(pl.lit("S?")).otherwise(pl.col("stack")),
    )


def run_ours(home: Path, days: int) -> dict[str, Usage]:
    """Collect and clean with our commands; the use of resources of each."""
    environment = os.environ | {"EMIS_HOME": str(home / "var"), "EMIS_REGIONS": str(home / "regions")}
    to = FIRST + timedelta(days=days)
    used = {}
    for stage in ("register", "collect_cems", "clean_cems"):
        command = ["-m", "bigdata_emis", "run", stage, "--region", REGION, "--from", str(FIRST), "--to", str(to)]
        used[stage] = measure_command([sys.executable, *command], cwd=Path.cwd(), environment=environment)
    return used


def run_polars(home: Path, days: int) -> Usage:
    """The plain script."""
    first_utc = datetime(FIRST.year, FIRST.month, FIRST.day) - timedelta(hours=8)  # noqa: DTZ001
    words = [str(home / "regions" / REGION), str(home / "polars"), first_utc.isoformat(), str(24 * days)]
    command = [sys.executable, "-m", "bench.rivals.cems_polars", *words]
    return measure_command(command, cwd=Path.cwd(), environment=dict(os.environ))


def compare(home: Path) -> dict[str, Any]:
    """Rows and sums of both results. Raises SystemExit where they differ: the time of a wrong result means nothing."""
    lake = home / "var" / "lake" / "current" / REGION
    ours = pl.scan_parquet(lake / "cems_hourly" / "*" / "*.parquet", hive_partitioning=False)
    quarantine = pl.scan_parquet(lake / "cems_quarantine" / "*" / "*.parquet", hive_partitioning=False)
    sums = [
        pl.len().alias("hours"),
        pl.col("is_valid").sum().alias("valid_hours"),
        (pl.col("imputation_code") == "interpolated").sum().alias("interpolated_hours"),
        pl.col("best_emission_g").sum().alias("best_emission_g"),
    ]
    found = {
        "ours": ours.select(sums).collect().row(0, named=True)
        | {"quarantined": quarantine.select(pl.len()).collect().item()},
        "polars": pl.scan_parquet(home / "polars" / "hourly.parquet").select(sums).collect().row(0, named=True)
        | {"quarantined": pl.scan_parquet(home / "polars" / "quarantine.parquet").select(pl.len()).collect().item()},
    }
    for name, value in found["ours"].items():
        if abs(value - found["polars"][name]) > TOLERANCE * abs(value):
            raise SystemExit(f"{name} differs: {found}")
    return found["ours"]


def measure(home: Path, *, stacks: int, days: int) -> dict[str, Any]:
    """Write the files, run both, compare their results and their CPU seconds."""
    readings = write_region(home / "regions" / REGION, stacks=stacks, days=days)
    ours, polars = run_ours(home, days), run_polars(home, days)
    stages = {stage: usage for stage, usage in ours.items() if stage != "register"}
    cpu_s = sum(usage.cpu_s for usage in stages.values())
    return {
        "readings": readings,
        "ours_cpu_s": {stage: round(usage.cpu_s, 1) for stage, usage in stages.items()},
        "ours_wall_s": {stage: round(usage.wall_s, 1) for stage, usage in stages.items()},
        "ours_peak_mb": round(max(usage.peak_mb for usage in stages.values())),
        "polars_cpu_s": round(polars.cpu_s, 1),
        "polars_wall_s": round(polars.wall_s, 1),
        "polars_peak_mb": round(polars.peak_mb),
        "cpu_ratio": round(cpu_s / polars.cpu_s, 2),
        "load": os.getloadavg()[0],
        **compare(home),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.cems_csv", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--stacks", type=int, default=300)
    parser.add_argument("--days", type=int, default=30)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        print(json.dumps(measure(Path(name), stacks=options.stacks, days=options.days), indent=1))


if __name__ == "__main__":
    main()
