"""The decision on a scenario: approved and published with its manifest, or turned down; either way it is kept who decided.

Belongs here: what a decision changes. Does not: the recalculation (control/) or how the decision is asked for (dags/alert.py).
"""

import json
from datetime import date, datetime
from typing import Any

import pyarrow as pa

from bigdata_emis import __version__, schema
from bigdata_emis.errors import InputError, RefusedError
from bigdata_emis.publish.manifest import describe, published_rows
from bigdata_emis.region import Region
from bigdata_emis.schema.arrow import arrow_schema
from bigdata_emis.settings import settings
from bigdata_emis.storage import database
from bigdata_emis.storage.lake import Store, Version
from bigdata_emis.storage.scenario_lake import ScenarioStore
from bigdata_emis.storage.scenario_record import DRAFT
from bigdata_emis.window import Window

APPROVED = "approved"
TABLES = ("control_hourly", "control_ledger")


def decide_scenario(
    region: Region, scenario_id: str, *, decision: str, actor: str, known_utc: datetime
) -> dict[str, Any]:
    """Approve (publish) or reject a scenario, and add the act to the audit trail. The same decision again changes nothing.

    Raises InputError when there is no such scenario, its files are gone or its parameters cannot be read, RefusedError when it was
    decided otherwise.
    """
    database.migrate()
    row = _scenario(region, scenario_id)
    if row["status"] not in (DRAFT, decision):
        raise RefusedError(f"scenario '{scenario_id}' is {row['status']} already", "recalculate under another name")
    # Read before anything is published: an approval is whole or not at all.
    parameters = _parameters(row) if decision == APPROVED else {}
    versions = _publish(region, row) if decision == APPROVED else []
    manifest = (
        _manifest(region, row | {"parameters": parameters}, versions, actor=actor, known_utc=known_utc)
        if versions
        else None
    )
    if row["status"] == DRAFT:
        _note(region, row, decision=decision, actor=actor, known_utc=known_utc)
    return {
        "scenario": scenario_id,
        "region": region.region_id,
        "status": decision,
        "by": actor,
        "manifest": manifest,
        "files": [_store(region, row).address(version) for version in versions],
    }


def first_day(region: Region, scenario_id: str) -> date:
    """The local day on which a scenario begins. Raises InputError when there is no such scenario."""
    return _days(region, _scenario(region, scenario_id))[0]


def _scenario(region: Region, scenario_id: str) -> dict[str, Any]:
    known = database.read("scenario", region.region_id).to_pylist()
    for row in known:
        if row["scenario_id"] == scenario_id:
            return dict(row)
    newest = ", ".join(row["scenario_id"] for row in known[-3:]) or "none"
    raise InputError(
        f"scenario '{scenario_id}' is unknown in {region.region_id} (known: {newest})", "make it with emis recalc"
    )


def _days(region: Region, row: dict[str, Any]) -> list[date]:
    return Window(row["from_utc"], row["to_utc"]).days(region.time_zone)


def _parameters(row: dict[str, Any]) -> Any:
    try:
        return json.loads(row["parameters_json"] or "{}")
    except ValueError:
        raise InputError(
            f"table scenario, scenario '{row['scenario_id']}': parameters_json is not JSON", "recalculate it"
        ) from None


def _publish(region: Region, row: dict[str, Any]) -> list[Version]:
    store = _store(region, row)
    days = _days(region, row)
    newest = {(v.table, v.day): v for name in TABLES for v in store.versions(name, days)}
    if {table for table, _ in newest} != set(TABLES):
        raise InputError(f"scenario '{row['scenario_id']}' has no files in the lake", "recalculate it")
    for version in newest.values():
        store.publish(version)
    database.upsert(
        "published_version", region.region_id, published_rows(store, newest.values(), scenario_id=row["scenario_id"])
    )
    return list(newest.values())


def _store(region: Region, row: dict[str, Any]) -> ScenarioStore:
    return ScenarioStore.of(Store(settings().lake, region.region_id, region.time_zone), row["scenario_id"])


def _manifest(region: Region, row: dict[str, Any], versions: list[Version], *, actor: str, known_utc: datetime) -> str:
    store = _store(region, row)
    document = {
        "scenario": row["scenario_id"],
        "name": row["name_en"],
        "level": row["alert_level_code"],
        "region": region.region_id,
        "simulated": region.is_simulated,
        "from_utc": row["from_utc"].isoformat(),
        "to_utc": row["to_utc"].isoformat(),
        "parameters": row["parameters"],
        "run": row["run_id"],
        "recalculated_utc": row["known_utc"].isoformat(),
        "approved_by": actor,
        "approved_utc": known_utc.isoformat(),
        "code_version": __version__,
        "files": [describe(version, store.publish(version), store.address(version)) for version in versions],
    }
    content = json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    return store.write_document(f"scenario/{row['scenario_id']}.json", content.encode(), tree="published")


def _note(region: Region, row: dict[str, Any], *, decision: str, actor: str, known_utc: datetime) -> None:
    """The audit first: a crash in between leaves a draft that is decided again, never a decision without a trace."""
    number = max((r["record_number"] for r in database.read("audit", region.region_id).to_pylist()), default=0) + 1
    act = {
        "record_number": number,
        "known_utc": known_utc,
        "actor": actor,
        "event": f"scenario {decision}",
        "note": row["scenario_id"],
    }
    database.append("audit", region.region_id, _frame("audit", act))
    database.upsert("scenario", region.region_id, _frame("scenario", {**row, "status": decision}))


def _frame(table_name: str, row: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist([row], arrow_schema(schema.table(table_name)))
