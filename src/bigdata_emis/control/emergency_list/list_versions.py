"""Versions of an emergency list in the registry: a workbook with its valid dates, its items, and their emissions.

Belongs here: storing and reading versions. Does not: decisions (list_review, decisions), comparison (list_diff).
"""

import hashlib
import json
from datetime import date, datetime
from typing import Any

from bigdata_emis.codes import Authentication
from bigdata_emis.control.emergency_list.decisions.earlier_decisions import ITEM_ID as ITEM_ID
from bigdata_emis.control.emergency_list.decisions.earlier_decisions import VERSION_ID as VERSION_ID
from bigdata_emis.control.emergency_list.decisions.earlier_decisions import carry_decisions
from bigdata_emis.control.emergency_list.import_list import ImportedList
from bigdata_emis.control.emergency_list.list_items import ListItem
from bigdata_emis.control.emergency_list.sheets.cell_values import cell_text
from bigdata_emis.control.emergency_list.sheets.headings import find_head, is_own_heading
from bigdata_emis.control.emergency_list.sheets.workbook_file import SheetRows
from bigdata_emis.errors import InputError, shorten
from bigdata_emis.region import load_region
from bigdata_emis.storage import database
from bigdata_emis.storage.registries.registry_identity import prepare_registry
from bigdata_emis.storage.scenario_record import ScenarioTransaction, scenario_transaction

VERSION, ITEM, EMISSION = "emergency_list_version", "emergency_list_item", "emergency_list_emission"
DIGEST_CHARACTERS = 12

Row = dict[str, Any]


def store_version(
    region_id: str,
    imported: ImportedList,
    *,
    valid_from: date | None,
    valid_to: date | None,
    actor: str,
    known_utc: datetime,
) -> tuple[str, bool]:
    """Store a list as a version of the region; its name, and whether it is new.

    The same workbook with the same dates is the same version: what was decided about its items stays. What was decided
    about the same items of earlier versions applies to those of a new one, each with an act in the audit trail.

    Raises:
        InputError: the dates are in the wrong order.
    """
    if valid_from and valid_to and valid_to < valid_from:
        raise InputError(f"valid dates {valid_from} to {valid_to}: the end is before the start", "exchange them")
    version_id = _version_id(imported.sha256, valid_from, valid_to)
    prepare_registry()
    with scenario_transaction(region_id) as transaction:
        is_new = all(row[VERSION_ID] != version_id for row in transaction.rows(VERSION))
        transaction.add_act(
            actor=actor,
            event="emergency_list_imported" if is_new else "emergency_list_imported_again",
            note=f"{version_id} {imported.file_name}",
            authentication_code=Authentication.COMMAND,
            known_utc=known_utc,
        )
        if not is_new:
            return version_id, False
        row = {
            VERSION_ID: version_id,
            "file_name": imported.file_name,
            "sha256": imported.sha256,
            "valid_from": valid_from,
            "valid_to": valid_to,
            "known_utc": known_utc,
            "item_count": len(imported.items),
            "personal_column_count": imported.personal_columns,
            "sheets_json": json.dumps([_sheet_document(sheet) for sheet in imported.sheets], ensure_ascii=False),
        }
        transaction.write_rows(VERSION, [row], update=False)
        _store_items(transaction, region_id, version_id, imported, actor=actor, known_utc=known_utc)
    return version_id, True


def _store_items(
    transaction: ScenarioTransaction,
    region_id: str,
    version_id: str,
    imported: ImportedList,
    *,
    actor: str,
    known_utc: datetime,
) -> None:
    """Store the items and emissions of a new version with the decisions of earlier ones, each as an act."""
    carried = carry_decisions(
        [_item_row(version_id, item) for item in imported.items],
        [row for item in imported.items for row in _emission_rows(version_id, item)],
        earlier_items=transaction.rows(ITEM),
        earlier_emissions=transaction.rows(EMISSION),
        time_zone=load_region(region_id).time_zone,
    )
    transaction.write_rows(ITEM, carried.items, update=False)
    transaction.write_rows(EMISSION, carried.emissions, update=False)
    for sentence in carried.sentences:
        transaction.add_act(
            actor=actor,
            event="emergency_list_decision_carried",
            note=f"{version_id} {sentence}",
            authentication_code=Authentication.COMMAND,
            known_utc=known_utc,
        )


def list_versions(region_id: str) -> list[Row]:
    """The versions of a region, the newest last."""
    prepare_registry()
    rows = database.read(VERSION, region_id).to_pylist()
    return sorted(rows, key=lambda row: (row["known_utc"], row[VERSION_ID]))


