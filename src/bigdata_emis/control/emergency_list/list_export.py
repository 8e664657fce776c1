"""A list version given back as XLSX in the layout it came in, with base and cut in kg/d beside it.

Belongs here: the workbook. Does not: the numbers of the list (list_versions) and of the inventory (own_numbers). An
exported list is read as the same list.
"""

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bigdata_emis.control.emergency_list.list_versions import VERSION_ID, Row, find_version, read_items, stored_sheets
from bigdata_emis.control.emergency_list.matching.list_registry import ListRegistry
from bigdata_emis.control.emergency_list.own_numbers.inventory_columns import (
    InventoryBase,
    inventory_headings,
    inventory_values,
)
from bigdata_emis.control.emergency_list.sheets.cell_values import CellValue
from bigdata_emis.control.emergency_list.sheets.column_widths import fit_columns
from bigdata_emis.control.emergency_list.sheets.headings import NOTICE_SHEET, OWN_HEADING, find_head
from bigdata_emis.control.emergency_list.sheets.workbook_file import SheetRows

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell
    from openpyxl.workbook.workbook import Workbook

LEVELS = {"yellow": "黄色", "orange": "橙色", "red": "红色"}
FORMULA_SIGNS = ("=", "+", "-", "@")
SOURCE_HEADING = f"{OWN_HEADING}数据来源"
LIST_SOURCE = "清单"
DIGITS = 6
NOTICE_WIDTH = 90


def export_version(
    region_id: str, version_id: str = "", *, inventory: InventoryBase | None = None, notices: Sequence[str] = ()
) -> tuple[bytes, Row]:
    """The workbook of a version, and a document that says what it holds.

    With an inventory, its base and cut of matched rows are in columns of their own. notices: sentences on a first sheet
    of their own; the first one heads every printed page, too.
    """
    import openpyxl

    version = find_version(region_id, version_id)
    items = read_items(region_id, version[VERSION_ID])
    registry = ListRegistry(region_id, items) if inventory else None
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    _add_notices(book, notices)
    for sheet in stored_sheets(version):
        target = book.create_sheet(sheet.name)
        for row, cells in sheet.rows.items():
            for column, value in cells.items():
                write_cell(target.cell(row, column), value)
        for top, left, bottom, right in sheet.merged:
            target.merge_cells(start_row=top, start_column=left, end_row=bottom, end_column=right)
        of_sheet = [item for item in items if item["sheet_name"] == sheet.name]
        own = _own_columns(sheet, of_sheet)
        if inventory and registry:
            own += _inventory_cells(sheet, of_sheet, own, registry=registry, inventory=inventory)
        for row, column, value in own:
            write_cell(target.cell(row, column), value)
        head = find_head(sheet)
        fit_columns(target, head_rows=head.last_row if head else 1)
        target.oddHeader.center.text = next(iter(notices), None)
    out = io.BytesIO()
    book.save(out)
    document = {"region": region_id, "version": version[VERSION_ID], "sheets": book.sheetnames, "items": len(items)}
    document["inventory"] = inventory.mark if inventory else None
    document["inventory_day"] = inventory.choice if inventory else None
    return out.getvalue(), document


def _add_notices(book: "Workbook", notices: Sequence[str]) -> None:
    """A first sheet with the sentences, which is the one that is seen first; none without sentences."""
    if not notices:
        return
    sheet = book.create_sheet(NOTICE_SHEET)
    sheet.column_dimensions["A"].width = NOTICE_WIDTH
    for row, text in enumerate(notices, start=1):
        write_cell(sheet.cell(row, 1), text)


def write_cell(cell: "Cell | Any", value: CellValue) -> None:
    """Write a value; a text that a spreadsheet would take for a formula stays a text."""
    cell.value = value
    if isinstance(value, str) and value.startswith(FORMULA_SIGNS):
        cell.data_type = "s"
        cell.quotePrefix = True


def _own_columns(sheet: SheetRows, items: list[Row]) -> list[tuple[int, int, str | float]]:
    """The cells that the export adds right of the table: base and cut by pollutant and level, and their source."""
    head = find_head(sheet)
    if head is None or not items:
        return []
    first = max(column for cells in sheet.rows.values() for column in cells) + 1
    pollutants = list(dict.fromkeys(p for item in items for p in item["emissions"]))
    headings = [f"{OWN_HEADING}{p}基准(千克/天)" for p in pollutants]
    headings += [f"{OWN_HEADING}{LEVELS[level]}{p}减量(千克/天)" for level in LEVELS for p in pollutants]
    cells: list[tuple[int, int, str | float]] = []
    if pollutants:
        places = {name: first + place for place, name in enumerate([*headings, SOURCE_HEADING])}
        cells += [(head.first_row, column, name) for name, column in places.items()]
        for (row, level), group in _by_place(items).items():
            cells += [(row, places[name], value) for name, value in _own_values(level, group)]
    return cells


def _inventory_cells(
    sheet: SheetRows,
    items: list[Row],
    before: list[tuple[int, int, str | float]],
    *,
    registry: ListRegistry,
    inventory: InventoryBase,
) -> list[tuple[int, int, str | float]]:
    """The cells of the inventory, right of those that the export has written."""
    head = find_head(sheet)
    if head is None or not items:
        return []
    columns = [column for cells in sheet.rows.values() for column in cells]
    first = max([*columns, *(column for _, column, _ in before)]) + 1
    places = {name: first + place for place, name in enumerate(inventory_headings())}
    cells: list[tuple[int, int, str | float]] = [(head.first_row, column, name) for name, column in places.items()]
    rows: dict[int, list[Row]] = {}
    for item in items:
        rows.setdefault(item["excel_row_number"], []).append(item)
    for row, group in rows.items():
        cells += [(row, places[name], value) for name, value in inventory_values(group, registry, inventory).items()]
    return cells


def _by_place(items: list[Row]) -> dict[tuple[int, str], list[Row]]:
    """The items of each row and level."""
    groups: dict[tuple[int, str], list[Row]] = {}
    for item in items:
        groups.setdefault((item["excel_row_number"], item["alert_level_code"]), []).append(item)
    return groups


def _own_values(level: str, items: list[Row]) -> list[tuple[str, str | float]]:
    """The values of a row at a level: its base, and the sum of what its measures cut, where it is known."""
    values: list[tuple[str, str | float]] = [(SOURCE_HEADING, LIST_SOURCE)]
    for pollutant, emission in items[0]["emissions"].items():
        if emission["emission_kg_per_d"] is not None:
            values.append((f"{OWN_HEADING}{pollutant}基准(千克/天)", round(emission["emission_kg_per_d"], DIGITS)))
        cuts = [item["emissions"][pollutant]["cut_kg_per_d"] for item in items if pollutant in item["emissions"]]
        known = [cut for cut in cuts if cut is not None]
        if known:
            values.append((f"{OWN_HEADING}{LEVELS[level]}{pollutant}减量(千克/天)", round(sum(known), DIGITS)))
    return values
