"""The head of a list's table: where it is, and what each column holds, found by text and never by place.

Belongs here: head rows, two-row and unit rows, merged headings. Does not: the rows below (list_rows).
"""

import re
from dataclasses import dataclass, field
from functools import cache

from bigdata_emis import reference
from bigdata_emis.codes import ListColumn, ListWordRole
from bigdata_emis.control.emergency_list import list_words
from bigdata_emis.control.emergency_list.list_words import plain
from bigdata_emis.control.emergency_list.sheets.cell_values import cell_text
from bigdata_emis.control.emergency_list.sheets.workbook_file import SheetRows

FEWEST_HEADINGS = 3
ROWS_SEARCHED = 30
HEAD_ROWS = 3
BRACKETS = re.compile(r"\(([^()]*)\)")
OWN_HEADING = "系统:"
"""Beginning of the headings of columns that an export adds, and an import passes over."""
NOTICE_SHEET = "系统说明"
"""Name of a sheet of sentences that an export adds, and an import passes over."""
NUMBERING = re.compile(r"^[\d一二三四五六七八九十]+[.、]")


@dataclass(frozen=True)
class EmissionColumn:
    """A column with the emission of one pollutant, and the unit that its heading gives."""

    column: int
    pollutant: str
    unit: str


@dataclass
class TableHead:
    """The columns of a table: plain ones by code, measures by level, emissions, shares of stages, and the rest."""

    first_row: int
    last_row: int
    columns: dict[str, int] = field(default_factory=dict)
    measures: dict[str, int] = field(default_factory=dict)
    emissions: list[EmissionColumn] = field(default_factory=list)
    stage_shares: dict[str, int] = field(default_factory=dict)
    unit_columns: list[int] = field(default_factory=list)
    units: dict[int, str] = field(default_factory=dict)
    personal: list[int] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)
    headings: dict[int, str] = field(default_factory=dict)


def find_head(sheet: SheetRows) -> TableHead | None:
    """The head of the table of a sheet: the first row with three known headings; None when there is none."""
    for row in list(sheet.rows)[:ROWS_SEARCHED]:
        texts = {column: plain(cell_text(value)) for column, value in sheet.rows[row].items()}
        if sum(1 for text in texts.values() if _is_known(text)) >= FEWEST_HEADINGS:
            last_row = _last_head_row(sheet, row)
            return _read_head(sheet, row, last_row)
    return None


def is_own_heading(text: str) -> bool:
    """Whether a heading is of a column that an export added."""
    return plain(text).startswith(OWN_HEADING)


def _is_known(text: str) -> bool:
    """A heading of the table, or the upper half of one: 年排放量 above SO2, 预警期间减排措施 above 红色."""
    roles = (ListWordRole.EMISSION_HEADING, ListWordRole.MEASURE_HEADING, ListWordRole.STAGE_HEADING)
    is_built = any(list_words.has(role, text) for role in roles) or _level(text) != [] or _pollutant(text) != ""
    return bool(text) and (is_built or _column_code(text) is not None)


def _last_head_row(sheet: SheetRows, first_row: int) -> int:
    """The last of up to three head rows: rows below that hold only sub-headings, units, or cells of merged headings."""
    last = first_row
    for row in range(first_row + 1, first_row + HEAD_ROWS):
        cells = [text for value in sheet.rows.get(row, {}).values() if (text := plain(cell_text(value)))]
        if not cells or not all(_is_sub_heading(text) for text in cells):
            break
        last = row
    return last


def _is_sub_heading(text: str) -> bool:
    bare = BRACKETS.sub("", text)
    is_unit = (bool(text) and not bare) or bool(list_words.has(ListWordRole.MASS, text) and not re.search(r"\d", text))
    is_level = list_words.has(ListWordRole.LEVEL_ONLY_HEADING, bare)
    return is_unit or is_level or (_pollutant(bare) != "" and len(bare) <= 16) or _column_code(text) is not None


def _read_head(sheet: SheetRows, first_row: int, last_row: int) -> TableHead:
    head = TableHead(first_row, last_row)
    for column in sorted(_head_columns(sheet, first_row, last_row)):
        parts = [plain(_head_text(sheet, row, column, first_row)) for row in range(first_row, last_row + 1)]
        parts = list(dict.fromkeys(part for part in parts if part))
        if parts:
            head.headings[column] = "/".join(parts)
            _place(head, column, parts)
    return head


