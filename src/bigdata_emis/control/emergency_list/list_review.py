"""The review queue of a list: items that a person decides about, and the decisions with their audit.

Belongs here: the queue and one decision. Does not: reading texts (measure_text), storing versions (list_versions).
"""

from datetime import datetime

from bigdata_emis.codes import Authentication, Guarantee, ListItemStatus, MeasureKind
from bigdata_emis.control.emergency_list.list_versions import (
    EMISSION,
    ITEM,
    ITEM_ID,
    VERSION_ID,
    Row,
    find_version,
    read_items,
)
from bigdata_emis.errors import InputError, shorten
from bigdata_emis.storage.registries.registry_identity import prepare_registry
from bigdata_emis.storage.scenario_record import scenario_transaction
from bigdata_emis.text_values import read_value

LONGEST_REASON = 500
SHOWN_ITEMS = 3


def review_queue(region_id: str, version_id: str = "") -> Row:
    """The items of a version that are not accepted, each with sheet, row, text, reason and readings."""
    version = find_version(region_id, version_id)
    items = read_items(region_id, version[VERSION_ID])
    waiting = [item for item in items if item["list_item_status_code"] != ListItemStatus.ACCEPTED]
    return {
        "region": region_id,
        "version": version[VERSION_ID],
        "items": len(items),
        "queue": [_entry(item) for item in waiting],
    }


def decide_item(
    region_id: str,
    item_id: str,
    *,
    kind: str,
    share: float,
    affected_share: float = 1.0,
    guarantee: str = "",
    actor: str,
    reason: str,
    known_utc: datetime,
    version_id: str = "",
) -> Row:
    """Give an item of the queue its kind and share, with who decided and why, in one transaction with the audit.

    Raises:
        InputError: the kind or class is unknown, a share is outside 0–1, there is no reason, or no such item.
    """
    _check_decision(kind, share, affected_share, guarantee, reason)
    version = find_version(region_id, version_id)[VERSION_ID]
    prepare_registry()
    with scenario_transaction(region_id) as transaction:
        items = [row for row in transaction.rows(ITEM) if row[VERSION_ID] == version]
        row = _find_item(items, item_id)
        applied = affected_share * share
        changed = row | {
            "measure_kind_code": kind,
            "affected_share": affected_share,
            "cut_share": share,
            "applied_cut_share": applied,
            "guarantee_code": guarantee or row["guarantee_code"],
            "list_item_status_code": ListItemStatus.ACCEPTED.value,
            "decided_by": actor,
            "decided_utc": known_utc,
            "authentication_code": Authentication.COMMAND.value,
            "action": reason.strip(),
        }
        transaction.write_rows(ITEM, [changed], update=True)
        emissions = [
            emission | {"cut_kg_per_d": _cut(changed, emission, applied)}
            for emission in transaction.rows(EMISSION)
            if emission[VERSION_ID] == version and emission[ITEM_ID] == row[ITEM_ID]
        ]
        if emissions:
            transaction.write_rows(EMISSION, emissions, update=True)
        before = f"{row['list_item_status_code']} {row['applied_cut_share']}"
        note = f"{version} {row[ITEM_ID]} {before} to {kind} {affected_share:g} x {share:g}: {reason.strip()}"
        transaction.add_act(
            actor=actor,
            event="emergency_list_item_decided",
            note=note,
            authentication_code=Authentication.COMMAND,
            known_utc=known_utc,
        )
    return _entry(changed) | {"version": version, "applied_cut_share": applied, "decided_by": actor}


def parse_share(text: str, what: str) -> float:
    """The share that a person wrote. Raises InputError when the text is no number between 0 and 1."""
    try:
        value = float(read_value(text.strip(), "number"))
    except ValueError as problem:
        raise InputError(f"{what} '{shorten(text)}' is no share between 0 and 1", str(problem)) from None
    _check_share(value, what)
    return value


def _check_share(value: float, what: str) -> None:
    if not 0 <= value <= 1:
        raise InputError(f"{what} = {value:g}: expected a share between 0 and 1", "write 0.3 for 30 %")


def _check_decision(kind: str, share: float, affected_share: float, guarantee: str, reason: str) -> None:
    if kind not in set(MeasureKind):
        raise InputError(f"kind '{shorten(kind)}' is unknown", f"use one of {', '.join(MeasureKind)}")
    if guarantee and guarantee not in set(Guarantee):
        raise InputError(f"guarantee class '{shorten(guarantee)}' is unknown", f"use one of {', '.join(Guarantee)}")
    for name, value in (("share", share), ("affected share", affected_share)):
        _check_share(value, name)
    if not reason.strip() or len(reason) > LONGEST_REASON or not reason.isprintable():
        raise InputError(
            f"--reason needs one line of 1 to {LONGEST_REASON} printable characters", "say why, for the audit trail"
        )


def _find_item(items: list[Row], item_id: str) -> Row:
    fitting = [row for row in items if row[ITEM_ID] == item_id or row[ITEM_ID].endswith(f"!{item_id}")]
    if len(fitting) != 1:
        waiting = [row[ITEM_ID] for row in items if row["list_item_status_code"] != ListItemStatus.ACCEPTED]
        shown = ", ".join(waiting[:SHOWN_ITEMS])
        raise InputError(f"item '{shorten(item_id)}' names {len(fitting)} items", f"use one of the queue: {shown} …")
    return fitting[0]


def _cut(item: Row, emission: Row, applied: float) -> float | None:
    if item["vehicle_class_codes"] or emission["emission_kg_per_d"] is None:
        return None
    pollutants = item["list_pollutant_codes"]
    is_cut = not pollutants or emission["list_pollutant_code"] in pollutants
    return float(emission["emission_kg_per_d"]) * applied if is_cut else 0.0


def _entry(item: Row) -> Row:
    return {
        "item": item[ITEM_ID],
        "sheet": item["sheet_name"],
        "row": item["excel_row_number"],
        "enterprise_name": item["enterprise_name"] or "",
        "level": item["alert_level_code"],
        "text": item["measure_text"] or "",
        "status": item["list_item_status_code"],
        "reason": item["note"] or "",
        "readings": item["readings"] or [],
    }
