"""A town with an order in force: a kiln that stops, a mill that is cut by half, dust without county."""

from datetime import timedelta
from typing import Any

from bigdata_emis.storage import database
from bigdata_emis.storage.lake import Store, open_lake
from bigdata_emis.storage.scenario_lake import ScenarioStore
from tests.report.city_day import CITY, add_scenario, fill_day
from tests.report.stores import DAY, START, declared_table, write_rows

HOUR = timedelta(hours=1)
IN_FORCE = {"status": "in_force", "in_force_from_utc": START, "in_force_to_utc": START + 24 * HOUR}
BOUNDS = {"emission_g_p05": 0.0, "emission_g_p95": 9e9, "method_code": "modelled"}
LINES = [
    {"production_line_id": name, "enterprise_id": "e", "sector_code": "industrial_process", "industry_code": industry}
    for name, industry in (("kiln", "cement"), ("mill", "cement"))
]
ENTERPRISES = [{"enterprise_id": "e", "name_en": "North works", "name_zh": "北厂", "city_name": "City"}]


def emission_row(source: str, number: int, grams: float, pollutant: str = "NOx") -> dict[str, Any]:
    at = {"source_id": source, "pollutant_code": pollutant, "hour_utc": START + number * HOUR, "emission_g": grams}
    return {**at, **BOUNDS, "sector_code": "industrial_process" if source != "road" else "dust"}


def cut_row(source: str, number: int, grams: float, pollutant: str = "NOx") -> dict[str, Any]:
    at = {"source_id": source, "pollutant_code": pollutant, "hour_utc": START + number * HOUR}
    return {"scenario_id": "red-1", **at, "cut_emission_g": grams}


EMISSION = [emission_row(s, n, 1000.0) for s in ("kiln", "mill", "road") for n in range(3)]
CUTS = [
    *(cut_row("kiln", n, 1000.0) for n in range(3)),
    *(cut_row("mill", n, 500.0) for n in (1, 2)),
    cut_row("road", 0, 250.0),
]


def source_row(source: str, sector: str, county: str | None) -> dict[str, Any]:
    return {"source_id": source, "hour_utc": START, "sector_code": sector, "county_id": county}


def fill_town(**scenario: Any) -> Store:
    """The town in the lake and the registry, with its scenario of 4.25 kg in force all day."""
    store = fill_day()
    codes = [{**line, "activity_unit_code": "t"} for line in LINES]
    database.upsert("production_line", "city", declared_table("production_line", codes))
    write_rows(store, "emission_hourly", EMISSION)
    sources = [
        source_row("kiln", "industrial_process", "110101"),
        source_row("mill", "industrial_process", "110102"),
        source_row("road", "dust", None),
    ]
    write_rows(store, "control_source", sources)
    add_scenario("red-1", **{**IN_FORCE, **scenario})
    own = ScenarioStore(open_lake(CITY), "red-1")
    own.write("control_hourly", declared_table("control_hourly", CUTS), [DAY], known_utc=START, run_id="r")
    return store
