"""The accounting table of cuts (减排比例核算表): rows of sources by level and pollutant, in tonnes and per cent.

Belongs here: the table as a document and as a workbook. Does not: the cuts (scenario/account).
"""

import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bigdata_emis import reference, schema
from bigdata_emis.codes import AccountingRow, AlertLevel, Pollutant
from bigdata_emis.control.documents import (
    AccountingCell,
    AccountingDocument,
    OrderDocument,
    RecalculationDocument,
    is_order_unknown,
)
from bigdata_emis.control.scenario.account import Account
from bigdata_emis.errors import InputError, shorten
from bigdata_emis.region import SIMULATED_EN, SIMULATED_ZH, Region
from bigdata_emis.schema.mass_units import G_PER_T, KG_PER_T
from bigdata_emis.storage.temporary_files import write_whole
from bigdata_emis.window import local_stamp

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

ROW_NUMBERS = {
    AccountingRow.DUST: 1,
    AccountingRow.INDUSTRY: 2,
    AccountingRow.MOTOR_VEHICLES: 3,
    AccountingRow.OTHER: 4,
    AccountingRow.WHOLE_SOCIETY: 6,
}
"""Row codes of the form of a city platform; code 5 is not used there."""
LEVELS = (AlertLevel.RED, AlertLevel.ORANGE, AlertLevel.YELLOW)
LEVEL_TITLES = {AlertLevel.RED: "红色", AlertLevel.ORANGE: "橙色", AlertLevel.YELLOW: "黄色"}
POLLUTANTS = {
    Pollutant.PM10: "PM10",
    Pollutant.PM2_5: "PM2.5",
    Pollutant.SO2: "SO2",
    Pollutant.NOX: "NOx",
    Pollutant.VOCS: "VOC",
}
"""In the order of the form, with its headings."""
ORDERED = "ordered"
"""In place of a level: the orders of an event that changes, as they were given."""
PERCENT = 100.0
FIRST_COLUMN = 3
HEAD_ROWS = 2
TITLE_WIDTH, FIGURE_WIDTH = 16, 11
"""Widths of columns in characters; a Chinese one counts as two."""
PAGES_ACROSS = 2
MASS_FORMAT, SHARE_FORMAT = "#,##0.000", "0.00"
ORDER_UNKNOWN = "预报在该时段达到预警级别，但未登记管控指令：若已实际管控，清单已含减排量，比例偏低"


def build_accounting(
    accounts: Mapping[str, Account], region: Region, *, ordered: Account | None = None
) -> AccountingDocument:
    """The table of the accounts of one window by level; the highest level first.

    The per cent of every row are of the emission of the whole society, so that they add up to its row.

    ordered: the account of an event whose level or measures change, which is that of no level.

    Source: form of a city platform, and the national guidance on heavy-pollution plans (share of the whole society).
    """
    row_of = {
        (row["sector_code"], row["industry_code"] or ""): AccountingRow(row["accounting_row_code"])
        for row in reference.read("accounting_row", region.folder).to_pylist()
    }
    base_g: dict[str, float] = {}
    cells: list[AccountingCell] = []
    for level in LEVELS:
        base_g, cut_g = _sums(accounts[level], row_of)
        cells += _cells(level, cut_g, base_g)
    table: AccountingDocument = {
        "base_t": {code: base_g.get(code, 0.0) / G_PER_T for code in POLLUTANTS},
        "cells": cells,
    }
    if ordered is not None:
        base_g, cut_g = _sums(ordered, row_of)
        table["ordered"] = list(_cells(ORDERED, cut_g, base_g))
    return table


def _sums(
    account: Account, row_of: Mapping[tuple[str, str], AccountingRow]
) -> tuple[dict[str, float], dict[tuple[AccountingRow, str], float]]:
    """Emission by pollutant, and cut by row of the table and pollutant."""
    base_g: dict[str, float] = {}
    cut_g: dict[tuple[AccountingRow, str], float] = {}
    for key, (emission, cut) in account.items():
        one = row_of.get((key.sector_code, key.industry_code)) or row_of[key.sector_code, ""]
        base_g[key.pollutant_code] = base_g.get(key.pollutant_code, 0.0) + emission
        for place in ((one, key.pollutant_code), (AccountingRow.WHOLE_SOCIETY, key.pollutant_code)):
            cut_g[place] = cut_g.get(place, 0.0) + cut
    return base_g, cut_g


def _cells(
    level: str, cut_g: Mapping[tuple[AccountingRow, str], float], base_g: Mapping[str, float]
) -> Iterator[AccountingCell]:
    for row in ROW_NUMBERS:
        for pollutant in POLLUTANTS:
            cut, base = cut_g.get((row, pollutant), 0.0), base_g.get(pollutant, 0.0)
            yield {
                "row": row,
                "level": level,
                "pollutant": pollutant,
                "cut_t": cut / G_PER_T,
                "cut_share": cut / base if base > 0 else None,
            }


