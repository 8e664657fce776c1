"""Time of an export: a published day of many points on a 200 × 160 Lambert grid to speciated I/O API.

Belongs here: inputs drawn from a seed, the measurement beside a plain script. Does not: any part of the export.

    python -m bench.exports --points 10000 --runs 3
"""

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from bench.rivals.export_pandas import export_plainly
from bigdata_emis import schema
from bigdata_emis.context import Context
from bigdata_emis.inventory.grid import grid
from bigdata_emis.publish.export.export_hours import hours_of_day
from bigdata_emis.publish.export.export_request import ExportRequest
from bigdata_emis.publish.export.formats.ioapi_gridded import write_ioapi_gridded
from bigdata_emis.publish.export.mass_closing import Closing
from bigdata_emis.publish.export.speciation import load_profiles
from bigdata_emis.publish.gate.mass_checks import PUBLISHED
from bigdata_emis.publish.manifest import publish_days
from bigdata_emis.region import Grid, Region
from bigdata_emis.schema.arrow import arrow_schema, conform
from bigdata_emis.storage import database
from bigdata_emis.storage.lake import open_lake
from bigdata_emis.window import Window, day_window

DAY = date(2015, 12, 20)
KNOWN_UTC = datetime(2015, 12, 22, tzinfo=UTC)
LAMBERT = "+proj=lcc +lat_1=25 +lat_2=40 +lat_0=34 +lon_0=110 +datum=WGS84 +units=m +no_defs"
COLUMNS, ROWS, CELL_M = 200, 160, 3000.0
POLLUTANTS = ("CO", "NH3", "NOx", "PM10", "PM2.5", "SO2", "VOCs")
KINDS = (
    ("industrial_process", "sinter"),
    ("industrial_process", "cement_clinker"),
    ("stationary_combustion", "coal_power"),
    ("mobile", "minor_road"),
)
LARGEST_DIFFERENCE = 1e-6


def main() -> None:
    """Publish the day, export it by both contenders, print one JSON document for each run."""
    arguments = argparse.ArgumentParser(description=__doc__)
    for name, default in (("points", 10_000), ("runs", 3), ("seed", 1)):
        arguments.add_argument(f"--{name}", type=int, default=default)
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        os.environ["EMIS_HOME"] = str(home)
        region = publish_points(home, options.points, seed=options.seed)
        for number in range(options.runs):
            print(json.dumps({"run": number + 1, "points": options.points, **compare(region, home)}))


def compare(region: Region, home: Path) -> dict[str, Any]:
    """Seconds of both contenders, load and export apart, in the same process and one after the other.

    Raises SystemExit when their moles of nitric oxide differ: the time of a wrong result means nothing.
    """
    request, load = _timed(lambda: _loaded(region))
    ours_folder = home / "ours"
    ours_folder.mkdir(exist_ok=True)
    closing, ours = _timed(lambda: write_ioapi_gridded(request, ours_folder))
    (path,) = ours_folder.glob("*.ncf")
    table = request.hours.rows("emission_gridded_hourly", ["cell_id", "sector_code", "pollutant_code", "emission_g"])
    amounts = {
        (pollutant, sector): {species.name: amount for species, amount in species_of_sector.items()}
        for (pollutant, sector), species_of_sector in request.mix.by_sector.items()
    }
    plain_path = home / "plain.nc"
    frame, plain_load = _timed(table.to_pandas)
    shape = (request.hours.count, request.grid.rows, request.grid.columns)
    plain_moles, plain = _timed(lambda: export_plainly(frame, amounts, request.start_utc, shape, plain_path))
    difference = abs(_moles_of(closing, "NO") / plain_moles["NO"] - 1)
    if difference > LARGEST_DIFFERENCE:
        raise SystemExit(f"the contenders differ by {difference:.1e} in moles of NO")
    return {
        "grid": f"{COLUMNS} x {ROWS}",
        "load": load,
        "export": ours,
        "file_mb": round(path.stat().st_size / 1e6, 1),
        "closes": closing.closes,
        "species": len(closing.species),
        "plain_load": plain_load,
        "plain_export": plain,
        "cpu_to_plain": round(ours["cpu_s"] / plain["cpu_s"], 2),
    }


def publish_points(home: Path, points: int, *, seed: int) -> Region:
    """Publish a day on which every point emits every pollutant in every hour, in one cell."""
    database.migrate()
    region_grid = Grid(LAMBERT, CELL_M, -COLUMNS * CELL_M / 2, -ROWS * CELL_M / 2, COLUMNS, ROWS)
    region = Region("bench", home, "Bench", "测速", "Asia/Shanghai", True, region_grid, {"alert": "2015"}, {}, {})
    window = day_window(DAY, region.time_zone)
    context = Context(region, window, KNOWN_UTC, "bench", open_lake(region))
    random = np.random.default_rng(seed)
    database.replace(_registry(context, points), region.region_id)
    for name, frame in _tables(window, points, random).items():
        context.store.write(name, conform(frame, schema.table(name)), [DAY], known_utc=KNOWN_UTC, run_id="bench")
    publish_days(PUBLISHED, context)
    return region


