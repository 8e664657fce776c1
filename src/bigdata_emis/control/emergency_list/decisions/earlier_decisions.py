"""Decisions of persons about items of earlier versions, applied to the same items of a new version.

Belongs here: which earlier item is the same, and what becomes of the new one. Does not: deciding (list_review), storing
(list_versions).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bigdata_emis.codes import ListItemStatus
from bigdata_emis.window import local_stamp

Row = dict[str, Any]
Key = tuple[object, ...]

VERSION_ID, ITEM_ID = "emergency_list_version_id", "list_item_id"
DECISION = (
    "measure_kind_code", "affected_share", "cut_share", "applied_cut_share", "guarantee_code", "list_item_status_code",
    "decided_by", "decided_utc", "authentication_code", "action", "matched_line_ids",
)  # fmt: skip
"""The columns that a decision sets."""
PLACE = ("enterprise_name", "credit_code", "line_name", "alert_level_code", "measure_text")
"""Plant, line, level and text: what the person decided about, wherever its row is now."""
CONTENT = (
    *PLACE, "county_name", "industry_code", "grade_code", "base_value", "target_value", "base_unit",
    "vehicle_class_codes", "stage_text", "hours_text", "context_text", "exemption", "list_pollutant_codes",
)  # fmt: skip
"""Everything that the list says about an item beside its place in the sheet."""
ANSWER = ("measure_kind_code", "affected_share", "cut_share", "matched_line_ids")
MARK = "decided before by "
ROUNDING = 1e-9


@dataclass
class CarriedDecisions:
    """The items and emissions of a new version after the decisions of earlier ones, and one sentence a decision."""

    items: list[Row] = field(default_factory=list)
    emissions: list[Row] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)


def carry_decisions(
    items: Sequence[Row],
    emissions: Sequence[Row],
    *,
    earlier_items: Iterable[Row],
    earlier_emissions: Iterable[Row],
    time_zone: str,
) -> CarriedDecisions:
    """The items of a new version, each with the decision about the same item of an earlier version.

    The same item has the same plant, line, level, text, question and emissions, and its row says the same of what the
    text may be read by (lines, output, stages, remark). Where only plant, line, level and text agree, a person is asked
    again, and the earlier decision is named.
    """
    new_kg, old_kg = _emissions_by_item(emissions), _emissions_by_item(earlier_emissions)
    decided = [row for row in earlier_items if row["decided_by"]]
    carried, cuts = CarriedDecisions(), dict[str, dict[str, Any]]()
    for item in items:
        same_place = [row for row in decided if _values(row, PLACE) == _values(item, PLACE)]
        content = _content(item, new_kg)
        same = [row for row in same_place if _content(row, old_kg) == content]
        earlier = _newest(same, item[ITEM_ID])
        if earlier is not None:
            carried.items.append(item | {name: earlier[name] for name in DECISION})
            carried.sentences.append(f"{item[ITEM_ID]} {_sentence(earlier, time_zone)}")
            cuts[item[ITEM_ID]] = {row["list_pollutant_code"]: row["cut_kg_per_d"] for row in _of(old_kg, earlier)}
        else:
            carried.items.append(_asked_again(item, _newest(same_place, item[ITEM_ID]), time_zone))
    carried.emissions = [
        row | {"cut_kg_per_d": cuts.get(row[ITEM_ID], {}).get(row["list_pollutant_code"], row["cut_kg_per_d"])}
        for row in emissions
    ]
    return carried


def _asked_again(item: Row, earlier: Row | None, time_zone: str) -> Row:
    """The item as it was read, with the decision about a like one; one that reads otherwise than decided is asked."""
    if earlier is None or _agrees(item, earlier):
        return item
    note = "; ".join(filter(None, (item["note"], f"{_sentence(earlier, time_zone)}; the row differs now")))
    is_rejected = item["list_item_status_code"] == ListItemStatus.REJECTED
    status = ListItemStatus.REJECTED if is_rejected else ListItemStatus.ASK_PERSON
    return item | {"note": note, "list_item_status_code": status.value}


def _agrees(item: Row, earlier: Row) -> bool:
    """Whether the list reads now as it was decided."""
    own, decided = item["applied_cut_share"], earlier["applied_cut_share"]
    is_accepted = item["list_item_status_code"] == ListItemStatus.ACCEPTED
    return is_accepted and own is not None and decided is not None and abs(own - decided) <= ROUNDING


def _newest(rows: Sequence[Row], item_id: str) -> Row | None:
    """The newest decision; of one version that decided like items otherwise, that of the same cell."""
    if not rows:
        return None
    newest = max(rows, key=lambda row: (row["decided_utc"], row[VERSION_ID]))
    others = [row for row in rows if row[VERSION_ID] == newest[VERSION_ID]]
    if len({_values(row, ANSWER) for row in others}) == 1:
        return newest
    return next((row for row in others if row[ITEM_ID] == item_id), None)


def _sentence(earlier: Row, time_zone: str) -> str:
    """Who decided what, when and why."""
    day = local_stamp(earlier["decided_utc"], time_zone)[:10]
    share = earlier["applied_cut_share"]
    what = "" if share is None else f" as {earlier['measure_kind_code']} {share:g}"
    lines = f" of {', '.join(earlier['matched_line_ids'])}" if earlier["matched_line_ids"] else ""
    return f"{MARK}{earlier['decided_by']} on {day}{what}{lines}: {earlier['action'] or ''}"


def _content(item: Row, kg_of: Mapping[tuple[str, str], list[Row]]) -> Key:
    """What the list says about an item: its values, the question about it, and its emissions."""
    question = (item["note"] or "").partition(MARK)[0].rstrip("; ")
    kg = sorted((row["list_pollutant_code"], row["emission_kg_per_d"] or 0.0) for row in _of(kg_of, item))
    return (*_values(item, CONTENT), question, *kg)


def _values(item: Row, names: Iterable[str]) -> Key:
    return tuple(tuple(value) if isinstance(value := item[name], list) else value or None for name in names)


def _emissions_by_item(rows: Iterable[Row]) -> dict[tuple[str, str], list[Row]]:
    by_item: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        by_item.setdefault((row[VERSION_ID], row[ITEM_ID]), []).append(row)
    return by_item


def _of(kg_of: Mapping[tuple[str, str], list[Row]], item: Row) -> list[Row]:
    return kg_of.get((item[VERSION_ID], item[ITEM_ID]), [])
