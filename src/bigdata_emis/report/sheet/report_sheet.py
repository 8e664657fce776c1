"""A sheet of tables in Chinese and English: what a review, a brief and a list of orders have in common.

Belongs here: the parts of a sheet, and numbers as text. Does not: what a sheet says, or how it looks (sheet_files).
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TypedDict
from zoneinfo import ZoneInfo

from bigdata_emis import schema
from bigdata_emis.region import Region
from bigdata_emis.schema.mass_units import G_PER_KG
from bigdata_emis.window import local_stamp

UNKNOWN = "–"
MASS_UNIT = "kg"
NUMBER = re.compile(r"[-+<>]?[\d,.]+(e-?\d+)?( – -?[\d,.]+)?%?")
SMALLEST_WHOLE = 1.0
"""Below this a number has three significant digits; a cut of 0.3 kg is not shown as 0."""


class Words(TypedDict):
    """A text in both languages."""

    en: str
    zh: str


class SheetSection(TypedDict):
    """A titled part of a sheet: sentences, then a table. Without columns there is no table.

    numeric: whether a column has numbers only, which are aligned to the right. widths: parts of the page that a column
    takes on paper; 0 is as wide as its text.
    """

    title: Words
    notes: list[Words]
    columns: list[Words]
    rows: list[list[Words]]
    numeric: list[bool]
    widths: list[int]


class ReportSheet(TypedDict):
    """A whole sheet. notices are shown above everything else: what limits the numbers."""

    title: Words
    subtitle: Words
    notices: list[Words]
    sections: list[SheetSection]
    footer: Words


def words(en: str, zh: str | None = None) -> Words:
    """A text in both languages; without a Chinese one the same in both."""
    return {"en": en, "zh": en if zh is None else zh}


def code_words(code_list: str, code: str | None) -> Words:
    """The title of a code; an unknown code is its own title, and none a dash."""
    if not code:
        return words(UNKNOWN)
    titled = schema.codes()[code_list].get(code)
    return words(titled.title_en, titled.title_zh) if titled else words(code)


def simulated_notices(region: Region) -> list[Words]:
    """The first notice of everything about a simulated region; none where the data are measured."""
    return [words(region.notices["en"], region.notices["zh"])] if region.notices else []


def section(
    title: Words,
    *,
    columns: Sequence[Words] = (),
    rows: Iterable[Sequence[Words]] = (),
    notes: Iterable[Words] = (),
    widths: Sequence[int] = (),
) -> SheetSection:
    """A part of a sheet. Without widths every column is as wide as its texts, as far as the page allows."""
    listed = [list(row) for row in rows]
    return {
        "title": title,
        "notes": list(notes),
        "columns": list(columns),
        "rows": listed,
        "numeric": [_is_numeric(title["en"], [row[i]["en"] for row in listed]) for i, title in enumerate(columns)],
        "widths": list(widths) or [0] * len(columns),
    }


def _is_numeric(title: str, cells: Sequence[str]) -> bool:
    """Whether every cell is a number, a range of two, unknown, or a word that replaces a number (none, unclear).

    Such words are fewer than the numbers of the column, or as many. Where all are unknown: whether the title has kg.
    """
    known = [cell for cell in cells if cell not in (UNKNOWN, "")]
    if not known:
        return title.endswith(MASS_UNIT)
    numbers = [cell for cell in known if NUMBER.fullmatch(cell)]
    replaced = [cell for cell in known if cell not in numbers and not any(map(str.isdigit, cell))]
    return len(numbers) + len(replaced) == len(known) and len(numbers) >= len(replaced)


def mass_words(value_g: float | None) -> Words:
    """A mass in kilogram as text."""
    return words(UNKNOWN if value_g is None else number_text(value_g / G_PER_KG))


def share_words(share: float | None) -> Words:
    """A share as text, in percent."""
    return words(UNKNOWN if share is None else f"{share:.1%}")


def number_text(value: float) -> str:
    """A number as text: whole numbers with separators, small ones with three digits; never a minus zero."""
    if abs(value) >= SMALLEST_WHOLE:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) > FLOAT_NOISE else "0"


FLOAT_NOISE = 1e-6
"""What is left of a sum of numbers that cancel; in kilogram a milligram."""


def time_words(instant: datetime | None, time_zone: str) -> Words:
    """An instant in local time, to the minute."""
    return words(instant.astimezone(ZoneInfo(time_zone)).strftime("%Y-%m-%d %H:%M") if instant else UNKNOWN)


def written_words(known_utc: datetime, time_zone: str) -> Words:
    """When a sheet was written, and in which time it speaks."""
    stamp = local_stamp(known_utc, time_zone)
    return words(
        f"written {stamp}; all times are local ({time_zone})", f"生成于 {stamp}；时间均为当地时间（{time_zone}）"
    )
