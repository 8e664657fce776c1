"""What becomes of scenarios after their decision: listed, shown, lifted, retired, and published again.

Belongs here: the commands `emis scenario …`. Does not: approving and rejecting (scenario_decision), the rules
(hours_in_force).
"""

from datetime import datetime
from typing import Any

from bigdata_emis.codes import Authentication, ScenarioStatus
from bigdata_emis.errors import InputError, RefusedError
from bigdata_emis.publish.scenario_decision import already, check_person
from bigdata_emis.publish.scenarios.hours_in_force import Row, describe_hours_in_force, was_approved, window_in_force
from bigdata_emis.publish.scenarios.scenario_files import publish_scenario, refresh_scenarios
from bigdata_emis.publish.scenarios.scenario_rows import find_scenario, scenario_parameters
from bigdata_emis.publish.scenarios.scenario_state import alerts_of_scenario, describe_state
from bigdata_emis.region import Region
from bigdata_emis.storage import database
from bigdata_emis.storage.registries.case_record import close_ended_cases
from bigdata_emis.storage.registries.registry_identity import prepare_registry
from bigdata_emis.storage.scenario_record import ScenarioTransaction, scenario_transaction
from bigdata_emis.window import HOUR

LONGEST_REASON = 500


def list_scenarios(region: Region, *, status: str = "") -> list[dict[str, Any]]:
    """The scenarios of a region in order of their recalculation, or those of one status.

    Raises InputError when the status is unknown.
    """
    if status and status not in set(ScenarioStatus):
        raise InputError(f"status '{status}' is unknown", f"use one of {', '.join(ScenarioStatus)}")
    rows = database.read("scenario", region.region_id).to_pylist()
    return [_describe(row) for row in sorted(rows, key=_age) if status in ("", row["status"])]


def show_scenario(region: Region, scenario_id: str) -> dict[str, Any]:
    """A scenario with what became of it and its alerts, its parameters, and every act about it in the audit trail."""
    row = find_scenario(region, scenario_id)
    acts = [
        {
            "known_utc": act["known_utc"].isoformat(),
            "actor": act["actor"],
            "event": act["event"],
            "note": act["note"],
            "authentication": act["authentication_code"],
        }
        for act in database.read("audit", region.region_id).to_pylist()
        if scenario_id in (act["note"] or "").replace(";", " ").split() and act["event"] != "case superseded"
    ]
    alerts = alerts_of_scenario(region, scenario_id)
    state = {"state": describe_state(row, alerts), "alerts": alerts}
    return {**_describe(row), **state, "parameters": scenario_parameters(row), "acts": acts}


def lift_scenario(
    region: Region, scenario_id: str, *, at_utc: datetime | None, actor: str, known_utc: datetime, reason: str = ""
) -> dict[str, Any]:
    """End a scenario that is in force: from `at_utc` on, by default from the next whole hour, it is no longer.

    Raises:
        InputError: the time is not a whole hour or not in the hours in force, or the person or reason is no text.
        RefusedError: the scenario is in force in no hour.
    """
    person, words = check_person(actor), check_reason(reason)
    until = _whole_hour(at_utc) if at_utc else known_utc.replace(minute=0, second=0, microsecond=0) + HOUR
    prepare_registry()
    find_scenario(region, scenario_id)
    with scenario_transaction(region.region_id) as registry:
        row = _row_of(registry, scenario_id)
        if not (row["status"] == ScenarioStatus.LIFTED and row["in_force_to_utc"] == until):
            _check_lifting(row, until)
            row = {**row, "status": ScenarioStatus.LIFTED.value, "in_force_to_utc": until}
            note = f"{scenario_id} is lifted from {until.isoformat()}"
            _record(registry, row, event="scenario lifted", note=note + words, actor=person, known_utc=known_utc)
    refresh_scenarios(region)
    return {**_describe(row), "by": person}


