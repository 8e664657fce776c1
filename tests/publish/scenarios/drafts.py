"""Draft scenarios in the registry and the lake of region nys, for tests of what becomes of them."""

from datetime import UTC, date, datetime, timedelta

import pyarrow as pa

from bigdata_emis import schema
from bigdata_emis.region import load_region
from bigdata_emis.schema.arrow import arrow_schema
from bigdata_emis.storage import database
from bigdata_emis.storage.lake import open_lake
from bigdata_emis.storage.registries.case_record import read_cases, record_cases
from bigdata_emis.storage.scenario_lake import ScenarioStore
from bigdata_emis.storage.scenario_record import record_draft
from bigdata_emis.window import Window

HOUR = datetime(2019, 7, 15, 5, tzinfo=UTC)
"""Local midnight of 15 July in New York (at the fixed offset of the region)."""
DAY = date(2019, 7, 15)
KNOWN = datetime(2019, 7, 14, 20, tzinfo=UTC)
DECIDED = datetime(2019, 7, 14, 21, tzinfo=UTC)
INVENTORY_VERSION = "0123456789abcdef"
PARAMETERS = {"inputs": {"emission_hourly": {"2019-07-15": INVENTORY_VERSION}}}


def hours(first: int, last: int) -> Window:
    """Hours counted from local midnight of 15 July."""
    return Window(HOUR + timedelta(hours=first), HOUR + timedelta(hours=last))


def publish_inventory() -> None:
    """List the inventory on which the drafts rest as published."""
    row = {"table_name": "emission_hourly", "day": DAY, "version": INVENTORY_VERSION, "known_utc": KNOWN}
    row["path"] = f"history/nys/emission_hourly/day={DAY}/{INVENTORY_VERSION}.parquet"
    database.migrate()
    database.upsert("published_version", "nys", _frame("published_version", [row]))


def write_draft(
    name: str,
    *,
    window: Window | None = None,
    level: str = "orange",
    is_draft_inventory: bool = False,
    moved: dict[str, object] | None = None,
) -> None:
    """A scenario that cuts 30 of 100 g in one hour, with its files."""
    span = window or hours(0, 24)
    store = ScenarioStore(open_lake(load_region("nys")), name)
    key = {"scenario_id": name, "pollutant_code": "NOx"}
    hour = {**key, "source_id": "unit-1", "hour_utc": span.from_utc, "cut_emission_g": 30.0}
    ledger = {
        **key,
        "alert_level_code": level,
        "from_utc": span.from_utc,
        "to_utc": span.to_utc,
        "baseline_emission_g": 100.0,
        "cut_emission_g": 30.0,
        "cut_share": 0.3,
        "target_share": 0.2,
        "gap_share": -0.1,
        "is_met": True,
        "complete_share": 1.0,
    }
    for table, row in (("control_hourly", hour), ("control_ledger", ledger)):
        store.write(table, _frame(table, [row]), [DAY], known_utc=KNOWN, run_id="run-1")
    record_draft_of(name, window=span, level=level, is_draft_inventory=is_draft_inventory, moved=moved)


def write_account(name: str) -> None:
    """A table of a scenario that is not published."""
    row = {"scenario_id": name, "sector_code": "all", "county_id": "", "measure_id": "", "pollutant_code": "NOx"}
    row |= {"from_utc": HOUR, "baseline_emission_g": 100.0, "cut_emission_g": 30.0}
    store = ScenarioStore(open_lake(load_region("nys")), name)
    store.write("control_account", _frame("control_account", [row]), [DAY], known_utc=KNOWN, run_id="run-1")


def write_moved(name: str, hour_utc: datetime) -> None:
    """Ten grams that unit-1 makes up in an hour."""
    row = {"scenario_id": name, "moved_kind_code": "rebound", "source_id": "unit-1", "pollutant_code": "NOx"}
    row |= {"hour_utc": hour_utc, "added_emission_g": 10.0}
    store = ScenarioStore(open_lake(load_region("nys")), name)
    day = (hour_utc - HOUR).days
    rows = _frame("control_moved_hourly", [row])
    store.write("control_moved_hourly", rows, [DAY + timedelta(days=day)], known_utc=KNOWN, run_id="run-1")


def record_draft_of(
    name: str,
    *,
    window: Window | None = None,
    level: str = "orange",
    is_draft_inventory: bool = False,
    moved: dict[str, object] | None = None,
) -> None:
    """The row of a draft alone."""
    record_draft(
        region_id="nys",
        scenario_id=name,
        name=None,
        level=level,
        window=window or hours(0, 24),
        parameters={**PARAMETERS, **({"moved": moved} if moved else {})},
        run_id="run-1",
        known_utc=KNOWN,
        is_draft_inventory=is_draft_inventory,
    )


def open_case(scenario_id: str, span: Window) -> None:
    """A case of unit-1 in these hours."""
    row = {
        "case_id": "unit-1-case",
        "scenario_id": scenario_id,
        "source_id": "unit-1",
        "breach_kind_code": "stop_not_obeyed",
        "from_utc": span.from_utc,
        "to_utc": span.to_utc,
        "case_status_code": "open",
    }
    record_cases("nys", [row], scenario_id)


def status_of_case() -> tuple[str, str | None, str | None]:
    """Status of the only case, who decided it, and the note."""
    (row,) = read_cases("nys")
    return row["case_status_code"], row["decided_by"], row["note"]


def scenario_of(name: str) -> dict[str, object]:
    """The row of a scenario."""
    return next(row for row in database.read("scenario", "nys").to_pylist() if row["scenario_id"] == name)


def acts() -> list[tuple[object, ...]]:
    """The audit trail without its times."""
    rows = database.read("audit", "nys").to_pylist()
    return [(row["record_number"], row["actor"], row["event"], row["note"], row["authentication_code"]) for row in rows]


def _frame(table: str, rows: list[dict[str, object]]) -> pa.Table:
    return pa.Table.from_pylist(rows, arrow_schema(schema.table(table)))
