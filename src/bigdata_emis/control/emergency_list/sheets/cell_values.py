"""Figures, dates, truths and codes from the cells of a list, whatever way a person wrote them.

Belongs here: one cell. Does not: which column a cell is in (headings), what a row means (list_rows).
"""

import math
import re
from datetime import date, datetime, timedelta

from bigdata_emis.codes import ListWordRole
from bigdata_emis.control.emergency_list import list_words
from bigdata_emis.control.emergency_list.list_words import plain, tidy

CellValue = str | int | float | bool | datetime | date | None
FIGURE = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[eE][+-]?\d+)?")
DATE = re.compile(r"(\d{4})[.\-/年]?(\d{1,2})[.\-/月]?(\d{1,2})日?")
SERIAL_ZERO = date(1899, 12, 30)
"""Day 0 of a date serial: the file format counts a 29 February 1900 that never was."""
SERIAL_DAYS = (20_000, 80_000)
CREDIT_CODE = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}")
CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CREDIT_WEIGHT = 3
DAYS_PER_YEAR = 365


def cell_text(value: CellValue) -> str:
    """A cell as text: whole numbers without .0, dates as 2024-11-15."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, float):
        return f"{value:.15g}" if math.isfinite(value) else ""
    return tidy(str(value))


def read_figure(value: CellValue) -> float | None:
    """The first figure of a cell, with 万 and 亿 applied; None when there is none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value) if math.isfinite(value) else None
    text = plain(cell_text(value))
    hit = FIGURE.search(text)
    if not hit or any(not _is_unit_sign(sign) for sign in text[: hit.start()]):
        return None
    number = float(hit[0].replace(",", ""))
    multiple = list_words.meaning(ListWordRole.MULTIPLE, text[hit.end() :])
    return number * float(multiple) if multiple else number


def read_mass_per_day(value: CellValue, unit: str, *, running_days: float | None) -> tuple[float | None, str]:
    """A mass in kg/d, and a remark when 365 days were assumed. The unit of the cell counts before `unit`."""
    figure = read_figure(value)
    if figure is None:
        return None, ""
    text = plain(cell_text(value))
    own = text if list_words.has(ListWordRole.MASS, text) else plain(unit)
    scale = list_words.meaning(ListWordRole.MASS, own)
    if not scale:
        return None, "unit of the emission is unknown"
    if own is not text and (multiple := list_words.meaning(ListWordRole.MULTIPLE, own)):
        figure *= float(multiple)
    mass_kg = figure * float(scale)
    period = list_words.meaning(ListWordRole.PERIOD, own) or list_words.meaning(ListWordRole.PERIOD, plain(unit))
    if period != "year":
        return mass_kg, "" if period else "period of the emission is unknown: read as a day"
    remark = "" if running_days else f"t/a to kg/d by {DAYS_PER_YEAR} days assumed"
    return mass_kg / (running_days or DAYS_PER_YEAR), remark


def read_date(value: CellValue) -> date | None:
    """A date cell, a serial number of days, 2024.11.15 or 20241115; None for anything else."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = plain(cell_text(value))
    if text.isdigit() and len(text) == 5 and SERIAL_DAYS[0] <= int(text) <= SERIAL_DAYS[1]:
        return SERIAL_ZERO + timedelta(days=int(text))
    hit = DATE.fullmatch(text)
    try:
        return date(int(hit[1]), int(hit[2]), int(hit[3])) if hit else None
    except ValueError:
        return None


def read_truth(value: CellValue) -> bool | None:
    """Yes or no; None when the cell says neither."""
    meaning = list_words.meaning(ListWordRole.YES_NO, plain(cell_text(value)))
    return meaning == "true" if meaning else None


def read_credit_code(value: CellValue) -> tuple[str, str]:
    """The credit code of a cell, and a remark when something is wrong with it.

    A permit number begins with the credit code. Source: GB 32100-2015, the last sign is a check sign modulo 31.
    """
    text = plain(cell_text(value)).upper()
    if not text:
        return "", ""
    if isinstance(value, float) or re.fullmatch(r"\d(?:\.\d+)?E\+?\d+", text):
        return "", "credit code was turned into a number by the spreadsheet"
    code = text[:18]
    if not CREDIT_CODE.fullmatch(code):
        return code, "credit code is not of the form of GB 32100"
    remark = "credit code column holds a permit number" if len(text) > len(code) else ""
    return code, remark if has_right_check_sign(code) else "check sign of the credit code is wrong"


def has_right_check_sign(code: str) -> bool:
    """Whether the last sign of a credit code is the one that the others give."""
    total = sum(
        CREDIT_ALPHABET.index(sign) * pow(CREDIT_WEIGHT, place, len(CREDIT_ALPHABET))
        for place, sign in enumerate(code[:-1])
    )
    return CREDIT_ALPHABET[-total % len(CREDIT_ALPHABET)] == code[-1]


def _is_unit_sign(sign: str) -> bool:
    """Signs that may lead a figure: words such as 烧结 before 1台 may, a digit may not."""
    return not sign.isdigit()
