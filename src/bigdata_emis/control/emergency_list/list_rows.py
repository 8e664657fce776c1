"""The rows of a list's sheets as plants, lines and sites: names, codes, grades, emissions, and texts of measures.

Belongs here: what one row says. Does not: the structure of a measure (measure_text), checks between rows (list_checks).
"""

from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from typing import Any

from bigdata_emis import reference
from bigdata_emis.codes import Industry, ListColumn, ListWordRole, VehicleClass
from bigdata_emis.control.emergency_list import list_words
from bigdata_emis.control.emergency_list.list_words import plain
from bigdata_emis.control.emergency_list.measure_text.text_context import TextContext, read_note
from bigdata_emis.control.emergency_list.sheets.cell_values import (
    CellValue,
    cell_text,
    read_credit_code,
    read_date,
    read_figure,
    read_mass_per_day,
    read_truth,
)
from bigdata_emis.control.emergency_list.sheets.headings import TableHead, find_head
from bigdata_emis.control.emergency_list.sheets.workbook_file import MOST_ROWS, SheetRows

ID_COLUMNS = (
    ListColumn.NAME,
    ListColumn.CREDIT_CODE,
    ListColumn.COUNTY,
    ListColumn.INDUSTRY,
    ListColumn.GRADE,
    ListColumn.LIST_CODE,
    ListColumn.PERMIT_CODE,
    ListColumn.APPROVER,
)
TOTAL_COLUMNS = (ListColumn.ROW_NUMBER, ListColumn.NAME, ListColumn.COUNTY, ListColumn.LINE)
SITE_INDUSTRIES = (Industry.CONSTRUCTION_SITE, Industry.BULK_YARD, Industry.ROAD_DUST)
COUNTED_TRUCKS = "heavy trucks"
PERCENT = 0.01


@dataclass(frozen=True)
class ListRow:
    """One row of a list. emissions are in kg/d by pollutant; remarks say what was assumed or is wrong."""

    sheet: str
    sheet_kind: str
    excel_row: int
    name: str
    credit_code: str = ""
    list_code: str = ""
    county: str = ""
    industry_code: str = ""
    grade_code: str = ""
    guarantee_code: str = ""
    is_idle: bool = False
    line: str = ""
    approver: str = ""
    grade_valid_to: date | None = None
    truck_trips: float | None = None
    emissions: dict[str, float | None] = field(default_factory=dict)
    measures: dict[str, str] = field(default_factory=dict)
    context: TextContext = field(default_factory=TextContext)
    remarks: tuple[str, ...] = ()

    @property
    def content(self) -> tuple[Any, ...]:
        """Everything that a repeated row repeats; the running number is not part of it."""
        emissions, measures = tuple(self.emissions.items()), tuple(self.measures.items())
        return (self.sheet, self.name, self.credit_code, self.county, self.line, self.grade_code, emissions, measures)


@dataclass
class SheetReading:
    """The rows of a sheet, and what was skipped or noticed, each as one sentence."""

    name: str
    kind: str
    rows: list[ListRow] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    personal_columns: int = 0


def read_sheet(sheet: SheetRows) -> SheetReading | None:
    """The rows of a sheet; None when it has no head of a table."""
    kind = list_words.meaning(ListWordRole.SHEET, plain(sheet.name))
    head = find_head(sheet)
    if head is None or kind == "summary":
        return None
    reading = SheetReading(sheet.name, kind or "industry", personal_columns=len(head.personal))
    filled = _filled_down(sheet, head)
    _notice_head(reading, sheet, head)
    for number in sheet.rows:
        if number > head.last_row:
            _read_row(reading, sheet, head, number, filled)
    _fill_sheet_kind(reading, head)
    return reading


def _notice_head(reading: SheetReading, sheet: SheetRows, head: TableHead) -> None:
    skipped = [row for row in sheet.rows if row < head.first_row]
    if skipped:
        reading.notices.append(f"rows {skipped[0]} to {head.first_row - 1}: title, not read")
    if head.personal:
        reading.notices.append(f"{len(head.personal)} columns with names or phone numbers of persons: not stored")
    if head.unknown:
        reading.notices.append(f"columns not known and not read: {', '.join(head.unknown[:8])}")
    if head.repeated:
        reading.notices.append(f"repeated headings, the first counts: {', '.join(head.repeated[:8])}")
    if not head.measures:
        reading.notices.append("no column of measures")
    if sheet.hidden_rows or sheet.is_hidden:
        reading.notices.append(f"{sheet.hidden_rows} hidden rows of a {'hidden' if sheet.is_hidden else 'shown'} sheet")


