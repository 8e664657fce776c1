"""The decision on a scenario: approved and published with its manifest, or rejected; who decided is recorded.

Belongs here: who may decide what, and what a decision changes. Does not: the recalculation (control/), how the decision
is asked for (airflow.approval), the hours in force and the files (scenarios/).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa

from bigdata_emis.codes import Authentication, ScenarioStatus
from bigdata_emis.errors import InputError, RefusedError, shorten
from bigdata_emis.publish.manifest import published_rows
from bigdata_emis.publish.scenarios.approval_roles import require_approver
from bigdata_emis.publish.scenarios.hours_in_force import Row, Supersession, supersede_by, take_into_force, was_approved
from bigdata_emis.publish.scenarios.next_steps import ApprovalStep, steps_after_approval, warnings_of_base
from bigdata_emis.publish.scenarios.recorded_files import verify_draft_files
from bigdata_emis.publish.scenarios.scenario_files import (
    publish_scenario,
    refresh_scenarios,
    scenario_store,
    scenario_versions,
)
from bigdata_emis.publish.scenarios.scenario_rows import find_scenario, scenario_parameters
from bigdata_emis.region import Region
from bigdata_emis.storage import database
from bigdata_emis.storage.lake import Version
from bigdata_emis.storage.registries.alert_record import fold_alerts, read_alert_events
from bigdata_emis.storage.registries.case_record import close_ended_cases
from bigdata_emis.storage.registries.registry_identity import prepare_registry
from bigdata_emis.storage.scenario_record import ScenarioTransaction, scenario_transaction

APPROVED, REJECTED = "approved", "rejected"
INVENTORY = "emission_hourly"
LONGEST_NAME = 80
NO_NAMES = frozenset({"none", "null", "nan", "undefined", "unknown"})


def decide_scenario(
    region: Region,
    scenario_id: str,
    *,
    decision: str,
    actor: str,
    known_utc: datetime,
    authentication: Authentication = Authentication.COMMAND,
) -> dict[str, Any]:
    """Approve (publish) or reject a draft. Of several decisions at once the first one counts.

    The same decision by the same person again changes nothing, and completes what a killed process left.

    Raises:
        InputError: the person has no usable name or may not decide on this level, or there is no such scenario.
        RefusedError: somebody decided already, the inventory is not published, or a file is not what was recorded.
    """
    person = check_person(actor)
    prepare_registry()
    found = find_scenario(region, scenario_id)
    if authentication != Authentication.TIME_OUT or decision != REJECTED:
        require_approver(person, found["alert_level_code"])
    versions: list[Version] = []
    if decision == APPROVED and found["status"] == ScenarioStatus.DRAFT:
        versions = _approvable_versions(region, found)
    with scenario_transaction(region.region_id) as registry:
        rows = registry.scenarios()
        row = next(row for row in rows if row["scenario_id"] == scenario_id)
        is_new = row["status"] == ScenarioStatus.DRAFT
        superseded, ended_cases = list[Supersession](), 0
        if not is_new:
            _record_again(registry, row, decision, person, authentication, known_utc)
        else:
            row = _decided(row, decision, person, authentication, known_utc)
            superseded = supersede_by(rows, row) if decision == APPROVED else []
            registry.add_versions(published_rows(scenario_store(region, row), versions, scenario_id=scenario_id))
            ended_cases = _record(registry, row, superseded, decision=decision)
    manifest = None
    if decision == APPROVED:
        manifest = publish_scenario(region, row)
        refresh_scenarios(region)
    return _document(
        region,
        row,
        superseded,
        decision=decision,
        manifest=manifest,
        is_new=is_new,
        next_steps=_next_steps(region, row, superseded, ended_cases) if decision == APPROVED and is_new else [],
    )


def _next_steps(region: Region, row: Row, superseded: Sequence[Supersession], ended_cases: int) -> list[ApprovalStep]:
    alerts = fold_alerts(read_alert_events(region.region_id))
    return steps_after_approval(region.region_id, row, superseded, alerts, ended_cases=ended_cases)


def check_person(name: str) -> str:
    """The name of a person without surrounding spaces. Raises InputError when it names nobody."""
    person = name.strip()
    remedy = "give the name of the person who decides, with --by"
    if not person or person.lower() in NO_NAMES:
        raise InputError(f"'{shorten(name)}' names nobody: expected who decides", remedy)
    if not person.isprintable() or len(person) > LONGEST_NAME or not any(c.isalnum() for c in person):
        raise InputError(
            f"'{shorten(name)}' is no name: expected letters, at most {LONGEST_NAME} characters, all printable", remedy
        )
    return person


def _approvable_versions(region: Region, row: Row) -> list[Version]:
    """The versions of a draft that rests on published inventories only, all as they were recorded."""
    if row["is_draft_inventory"]:
        raise RefusedError(
            f"scenario '{row['scenario_id']}' was computed from a draft inventory, which nobody published",
            "publish its days, then recalculate without --draft-inventory",
        )
    inventory = scenario_parameters(row).get("inputs", {}).get(INVENTORY, {})
    if not inventory:
        raise RefusedError(f"scenario '{row['scenario_id']}' does not state its inventory", "recalculate it")
    listed = database.read("published_version", region.region_id)
    published = _published_inventories(listed)
    missing = [day for day, version in sorted(inventory.items()) if (day, version) not in published]
    if missing:
        raise RefusedError(
            f"scenario '{row['scenario_id']}' rests on an inventory of {', '.join(missing)} that was never published",
            "publish the day, then recalculate",
        )
    versions = scenario_versions(region, row)
    verify_draft_files(region, row)
    return versions


def _published_inventories(published_version: pa.Table) -> set[tuple[str, str]]:
    return {
        (listed["day"].isoformat(), listed["version"])
        for listed in published_version.to_pylist()
        if listed["table_name"] == INVENTORY
    }


def _refuse_other_decision(row: Row, decision: str, person: str) -> None:
    """Raise RefusedError unless this person took this decision before."""
    is_retired = row["status"] == ScenarioStatus.RETIRED
    if _decision_of(row) != decision or row["decided_by"] != person or is_retired:
        raise RefusedError(
            f"scenario '{row['scenario_id']}' is {already(row)}",
            "to change it: emis scenario lift or retire, or recalculate under another name",
        )


def already(row: Row) -> str:
    """What became of a scenario, who decided it and when, as words."""
    at = row["decided_utc"].isoformat() if row["decided_utc"] else "an unknown time"
    words = f"already {_decision_of(row)} by {row['decided_by'] or 'an unknown person'} at {at}"
    status = row["status"]
    return f"{words}, and {status} since" if was_approved(row) and status != ScenarioStatus.IN_FORCE else words


def _decision_of(row: Row) -> str:
    return APPROVED if was_approved(row) else str(row["status"])


def _decided(row: Row, decision: str, person: str, authentication: Authentication, known_utc: datetime) -> Row:
    """A draft after its decision; an approved one is in force in its whole window."""
    decided = {"decided_by": person, "decided_utc": known_utc, "authentication_code": authentication.value}
    if decision == APPROVED:
        return take_into_force({**row, **decided})
    return {**row, **decided, "status": ScenarioStatus.REJECTED.value}


def _record(registry: ScenarioTransaction, row: Row, superseded: Sequence[Supersession], *, decision: str) -> int:
    """Write the decision, what it supersedes with the cases of orders that ended so, and the audit of all.

    Returns the number of open cases that were closed.
    """
    acts = [(f"scenario {decision}", row["scenario_id"])]
    for one in superseded:
        registry.save(one.row)
        acts.append(("scenario superseded", one.sentence()))
    registry.save(row)
    for event, note in acts:
        registry.add_act(
            actor=row["decided_by"],
            event=event,
            note=note,
            authentication_code=row["authentication_code"],
            known_utc=row["decided_utc"],
        )
    return close_ended_cases(
        registry,
        {one.row["scenario_id"]: one.sentence() for one in superseded},
        actor=row["decided_by"],
        authentication_code=row["authentication_code"],
        known_utc=row["decided_utc"],
    )


def _record_again(
    registry: ScenarioTransaction,
    row: Row,
    decision: str,
    person: str,
    authentication: Authentication,
    known_utc: datetime,
) -> None:
    """Record that the same person took the same decision once more, which changes nothing; refuse any other."""
    _refuse_other_decision(row, decision, person)
    registry.add_act(
        actor=person,
        event=f"scenario {decision} again",
        note=row["scenario_id"],
        authentication_code=authentication.value,
        known_utc=known_utc,
    )


def _document(
    region: Region,
    row: Row,
    superseded: Sequence[Supersession],
    *,
    decision: str,
    manifest: str | None,
    is_new: bool,
    next_steps: Sequence[ApprovalStep],
) -> dict[str, Any]:
    store = scenario_store(region, row)
    files = [store.address(version) for version in scenario_versions(region, row)] if manifest else []
    return {
        "scenario": row["scenario_id"],
        "region": region.region_id,
        "status": decision,
        "scenario_status": row["status"],
        "by": row["decided_by"],
        "decided_utc": row["decided_utc"].isoformat(),
        "already": None if is_new else already(row),
        "supersedes": [one.describe() for one in superseded],
        "manifest": manifest,
        "files": files,
        "warnings": warnings_of_base(scenario_store(region, row), row) if decision == APPROVED else [],
        "next": list(next_steps),
    }
