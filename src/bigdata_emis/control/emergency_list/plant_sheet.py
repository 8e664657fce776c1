"""The one-page sheet of a plant (一厂一策) for the inspector: its measures by line and level, as PDF in Chinese.

Belongs here: the values on the sheet. Does not: the layout (plant_sheet.typ), the PDF (pdf_file).
"""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

from bigdata_emis import reference, schema
from bigdata_emis.codes import ListItemStatus
from bigdata_emis.control.emergency_list.list_versions import VERSION_ID, Row, find_version, read_items
from bigdata_emis.control.emergency_list.list_words import plain
from bigdata_emis.control.emergency_list.matching.list_registry import ListRegistry
from bigdata_emis.control.emergency_list.own_numbers.inventory_columns import read_inventory_base
from bigdata_emis.control.emergency_list.plant.inventory_check import InventoryCheck, check_against_inventory
from bigdata_emis.control.emergency_list.plant.reason_words import reason_words
from bigdata_emis.errors import InputError, shorten
from bigdata_emis.pdf_file import render_pdf
from bigdata_emis.region import Region
from bigdata_emis.window import local_stamp

TEMPLATE = Path(__file__).with_name("plant_sheet.typ")
UNKNOWN = "—"
SHOWN_NAMES = 5


def plant_document(region: Region, plant: str, *, printed: datetime, version_id: str = "") -> Row:
    """The values of the sheet of a plant, which is named by its credit code or its name.

    Raises:
        InputError: the version has no such plant.
    """
    version = find_version(region.region_id, version_id)
    items = read_items(region.region_id, version[VERSION_ID])
    own = [
        item for item in items if plant == item["credit_code"] or plain(plant) == plain(item["enterprise_name"] or "")
    ]
    if not own:
        names = list(dict.fromkeys(item["enterprise_name"] or "" for item in items))
        shown = ", ".join(names[:SHOWN_NAMES])
        raise InputError(f"version {version[VERSION_ID]} has no plant '{shorten(plant)}'", f"for instance {shown}")
    first, registry, base = own[0], ListRegistry(region.region_id, items), read_inventory_base(region)
    lines: dict[tuple[str, int], list[Row]] = {}
    for item in own:
        lines.setdefault((item["sheet_name"], item["excel_row_number"]), []).append(item)
    return {
        "version": version[VERSION_ID],
        "printed": local_stamp(printed, region.time_zone),
        "notice": region.notices or None,
        "name": first["enterprise_name"] or UNKNOWN,
        "credit_code": first["credit_code"] or UNKNOWN,
        "county": first["county_name"] or UNKNOWN,
        "industry": _industries([item["industry_code"] for item in own], region),
        "grade": _title("grade", first["grade_code"]),
        "guarantee": _title("guarantee", first["guarantee_code"]),
        "valid": _validity(version["valid_from"], version["valid_to"]),
        "approver": first["approver_name"] or UNKNOWN,
        "lines": [_line(group, check_against_inventory(group, registry, base)) for group in lines.values()],
    }


def render_sheet(document: Row) -> bytes:
    """The sheet as PDF."""
    return render_pdf(TEMPLATE, document)


def _industries(codes: Sequence[str | None], region: Region) -> str:
    """The industry of a plant: of lines of several processes that of the plant, with the processes behind it."""
    parents = {
        row["industry_code"]: row["parent_industry_code"]
        for row in reference.read("emergency_list_industry", region.folder).to_pylist()
        if row["parent_industry_code"]
    }
    known = list(dict.fromkeys(code for code in codes if code))
    plants = list(dict.fromkeys(parents.get(code, code) for code in known))
    processes = [code for code in known if code not in plants]
    titles = ["、".join(_title("industry", code) for code in group) for group in (plants, processes)]
    return f"{titles[0]}（{titles[1]}）" if processes else titles[0] or UNKNOWN


def _validity(valid_from: date | None, valid_to: date | None) -> str:
    """The days on which the version is valid; what it does not state is said."""
    if valid_from is None and valid_to is None:
        return "未注明"
    start = f"自 {valid_from} 起" if valid_from else "起始日未注明"
    return f"{start}，{f'至 {valid_to} 止' if valid_to else '截止日未注明'}"


def _line(items: list[Row], check: InventoryCheck) -> Row:
    emissions = items[0]["emissions"]
    stated = [
        f"{pollutant} {row['emission_kg_per_d']:.6g}"
        for pollutant, row in emissions.items()
        if row["emission_kg_per_d"] is not None
    ]
    return {
        "name": items[0]["line_name"] or items[0]["sheet_name"],
        "emissions": "，".join(stated) or UNKNOWN,
        "inventory": check.inventory,
        "warning": check.warning,
        "measures": [_measure(item) for item in items],
    }


def _measure(item: Row) -> Row:
    applied = item["applied_cut_share"]
    cuts = [
        f"{pollutant} {row['cut_kg_per_d']:.6g}"
        for pollutant, row in item["emissions"].items()
        if row["cut_kg_per_d"] is not None
    ]
    return {
        "level": _title("alert_level", item["alert_level_code"]),
        "text": item["measure_text"] or UNKNOWN,
        "share": UNKNOWN if applied is None else f"{applied * 100:.1f} %",
        "status": _title("list_item_status", item["list_item_status_code"]),
        "cuts": "，".join(cuts) or UNKNOWN,
        "reason": "" if item["list_item_status_code"] == ListItemStatus.ACCEPTED else reason_words(item["note"]),
    }


def _title(code_list: str, code: str | None) -> str:
    return schema.codes()[code_list][code].title_zh if code else UNKNOWN
