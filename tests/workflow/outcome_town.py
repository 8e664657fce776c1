"""A town in the lake and the registry: one foundry that ignores an approved order, and published inventories."""

from datetime import date, datetime, timedelta
from typing import Any

from bigdata_emis.codes import ScenarioStatus
from bigdata_emis.region import Region, load_region
from bigdata_emis.storage import database
from bigdata_emis.storage.lake import Store, open_lake
from bigdata_emis.storage.scenario_lake import ScenarioStore
from bigdata_emis.window import day_window
from tests.control.outcome import outcome_frames as frames
from tests.control.outcome.outcome_frames import HOURS, NORMAL_DAYS, SCENARIO, lines, make_table
from tests.control.published_days import publish_days

REGION = "nys"
DAYS = [frames.FIRST + timedelta(days=number) for number in range(NORMAL_DAYS + 1)]
ENTERPRISE = {
    "enterprise_id": "E1",
    "name_en": "Foundry One",
    "name_zh": "一号铸造厂",
    "industry_code": "foundry",
    "longitude_deg": -74.0,
    "latitude_deg": 42.0,
    "city_name": "Albany",
    "source": "test",
}


def region() -> Region:
    return load_region(REGION)


def day_start(day: date) -> datetime:
    return day_window(day, region().time_zone).from_utc


def shifted(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of the frames, which count in UTC, in the local time of the region."""
    offset = day_start(frames.FIRST) - frames.START
    return [{**row, "hour_utc": row["hour_utc"] + offset} for row in rows]


def write(store: Store, table: str, rows: list[dict[str, Any]], days: list[date]) -> None:
    known = day_start(DAYS[-1]) + timedelta(days=2)
    store.write(table, make_table(table, shifted(rows)), days, known_utc=known, run_id="run-1")


def known_utc(hours: int = 48) -> datetime:
    """So many hours after the beginning of the day of the order."""
    return day_start(DAYS[-1]) + timedelta(hours=hours)


def build_town(*, status: str = ScenarioStatus.IN_FORCE, publish: bool = True) -> Region:
    """Write the town; its foundry emits 90 g an hour as before, although it was ordered to stop."""
    database.migrate()
    database.replace(
        {
            "enterprise": make_table("enterprise", [ENTERPRISE]),
            "production_line": lines("a"),
            "stack": make_table("stack", []),
            "activity_area": make_table("activity_area", []),
        },
        REGION,
    )
    store = open_lake(region())
    write(store, "line_energy_hourly", frames.line_energy("a", lambda h: 1.0), DAYS)
    write(store, "activity_hourly", frames.activity("a", lambda h: 1.0), DAYS)
    write(store, "emission_hourly", frames.emission("a", lambda n: 90.0, 0, HOURS), DAYS)
    if publish:
        publish_days(store, DAYS)
    write(ScenarioStore(store, SCENARIO), "control_hourly", frames.planned("a", lambda n: 90.0), [DAYS[-1]])
    database.upsert_row("scenario", REGION, scenario_row(status), may_replace=lambda _: True)
    return region()


def scenario_row(status: str) -> dict[str, Any]:
    start = day_start(DAYS[-1])
    held = {"in_force_from_utc": start, "in_force_to_utc": start + timedelta(days=1)}
    return {
        "scenario_id": SCENARIO,
        "name_en": SCENARIO,
        "alert_level_code": "red",
        "from_utc": start,
        "to_utc": start + timedelta(days=1),
        "parameters_json": "{}",
        "run_id": "run-1",
        "known_utc": start,
        "status": status,
        "is_draft_inventory": False,
        **(held if status == ScenarioStatus.IN_FORCE else {}),
    }
