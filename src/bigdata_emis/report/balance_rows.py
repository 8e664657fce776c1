"""Page sections on district totals and audited totals that contradict measurements.

Belongs here: the choice of rows, their sums over the day or month, and a sentence in both languages.
Does not: which of two values is right (clean/line_energy/district_balance, inventory/audits), drawing (assets).
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import schema
from bigdata_emis.codes import AuditStatus, EnergyBalance
from bigdata_emis.report.names.code_names import pollutant_words
from bigdata_emis.report.names.county_names import county_words
from bigdata_emis.report.sheet.report_sheet import Words, words
from bigdata_emis.schema.mass_units import G_PER_KG
from bigdata_emis.storage.lake import Store

DISTRICT_KEY = ("district_id", "industry_code")
CONTRADICTED = (EnergyBalance.EXCEEDED, EnergyBalance.UNEXPLAINED)
MAX_BALANCES = 10
SUMMED = ("district_energy_kwh", "metered_energy_kwh", "abatement_energy_kwh")

MET = (AuditStatus.AGREES, AuditStatus.RECONCILED)
CONTRADICTING = (AuditStatus.IRRECONCILABLE, AuditStatus.CONTRADICTS)
STATUS_ORDER = (
    *CONTRADICTING,
    AuditStatus.NOT_EMITTED,
    AuditStatus.NOTHING_TO_MOVE,
    AuditStatus.INCOMPLETE,
    AuditStatus.RECONCILED,
    AuditStatus.AGREES,
)
"""What a person must check comes first, what is as expected last."""
AUDIT = ("source_id", "pollutant_code", "month_start", "audited_emission_g", "made_emission_g", "audit_status_code")
MAX_AUDITS = 30


def district_balance_section(day: date, store: Store, places: Mapping[str, Words]) -> dict[str, Any] | None:
    """District totals of a day that contradict the meters in some hour, most hours first.

    Counts are of cells (district and industry); energies are sums over the contradicted hours, and metered energy
    includes treatment devices, as the total does. None without totals. places: names of counties and cities.
    """
    frame = store.read("energy_balance_hourly", [day])
    if not frame.num_rows:
        return None
    contradicted = frame.filter(pc.is_in(frame["balance_code"], pa.array(CONTRADICTED)))
    by_code = contradicted.group_by([*DISTRICT_KEY, "balance_code"]).aggregate(
        [("hour_utc", "count"), *((name, "sum") for name in SUMMED)]
    )
    order = [("hour_utc_count", "descending"), *((name, "ascending") for name in (*DISTRICT_KEY, "balance_code"))]
    rows = by_code.sort_by(order).to_pylist()
    return {
        "cells": frame.group_by(DISTRICT_KEY).aggregate([]).num_rows,
        "contradicted": contradicted.group_by(DISTRICT_KEY).aggregate([]).num_rows,
        "rows": [_balance_row(row, places) for row in rows[:MAX_BALANCES]],
    }


def audit_section(day: date, store: Store, names: Mapping[str, Words]) -> dict[str, Any] | None:
    """Audited totals of the month next to the inventory, contradicting ones first.

    `names` holds the titles of sources in both languages. None where no audit was applied.
    """
    frame = store.read("audit_settlement", [day], columns=list(AUDIT))
    # One row for each audit: its methods and days share all columns that are read here.
    rows = sorted(frame.group_by(list(AUDIT)).aggregate([]).to_pylist(), key=_audit_order)
    if not rows:
        return None
    met, contradicting = (sum(row["audit_status_code"] in codes for row in rows) for codes in (MET, CONTRADICTING))
    sentence = _audit_sentence(f"{rows[0]['month_start']:%Y-%m}", len(rows), met, contradicting)
    waiting = _waiting_sentence(day, store)
    return {
        "rows": [_audit_row(row, names) for row in rows[:MAX_AUDITS]],
        "left_out": max(len(rows) - MAX_AUDITS, 0),
        "count": len(rows),
        "met": met,
        "contradicting": contradicting,
        "words": {language: sentence[language] + waiting[language] for language in sentence},
    }


def _balance_row(row: dict[str, Any], places: Mapping[str, Words]) -> dict[str, Any]:
    return {
        "district": county_words(places, row["district_id"]),
        "industry": _code_title("industry", row["industry_code"]),
        "code": _code_title("energy_balance", row["balance_code"]),
        "hours": row["hour_utc_count"],
        "total_kwh": row["district_energy_kwh_sum"],
        "metered_kwh": row["metered_energy_kwh_sum"] + row["abatement_energy_kwh_sum"],
    }


def _code_title(code_list: str, code: str) -> dict[str, str]:
    titled = schema.codes()[code_list].get(code)
    return {"en": titled.title_en if titled else code, "zh": titled.title_zh if titled else code}


def _waiting_sentence(day: date, store: Store) -> dict[str, str]:
    """A sentence where the hours of the day are older than the audits, as before a restatement."""
    audited, computed = (
        store.versions(table, [day])[-1:] for table in ("audit_settlement", "emission_industry_hourly")
    )
    if computed and computed[0].known_utc >= audited[0].known_utc:
        return {"en": "", "zh": ""}
    return {
        "en": " The hours of this day were computed before these audited totals were applied: "
        "restate the month (emis restate).",
        "zh": "本日小时排放早于本次核定校正，请重算该月（emis restate）。",
    }


def _audit_order(row: dict[str, Any]) -> tuple[int, float, str, str]:
    """By status, then the audit farthest from the inventory first."""
    inventory_g, audited_g = row["made_emission_g"], row["audited_emission_g"]
    distance = abs(float(np.log(audited_g / inventory_g))) if inventory_g > 0 and audited_g > 0 else np.inf
    return STATUS_ORDER.index(row["audit_status_code"]), -distance, row["source_id"], row["pollutant_code"]


def _audit_row(row: dict[str, Any], names: Mapping[str, Words]) -> dict[str, Any]:
    source, inventory_g = row["source_id"], row["made_emission_g"]
    ratio = row["audited_emission_g"] / inventory_g if inventory_g > 0 else np.inf
    status = schema.codes()["audit_status"][row["audit_status_code"]]
    return {
        "id": source,
        **names.get(source, words(source)),
        "pollutant": row["pollutant_code"],
        "sign": pollutant_words(row["pollutant_code"]),
        "made_kg": inventory_g / G_PER_KG,
        "audited_kg": row["audited_emission_g"] / G_PER_KG,
        "ratio": ratio if np.isfinite(ratio) else None,
        "status": {"en": status.title_en, "zh": status.title_zh},
        "contradicts": row["audit_status_code"] in CONTRADICTING,
    }


def _audit_sentence(month: str, count: int, met: int, contradicting: int) -> dict[str, str]:
    """How many audits are met, contradicting or not applied; each audit is one of these."""
    totals, not_applied = f"audited total{'s' if count != 1 else ''}", count - met - contradicting
    equals = "equals the sum of its line" if met == 1 else "equal the sums of their lines"
    contradicts = f"contradict{'s' if contradicting == 1 else ''}"
    return {
        "en": f"Of {count} {totals} of {month}, {met} {equals}, {contradicting} {contradicts} the inventory, a "
        f"monitor or another audit, and {not_applied} could not be applied.",
        "zh": f"{month} 共有 {count} 项核定月总量：{met} 项与所属生产线的清单合计一致；"
        f"{contradicting} 项与清单、监测或其他核定量相矛盾；{not_applied} 项未能采用。",
    }
