"""The part of a day's page that tells which totals of the power bureau contradict the meters of their lines.

Belongs here: the choice of cells and their sums over the day. Does not: who is right (clean/district_balance), drawing (assets).
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import schema
from bigdata_emis.storage.lake import Store

CELL = ("district_id", "industry_code")
CONTRADICTED = ("exceeded", "unexplained")
SHOWN_BALANCES = 10
SUMMED = ("district_energy_kwh", "metered_energy_kwh", "abatement_energy_kwh")


def contradictions(day: date, store: Store) -> dict[str, Any] | None:
    """How many cells (district and industry) have a total that day, and those contradicted in some hour, the longest first.

    Energies are sums over the contradicted hours; what is metered includes treatment devices, as the total does. None without totals.
    """
    frame = store.read("energy_balance_hourly", [day])
    if not frame.num_rows:
        return None
    wrong = frame.filter(pc.is_in(frame["balance_code"], pa.array(CONTRADICTED)))
    by_code = wrong.group_by([*CELL, "balance_code"]).aggregate(
        [("hour_utc", "count"), *((name, "sum") for name in SUMMED)]
    )
    order = [("hour_utc_count", "descending"), *((name, "ascending") for name in (*CELL, "balance_code"))]
    rows = by_code.sort_by(order).to_pylist()
    return {
        "cells": frame.group_by(CELL).aggregate([]).num_rows,
        "contradicted": wrong.group_by(CELL).aggregate([]).num_rows,
        "rows": [_balance_row(row) for row in rows[:SHOWN_BALANCES]],
    }


def _balance_row(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "district": row["district_id"],
        "industry": _titles("industry", row["industry_code"]),
        "code": _titles("energy_balance", row["balance_code"]),
        "hours": row["hour_utc_count"],
        "total_kwh": row["district_energy_kwh_sum"],
        "metered_kwh": row["metered_energy_kwh_sum"] + row["abatement_energy_kwh_sum"],
    }


def _titles(code_list: str, code: str) -> dict[str, str]:
    known = schema.codes()[code_list].get(code)
    return {"en": known.title_en if known else code, "zh": known.title_zh if known else code}


MET = ("settled", "reconciled")
CONTRADICTING = ("irreconcilable", "contradicts")
ORDER = (*CONTRADICTING, "not_emitted", "nothing_to_move", "incomplete", "reconciled", "settled")
"""What somebody must look at comes first, what is as it should be last."""
AUDIT = ("source_id", "pollutant_code", "month_start", "audited_emission_g", "made_emission_g", "audit_status_code")
SHOWN_AUDITS = 30
G_PER_KG = 1000.0


def audits(day: date, store: Store, names: Mapping[str, Mapping[str, str]]) -> dict[str, Any] | None:
    """The audited totals of the month of the day beside what was made, contradicting ones first, and a sentence; none where none was settled."""
    frame = store.read("audit_settlement", [day], columns=list(AUDIT))
    # One row an audit: its methods and days share all that is read here.
    rows = sorted(frame.group_by(list(AUDIT)).aggregate([]).to_pylist(), key=_place)
    if not rows:
        return None
    met, contradicting = (sum(row["audit_status_code"] in codes for row in rows) for codes in (MET, CONTRADICTING))
    told = _words(f"{rows[0]['month_start']:%Y-%m}", len(rows), met, contradicting)
    return {
        "rows": [_audit_row(row, names) for row in rows[:SHOWN_AUDITS]],
        "left_out": max(len(rows) - SHOWN_AUDITS, 0),
        "count": len(rows),
        "met": met,
        "contradicting": contradicting,
        "words": {language: told[language] + _waiting(day, store)[language] for language in told},
    }


def _waiting(day: date, store: Store) -> dict[str, str]:
    """A sentence where the hours of the day were made before the audits were settled, as by a settlement that no restatement followed."""
    settled, made = (store.versions(table, [day])[-1:] for table in ("audit_settlement", "emission_industry_hourly"))
    if made and made[0].known_utc >= settled[0].known_utc:
        return {"en": "", "zh": ""}
    return {
        "en": " The hours of this day are older than this settlement: restate the month (emis restate).",
        "zh": "本日小时排放早于此次核定结算，请重新核算该月（emis restate）。",
    }


def _place(row: dict[str, Any]) -> tuple[int, float, str, str]:
    """By status, of equals the farther from what was made first."""
    made, audited = row["made_emission_g"], row["audited_emission_g"]
    distance = abs(float(np.log(audited / made))) if made > 0 and audited > 0 else np.inf
    return ORDER.index(row["audit_status_code"]), -distance, row["source_id"], row["pollutant_code"]


def _audit_row(row: dict[str, Any], names: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    source, made = row["source_id"], row["made_emission_g"]
    ratio = row["audited_emission_g"] / made if made > 0 else np.inf
    status = schema.codes()["audit_status"][row["audit_status_code"]]
    return {
        "id": source,
        **names.get(source, {"en": source, "zh": source}),
        "pollutant": row["pollutant_code"],
        "made_kg": made / G_PER_KG,
        "audited_kg": row["audited_emission_g"] / G_PER_KG,
        "ratio": ratio if np.isfinite(ratio) else None,
        "status": {"en": status.title_en, "zh": status.title_zh},
        "contradicts": row["audit_status_code"] in CONTRADICTING,
    }


def _words(month: str, count: int, met: int, contradicting: int) -> dict[str, str]:
    """How many audits are of each kind; every one is of one."""
    totals, left = f"audited total{'s' if count != 1 else ''}", count - met - contradicting
    adds, denied = (
        "is what its line adds" if met == 1 else "are what their lines add",
        f"contradict{'s' if contradicting == 1 else ''}",
    )
    return {
        "en": f"Of {count} {totals} of {month}, {met} {adds} up to, {contradicting} {denied} what was made or measured, or another audit, "
        f"{left} could not be applied.",
        "zh": f"{month} 共有 {count} 项核定月总量：{met} 项与所属产线的清单合计一致；{contradicting} 项与清单、监测或其他核定量相矛盾；{left} 项未能采用。",
    }
