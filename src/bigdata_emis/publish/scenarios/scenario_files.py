"""The published files of scenarios: tables and manifest of each, and the list of the hours in which one is in force.

Belongs here: what lies in published/<region>/ about scenarios. Does not: decisions (scenario_decision), rules
(hours_in_force).

    scenario/<scenario>.json    manifest: files, checksums, status, who approved, hours in force
    scenario/in_force.json      for each hour at most one scenario, as rows of scenario_id, from_utc and to_utc
"""

import json
import logging
from typing import Any

from bigdata_emis import __version__, schema
from bigdata_emis.errors import InputError
from bigdata_emis.publish.manifest import describe
from bigdata_emis.publish.reader_files.published_files import conventions_of
from bigdata_emis.publish.scenarios.hours_in_force import Row, describe_hours_in_force, list_in_force, was_approved
from bigdata_emis.publish.scenarios.scenario_rows import days_with_moved, scenario_parameters
from bigdata_emis.region import SIMULATED_KEY, Region
from bigdata_emis.storage.checksums import ChangedFileError
from bigdata_emis.storage.lake import Version, open_lake
from bigdata_emis.storage.layout import PUBLISHED
from bigdata_emis.storage.scenario_lake import ScenarioStore
from bigdata_emis.storage.scenario_record import scenario_transaction

log = logging.getLogger(__name__)

TABLES = ("control_hourly", "control_ledger")
OPTIONAL_TABLES = ("control_cut", "control_order", "control_moved", "control_moved_hourly")
"""Tables that not every scenario has: intervals, which earlier versions of the program lacked; the ledger by order;
moved emission."""
IN_FORCE = "scenario/in_force.json"


def scenario_store(region: Region, row: Row) -> ScenarioStore:
    """The lake as this scenario sees it."""
    return ScenarioStore(open_lake(region), row["scenario_id"])


def scenario_versions(region: Region, row: Row) -> list[Version]:
    """The newest versions of the scenario, of every table. Raises InputError when there are none."""
    store = scenario_store(region, row)
    newest = {
        (v.table, v.day): v
        for name in (*TABLES, *OPTIONAL_TABLES)
        for v in store.versions(name, days_with_moved(region, row))
    }
    if not set(TABLES) <= {table for table, _ in newest}:
        raise InputError(f"scenario '{row['scenario_id']}' has no files in the lake", "recalculate it")
    return list(newest.values())


def publish_scenario(region: Region, row: Row) -> str:
    """Publish the files of an approved scenario with its manifest in one step; returns the path of the manifest.

    Raises ChangedFileError when a file is not what was recorded when it was computed.
    """
    store, path = scenario_store(region, row), _manifest_name(row)
    versions = scenario_versions(region, row)
    store.publish_set(f"scenario={row['scenario_id']}", versions, {path: _manifest(region, row, versions)})
    return store.files.address(store.layout.document_file(path, tree=PUBLISHED))


def refresh_scenarios(region: Region) -> None:
    """Bring the list of hours in force, and the manifests of all approved scenarios, to what the registry says.

    Decisions wait meanwhile, so the files never say less than the newest decision.
    """
    store = open_lake(region)
    with scenario_transaction(region.region_id) as registry:
        rows = [row for row in registry.scenarios() if was_approved(row)]
        listed = [{**one, SIMULATED_KEY: region.is_simulated} for one in list_in_force(rows)]
        content = json.dumps(listed, ensure_ascii=False, indent=1) + "\n"
        store.write_document(IN_FORCE, content.encode(), tree=PUBLISHED)
        for row in rows:
            before = store.read_document(_manifest_name(row), tree=PUBLISHED)
            if before is None or not _says(before, row):
                _publish_if_unchanged(region, row)


def _publish_if_unchanged(region: Region, row: Row) -> None:
    """Publish a scenario again; one whose files were lost or changed since stays as it is, with a warning."""
    try:
        publish_scenario(region, row)
    except (ChangedFileError, InputError) as problem:
        log.warning("the manifest of scenario %s still has its former status: %s", row["scenario_id"], problem)


def _manifest_name(row: Row) -> str:
    return f"scenario/{row['scenario_id']}.json"


def _says(manifest: bytes, row: Row) -> bool:
    """Whether a manifest has the status of a scenario as it is in the registry."""
    document = json.loads(manifest)
    return all(document.get(name) == value for name, value in _status(row).items())


def _status(row: Row) -> dict[str, Any]:
    return {
        "status": row["status"],
        **describe_hours_in_force(row),
        "approved_by": row["decided_by"],
        "approved_utc": row["decided_utc"].isoformat() if row["decided_utc"] else None,
        "authentication": row["authentication_code"],
    }


def _manifest(region: Region, row: Row, versions: list[Version]) -> bytes:
    store = scenario_store(region, row)
    document = {
        "scenario": row["scenario_id"],
        "name": row["name_en"],
        "level": row["alert_level_code"],
        "region": region.region_id,
        "simulated": region.is_simulated,
        "from_utc": row["from_utc"].isoformat(),
        "to_utc": row["to_utc"].isoformat(),
        "parameters": scenario_parameters(row),
        "run": row["run_id"],
        "recalculated_utc": row["known_utc"].isoformat(),
        **_status(row),
        "code_version": __version__,
        "files": [describe(store, version) for version in versions],
        "conventions": conventions_of({name: schema.table(name) for name in TABLES}),
    }
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"
