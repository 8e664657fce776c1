"""An emergency list from its workbook: every sheet read, every measure structured, what needs a person listed.

Belongs here: the whole import as one object. Does not: storing it (list_versions), arguments (cli).
"""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from bigdata_emis.control.emergency_list.list_checks import check_items, refuse_repeated_codes
from bigdata_emis.control.emergency_list.list_items import LEVEL_ORDER, ListItem, items_of_row
from bigdata_emis.control.emergency_list.list_rows import ListRow, SheetReading, read_sheet
from bigdata_emis.control.emergency_list.sheets.headings import NOTICE_SHEET
from bigdata_emis.control.emergency_list.sheets.workbook_file import SheetRows, read_workbook
from bigdata_emis.errors import InputError


@dataclass
class ImportedList:
    """A list as read. notices: by sheet, what was skipped and why."""

    file_name: str
    sha256: str
    items: list[ListItem]
    rows: list[ListRow]
    notices: list[str] = field(default_factory=list)
    personal_columns: int = 0
    sheets: list[SheetRows] = field(default_factory=list)


def import_workbook(path: Path) -> ImportedList:
    """Read a workbook.

    Raises:
        InputError: it cannot be read safely, has no table of measures, or two plants have one list code.
    """
    notices: list[str] = []
    readings: list[SheetReading] = []
    sheets = [sheet for sheet in read_workbook(path) if sheet.name != NOTICE_SHEET]
    for sheet in sheets:
        reading = read_sheet(sheet)
        if reading is None:
            notices.append(f"sheet {sheet.name}: no table of measures, not read")
            continue
        readings.append(reading)
        notices += [f"sheet {reading.name}: {notice}" for notice in reading.notices]
    rows = [row for reading in readings for row in reading.rows]
    if not any(row.measures for row in rows):
        what = f"{path.name}: no sheet has a head row with three known headings and rows with measures"
        raise InputError(what, "the head needs for instance 企业名称, 统一社会信用代码 and 黄色预警减排措施")
    refuse_repeated_codes(rows)
    items = check_items([item for row in rows for item in items_of_row(row)])
    personal = sum(reading.personal_columns for reading in readings)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return ImportedList(path.name, digest, _sorted(items), rows, notices, personal, sheets)


def _sorted(items: list[ListItem]) -> list[ListItem]:
    """Sheets and rows in the order of the workbook, levels from the lowest up, measures as in the cell."""
    sheets = list(dict.fromkeys(item.row.sheet for item in items))
    return sorted(
        items, key=lambda i: (sheets.index(i.row.sheet), i.row.excel_row, LEVEL_ORDER.index(i.level), i.position)
    )
