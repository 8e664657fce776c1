"""The part of a day's page that tells which totals of the power bureau contradict the meters of their lines.

Belongs here: the choice of cells and their sums over the day. Does not: who is right (clean/district_balance), drawing (assets).
"""

from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import schema
from bigdata_emis.store import Store

CELL = ("district_id", "industry_code")
CONTRADICTED = ("exceeded", "unexplained")
SHOWN = 10
SUMMED = ("district_energy_kwh", "metered_energy_kwh", "abatement_energy_kwh")


def contradictions(day: date, store: Store) -> dict[str, Any] | None:
    """How many cells (district and industry) have a total that day, and those contradicted in some hour, the longest first.

    Energies are sums over the contradicted hours; what is metered includes treatment devices, as the total does. None without totals.
    """
    frame = store.read("energy_balance_hourly", [day])
    if not frame.num_rows:
        return None
    wrong = frame.filter(pc.is_in(frame["balance_code"], pa.array(CONTRADICTED)))
    by_code = wrong.group_by([*CELL, "balance_code"]).aggregate([("hour_utc", "count"), *((name, "sum") for name in SUMMED)])
    order = [("hour_utc_count", "descending"), *((name, "ascending") for name in (*CELL, "balance_code"))]
    rows = by_code.sort_by(order).to_pylist()
    return {
        "cells": frame.group_by(CELL).aggregate([]).num_rows, "contradicted": wrong.group_by(CELL).aggregate([]).num_rows,
        "rows": [_told(row) for row in rows[:SHOWN]],
    }  # fmt: skip


def _told(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "district": row["district_id"], "industry": _titles("industry", row["industry_code"]), "code": _titles("energy_balance", row["balance_code"]),
        "hours": row["hour_utc_count"], "total_kwh": row["district_energy_kwh_sum"],
        "metered_kwh": row["metered_energy_kwh_sum"] + row["abatement_energy_kwh_sum"],
    }  # fmt: skip


def _titles(code_list: str, code: str) -> dict[str, str]:
    known = schema.codes()[code_list].get(code)
    return {"en": known.title_en if known else code, "zh": known.title_zh if known else code}
