"""The part of a day's page that tells what became of the audited totals of its month.

Belongs here: the choice and order of audits, and the sentence about them. Does not: what an audit does to an hour (inventory), drawing (assets).
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np

from bigdata_emis import schema
from bigdata_emis.store import Store

MOVING = ("settled", "reconciled", "contradicts")
CONTRADICTING = ("irreconcilable", "contradicts")
ORDER = (*CONTRADICTING, "not_emitted", "nothing_to_move", "incomplete", "reconciled", "settled")
"""What somebody must look at comes first, what is as it should be last."""
AUDIT = ("source_id", "pollutant_code", "month_start", "audited_emission_g", "made_emission_g", "audit_status_code")
SHOWN = 30
G_PER_KG = 1000.0


def audits(day: date, store: Store, names: Mapping[str, Mapping[str, str]]) -> dict[str, Any] | None:
    """The audited totals of the month of the day beside what was made, contradicting ones first, and a sentence; none where none was settled."""
    frame = store.read("audit_settlement", [day], columns=list(AUDIT))
    # One row an audit: its methods and days share all that is read here.
    rows = sorted(frame.group_by(list(AUDIT)).aggregate([]).to_pylist(), key=_place)
    if not rows:
        return None
    moved, contradicting = (sum(row["audit_status_code"] in codes for row in rows) for codes in (MOVING, CONTRADICTING))
    return {
        "rows": [_told(row, names) for row in rows[:SHOWN]], "left_out": max(len(rows) - SHOWN, 0), "count": len(rows), "moved": moved,
        "contradicting": contradicting, "words": _words(f"{rows[0]['month_start']:%Y-%m}", len(rows), moved, contradicting),
    }  # fmt: skip


def _place(row: dict[str, Any]) -> tuple[int, float, str, str]:
    """By status, of equals the farther from what was made first."""
    made, audited = row["made_emission_g"], row["audited_emission_g"]
    distance = abs(float(np.log(audited / made))) if made > 0 and audited > 0 else np.inf
    return ORDER.index(row["audit_status_code"]), -distance, row["source_id"], row["pollutant_code"]


def _told(row: dict[str, Any], names: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    source, made = row["source_id"], row["made_emission_g"]
    status = schema.codes()["audit_status"][row["audit_status_code"]]
    return {
        "id": source, **names.get(source, {"en": source, "zh": source}), "pollutant": row["pollutant_code"], "made_kg": made / G_PER_KG,
        "audited_kg": row["audited_emission_g"] / G_PER_KG, "ratio": row["audited_emission_g"] / made if made > 0 else None,
        "status": {"en": status.title_en, "zh": status.title_zh}, "contradicts": row["audit_status_code"] in CONTRADICTING,
    }  # fmt: skip


def _words(month: str, count: int, moved: int, contradicting: int) -> dict[str, str]:
    totals = f"audited total{'s' if count != 1 else ''}"
    denied = f"{contradicting} contradict{'s' if contradicting == 1 else ''} what was made or measured, or another audit"
    return {
        "en": f"Of {count} {totals} of {month}, {moved} moved the hours of {'its line' if moved == 1 else 'their lines'}; {denied}.",
        "zh": f"{month} 共有 {count} 项核定月总量，其中 {moved} 项已用于校正所属产线的小时排放；{contradicting} 项与清单、监测或其他核定量相矛盾。",
    }