def retire_scenario(
    region: Region, scenario_id: str, *, actor: str, known_utc: datetime, reason: str = ""
) -> dict[str, Any]:
    """Withdraw a scenario of any status: it is in force in no hour, and cannot be approved. Its versions stay.

    Raises InputError when there is no such scenario, or the person or reason is no text.
    """
    person, words = check_person(actor), check_reason(reason)
    prepare_registry()
    find_scenario(region, scenario_id)
    with scenario_transaction(region.region_id) as registry:
        row = _row_of(registry, scenario_id)
        if row["status"] != ScenarioStatus.RETIRED:
            row = {**row, "in_force_to_utc": row["in_force_from_utc"]}
            row["status"] = ScenarioStatus.RETIRED.value
            if row["decided_by"] is None:
                row |= {"decided_by": person, "decided_utc": known_utc, "authentication_code": Authentication.COMMAND}
            note = f"{scenario_id} is retired{words}"
            _record(registry, row, event="scenario retired", note=note, actor=person, known_utc=known_utc)
    if was_approved(row):
        refresh_scenarios(region)
    return {**_describe(row), "by": person}


def publish_approved(region: Region, scenario_id: str) -> dict[str, Any]:
    """Publish the files of an approved scenario again, as after a full disk; nothing changes when they are there.

    Raises RefusedError when nobody approved the scenario.
    """
    prepare_registry()
    row = find_scenario(region, scenario_id)
    if not was_approved(row):
        state = "a draft" if row["status"] == ScenarioStatus.DRAFT else already(row)
        raise RefusedError(
            f"scenario '{scenario_id}' is {state}: nobody approved it, and nothing is published",
            "answer the question in Airflow, or decide with emis approve",
        )
    manifest = publish_scenario(region, row)
    refresh_scenarios(region)
    return {**_describe(row), "manifest": manifest}


def check_reason(reason: str) -> str:
    """A reason as the end of a note, empty without one. Raises InputError when it is not one printable line."""
    text = reason.strip()
    if not text.isprintable() or len(text) > LONGEST_REASON:
        raise InputError(
            f"the reason is not one line of at most {LONGEST_REASON} printable characters", "shorten it, in one line"
        )
    return f"; {text}" if text else ""


def _whole_hour(at_utc: datetime) -> datetime:
    if at_utc != at_utc.replace(minute=0, second=0, microsecond=0):
        raise InputError(f"{at_utc.isoformat()} is not a whole hour", "give --at as YYYY-MM-DDTHH:00+08:00")
    return at_utc


def _row_of(registry: ScenarioTransaction, scenario_id: str) -> Row:
    return next(row for row in registry.scenarios() if row["scenario_id"] == scenario_id)


def _check_lifting(row: Row, until: datetime) -> None:
    held = window_in_force(row)
    if held is None:
        state = already(row) if was_approved(row) else row["status"]
        raise RefusedError(
            f"scenario '{row['scenario_id']}' is in force in no hour: it is {state}", "see emis scenario list"
        )
    if not held.from_utc <= until < held.to_utc:
        raise InputError(
            f"{until.isoformat()} is not in the hours in which scenario '{row['scenario_id']}' is in force,"
            f" {held.from_utc.isoformat()} to {held.to_utc.isoformat()}",
            "give a time within them with --at",
        )


def _record(registry: ScenarioTransaction, row: Row, *, event: str, note: str, actor: str, known_utc: datetime) -> None:
    """Write a scenario that a person ended, the act, and the end of its cases."""
    code = Authentication.COMMAND.value
    registry.save(row)
    registry.add_act(actor=actor, event=event, note=note, authentication_code=code, known_utc=known_utc)
    reasons = {row["scenario_id"]: note}
    close_ended_cases(registry, reasons, actor=actor, authentication_code=code, known_utc=known_utc)


def _age(row: Row) -> tuple[str, str]:
    return (row["known_utc"].isoformat() if row["known_utc"] else "", row["scenario_id"])


def _describe(row: Row) -> dict[str, Any]:
    return {
        "scenario": row["scenario_id"],
        "level": row["alert_level_code"],
        "from_utc": row["from_utc"].isoformat(),
        "to_utc": row["to_utc"].isoformat(),
        "status": row["status"],
        **describe_hours_in_force(row),
        "decided_by": row["decided_by"],
        "decided_utc": row["decided_utc"].isoformat() if row["decided_utc"] else None,
        "authentication": row["authentication_code"],
        "is_draft_inventory": bool(row["is_draft_inventory"]),
        "recalculated_utc": row["known_utc"].isoformat() if row["known_utc"] else None,
    }
