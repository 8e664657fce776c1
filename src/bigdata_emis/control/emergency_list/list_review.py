"""The review queue of a list: items that a person decides about, and the decisions with their audit.

Belongs here: the queue and one decision. Does not: reading texts (measure_text), storing versions (list_versions).
"""

from dataclasses import dataclass
from datetime import datetime

from bigdata_emis import schema
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
from bigdata_emis.control.emergency_list.matching.list_registry import ListRegistry
from bigdata_emis.control.emergency_list.plant.reason_words import reason_words
from bigdata_emis.errors import InputError, shorten
from bigdata_emis.storage.registries.registry_identity import prepare_registry
from bigdata_emis.storage.scenario_record import scenario_transaction
from bigdata_emis.text_values import read_value

LONGEST_REASON = 500
SHOWN_ITEMS = 3
DECIDED = ("decided_by", "decided_utc", "authentication_code", "action")
"""Who decided, when, how and why."""


def review_queue(region_id: str, version_id: str = "") -> Row:
    """The items of a version that are not accepted, or whose lines are unclear, with sheet, row, text and reason.

    decided: those about which a person decided, in this version or in an earlier one.
    """
    version = find_version(region_id, version_id)
    items = read_items(region_id, version[VERSION_ID])
    registry = ListRegistry(region_id, items)
    return {
        "region": region_id,
        "version": version[VERSION_ID],
        "items": len(items),
        "rejected": sum(item["list_item_status_code"] == ListItemStatus.REJECTED for item in items),
        "queue": [entry for item in items if (entry := _waiting(item, registry)) is not None],
        "decided": [_decision_entry(item) for item in items if item["decided_by"]],
    }


def _waiting(item: Row, registry: ListRegistry) -> Row | None:
    """The entry of an item that a person decides about; None for one that may be used."""
    if item["list_item_status_code"] != ListItemStatus.ACCEPTED:
        return _entry(item)
    question = registry.question(item)
    if not question:
        return None
    return _entry(item) | {"status": ListItemStatus.ASK_PERSON.value} | _reasons(question)


@dataclass(frozen=True)
class ItemDecision:
    """The kind and shares that a person gives an item, or the lines of its row, and why.

    kind and share: both empty leave those of the list, where lines are named. guarantee: empty leaves the class of the
    list. lines: of the registry; they are those of every item of the row.
    """

    kind: str
    share: float | None
    actor: str
    reason: str
    affected_share: float = 1.0
    guarantee: str = ""
    lines: tuple[str, ...] = ()

    def sentence(self) -> str:
        """The decision as the audit trail has it."""
        shares = "" if self.share is None else f"{self.kind} {self.affected_share:g} x {self.share:g}"
        lines = f"lines {', '.join(self.lines)}" if self.lines else ""
        return f"{'; '.join(filter(None, (shares, lines)))}: {self.reason.strip()}"


def decide_item(
    region_id: str, item_id: str, decision: ItemDecision, *, known_utc: datetime, version_id: str = ""
) -> Row:
    """Give an item of the queue its kind and share, with who decided and why, in one transaction with the audit.

    Raises:
        InputError: the kind or class is unknown, a share is outside 0–1, there is no reason, or no such item.
    """
    _check_decision(decision)
    version = find_version(region_id, version_id)[VERSION_ID]
    prepare_registry()
    listed = read_items(region_id, version)
    registry = ListRegistry(region_id, listed) if decision.lines else None
    with scenario_transaction(region_id) as transaction:
        items = [row for row in transaction.rows(ITEM) if row[VERSION_ID] == version]
        row = _find_item(items, item_id)
        if registry is not None:
            _check_lines(row, decision, registry)
        changed = _decided(row, decision, known_utc)
        others = [_with_lines(one, changed) for one in _rest_of_row(items, row, decision)]
        transaction.write_rows(ITEM, [changed, *others], update=True)
        emissions = [
            emission | {"cut_kg_per_d": _cut(changed, emission)}
            for emission in transaction.rows(EMISSION)
            if emission[VERSION_ID] == version and emission[ITEM_ID] == row[ITEM_ID] and decision.share is not None
        ]
        if emissions:
            transaction.write_rows(EMISSION, emissions, update=True)
        before = f"{row['list_item_status_code']} {row['applied_cut_share']}"
        transaction.add_act(
            actor=decision.actor,
            event="emergency_list_item_decided",
            note=f"{version} {row[ITEM_ID]} {before} to {decision.sentence()}",
            authentication_code=Authentication.COMMAND,
            known_utc=known_utc,
        )
    applied = {"applied_cut_share": changed["applied_cut_share"], "decided_by": decision.actor}
    return (
        _entry(changed)
        | _reasons(changed["action"])
        | {"version": version, **applied, "lines": changed["matched_line_ids"] or []}
    )


def _rest_of_row(items: list[Row], row: Row, decision: ItemDecision) -> list[Row]:
    """The other items of the row, which are about the same lines; none where no line is named."""
    place = (row["sheet_name"], row["excel_row_number"])
    same = [one for one in items if (one["sheet_name"], one["excel_row_number"]) == place]
    return [one for one in same if one[ITEM_ID] != row[ITEM_ID]] if decision.lines else []