def _filled_down(sheet: SheetRows, head: TableHead) -> dict[tuple[int, int], CellValue]:
    """The value of each identity cell that lies in a merged one; measures and figures are never filled."""
    columns = {head.columns[code] for code in ID_COLUMNS if code in head.columns}
    filled: dict[tuple[int, int], CellValue] = {}
    for top, left, bottom, right in sheet.merged:
        inside = columns & set(range(left, right + 1)) if top > head.last_row else set()
        value = sheet.rows.get(top, {}).get(left)
        filled |= {
            (row, column): value for column in inside for row in range(top + 1, min(bottom, top + MOST_ROWS) + 1)
        }
    return filled


def _read_row(
    reading: SheetReading, sheet: SheetRows, head: TableHead, number: int, filled: dict[tuple[int, int], CellValue]
) -> None:
    cells = dict(sheet.rows[number])
    texts = [plain(cell_text(value)) for value in cells.values()]
    if not any(texts):
        return
    if list_words.has(ListWordRole.NOTE_ROW, next(text for text in texts if text)) and len(texts) <= 2:
        reading.notices.append(f"row {number}: note, not read")
        return
    values = {code: cells.get(column, filled.get((number, column))) for code, column in head.columns.items()}
    if any(list_words.has(ListWordRole.TOTAL_ROW, plain(cell_text(values.get(code)))) for code in TOTAL_COLUMNS):
        reading.notices.append(f"row {number}: total row, not a plant{_sum_remark(reading, head, cells)}")
        return
    reading.rows.append(_list_row(reading, head, number, values, cells))


def _list_row(
    reading: SheetReading, head: TableHead, number: int, values: dict[str, CellValue], cells: dict[int, CellValue]
) -> ListRow:
    texts = {code: cell_text(value) for code, value in values.items()}
    credit, credit_remark = read_credit_code(values.get(ListColumn.CREDIT_CODE))
    grade, guarantee, is_idle, grade_remark = _read_grade(texts.get(ListColumn.GRADE, ""))
    if read_truth(values.get(ListColumn.KEY_PROJECT)):
        guarantee = "key_project"
    emissions, emission_remark = _emissions(head, cells, values)
    trips = read_figure(values.get(ListColumn.TRUCK_TRIPS))
    row = ListRow(
        sheet=reading.name,
        sheet_kind=reading.kind,
        excel_row=number,
        name=texts.get(ListColumn.NAME, ""),
        credit_code=credit,
        list_code=texts.get(ListColumn.LIST_CODE, ""),
        county=texts.get(ListColumn.COUNTY, ""),
        industry_code=_industry(reading.kind, head, texts),
        grade_code=grade,
        guarantee_code=guarantee,
        is_idle=is_idle,
        line=texts.get(ListColumn.LINE, "") or (COUNTED_TRUCKS if trips is not None else ""),
        approver=texts.get(ListColumn.APPROVER, ""),
        grade_valid_to=read_date(values.get(ListColumn.GRADE_VALID_TO)),
        truck_trips=trips,
        emissions=emissions,
        measures={level: cell_text(cells.get(column)) for level, column in head.measures.items()},
        remarks=tuple(remark for remark in (credit_remark, grade_remark, emission_remark) if remark),
    )
    return replace(row, context=_context(row, head, values, texts, cells))


def _context(
    row: ListRow, head: TableHead, values: dict[str, CellValue], texts: dict[str, str], cells: dict[int, CellValue]
) -> TextContext:
    found = read_note(texts.get(ListColumn.NOTE, "")) | read_note(texts.get(ListColumn.LINE, ""))
    lines, output = read_figure(values.get(ListColumn.LINE_COUNT)), read_figure(values.get(ListColumn.DAILY_OUTPUT))
    if lines is not None:
        found["line_count"] = lines
    if output:
        found["daily_output_t"] = output
    for stage, column in head.stage_shares.items():
        share = _share(cells.get(column), head.units.get(column, ""))
        if share is not None:
            found[f"stage_share_{stage}"] = share
    return TextContext(
        found,
        site_stage=texts.get(ListColumn.SITE_STAGE, ""),
        grade=row.grade_code,
        industry=row.industry_code,
        line=plain(row.line),
        counted_class=VehicleClass.HEAVYT if row.truck_trips is not None else "",
        is_key_project=row.guarantee_code == "key_project",
        note=plain(texts.get(ListColumn.NOTE, "")),
    )


