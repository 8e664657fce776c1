"""The region folder of the demonstration: region.toml, feeds.toml, the registry and a README that says what is simulated.

Belongs here: how these files are written. Does not: what is in the registry, or the feeds' own files.
"""

import json
from pathlib import Path

import pandas as pd
import shapely

from bigdata_emis import schema
from bigdata_emis.demo.plan import HTTP_FROM, LAST_DAY, TIME_ZONE, Size
from bigdata_emis.demo.world.places import counties, grid

PAGE_SIZE = 20_000
LATE_H = 6
TOKEN_NAME = "EMIS_FEED_TOKEN"  # noqa: S105
LARGEST_CSV_ROWS = 50_000
POWER_COLUMNS = """[power.columns]
meterNo = "meter_id"
startTime = "interval_start_utc"
kWh = "energy_kwh"
"""
POWER_CONSTANTS = """[power.constants]
interval_min = 15
"""
FEEDS = (
    "power",
    "district_energy",
    "measured_activity",
    "cems",
    "signalling",
    "traffic",
    "area_activity",
    "air_quality",
    "weather",
    "forecast",
)
README = """# Beijing-Tianjin-Hebei, December 2015: a simulated region 京津冀（模拟）

Made by the generator of the demonstration from seed {seed}, size {size}, generator version {version}. Nothing here is an observation
of an enterprise, a road or a phone. 本文件夹中的企业、道路、手机数据均为模拟数据。

Real: county outlines, places and capacities of steel works and coal power plants, air quality and weather at twelve Beijing stations.
Real works keep their names with "(operation simulated)": their output, power, emission and grade are drawn, and they always comply.
Simulated: all other enterprises, all meters, the power bureau's totals, stacks, roads, fleet, signalling, area totals and the built-up
squares on which they lie, activity indices, and the forecasts (what was measured later, with a drawn error that grows with the hours ahead).
"""


def write_region_files(folder: Path, *, seed: int, size: Size, version: str) -> None:
    """region.toml, feeds.toml and README.md."""
    folder.mkdir(parents=True, exist_ok=True)
    region_grid = grid(size.cell_m)
    lines = [
        'name_en = "Beijing-Tianjin-Hebei, December 2015 (simulated)"',
        'name_zh = "京津冀2015年12月（模拟）"',
        f'time_zone = "{TIME_ZONE}"',
        "is_simulated = true",
        "",
        "[grid]",
        f'projection = "{region_grid.projection}"',
        f"cell_m = {region_grid.cell_m}",
        f"x_origin_m = {region_grid.x_origin_m}",
        f"y_origin_m = {region_grid.y_origin_m}",
        f"columns = {region_grid.columns}",
        f"rows = {region_grid.rows}",
        "",
        "[rules]",
        'alert = "2017"',
        "",
        "[options]",
        f'last_day = "{LAST_DAY}"',
        "anonymity_count = 10",
        f"seed = {seed}",
        f'size = "{size.name}"',
        f'link_detail = "{size.link_detail}"',
    ]
    (folder / "region.toml").write_text("\n".join(lines) + "\n", "utf-8")
    (folder / "feeds.toml").write_text("\n".join(_feed(name, size) for name in FEEDS), "utf-8")
    (folder / "boundaries.geojson").write_text(_boundaries(), "utf-8")
    (folder / "README.md").write_text(README.format(seed=seed, size=size.name, version=version), "utf-8")


def _boundaries() -> str:
    """County outlines for maps, as GeoJSON."""
    features = [
        {
            "type": "Feature",
            "properties": {"name": row.county_name},
            "geometry": json.loads(shapely.to_geojson(row.geometry)),
        }
        for row in counties().itertuples()
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False, separators=(",", ":"))


def write_registry(folder: Path, frames: dict[str, pd.DataFrame]) -> None:
    """The registry files with exactly the declared columns; large ones as Parquet."""
    registry = folder / "registry"
    registry.mkdir(parents=True, exist_ok=True)
    for name, frame in frames.items():
        columns = [column for column in schema.table(name).names if column in frame.columns]
        if len(frame) > LARGEST_CSV_ROWS:
            frame[columns].to_parquet(registry / f"{name}.parquet", index=False, compression="zstd")
        else:
            frame[columns].to_csv(registry / f"{name}.csv", index=False, lineterminator="\n")


def _feed(name: str, size: Size) -> str:
    text = f"""[{name}]
format = "json"
drop = "drop/{name}/{{day}}.{size.drop_suffix}"
address = "{{EMIS_FEEDS_ADDRESS}}/{name}"
http_from = "{HTTP_FROM}"
page_size = {PAGE_SIZE}
auth_secret = "{TOKEN_NAME}"
late_h = {LATE_H}
"""
    return text + (POWER_COLUMNS + POWER_CONSTANTS if name == "power" else "")