def _with_lines(item: Row, decided: Row) -> Row:
    """Another item of the row with the lines that were named; it keeps the decision that it has already."""
    names = ("matched_line_ids", *(() if item["decided_by"] else DECIDED))
    return item | {name: decided[name] for name in names}


def _check_lines(row: Row, decision: ItemDecision, registry: ListRegistry) -> None:
    """Refuse lines that are not of the plant, and lines alone for an item that has no share yet."""
    own = registry.lines_of_plant(row)
    for line in decision.lines:
        if line not in own:
            known = ", ".join(own[:SHOWN_ITEMS]) if own else "none: register the plant first"
            raise InputError(f"line '{shorten(line)}' is no line of the plant of this item", f"lines: {known}")
    if decision.share is None and row["list_item_status_code"] != ListItemStatus.ACCEPTED:
        raise InputError(f"item {shorten(row[ITEM_ID])} has no share yet", "give --kind and --share as well")


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


def _check_decision(decision: ItemDecision) -> None:
    kind, guarantee, reason = decision.kind, decision.guarantee, decision.reason
    if (not kind or decision.share is None) and not decision.lines:
        raise InputError("a decision needs --kind and --share, or --line", "give both, or name the lines of the row")
    if bool(kind) != (decision.share is not None):
        raise InputError("--kind and --share belong together", "give both, or neither with --line")
    if kind and kind not in set(MeasureKind):
        titles = schema.codes()["measure_kind"]
        known = ", ".join(f"{one} {titles[one].title_zh}" for one in MeasureKind)
        raise InputError(f"kind '{shorten(kind)}' is unknown", f"use one of {known}")
    if guarantee and guarantee not in set(Guarantee):
        raise InputError(f"guarantee class '{shorten(guarantee)}' is unknown", f"use one of {', '.join(Guarantee)}")
    for name, value in (("share", decision.share), ("affected share", decision.affected_share)):
        if value is not None:
            _check_share(value, name)
    if not reason.strip() or len(reason) > LONGEST_REASON or not reason.isprintable():
        raise InputError(
            f"--note needs one line of 1 to {LONGEST_REASON} printable characters", "say why, for the audit trail"
        )


def _find_item(items: list[Row], item_id: str) -> Row:
    fitting = [row for row in items if row[ITEM_ID] == item_id or row[ITEM_ID].endswith(f"!{item_id}")]
    if len(fitting) != 1:
        waiting = [row[ITEM_ID] for row in items if row["list_item_status_code"] != ListItemStatus.ACCEPTED]
        shown = ", ".join(waiting[:SHOWN_ITEMS])
        raise InputError(f"item '{shorten(item_id)}' names {len(fitting)} items", f"use one of the queue: {shown} …")
    return fitting[0]


def _decided(item: Row, decision: ItemDecision, known_utc: datetime) -> Row:
    """The item as it is after a decision. applied = affected share × cut share, of the whole emission of the plant."""
    shares = {
        "measure_kind_code": decision.kind,
        "affected_share": decision.affected_share,
        "cut_share": decision.share,
        "applied_cut_share": decision.affected_share * (decision.share or 0.0),
    }
    lines = {"matched_line_ids": list(decision.lines)}
    return (
        item
        | (shares if decision.share is not None else {})
        | (lines if decision.lines else {})
        | {
            "guarantee_code": decision.guarantee or item["guarantee_code"],
            "list_item_status_code": ListItemStatus.ACCEPTED.value,
            "decided_by": decision.actor,
            "decided_utc": known_utc,
            "authentication_code": Authentication.COMMAND.value,
            "action": decision.reason.strip(),
        }
    )


def _cut(item: Row, emission: Row) -> float | None:
    if item["vehicle_class_codes"] or emission["emission_kg_per_d"] is None:
        return None
    pollutants = item["list_pollutant_codes"]
    is_cut = not pollutants or emission["list_pollutant_code"] in pollutants
    return float(emission["emission_kg_per_d"]) * item["applied_cut_share"] if is_cut else 0.0


def _entry(item: Row) -> Row:
    return {
        "item": item[ITEM_ID],
        "sheet": item["sheet_name"],
        "row": item["excel_row_number"],
        "enterprise_name": item["enterprise_name"] or "",
        "level": item["alert_level_code"],
        "text": item["measure_text"] or "",
        "status": item["list_item_status_code"],
        **_reasons(item["note"] or ""),
        "readings": item["readings"] or [],
    }


def _reasons(reason: str) -> dict[str, str]:
    """A reason as it is stored, and in Chinese as far as there are sentences."""
    return {"reason": reason, "reason_zh": reason_words(reason)}


def _decision_entry(item: Row) -> Row:
    """What a person decided about an item, who, when and why."""
    return {
        "item": item[ITEM_ID],
        "enterprise_name": item["enterprise_name"] or "",
        "level": item["alert_level_code"],
        "text": item["measure_text"] or "",
        "kind": item["measure_kind_code"] or "",
        "affected_share": item["affected_share"],
        "cut_share": item["cut_share"],
        "lines": item["matched_line_ids"] or [],
        "decided_by": item["decided_by"],
        "decided_utc": item["decided_utc"].isoformat(),
        "reason": item["action"] or "",
    }
