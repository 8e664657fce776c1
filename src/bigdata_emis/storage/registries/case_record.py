"""The rows of compliance cases in the registry: opened and updated by a judgement, moved by a person, with audit.

Belongs here: reading and writing these rows, and which status may follow which. Does not: what a case is about
(control/outcome/cases).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bigdata_emis.codes import Authentication, CaseStatus
from bigdata_emis.errors import InputError, RefusedError, shorten
from bigdata_emis.storage import database
from bigdata_emis.storage.scenario_record import scenario_transaction

NEXT_STATUSES: dict[CaseStatus, tuple[CaseStatus, ...]] = {
    CaseStatus.OPEN: (CaseStatus.CHECKED,),
    CaseStatus.CHECKED: (CaseStatus.CONFIRMED, CaseStatus.EQUIPMENT_FAULT),
    CaseStatus.CONFIRMED: (CaseStatus.CLOSED,),
    CaseStatus.EQUIPMENT_FAULT: (CaseStatus.CLOSED,),
    CaseStatus.CLOSED: (),
}
DECISION = ("case_status_code", "decided_by", "decided_utc", "note")
LONGEST_TEXT = 300


def read_cases(region_id: str) -> list[dict[str, Any]]:
    """Every case of a region, the largest excess first."""
    rows = database.read("compliance_case", region_id).to_pylist()
    return sorted(rows, key=lambda row: (-(row["excess_emission_g"] or 0.0), row["case_id"]))


def record_cases(region_id: str, cases: Sequence[dict[str, Any]], scenario_id: str) -> None:
    """Open the cases of a judgement, and update those that exist; what people decided about a case stays.

    An open case of the same scenario that the new judgement does not list is deleted; one that was checked stays.
    """
    with scenario_transaction(region_id) as registry:
        before = {row["case_id"]: row for row in registry.cases()}
        for case in cases:
            known = before.get(case["case_id"], {})
            kept = {name: known.get(name) for name in DECISION} if known else {}
            registry.save_case({**case, **kept})
        names = {case["case_id"] for case in cases}
        registry.drop_cases(
            case_id
            for case_id, row in before.items()
            if row["scenario_id"] == scenario_id and case_id not in names and row["case_status_code"] == CaseStatus.OPEN
        )


def move_case(region_id: str, case_id: str, *, to: str, actor: str, note: str, known_utc: datetime) -> dict[str, Any]:
    """Move a case to its next status, with an act in the audit trail; the moved row.

    Raises:
        InputError: the case or the status is unknown, or a text is not one printable line.
        RefusedError: the status does not follow the present one.
    """
    person, words = _one_line(actor, "the person (--by)"), _one_line(note, "the note (--note)", may_be_empty=True)
    if to not in set(CaseStatus):
        raise InputError(f"status '{shorten(to)}' is unknown", f"use one of {', '.join(CaseStatus)}")
    with scenario_transaction(region_id) as registry:
        row = next((row for row in registry.cases() if row["case_id"] == case_id), None)
        if row is None:
            raise InputError(f"case '{shorten(case_id)}' is unknown in {region_id}", "see emis compliance list")
        before = CaseStatus(row["case_status_code"])
        if CaseStatus(to) not in NEXT_STATUSES[before]:
            follows = ", ".join(NEXT_STATUSES[before]) or "nothing"
            raise RefusedError(f"case {case_id} is {before}: {to} does not follow", f"what follows is {follows}")
        moved = {**row, "case_status_code": to, "decided_by": person, "decided_utc": known_utc}
        moved["note"] = words or row["note"]
        registry.save_case(moved)
        said = f"; {words}" if words else ""
        registry.add_act(
            actor=person,
            event="case moved",
            note=f"{case_id} of {row['scenario_id']}: {before} to {to}{said}",
            authentication_code=Authentication.COMMAND.value,
            known_utc=known_utc,
        )
    return moved


def _one_line(text: str, what: str, *, may_be_empty: bool = False) -> str:
    line = text.strip()
    if not line.isprintable() or len(line) > LONGEST_TEXT or not (line or may_be_empty):
        raise InputError(
            f"{what} is not one line of at most {LONGEST_TEXT} printable characters", "write it in one line"
        )
    return line
