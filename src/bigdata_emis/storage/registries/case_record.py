"""The rows of compliance cases in the registry: opened by a judgement, moved by a person or the end of an order.

Belongs here: reading and writing these rows, and which status may follow which. Does not: what a case is about
(control/outcome/cases).
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from bigdata_emis.codes import Authentication, CaseStatus
from bigdata_emis.errors import InputError, RefusedError, shorten
from bigdata_emis.storage import database
from bigdata_emis.storage.scenario_record import ScenarioTransaction, scenario_transaction

NEXT_STATUSES: dict[CaseStatus, tuple[CaseStatus, ...]] = {
    CaseStatus.OPEN: (CaseStatus.CHECKED,),
    CaseStatus.CHECKED: (CaseStatus.CONFIRMED, CaseStatus.EQUIPMENT_FAULT, CaseStatus.SUPERSEDED),
    CaseStatus.CONFIRMED: (CaseStatus.CLOSED,),
    CaseStatus.EQUIPMENT_FAULT: (CaseStatus.CLOSED,),
    CaseStatus.CLOSED: (),
    CaseStatus.SUPERSEDED: (),
}
DECIDED = (CaseStatus.CONFIRMED, CaseStatus.EQUIPMENT_FAULT, CaseStatus.CLOSED, CaseStatus.SUPERSEDED)
"""Statuses that say what a check amounts to."""
DECISION = ("case_status_code", "decided_by", "decided_utc", "note")
LONGEST_TEXT = 300


def read_cases(region_id: str) -> list[dict[str, Any]]:
    """Every case of a region, the largest excess first."""
    rows = database.read("compliance_case", region_id).to_pylist()
    return sorted(rows, key=lambda row: (-(row["excess_emission_g"] or 0.0), row["case_id"]))


def record_cases(region_id: str, cases: Sequence[dict[str, Any]], scenario_id: str) -> None:
    """Open the cases of a judgement, and update those that exist; what people decided about a case stays.

    An open case of the same scenario that the new judgement does not list is deleted; one that was checked stays. A
    case that the end of its order closed opens again: what is judged are hours in which the order was in force.
    """
    with scenario_transaction(region_id) as registry:
        before = {row["case_id"]: row for row in registry.cases()}
        for case in cases:
            known = before.get(case["case_id"], {})
            is_kept = bool(known) and known["case_status_code"] != CaseStatus.SUPERSEDED
            kept = {name: known.get(name) for name in DECISION} if is_kept else dict.fromkeys(DECISION[1:])
            registry.save_case({**case, **kept})
        names = {case["case_id"] for case in cases}
        registry.drop_cases(
            case_id
            for case_id, row in before.items()
            if row["scenario_id"] == scenario_id and case_id not in names and row["case_status_code"] == CaseStatus.OPEN
        )


def has_hours_in_force(case: Mapping[str, Any], scenario: Mapping[str, Any]) -> bool:
    """Whether the order of a scenario is, or was, in force in an hour of a case."""
    start, end = scenario["in_force_from_utc"], scenario["in_force_to_utc"]
    return start is not None and bool(max(case["from_utc"], start) < min(case["to_utc"], end))


def close_ended_cases(
    registry: ScenarioTransaction,
    reasons: Mapping[str, str],
    *,
    actor: str,
    authentication_code: str | None,
    known_utc: datetime,
) -> int:
    """Close the open cases of scenarios in whose hours no order of them is in force any more; how many were closed.

    reasons: by scenario why its order ended, for the case and the audit trail. A case that somebody checked stays: what
    was seen on site is decided by a person. None is deleted.
    """
    scenarios = {row["scenario_id"]: row for row in registry.scenarios() if row["scenario_id"] in reasons}
    ended = [
        row
        for row in registry.cases()
        if row["case_status_code"] == CaseStatus.OPEN
        and row["scenario_id"] in scenarios
        and not has_hours_in_force(row, scenarios[row["scenario_id"]])
    ]
    for row in ended:
        why = reasons[row["scenario_id"]]
        decision = {"decided_by": actor, "decided_utc": known_utc, "note": why}
        registry.save_case({**row, "case_status_code": CaseStatus.SUPERSEDED.value, **decision})
        said = f"{row['case_id']} of {row['scenario_id']}: {CaseStatus.OPEN} to {CaseStatus.SUPERSEDED}; {why}"
        registry.add_act(
            actor=actor,
            event="case superseded",
            note=said,
            authentication_code=authentication_code,
            known_utc=known_utc,
        )
    return len(ended)


def move_case(
    region_id: str, case_id: str, *, to: str, actor: str, note: str, known_utc: datetime, deciders: Collection[str] = ()
) -> tuple[dict[str, Any], bool]:
    """Move a case to its next status, with an act in the audit trail; its row, and whether it was moved.

    deciders: who may say what a check amounts to and close a case; empty for everybody. Of two people who move a case
    at once the first moves it; the second is refused because the case is no longer where it was, or, where both move
    it to the same status, gets the row of the first: a case that is there already stays as it is. A refused move of a
    case is an act of the audit trail, too.

    Raises:
        InputError: the case or the status is unknown, a text is not one printable line, or nothing was noted.
        RefusedError: the status does not follow the present one, or the person may not decide.
    """
    person = _one_line(actor, "the person (--by)")
    try:
        words = _one_line(note, "the note (--note)")
        if to not in set(CaseStatus):
            raise InputError(f"status '{shorten(to)}' is unknown", f"use one of {', '.join(CaseStatus)}")
        _check_decider(person, CaseStatus(to), deciders)
        with scenario_transaction(region_id) as registry:
            row = _require_next(registry, region_id, case_id, CaseStatus(to))
            if row["case_status_code"] == to:
                return row, False
            moved = {**row, "case_status_code": to, "decided_by": person, "decided_utc": known_utc, "note": words}
            registry.save_case(moved)
            said = f"{case_id} of {row['scenario_id']}: {row['case_status_code']} to {to}; {words}"
            _add_act(registry, person, "case moved", said, known_utc)
    except (InputError, RefusedError) as error:
        _record_refusal(region_id, case_id, person, str(error), known_utc)
        raise
    return moved, True


def _check_decider(person: str, to: CaseStatus, deciders: Collection[str]) -> None:
    if to in DECIDED and deciders and person not in deciders:
        raise RefusedError(
            f"{shorten(person)} may not move a case to {to}: expected one of {len(deciders)} people who decide",
            "ask one of EMIS_APPROVERS; anybody may move a case to checked",
        )


def _require_next(registry: ScenarioTransaction, region_id: str, case_id: str, to: CaseStatus) -> dict[str, Any]:
    """The case, if `to` follows its status, or is it."""
    row = next((row for row in registry.cases() if row["case_id"] == case_id), None)
    if row is None:
        raise InputError(f"case '{shorten(case_id)}' is unknown in {region_id}", "see emis compliance list")
    before = CaseStatus(row["case_status_code"])
    if to == before:
        return row
    if to not in NEXT_STATUSES[before]:
        follows = ", ".join(NEXT_STATUSES[before]) or "nothing"
        last = f", moved by {row['decided_by']}" if row["decided_by"] else ""
        raise RefusedError(f"case {case_id} is {before}{last}: {to} does not follow", f"what follows is {follows}")
    if to == CaseStatus.SUPERSEDED:
        _refuse_in_force(registry, row)
    return row


def _refuse_in_force(registry: ScenarioTransaction, row: dict[str, Any]) -> None:
    """A case is closed as superseded only when its order is in force in no hour of it."""
    scenario = next(one for one in registry.scenarios() if one["scenario_id"] == row["scenario_id"])
    if has_hours_in_force(row, scenario):
        raise RefusedError(
            f"the order of {row['scenario_id']} is in force in hours of case {row['case_id']}",
            f"decide it as {CaseStatus.CONFIRMED} or {CaseStatus.EQUIPMENT_FAULT}",
        )


def _record_refusal(region_id: str, case_id: str, person: str, why: str, known_utc: datetime) -> None:
    """The refused move of a case that exists, in the audit trail; a name that is no case leaves no trace in it."""
    with scenario_transaction(region_id) as registry:
        row = next((row for row in registry.cases() if row["case_id"] == case_id), None)
        if row is not None:
            said = f"{case_id} of {row['scenario_id']}: {shorten(why)}"
            _add_act(registry, person, "case move refused", said, known_utc)


def _add_act(registry: ScenarioTransaction, person: str, event: str, said: str, known_utc: datetime) -> None:
    registry.add_act(
        actor=person, event=event, note=said, authentication_code=Authentication.COMMAND.value, known_utc=known_utc
    )


def _one_line(text: str, what: str) -> str:
    line = text.strip()
    if not line:
        raise InputError(f"{what} is empty: expected one line of text", "say who moved the case and what was seen")
    if not line.isprintable() or len(line) > LONGEST_TEXT:
        raise InputError(
            f"{what} is not one line of at most {LONGEST_TEXT} printable characters", "write it in one line"
        )
    return line