def _registry(context: Context, points: int) -> dict[str, pa.Table]:
    nothing = [arrow_schema(schema.table(name)).empty_table() for name in SOURCES]
    cells = conform(grid(*nothing, context=context)["grid"], schema.table("grid"))
    enterprise = {
        "enterprise_id": "E1",
        "industry_code": "integrated_steel",
        "longitude_deg": 110.0,
        "latitude_deg": 34.0,
    }
    lines = [
        {
            "production_line_id": f"L{number:06d}",
            "enterprise_id": "E1",
            "sector_code": KINDS[number % len(KINDS)][0],
            "industry_code": KINDS[number % len(KINDS)][1],
            "activity_unit_code": "t",
        }
        for number in range(points)
    ]
    return {
        "enterprise": _declared("enterprise", [enterprise]),
        "production_line": _declared("production_line", lines),
        "grid": cells,
    }


SOURCES = ("enterprise", "production_line", "road_link", "activity_area")


def _tables(window: Window, points: int, random: np.random.Generator) -> dict[str, pa.Table]:
    """Every table of the day; totals are of one row only, as an export does not read them."""
    hours = window.hours
    number = np.repeat(np.arange(points), len(POLLUTANTS) * hours)
    pollutant = np.tile(np.repeat(np.arange(len(POLLUTANTS)), hours), points)
    start = int(window.from_utc.timestamp()) * 1_000_000
    at = pa.array(
        np.tile(start + np.arange(hours) * 3_600_000_000, points * len(POLLUTANTS)), pa.timestamp("us", tz="UTC")
    )
    mass = np.exp(random.normal(8, 1, len(number)))
    cell = random.choice(COLUMNS * ROWS, size=points, replace=False)[number]
    sector = pa.array([kind[0] for kind in KINDS]).take(pa.array(number % len(KINDS)))
    columns = {
        "sector_code": sector,
        "pollutant_code": pa.array(POLLUTANTS).take(pa.array(pollutant)),
        "hour_utc": at,
        "emission_g": mass,
    }
    source = pa.array([f"L{n:06d}" for n in range(points)]).take(pa.array(number))
    names = pa.array([f"r{n // COLUMNS}c{n % COLUMNS}" for n in range(COLUMNS * ROWS)]).take(pa.array(cell))
    bounds = {"emission_g_p05": mass / 2, "emission_g_p95": mass * 2, "method_code": pa.repeat("modelled", len(number))}
    first = {
        "sector_code": "all",
        "pollutant_code": "CO",
        "emission_g": 1.0,
        "emission_g_p05": 1.0,
        "emission_g_p95": 1.0,
    }
    whole = {"from_utc": window.from_utc, "to_utc": window.from_utc + timedelta(days=1)}
    return {
        "emission_hourly": _filled("emission_hourly", {"source_id": source, **columns, **bounds}),
        "emission_gridded_hourly": _filled("emission_gridded_hourly", {"cell_id": names, **columns}),
        "emission_total_hourly": _declared("emission_total_hourly", [{**first, "hour_utc": window.from_utc}]),
        "emission_total_daily": _declared("emission_total_daily", [{**first, **whole}]),
        "activity_hourly": arrow_schema(schema.table("activity_hourly")).empty_table(),
    }


def _filled(name: str, columns: dict[str, Any]) -> pa.Table:
    """A table with its declared columns; those that are not given are null."""
    declared = arrow_schema(schema.table(name))
    count = len(next(iter(columns.values())))
    arrays = [pa.array(columns[f.name], f.type) if f.name in columns else pa.nulls(count, f.type) for f in declared]
    return pa.table(arrays, schema=declared)


def _declared(name: str, rows: list[dict[str, Any]]) -> pa.Table:
    return conform(pa.Table.from_pylist(rows, arrow_schema(schema.table(name))), schema.table(name))


def _loaded(region: Region) -> ExportRequest:
    """The request with everything that it reads from files."""
    request = ExportRequest(hours_of_day(region, open_lake(region), DAY, "local"), load_profiles("cb6"))
    _ = request.cells, request.kinds, request.grid
    return request


def _moles_of(closing: Closing, name: str) -> float:
    return next(row.in_file for row in closing.species if row.species == name)


def _timed(work: Callable[[], Any]) -> tuple[Any, dict[str, float]]:
    """The result of some work with its CPU seconds and wall seconds."""
    cpu, wall = time.process_time(), time.perf_counter()
    result = work()
    return result, {"cpu_s": round(time.process_time() - cpu, 3), "wall_s": round(time.perf_counter() - wall, 3)}


if __name__ == "__main__":
    main()