def _share(value: CellValue, unit: str) -> float | None:
    """A share from 20, 20% or 0.2 below a heading in per cent; None when it is no share."""
    figure = read_figure(value)
    if figure is None:
        return None
    is_percent = unit == "%" or "%" in plain(cell_text(value)) or figure > 1
    share = figure * PERCENT if is_percent else figure
    return share if 0 <= share <= 1 else None


def _emissions(
    head: TableHead, cells: dict[int, CellValue], values: dict[str, CellValue]
) -> tuple[dict[str, float | None], str]:
    days = read_figure(values.get(ListColumn.RUNNING_DAYS))
    emissions: dict[str, float | None] = {}
    remarks: dict[str, None] = {}
    for emission in head.emissions:
        beside = next((column for column in head.unit_columns if column > emission.column), None)
        given = cell_text(cells.get(beside)) if beside is not None else ""
        unit = given or emission.unit
        mass, remark = read_mass_per_day(cells.get(emission.column), unit, running_days=days)
        if mass is not None and mass < 0:
            mass, remark = None, "emission negative: no kg/d"
        emissions[emission.pollutant] = mass
        if remark:
            remarks[remark] = None
    return emissions, "; ".join(remarks)


def _read_grade(text: str) -> tuple[str, str, bool, str]:
    """Grade, guarantee class, whether stopped for long, and a remark when the text is none of the grades."""
    wanted = plain(text).upper()
    if not wanted:
        return "", "", False, ""
    row = _grades().get(wanted)
    if row is None:
        return "", "", False, f"grade '{text[:20]}' does not exist: ask for the grade"
    return row["grade_code"] or "", row["guarantee_code"] or "", bool(row["is_idle"]), ""


def _industry(kind: str, head: TableHead, texts: dict[str, str]) -> str:
    """The industry from its own column, refined by the line; else from the line, else from the name."""
    if kind == "dust":
        heading = head.headings.get(head.columns.get(ListColumn.NAME, 0), "")
        return industry_of(heading, among=SITE_INDUSTRIES) or Industry.CONSTRUCTION_SITE.value
    if kind == "mobile":
        return ""
    named, line = industry_of(texts.get(ListColumn.INDUSTRY, "")), industry_of(texts.get(ListColumn.LINE, ""))
    if named and line and _parents().get(line) == named:
        return line
    return named or line or industry_of(texts.get(ListColumn.NAME, ""))


def industry_of(text: str, among: tuple[str, ...] = ()) -> str:
    """The industry of the longest word that occurs in a text; empty when none does."""
    wanted = plain(text)
    fitting = [(len(word), code) for word, code in _industry_words() if word in wanted and (not among or code in among)]
    return max(fitting, default=(0, ""), key=lambda pair: pair[0])[1]


def _sum_remark(reading: SheetReading, head: TableHead, cells: dict[int, CellValue]) -> str:
    """Whether a total row is the sum of the rows above it: said, because a difference is an error of the list."""
    if not reading.rows or not head.emissions:
        return ""
    stated = read_figure(cells.get(head.emissions[0].column))
    return "" if stated is None else f" (states {stated:g} of {head.emissions[0].pollutant})"


def _fill_sheet_kind(reading: SheetReading, head: TableHead) -> None:
    if reading.kind == "guarantee" and not head.measures:
        reading.notices.append(f"{len(reading.rows)} guaranteed plants or projects")


@cache
def _grades() -> dict[str, dict[str, Any]]:
    rows = reference.read("emergency_list_grade").to_pylist()
    return {plain(text).upper(): row for row in rows for text in (row["grade_text"], *(row["grade_synonyms"] or []))}


@cache
def _industry_words() -> list[tuple[str, str]]:
    rows = reference.read("emergency_list_industry").to_pylist()
    return [(plain(word), row["industry_code"]) for row in rows for word in row["industry_words"]]


@cache
def _parents() -> dict[str, str]:
    rows = reference.read("emergency_list_industry").to_pylist()
    return {row["industry_code"]: row["parent_industry_code"] or "" for row in rows}