def check_workbook_path(path: Path, *, option: str = "--accounting") -> None:
    """Refuse a workbook that could not be written, before anything is computed.

    Raises:
        InputError: it is no .xlsx file, or its folder does not exist.
    """
    if path.suffix.lower() != ".xlsx" or path.is_dir() or not path.parent.is_dir():
        raise InputError(
            f"{option} {shorten(str(path))}: expected a file *.xlsx in a folder that exists",
            f"write for instance {option} {option.strip('-')}.xlsx",
        )


def write_accounting(path: Path, about: RecalculationDocument, *, time_zone: str) -> None:
    """Write the accounting table of a recalculation as a workbook, with times in the zone of the region."""
    write_whole(path, accounting_workbook(about["accounting"], about, time_zone=time_zone))


def accounting_workbook(table: AccountingDocument, about: RecalculationDocument, *, time_zone: str) -> bytes:
    """The table as XLSX in the layout of the form: two head rows, red first, tonnes and then per cent."""
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "减排比例核算表"
    _write_form(sheet, table)
    first_note = HEAD_ROWS + len(ROW_NUMBERS) + 2
    if table.get("ordered"):
        first_note = _write_ordered(sheet, table, about, time_zone, first_note) + 1
    for number, note in enumerate(_notes(table, about, time_zone), start=first_note):
        sheet.cell(number, 1, note)
    _lay_out(sheet)
    if about.get("simulated"):
        sheet.oddHeader.center.text = SIMULATED_ZH  # type: ignore[union-attr]
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _write_form(sheet: "Worksheet", table: AccountingDocument) -> None:
    """Write the two head rows and the rows of figures of the form."""
    for row, values in enumerate(_rows(table), start=1):
        for column, value in enumerate(values, start=1):
            if value is not None:
                sheet.cell(row, column, value)
    for column in (1, 2):
        sheet.merge_cells(start_row=1, end_row=HEAD_ROWS, start_column=column, end_column=column)
    width = len(POLLUTANTS)
    for group in range(2 * len(LEVELS)):
        first = FIRST_COLUMN + group * width
        sheet.merge_cells(start_row=1, end_row=1, start_column=first, end_column=first + width - 1)


def _write_ordered(
    sheet: "Worksheet", table: AccountingDocument, about: RecalculationDocument, time_zone: str, first: int
) -> int:
    """Write what the orders of the event cut together, below the form; the number of the row after it."""
    of = {(one["row"], one["pollutant"]): one for one in table["ordered"]}
    parts = "；".join(_order_in_words(one, time_zone) for one in about.get("orders", []))
    rows: list[Sequence[str | float | None]] = [
        [f"本次指令（级别或措施有调整）：{parts}"],
        ["项目", "代码", *(f"{title}(吨)" for title in POLLUTANTS.values()), *(f"{t}(%)" for t in POLLUTANTS.values())],
    ]
    for row, number in ROW_NUMBERS.items():
        placed = [of[row, pollutant] for pollutant in POLLUTANTS]
        shares = (None if one["cut_share"] is None else one["cut_share"] * PERCENT for one in placed)
        rows.append(
            [schema.codes()["accounting_row"][row].title_zh, number, *(one["cut_t"] for one in placed), *shares]
        )
    for place, values in enumerate(rows, start=first):
        for column, value in enumerate(values, start=1):
            cell = sheet.cell(place, column, value)
            if place >= first + HEAD_ROWS and column >= FIRST_COLUMN:
                cell.number_format = MASS_FORMAT if column < FIRST_COLUMN + len(POLLUTANTS) else SHARE_FORMAT
    return first + len(rows)


def _order_in_words(order: OrderDocument, time_zone: str) -> str:
    """Level and hours of an order, in local time."""
    title = schema.codes()["alert_level"][order["level"]].title_zh
    start, end = (local_stamp(datetime.fromisoformat(text), time_zone) for text in (order["from_utc"], order["to_utc"]))
    return f"{title} {start} 至 {end}"


