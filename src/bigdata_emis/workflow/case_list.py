"""Compliance cases with the names and places of their lines, as documents and as a sheet to print; and their moves.

Belongs here: rows of several registry tables joined for a reader, and who may decide. Does not: printing (cli/outcome),
the wording of the sheet (report/brief/case_dispatch), the rows of a case (storage/registries/case_record).
"""

import json
import os
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bigdata_emis.codes import CaseStatus
from bigdata_emis.control.emergency_list.list_versions import VERSION_ID, list_versions, read_items
from bigdata_emis.errors import InputError, shorten
from bigdata_emis.region import Region
from bigdata_emis.report.brief.case_dispatch import case_sheet
from bigdata_emis.report.names.code_names import breach_words
from bigdata_emis.report.names.county_names import county_names
from bigdata_emis.report.published_view import PublishedView
from bigdata_emis.report.sheet.report_sheet import Words, words
from bigdata_emis.report.sheet.sheet_files import write_sheet
from bigdata_emis.schema import codes
from bigdata_emis.storage import database
from bigdata_emis.storage.lake import open_lake
from bigdata_emis.storage.layout import PUBLISHED
from bigdata_emis.storage.registries.case_record import has_hours_in_force, move_case, read_cases
from bigdata_emis.storage.scenario_lake import ScenarioStore
from bigdata_emis.window import Window, local_stamp

Case = dict[str, Any]
APPROVERS = "EMIS_APPROVERS"
TO_DO = (CaseStatus.OPEN, CaseStatus.CHECKED)
"""Cases that somebody still has to go to or to decide."""
SEEN = (CaseStatus.CHECKED, CaseStatus.CONFIRMED, CaseStatus.EQUIPMENT_FAULT)
"""Cases of which somebody saw the line."""


def list_cases(region: Region, *, scenario_id: str = "", status: str = "") -> list[Case]:
    """The cases of a region: those of an order in force in their hours, then the others; the largest excess first.

    Of both parts the last are those known to have no excess mass.

    Raises InputError when the status or the scenario is unknown.
    """
    if status and status not in set(CaseStatus):
        raise InputError(f"status '{shorten(status)}' is unknown", f"use one of {', '.join(CaseStatus)}")
    lines = _by_key(database.read("production_line", region.region_id).to_pylist(), "production_line_id")
    enterprises = _by_key(database.read("enterprise", region.region_id).to_pylist(), "enterprise_id")
    scenarios = _by_key(database.read("scenario", region.region_id).to_pylist(), "scenario_id")
    if scenario_id and scenario_id not in scenarios:
        raise InputError(f"scenario '{shorten(scenario_id)}' is unknown", "see emis scenario list")
    every = [(row, has_hours_in_force(row, scenarios[row["scenario_id"]])) for row in read_cases(region.region_id)]
    rows = [
        (row, is_in_force)
        for row, is_in_force in every
        if scenario_id in ("", row["scenario_id"]) and status in ("", row["case_status_code"])
    ]
    in_list = _list_rows(region) if rows else {}
    known = _Known(lines, enterprises, in_list, county_names(region), scenarios, _visits(every))
    # stable: the largest excess first in both parts
    rows.sort(key=lambda pair: (not pair[1], _is_without_excess(pair[0])))
    return [_describe(rank, row, is_in_force, known) for rank, (row, is_in_force) in enumerate(rows, start=1)]


def write_case_sheet(region: Region, *, known_utc: datetime, scenario_id: str = "", status: str = "") -> dict[str, Any]:
    """Write the dispatch sheet as a page and as PDF (zh, en): the cases to do, or those of a status.

    Cases of an order that is no longer in force are nowhere to go; those that somebody checked are listed apart, to be
    decided. Where the order that replaced it is not judged yet, its other cases are listed as what they are, too.

    Raises InputError when the status is unknown.
    """
    listed = list_cases(region, scenario_id=scenario_id, status=status)
    cases = [case for case in listed if status or (case["status"] in TO_DO and case["is_order_in_force"])]
    ended = [case for case in listed if case["status"] == CaseStatus.CHECKED and not case["is_order_in_force"]]
    unjudged = [] if status else orders_not_judged(region)
    replaced = [case for case in listed if case["status"] == CaseStatus.SUPERSEDED] if unjudged else []
    sheet = case_sheet(
        region, cases, known_utc=known_utc, ended=[] if status else ended, replaced=replaced, unjudged=unjudged
    )
    name = f"dispatch/{scenario_id or 'cases'}"
    files = write_sheet(PublishedView(open_lake(region)), name, sheet, tree=PUBLISHED)
    return {"region": region.region_id, "cases": len(cases), "files": files}


def orders_not_judged(region: Region) -> list[str]:
    """The scenarios in force in hours of superseded cases of which no outcome is stored: no case of them is known."""
    replaced = [row for row in read_cases(region.region_id) if row["case_status_code"] == CaseStatus.SUPERSEDED]
    if not replaced:
        return []
    lake = open_lake(region)
    return [
        row["scenario_id"]
        for row in database.read("scenario", region.region_id).to_pylist()
        if any(has_hours_in_force(case, row) for case in replaced)
        and not ScenarioStore(lake, row["scenario_id"]).versions(
            "compliance_hourly", Window(row["from_utc"], row["to_utc"]).days(region.time_zone)
        )
    ]


