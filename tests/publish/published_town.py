"""A town with one production line whose two local days are published, for tests of what readers find.

The line emits in each hour 1000 g of NOx, 500 g of PM2.5 and 100 g of PM_condensable on the first day and twice as much
on the second; three quarters in cell r1c2, the rest beyond the grid. Local midnight is 16:00 UTC.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from bigdata_emis import schema
from bigdata_emis.context import Context
from bigdata_emis.publish.gate.mass_checks import PUBLISHED
from bigdata_emis.publish.manifest import publish_days
from bigdata_emis.region import Grid, Region
from bigdata_emis.schema.arrow import arrow_schema, conform
from bigdata_emis.storage import database
from bigdata_emis.storage.lake import open_lake
from bigdata_emis.window import day_window
from tests.publish.registered_grid import cells_of

FIRST, SECOND = date(2015, 12, 19), date(2015, 12, 20)
LAMBERT = "+proj=lcc +lat_1=36 +lat_2=42 +lat_0=39.3 +lon_0=116.8 +datum=WGS84 +units=m +no_defs"
HOURLY_G = {"NOx": 1000.0, "PM2.5": 500.0, "PM_condensable": 100.0}
IN_CELL = {"r1c2": 0.75, "outside": 0.25}
Rows = list[dict[str, Any]]
Registry = dict[str, Rows]
RowsOfDay = Callable[[datetime, float], dict[str, Rows]]
REGISTRY: Registry = {
    "enterprise": [
        {"enterprise_id": "E1", "name_en": "Steel", "name_zh": "钢", "industry_code": "integrated_steel",
         "longitude_deg": 116.83, "latitude_deg": 39.31},
    ],
    "production_line": [
        {"production_line_id": "L1", "enterprise_id": "E1", "sector_code": "industrial_process",
         "industry_code": "sinter", "activity_unit_code": "t"},
    ],
    "stack": [{"stack_id": "S1", "production_line_id": "L1", "stack_height_m": 120.0}],
}  # fmt: skip


def town(home: Path) -> Region:
    """The region; its grid has three columns and two rows."""
    grid = Grid(LAMBERT, 3000.0, -3000.0, -3000.0, 3, 2)
    return Region("town", home, "Town", "城", "Asia/Shanghai", True, grid, {"alert": "2017"}, {}, {})


def publish_town(home: Path, *, registry: Registry = REGISTRY, rows: RowsOfDay | None = None) -> Path:
    """Publish both days; returns the published folder of the town."""
    database.migrate()
    region = town(home)
    frames = {name: declared(name, content) for name, content in registry.items()}
    database.replace({**frames, "grid": cells_of(region)}, region.region_id)
    for number, day in enumerate((FIRST, SECOND)):
        publish_day(region, day, factor=number + 1.0, rows=rows)
    return home / "lake" / "published" / "town"


def publish_day(
    region: Region, day: date, *, factor: float, known_h: float = 1.0, rows: RowsOfDay | None = None
) -> None:
    """Write the tables of a day and publish them."""
    window = day_window(day, region.time_zone)
    known_utc = window.to_utc + timedelta(hours=known_h)
    context = Context(region, window, known_utc, f"run-{day}", open_lake(region))
    for name, content in (rows or rows_of_day)(window.from_utc, factor).items():
        context.store.write(name, declared(name, content), [day], known_utc=known_utc, run_id=context.run_id)
    listed = publish_days(PUBLISHED, context)
    database.upsert("published_version", region.region_id, listed)


def rows_of_day(start: datetime, factor: float) -> dict[str, list[dict[str, Any]]]:
    """The rows of every table of a day of 24 hours."""
    hours = [start + timedelta(hours=number) for number in range(24)]
    mass = {code: grams * factor for code, grams in HOURLY_G.items()}
    sources = [row(code, grams, hour_utc=at, source_id="L1") for at in hours for code, grams in mass.items()]
    cells = [
        {**bare(code, grams * share), "hour_utc": at, "cell_id": cell}
        for at in hours
        for code, grams in mass.items()
        for cell, share in IN_CELL.items()
    ]
    sectors = ("industrial_process", "all")
    totals = [row(c, g, hour_utc=at, sector_code=s) for at in hours for c, g in mass.items() for s in sectors]
    whole_day = {"from_utc": start, "to_utc": start + timedelta(days=1)}
    daily = [row(c, 24 * g, sector_code=s, **whole_day) for c, g in mass.items() for s in sectors]
    activity = {"activity": 1.0, "activity_p05": 1.0, "activity_p95": 1.0, "activity_unit_code": "t"}
    by_line = {"source_id": "L1", "method_code": "modelled", "model_version_id": "prior"}
    return {
        "activity_hourly": [{**activity, **by_line, "hour_utc": at} for at in hours],
        "emission_hourly": [{**source, "method_code": "modelled"} for source in sources],
        "emission_gridded_hourly": cells,
        "emission_total_hourly": totals,
        "emission_total_daily": daily,
    }


def bare(pollutant: str, grams: float) -> dict[str, Any]:
    """Sector, pollutant and mass."""
    return {"sector_code": "industrial_process", "pollutant_code": pollutant, "emission_g": grams}


def row(pollutant: str, grams: float, **more: Any) -> dict[str, Any]:
    """Sector, pollutant, mass and interval."""
    return {**bare(pollutant, grams), "emission_g_p05": grams / 2, "emission_g_p95": grams * 2, **more}


def declared(name: str, rows: list[dict[str, Any]]) -> pa.Table:
    """Rows as the declared table."""
    return conform(pa.Table.from_pylist(rows, arrow_schema(schema.table(name))), schema.table(name))


def with_wider_grid(region: Region) -> Region:
    """The town with a fourth column, registered."""
    wider = replace(region, grid=replace(region.grid, columns=4))
    database.replace({"grid": cells_of(wider)}, region.region_id)
    return wider


START = datetime(2015, 12, 18, 16, tzinfo=UTC)