def _head_columns(sheet: SheetRows, first_row: int, last_row: int) -> set[int]:
    return {column for row in range(first_row, last_row + 1) for column in sheet.rows.get(row, {})}


def _head_text(sheet: SheetRows, row: int, column: int, first_row: int) -> str:
    """The text over a column: its own, that of the merged heading, or of the heading to the left of a sub-heading."""
    own = sheet.rows.get(row, {}).get(column)
    if own is not None:
        return cell_text(own)
    for top, left, bottom, right in sheet.merged:
        if top <= row <= bottom and left <= column <= right:
            return cell_text(sheet.rows.get(top, {}).get(left))
    below = sheet.rows.get(row + 1, {}).get(column)
    if row == first_row and below is not None and not _column_code(plain(cell_text(below))):
        left_texts = [cell_text(sheet.rows[row][c]) for c in sorted(sheet.rows.get(row, {})) if c < column]
        return left_texts[-1] if left_texts and not BRACKETS.fullmatch(plain(cell_text(below))) else ""
    return ""


def _place(head: TableHead, column: int, parts: list[str]) -> None:
    joined = "/".join(parts)
    if is_own_heading(joined):
        return
    unit = next((u for part in reversed(parts) for u in reversed(BRACKETS.findall(part)) if u), "")
    head.units[column] = unit
    bare = BRACKETS.sub("", joined).strip("/")
    levels = _level(joined)
    if levels:
        for level in levels:
            _add_once(head, head.measures, level, column, joined)
        return
    stage = list_words.meaning(ListWordRole.STAGE_HEADING, bare)
    if stage:
        _add_once(head, head.stage_shares, stage, column, joined)
        return
    if _pollutant(joined) and list_words.has(ListWordRole.EMISSION_HEADING, joined):
        return _place_emission(head, column, joined, unit)
    _place_plain(head, column, parts, bare)


def _place_emission(head: TableHead, column: int, joined: str, unit: str) -> None:
    if list_words.has(ListWordRole.NOT_MEASURE_HEADING, joined):
        return
    pollutant = _pollutant(joined)
    if any(emission.pollutant == pollutant for emission in head.emissions):
        head.repeated.append(joined)
        return
    yearly = list_words.has(ListWordRole.PER_YEAR, joined) and not list_words.has(ListWordRole.PER_DAY, joined)
    period = "" if list_words.has(ListWordRole.PERIOD, unit) else ("/年" if yearly else "/天")
    head.emissions.append(EmissionColumn(column, pollutant, f"{unit}{period}"))


def _place_plain(head: TableHead, column: int, parts: list[str], bare: str) -> None:
    code = next((c for text in (parts[-1], bare, parts[0]) if (c := _column_code(text))), None)
    if code == ListColumn.PERSONAL:
        head.personal.append(column)
    elif code == ListColumn.UNIT:
        head.unit_columns.append(column)
    elif code is None:
        head.unknown.append("/".join(parts))
    elif code != ListColumn.OTHER:
        _add_once(head, head.columns, code, column, bare)


def _add_once(head: TableHead, places: dict[str, int], name: str, column: int, heading: str) -> None:
    """The first column of a name counts; a repeated heading is listed."""
    if name in places:
        head.repeated.append(heading)
    else:
        places[name] = column


def _level(text: str) -> list[str]:
    """The levels whose measures a heading announces."""
    if list_words.has(ListWordRole.NOT_MEASURE_HEADING, text.replace("减排措施", "措施")):
        return []
    bare = BRACKETS.sub("", text)
    is_measure = list_words.has(ListWordRole.MEASURE_HEADING, text)
    return list_words.meanings(ListWordRole.LEVEL, text) if is_measure or _is_level_only(bare) else []


def _is_level_only(bare: str) -> bool:
    return list_words.has(ListWordRole.LEVEL_ONLY_HEADING, bare.rsplit("/", 1)[-1])


def _pollutant(text: str) -> str:
    return list_words.meaning(ListWordRole.POLLUTANT, text)


def _column_code(text: str) -> str | None:
    names = _column_names()
    wanted = NUMBERING.sub("", text)
    bare = BRACKETS.sub("", wanted)
    return names.get(wanted) or names.get(bare)


@cache
def _column_names() -> dict[str, str]:
    names: dict[str, str] = {}
    for row in reference.read("emergency_list_heading").to_pylist():
        for text in (row["heading_zh"], *(row["heading_synonyms"] or [])):
            names.setdefault(plain(text), row["list_column_code"])
    return names