def find_version(region_id: str, version_id: str = "") -> Row:
    """A version by its name or the beginning of it; without one the newest.

    Raises:
        InputError: there is none, or several begin so.
    """
    versions = list_versions(region_id)
    if not versions:
        raise InputError(f"region {region_id} has no emergency list", "import one: emis list import FILE.xlsx")
    if not version_id:
        return versions[-1]
    fitting = [row for row in versions if row[VERSION_ID].startswith(version_id)]
    if len(fitting) != 1:
        known = ", ".join(row[VERSION_ID] for row in versions)
        raise InputError(f"version '{shorten(version_id)}' names {len(fitting)} versions", f"use one of {known}")
    return fitting[0]


def read_items(region_id: str, version_id: str) -> list[Row]:
    """The items of a version in the order of its sheets and rows, each with `emissions` by pollutant."""
    rows = [row for row in database.read(ITEM, region_id).to_pylist() if row[VERSION_ID] == version_id]
    emissions: dict[str, dict[str, Row]] = {}
    for row in database.read(EMISSION, region_id).to_pylist():
        if row[VERSION_ID] == version_id:
            emissions.setdefault(row[ITEM_ID], {})[row["list_pollutant_code"]] = row
    order = {"yellow": 0, "orange": 1, "red": 2}
    listed = [{**row, "emissions": emissions.get(row[ITEM_ID], {})} for row in rows]
    return sorted(
        listed, key=lambda r: (r["sheet_name"], r["excel_row_number"], order[r["alert_level_code"]], r[ITEM_ID])
    )


def stored_sheets(version: Row) -> list[SheetRows]:
    """The cells of a version as they were imported, without the columns that were dropped."""
    sheets = json.loads(version["sheets_json"])
    return [
        SheetRows(
            sheet["name"],
            {int(row): {int(column): value for column, value in cells.items()} for row, cells in sheet["rows"].items()},
            [(a, b, c, d) for a, b, c, d in sheet["merged"]],
        )
        for sheet in sheets
    ]


def _version_id(sha256: str, valid_from: date | None, valid_to: date | None) -> str:
    return hashlib.sha256(f"{sha256} {valid_from} {valid_to}".encode()).hexdigest()[:DIGEST_CHARACTERS]


def _sheet_document(sheet: SheetRows) -> Row:
    """The cells of a sheet without names and phones of persons, and without columns that an export added."""
    head = find_head(sheet)
    own = {column for column, text in head.headings.items() if is_own_heading(text)} if head else set()
    dropped = {*own, *(head.personal if head else [])}
    rows = {
        row: {column: _plain_value(value) for column, value in cells.items() if column not in dropped}
        for row, cells in sheet.rows.items()
    }
    return {"name": sheet.name, "rows": rows, "merged": [list(place) for place in sheet.merged]}


def _plain_value(value: object) -> str | int | float | bool | None:
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return cell_text(value)  # type: ignore[arg-type]


def _item_row(version_id: str, item: ListItem) -> Row:
    row, reading = item.row, item.reading
    return {
        VERSION_ID: version_id,
        ITEM_ID: item.item_id,
        "sheet_name": row.sheet,
        "excel_row_number": row.excel_row,
        "enterprise_name": row.name or None,
        "credit_code": row.credit_code or None,
        "county_name": row.county or None,
        "industry_code": row.industry_code or None,
        "grade_code": row.grade_code or None,
        "guarantee_code": row.guarantee_code or None,
        "approver_name": row.approver or None,
        "line_name": row.line or None,
        "alert_level_code": item.level,
        "measure_text": reading.text or None,
        "pattern_id": reading.pattern_id or None,
        "measure_kind_code": str(reading.kind) or None,
        "affected_share": reading.affected_share,
        "cut_share": reading.cut_share,
        "applied_cut_share": reading.applied_cut_share,
        "base_value": reading.base_value,
        "target_value": reading.target_value,
        "base_unit": reading.base_unit or None,
        "vehicle_class_codes": reading.vehicle_class_code.split("+") if reading.vehicle_class_code else None,
        "stage_text": reading.stage_threshold_code or None,
        "hours_text": reading.hours or None,
        "context_text": item.row.context.as_text() or None,
        "exemption": reading.exemption or None,
        "list_pollutant_codes": list(reading.pollutants) or None,
        "list_item_status_code": str(item.status),
        "readings": list(reading.readings) or None,
        "note": item.reason or None,
        "decided_by": None,
        "decided_utc": None,
        "authentication_code": None,
        "action": None,
        "matched_line_ids": None,
    }


def _emission_rows(version_id: str, item: ListItem) -> list[Row]:
    return [
        {
            VERSION_ID: version_id,
            ITEM_ID: item.item_id,
            "list_pollutant_code": pollutant,
            "emission_kg_per_d": emission,
            "cut_kg_per_d": item.cut_kg_per_d.get(pollutant),
        }
        for pollutant, emission in item.row.emissions.items()
    ]
