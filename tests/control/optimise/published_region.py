"""A published day of a small region: two plants, a power plant, a site, one road link with trucks and cars."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from bigdata_emis import schema
from bigdata_emis.control.inventory_versions import published_versions
from bigdata_emis.control.optimise.inventory_probe import InventoryProbe
from bigdata_emis.region import Grid, Region
from bigdata_emis.schema.arrow import TYPES, conform
from bigdata_emis.storage.lake import Store
from bigdata_emis.window import Window, day_window
from tests.control.published_days import publish_days

ZONE = "Asia/Shanghai"
DAY = date(2015, 12, 20)
WINDOW = day_window(DAY, ZONE)
KNOWN = datetime(2015, 12, 22, tzinfo=UTC)
KG = 1000.0
HEADER = "measure_id,alert_level_code,sector_code,industry_code,grade_code,vehicle_class_code,stage_threshold_code"
LISTED = f"""{HEADER},affected_share,cut_share
foundry,orange,,foundry,,,,1,0.4
power,yellow,,coal_power,,,,1,0
site,orange,dust,construction_site,,,,0.5,0.5
truck,orange,mobile,,,HeavyT,,1,0.5
truck-old,orange,mobile,,,HeavyT,III,1,1
car,orange,mobile,,,LPV_mini_small,,1,0.5
car,red,mobile,,,LPV_mini_small,,1,1
"""
SOURCES: tuple[dict[str, Any], ...] = (
    {"source_id": "foundry-1", "sector_code": "industrial_process", "industry_code": "foundry", "grade_code": "C"},
    {"source_id": "link-1", "sector_code": "mobile", "road_class_code": "primary"},
    {"source_id": "mill-1", "sector_code": "industrial_process", "industry_code": "cement_grinding", "grade_code": "B"},
    {"source_id": "power-1", "sector_code": "stationary_combustion", "industry_code": "coal_power", "grade_code": "D"},
    {"source_id": "site-1", "sector_code": "dust", "industry_code": "construction_site"},
)
EMISSION_KG_PER_H = {
    ("foundry-1", "NOx"): 10.0,
    ("foundry-1", "PM10"): 2.0,
    ("mill-1", "PM10"): 4.0,
    ("power-1", "NOx"): 50.0,
    ("site-1", "PM10"): 8.0,
    ("link-1", "NOx"): 20.0,
}
FLEET = (("HeavyT", "III", 2.0), ("HeavyT", "V", 1.0), ("LPV_mini_small", "IV", 1.0))


def region_of(folder: Path) -> Region:
    return Region("test", folder, "Test", "测试", ZONE, True, Grid("EPSG:32650", 3000.0, 0.0, 0.0, 1, 1), {}, {}, {})


def frame(name: str, rows: list[dict[str, Any]]) -> pa.Table:
    declared = schema.table(name)
    return conform(
        pa.table({f.name: pa.array([r.get(f.name) for r in rows], TYPES[f.kind]) for f in declared.fields}), declared
    )


def write_day(folder: Path) -> Store:
    """The day, published, and the list of the region in listed.csv."""
    store = Store(str(folder / "lake"), "test", ZONE)
    for name, rows in tables().items():
        store.write(name, frame(name, rows), [DAY], known_utc=KNOWN, run_id="test")
    publish_days(store, [DAY])
    (folder / "listed.csv").write_text(LISTED, "utf-8")
    return store


SOURCES_OF_FACTORS = tuple(
    f"{name}_source_code" for name in ("weather", "sulphur", "deterioration", "load", "altitude")
)


def tables() -> dict[str, list[dict[str, Any]]]:
    hours = list(WINDOW.hour_starts_utc())
    factors = [
        {
            "road_class_code": "primary",
            "fleet_place": "region",
            "vehicle_class_code": vehicle,
            "fuel_code": "diesel",
            "emission_stage_code": stage,
            "pollutant_code": "NOx",
            "speed_km_per_h": speed,
            "hour_utc": hour,
            "emission_factor_g_per_km": factor,
            "unrestricted_emission_factor_g_per_km": factor,
            "fleet_source_code": "own_region",
            "restricted_share": 0.0,
            **dict.fromkeys(SOURCES_OF_FACTORS, "none"),
        }
        for hour in hours
        for vehicle, stage, factor in FLEET
        for speed in (20.0, 60.0)
    ]
    traffic = {"flow_veh_per_h": 100.0, "flow_method_code": "measured", "imputation_code": "none", "reading_count": 1}
    emission = {"sector_code": "other", "method_code": "modelled"}
    return {
        "control_source": [{"hour_utc": hours[0], **source} for source in SOURCES],
        "road_emission_factor_hourly": factors,
        "traffic_hourly": [
            {"link_id": "link-1", "hour_utc": hour, "speed_km_per_h": 40.0, "flag_codes": [], **traffic}
            for hour in hours
        ],
        "emission_hourly": [
            {
                "source_id": source,
                "pollutant_code": pollutant,
                "hour_utc": hour,
                **dict.fromkeys(("emission_g", "emission_g_p05", "emission_g_p95"), kg * KG),
                **emission,
            }
            for (source, pollutant), kg in EMISSION_KG_PER_H.items()
            for hour in hours
        ],
    }


def probe_of(folder: Path, *, level: str = "orange", hours: int = 24) -> InventoryProbe:
    store = write_day(folder)
    window = Window(WINDOW.from_utc, WINDOW.from_utc + timedelta(hours=hours))
    return InventoryProbe(region_of(folder), level, window, published_versions(store, [DAY]), store)
