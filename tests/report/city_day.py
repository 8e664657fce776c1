"""A city with the inventory of one day, for tests of its page."""

import json
from datetime import timedelta
from pathlib import Path

from bigdata_emis.region import Grid, Region
from bigdata_emis.storage import database
from bigdata_emis.storage.lake import Store, open_lake
from bigdata_emis.storage.scenario_lake import ScenarioStore
from tests.report.stores import DAY, START, ZONE, declared_table, write_rows

CITY = Region("city", Path(), "City", "城市", ZONE, True, Grid("EPSG:32650", 3000, 0, 0, 4, 5), {}, {}, {})
NOX = {"pollutant_code": "NOx", "hour_utc": START}


def fill_day() -> Store:
    """Two sources: a line of 4 kg in a cell, and dust of 1 kg outside the grid."""
    database.migrate()
    store = open_lake(CITY)
    enterprise = {"enterprise_id": "e", "name_en": "North works", "name_zh": "北厂", "industry_code": "cement"}
    enterprise |= {"longitude_deg": 114.5, "latitude_deg": 38.0}
    line = {"production_line_id": "l", "enterprise_id": "e", "sector_code": "industrial_process"}
    database.upsert("enterprise", "city", declared_table("enterprise", [enterprise]))
    line_codes = {"industry_code": "cement", "activity_unit_code": "t"}
    database.upsert("production_line", "city", declared_table("production_line", [line | line_codes]))
    gridded = [
        {**NOX, "cell_id": "r2c3", "sector_code": "industrial_process", "emission_g": 4000.0},
        {**NOX, "cell_id": "outside", "sector_code": "dust", "emission_g": 1000.0},
    ]
    write_rows(store, "emission_gridded_hourly", gridded)
    bounds = {"emission_g_p05": 0.0, "emission_g_p95": 9000.0}
    sources = [
        {
            **NOX,
            **bounds,
            "source_id": "l",
            "sector_code": "industrial_process",
            "emission_g": 4000.0,
            "method_code": "modelled",
            "emission_before_audit_g": 3000.0,
        },
        {**NOX, **bounds, "source_id": "a", "sector_code": "dust", "emission_g": 1000.0, "method_code": "profile"},
    ]
    write_rows(store, "emission_hourly", sources)
    total = {"pollutant_code": "NOx", "sector_code": "all", "emission_g": 5000.0}
    total |= {"emission_g_p05": 3000.0, "emission_g_p95": 8000.0}
    write_rows(store, "emission_total_hourly", [{**total, "hour_utc": START}])
    write_rows(store, "emission_total_daily", [{**total, "from_utc": START, "to_utc": START + timedelta(days=1)}])
    return store


def publish_day(store: Store, **more: object) -> None:
    """Name the newest version of every table of the day in its manifest."""
    names = ("emission_hourly", "emission_gridded_hourly", "emission_total_hourly", "emission_total_daily")
    files = [{"table": name, "version": store.versions(name, [DAY])[-1].version} for name in names]
    document = {"files": files, "input_versions": {}, "known_utc": START.isoformat(), **more}
    store.write_document(f"manifest/day={DAY}.json", json.dumps(document).encode(), tree="published")


def add_scenario(name: str, *, complete_share: float = 1.0, base_source: str = "inventory", **row: object) -> None:
    """A scenario of the day with its ledger, by default a draft."""
    window = {"from_utc": START, "to_utc": START + timedelta(days=1)}
    about = {"scenario_id": name, "alert_level_code": "red", **window, "known_utc": START, "parameters_json": "{}"}
    about |= {"run_id": "r", "status": "draft", "decided_by": "wang", "decided_utc": START, **row}
    ledger = {"scenario_id": name, "pollutant_code": "NOx", "alert_level_code": "red", **window}
    ledger |= {
        "baseline_emission_g": 5000.0,
        "cut_emission_g": 1500.0,
        "cut_share": 0.3,
        "base_source_code": base_source,
        "complete_share": complete_share,
    }
    ledger |= {"target_share": 0.3, "gap_share": 0.0, "is_met": True}
    database.upsert("scenario", "city", declared_table("scenario", [about]))
    scenario_store = ScenarioStore(open_lake(CITY), name)
    scenario_store.write(
        "control_ledger", declared_table("control_ledger", [ledger]), [DAY], known_utc=START, run_id="r"
    )