def decide_case(region: Region, case_id: str, *, to: str, actor: str, note: str, known_utc: datetime) -> Case:
    """Move a case to its next status; the case as it is then. Where EMIS_APPROVERS is set, only they may decide.

    already: what to say of a case that had this status before, which stays as it was; empty for one that was moved.

    Raises:
        InputError: the case or the status is unknown, or person or note is not one printable line.
        RefusedError: the status does not follow the present one, or the person may not decide.
    """
    deciders = [name.strip() for name in os.environ.get(APPROVERS, "").split(",") if name.strip()]
    row, is_moved = move_case(
        region.region_id, case_id, to=to, actor=actor, note=note, known_utc=known_utc, deciders=deciders
    )
    return {**show_case(region, case_id), "already": "" if is_moved else _already(row, region)}


def _already(row: Case, region: Region) -> str:
    """That a case had the status before, since when and by whom."""
    since = f" since {local_stamp(row['decided_utc'], region.time_zone)}" if row["decided_utc"] else ""
    by = f", by {row['decided_by']}" if row["decided_by"] else ""
    return f"already {row['case_status_code']}{since}{by}: nothing was changed"


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


def _list_rows(region: Region) -> dict[str, dict[str, Any]]:
    """Where each enterprise is in the newest emergency list: its sheet and row, by name."""
    versions = list_versions(region.region_id)
    if not versions:
        return {}
    newest = max(versions, key=lambda row: row["known_utc"])
    rows: dict[str, dict[str, Any]] = {}
    for item in read_items(region.region_id, newest[VERSION_ID]):
        place = {"file": newest["file_name"], "sheet": item["sheet_name"], "row": item["excel_row_number"]}
        rows.setdefault(item["enterprise_name"] or "", place)
    return rows


def _by_key(rows: list[dict[str, Any]], key: str) -> dict[str, dict[str, Any]]:
    return {row[key]: row for row in rows}


@dataclass(frozen=True)
class _Known:
    """What is known of lines and enterprises by their identifiers, of listed plants by name, and of counties.

    visits: cases of orders that are no longer in force of which somebody saw the line, by line.
    """

    lines: dict[str, Case]
    enterprises: dict[str, Case]
    in_list: dict[str, Case]
    county_names: dict[str, Words]
    scenarios: dict[str, Case]
    visits: dict[str, list[Case]]


def _visits(cases: list[tuple[Case, bool]]) -> dict[str, list[Case]]:
    visits: dict[str, list[Case]] = {}
    for row, is_in_force in cases:
        if not is_in_force and row["case_status_code"] in SEEN:
            visits.setdefault(row["source_id"], []).append(row)
    return visits


def _order_of_case(row: Case, is_in_force: bool, known: _Known) -> Case:
    """Whether the order of a case is in force in an hour of it, when it ended, and earlier visits to the line.

    order_ended_utc: where the order ended before the case does, or is in force in no hour; else null.
    """
    scenario = known.scenarios[row["scenario_id"]]
    end = scenario["in_force_to_utc"]
    is_cut_short = end is not None and end < row["to_utc"]
    return {
        "is_order_in_force": is_in_force,
        "scenario_status": scenario["status"],
        "order_ended_utc": end.isoformat() if is_cut_short else None,
        "visits": [
            {
                "case": one["case_id"],
                "scenario": one["scenario_id"],
                "status": one["case_status_code"],
                "by": one["decided_by"],
                "at_utc": one["decided_utc"].isoformat() if one["decided_utc"] else None,
                "note": one["note"],
            }
            for one in known.visits.get(row["source_id"], [])
            if one["case_id"] != row["case_id"]
        ],
    }


def _is_without_excess(row: Case) -> bool:
    """Whether a case has no excess mass in hours that have an inventory; without one it is unknown."""
    is_known = json.loads(row["evidence_json"] or "{}").get("inventory_hours") != 0
    return is_known and not row["excess_emission_g"]


def _describe(rank: int, row: Case, is_in_force: bool, known: _Known) -> Case:
    line = known.lines.get(row["source_id"], {})
    enterprise = known.enterprises.get(line.get("enterprise_id", ""), {})
    evidence = json.loads(row["evidence_json"] or "{}")
    kind = breach_words(row["breach_kind_code"], evidence.get("order_share"))
    status = codes()["case_status"][row["case_status_code"]]
    address = _address(enterprise, known.county_names)
    return {
        "rank": rank,
        "case": row["case_id"],
        "scenario": row["scenario_id"],
        **_order_of_case(row, is_in_force, known),
        "source": row["source_id"],
        "enterprise_en": enterprise.get("name_en") or "",
        "enterprise_zh": enterprise.get("name_zh") or "",
        "city": enterprise.get("city_name") or "",
        "county": enterprise.get("county_id") or "",
        "address": address["zh"],
        "address_en": address["en"],
        "list_row": known.in_list.get(enterprise.get("name_zh") or ""),
        "kind": row["breach_kind_code"],
        "kind_en": kind["en"],
        "kind_zh": kind["zh"],
        "from_utc": row["from_utc"].isoformat(),
        "to_utc": row["to_utc"].isoformat(),
        "probability": row["breach_probability_share"],
        "excess_kg": (row["excess_emission_g"] or 0.0) / 1_000,
        "evidence": evidence,
        "status": row["case_status_code"],
        "status_zh": status.title_zh,
        "decided_by": row["decided_by"],
        "note": row["note"],
    }


def _address(enterprise: Case, county_names: dict[str, Words]) -> Words:
    """City, county and coordinates: no street is registered."""
    city, county_id = enterprise.get("city_name") or "", enterprise.get("county_id") or ""
    county = county_names.get(county_id) or words(" ".join(part for part in (city, county_id) if part))
    if enterprise.get("latitude_deg") is None or enterprise.get("longitude_deg") is None:
        return county
    place = f"({enterprise['latitude_deg']:.4f}, {enterprise['longitude_deg']:.4f})"
    return words(f"{county['en']} {place}".strip(), f"{county['zh']} {place}".strip())