def _lay_out(sheet: "Worksheet") -> None:
    """Widths that show every title and figure, centred heads, decimals, and two A3 pages: tonnes and per cent."""
    from openpyxl.styles import Alignment, Border, Font, Side
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.properties import PageSetupProperties

    last = FIRST_COLUMN + 2 * len(LEVELS) * len(POLLUTANTS)
    first_share = FIRST_COLUMN + len(LEVELS) * len(POLLUTANTS)
    sheet.column_dimensions["A"].width = TITLE_WIDTH
    side = Side(style="thin", color="FF808080")
    ruled = Border(left=side, right=side, top=side, bottom=side)
    for number in range(1, HEAD_ROWS + len(ROW_NUMBERS) + 1):
        for cell in sheet[number]:
            cell.border = ruled
            if number <= HEAD_ROWS or number == HEAD_ROWS + len(ROW_NUMBERS):
                cell.font = Font(name=cell.font.name, size=cell.font.size, bold=True)
    for column in range(2, last):
        sheet.column_dimensions[get_column_letter(column)].width = FIGURE_WIDTH
        for row in range(1, HEAD_ROWS + len(ROW_NUMBERS) + 1):
            cell = sheet.cell(row, column)
            if row <= HEAD_ROWS:
                cell.alignment = Alignment(horizontal="center", vertical="center")
            elif column >= FIRST_COLUMN:
                cell.number_format = SHARE_FORMAT if column >= first_share else MASS_FORMAT
    sheet.cell(1, 1).alignment = Alignment(horizontal="center", vertical="center")
    sheet.freeze_panes = sheet.cell(HEAD_ROWS + 1, FIRST_COLUMN).coordinate
    sheet.print_title_cols = "A:B"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A3
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = PAGES_ACROSS, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def _rows(table: AccountingDocument) -> Iterator[Sequence[str | float | None]]:
    """The two head rows and the rows of figures."""
    groups = [f"{LEVEL_TITLES[level]}预警{kind}" for kind in ("减排量(吨)", "减排比例(%)") for level in LEVELS]
    gap = [None] * (len(POLLUTANTS) - 1)
    yield ["项目", "代码", *(cell for group in groups for cell in (group, *gap))]
    yield [None, None, *(title for _ in groups for title in POLLUTANTS.values())]
    of = {(one["row"], one["level"], one["pollutant"]): one for one in table["cells"]}
    for row, number in ROW_NUMBERS.items():
        placed = [of[row, level, pollutant] for level in LEVELS for pollutant in POLLUTANTS]
        shares = (one["cut_share"] for one in placed)
        title = schema.codes()["accounting_row"][row].title_zh
        yield [title, number, *(one["cut_t"] for one in placed), *(None if s is None else s * PERCENT for s in shares)]


def _interval_note(about: RecalculationDocument) -> str:
    """The interval of the cut of the scenario, of the whole society: intervals of rows do not add up."""
    level = next((title for code, title in LEVEL_TITLES.items() if code == about["level"]), about["level"])
    level = "本次指令" if about.get("orders") else level
    bounds = {
        row["pollutant"]: f"{row['cut_p05_kg'] / KG_PER_T:.3f}–{row['cut_p95_kg'] / KG_PER_T:.3f}"
        for row in about["ledger"]
        if row["cut_p05_kg"] is not None and row["cut_p95_kg"] is not None
    }
    known = "，".join(f"{title} {bounds[code]}" for code, title in POLLUTANTS.items() if code in bounds)
    return f"{level}全社会减排量90%区间（吨）：{known or '未知'}"


def _moved_notes(about: RecalculationDocument) -> list[str]:
    """What rebound and detour move; the figures of the table are of the cut alone."""
    groups: dict[tuple[str, str], list[str]] = {}
    for row in about.get("moved", []):
        if row["pollutant"] in POLLUTANTS:
            mass = f"{POLLUTANTS[Pollutant(row['pollutant'])]} {row['moved_kg'] / KG_PER_T:.3f}"
            groups.setdefault((row["kind"], row["outcome"]), []).append(mass)
    codes = schema.codes()
    return [
        f"假定{codes['moved_kind'][kind].title_zh}，{codes['moved_outcome'][outcome].title_zh}（吨，未计入上表）：{'，'.join(mass)}"
        for (kind, outcome), mass in groups.items()
    ]


def _hours_note(about: RecalculationDocument) -> str:
    """How many hours of the window have an inventory or are projected, and which hours the figures are of."""
    expected, present, projection = about["hours_expected"], about["hours_present"], about["projection"]
    projected = projection["hours"] if projection else 0
    known, missing = f"{present} 小时有排放清单", expected - present - projected
    if projected:
        known += f"，{projected} 小时由近期清单推算"
    if not missing:
        known = known if projected else "各小时均有排放清单"
        return f"共 {expected} 小时，{known}；减排量为全部 {expected} 小时合计"
    return f"共 {expected} 小时，其中 {known}，{missing} 小时缺清单；减排量仅为其余 {present + projected} 小时合计"


def _notes(table: AccountingDocument, about: RecalculationDocument, time_zone: str) -> list[str]:
    """What the figures are about."""
    sources = {row["base_source"] for row in about["ledger"]}
    titles = schema.codes()["base_source"]
    base = "，".join(f"{title} {table['base_t'][code]:.3f}" for code, title in POLLUTANTS.items())
    start, end = (local_stamp(datetime.fromisoformat(text), time_zone) for text in (about["from_utc"], about["to_utc"]))
    return [
        f"时段（当地时间）：{start} 至 {end}，{_hours_note(about)}",
        f"比例为占全社会排放的百分比；全社会排放（吨）：{base}",
        f"基准排放：{'、'.join(titles[code].title_zh for code in sorted(sources))}",
        *([ORDER_UNKNOWN] if is_order_unknown(about["ledger"]) else []),
        _interval_note(about),
        "第1行含道路、堆场和裸地扬尘；第2行含电力与供热；第4行含非道路移动机械",
        *_moved_notes(about),
        *([SIMULATED_ZH, SIMULATED_EN] if about.get("simulated") else []),
    ]
