"""A town for tests of exports: a line in cell r1c2 has three quarters of the mass, a workshop beyond the grid the rest.

On the first day the line emits 750 g of NOx in an hour, on the second twice as much.
"""

from datetime import date, datetime
from pathlib import Path
from typing import Any

from bigdata_emis.publish.export.export_day import export_day
from bigdata_emis.publish.export.export_hours import hours_of_day
from bigdata_emis.publish.export.export_request import ExportRequest
from bigdata_emis.publish.export.speciation import load_profiles
from bigdata_emis.storage.lake import open_lake
from tests.publish.published_town import FIRST, REGISTRY, Registry, Rows, publish_town, rows_of_day, town

OF_SOURCE = {"L1": 0.75, "A1": 0.25}
FAR_AWAY = "POLYGON ((110 30, 110.1 30, 110.1 30.1, 110 30.1, 110 30))"
EXPORTED: Registry = {
    **REGISTRY,
    "enterprise": [{**REGISTRY["enterprise"][0], "longitude_deg": 116.85, "latitude_deg": 39.31}],
    "stack": [
        {"stack_id": "S1", "production_line_id": "L1", "stack_height_m": 120.0, "stack_diameter_m": 4.0,
         "exit_temperature_degc": 126.85, "exit_velocity_m_per_s": 10.0},
    ],
    "activity_area": [
        {"activity_area_id": "A1", "sector_code": "industrial_process", "industry_code": "electric_arc_steel",
         "geometry_wkt": FAR_AWAY},
    ],
}  # fmt: skip


def rows_of_sources(start: datetime, factor: float) -> dict[str, Rows]:
    rows = rows_of_day(start, factor)
    masses = ("emission_g", "emission_g_p05", "emission_g_p95")
    rows["emission_hourly"] = [
        {**row, "source_id": source, **{name: share * row[name] for name in masses}}
        for row in rows["emission_hourly"]
        for source, share in OF_SOURCE.items()
    ]
    return rows


def publish_exported_town(home: Path) -> Path:
    return publish_town(home, registry=EXPORTED, rows=rows_of_sources)


def request_of(home: Path, day: date = FIRST, hours: str = "local") -> ExportRequest:
    region = town(home)
    return ExportRequest(hours_of_day(region, open_lake(region), day, hours), load_profiles("cb6"))


def exported(home: Path, format_name: str, **options: Any) -> dict[str, Any]:
    chosen: dict[str, Any] = {"day": FIRST, "out": home / "out", **options}
    return export_day(town(home), chosen.pop("day"), format_name=format_name, **chosen)
