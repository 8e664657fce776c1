"""Registry files of a small region, for the tests of registering."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

from bigdata_emis.context import Context
from bigdata_emis.region import Grid
from bigdata_emis.storage.lake import Store
from bigdata_emis.window import day_window
from tests.collect.feed_builders import region

GRID = Grid("EPSG:32650", 3000, 400_000, 4_370_000, 40, 40)
"""120 km around Beijing: 115.8 to 117.2 degrees east, 39.5 to 40.5 degrees north."""
STATIONS = "station_id,name_zh,longitude_deg,latitude_deg\n"
LINES = "production_line_id,enterprise_id,sector_code,industry_code,activity_unit_code\n"
ENTERPRISES = "enterprise_id,name_zh,industry_code,longitude_deg,latitude_deg\n"
METERS = "meter_id,production_line_id,meter_role_code,interval_min\n"
WORKS = {
    "enterprise": ENTERPRISES + "e,x,sinter,116.4,39.9\nf,y,sinter,116.5,39.9\n",
    "production_line": LINES
    + "".join(f"{line},{owner},industrial_process,sinter,t\n" for line, owner in ("ae", "be", "cf")),
    "meter": METERS + "m,a,production,60\n",
}
"""Lines a and b of enterprise e, line c of enterprise f; one meter."""


def write(folder: Path, **files: str) -> Context:
    registry = folder / "registry"
    registry.mkdir(exist_ok=True)
    for name, text in files.items():
        (registry / f"{name}.csv").write_bytes(text.encode())
    window = day_window(dt.date(2015, 12, 20), "UTC")
    return Context(
        replace(region(folder), grid=GRID), window, window.to_utc, "run", Store(str(folder / "lake"), "r", "UTC")
    )
