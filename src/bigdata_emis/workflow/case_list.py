"""Compliance cases with the names and places of their lines, as documents.

Belongs here: rows of several registry tables joined for a reader. Does not: printing (cli/outcome), moving a case
(storage/registries/case_record).
"""

import json
from typing import Any

from bigdata_emis.codes import CaseStatus
from bigdata_emis.errors import InputError, shorten
from bigdata_emis.region import Region
from bigdata_emis.schema import codes
from bigdata_emis.storage import database
from bigdata_emis.storage.registries.case_record import read_cases

Case = dict[str, Any]


def list_cases(region: Region, *, scenario_id: str = "", status: str = "") -> list[Case]:
    """The cases of a region, the largest excess first. Raises InputError when the status is unknown."""
    if status and status not in set(CaseStatus):
        raise InputError(f"status '{shorten(status)}' is unknown", f"use one of {', '.join(CaseStatus)}")
    lines = _by_key(database.read("production_line", region.region_id).to_pylist(), "production_line_id")
    enterprises = _by_key(database.read("enterprise", region.region_id).to_pylist(), "enterprise_id")
    rows = [
        row
        for row in read_cases(region.region_id)
        if scenario_id in ("", row["scenario_id"]) and status in ("", row["case_status_code"])
    ]
    return [_describe(rank, row, lines, enterprises) for rank, row in enumerate(rows, start=1)]


def show_case(region: Region, case_id: str) -> Case:
    """A case and every act about it. Raises InputError when there is no such case."""
    found = [case for case in list_cases(region) if case["case"] == case_id]
    if not found:
        raise InputError(f"case '{shorten(case_id)}' is unknown in {region.region_id}", "see emis compliance list")
    acts = [
        {"known_utc": act["known_utc"].isoformat(), "actor": act["actor"], "note": act["note"]}
        for act in database.read("audit", region.region_id).to_pylist()
        if (act["note"] or "").startswith(f"{case_id} of ")
    ]
    return {**found[0], "acts": acts}


def _by_key(rows: list[dict[str, Any]], key: str) -> dict[str, dict[str, Any]]:
    return {row[key]: row for row in rows}


def _describe(rank: int, row: Case, lines: dict[str, Case], enterprises: dict[str, Case]) -> Case:
    line = lines.get(row["source_id"], {})
    enterprise = enterprises.get(line.get("enterprise_id", ""), {})
    kind = codes()["breach_kind"][row["breach_kind_code"]]
    status = codes()["case_status"][row["case_status_code"]]
    return {
        "rank": rank,
        "case": row["case_id"],
        "scenario": row["scenario_id"],
        "source": row["source_id"],
        "enterprise_en": enterprise.get("name_en") or "",
        "enterprise_zh": enterprise.get("name_zh") or "",
        "city": enterprise.get("city_name") or "",
        "county": enterprise.get("county_id") or "",
        "kind": row["breach_kind_code"],
        "kind_en": kind.title_en,
        "kind_zh": kind.title_zh,
        "from_utc": row["from_utc"].isoformat(),
        "to_utc": row["to_utc"].isoformat(),
        "probability": row["breach_probability_share"],
        "excess_kg": (row["excess_emission_g"] or 0.0) / 1_000,
        "evidence": json.loads(row["evidence_json"] or "{}"),
        "status": row["case_status_code"],
        "status_zh": status.title_zh,
        "decided_by": row["decided_by"],
        "note": row["note"],
    }
