"""A text that a person wrote as a value of its declared kind, and what is wrong with a value that is out of bounds.

Belongs here: numbers, dates, truths and lists from text, and likely repairs. Does not: files (text_file), or keys and
references between rows (collect/register, reference).
"""

import math
import re
import unicodedata
from collections.abc import Callable
from typing import Any

from bigdata_emis.errors import InputError
from bigdata_emis.schema.model import Field
from bigdata_emis.window import FIRST_YEAR, LAST_YEAR, parse_day, parse_instant

TRUTH_VALUES = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
LIST_SEPARATOR = ";"
LARGEST_INTEGER = 1 << 63
MOST_DIGITS = 400
DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")
INVISIBLE = r"[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]"
"""What no identifier, name or code may hold, as a pattern of Arrow: control and direction characters, zero widths."""
INVISIBLE_IN_FREE_TEXT = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]"
FREE_TEXT = frozenset({"note", "note_zh", "source", "action"})
LARGEST_PERCENTAGE = 100
LATITUDE = "latitude_deg"
FULL_CIRCLE_DEG = 360
EXPECTED = {
    "string": "a text",
    "number": "a number with a decimal point",
    "integer": "a whole number",
    "boolean": "true or false",
    "instant": "a time such as 2015-12-20T08:00+08:00",
    "date": f"a date such as 2015-12-20, of the years {FIRST_YEAR} to {LAST_YEAR}",
    "strings": f"texts with '{LIST_SEPARATOR}' between them",
}


def read_value(text: str, kind: str) -> Any:
    """The value of a text that is not empty.

    Raises:
        ValueError: the text is no such value; the message says what to write.
    """
    try:
        return READERS[kind](text)
    except (ValueError, KeyError, OverflowError, InputError):
        raise ValueError(f"give {EXPECTED[kind]}{_likely_text(text, kind)}") from None


def bounds_problem(value: float, declared: Field) -> str:
    """What to do about a number that is out of the bounds of its field; empty for one within them."""
    low, high = declared.minimum, declared.maximum
    if low is not None and value < low:
        return f"it must not be below {low:g}{_likely_number(value, declared)}"
    if high is not None and value > high:
        return f"it must not be above {high:g}{_likely_number(value, declared)}"
    return ""


def invisible_pattern(name: str) -> str:
    """The pattern of characters that a text of this field must not hold; a note may have several lines."""
    return INVISIBLE_IN_FREE_TEXT if name in FREE_TEXT else INVISIBLE


def _likely_text(text: str, kind: str) -> str:
    """The value that was probably meant, as a further clause of the remedy."""
    plain = unicodedata.normalize("NFKC", text)
    if plain != text and _is_value(plain, kind):
        return f": write {plain} in plain digits"
    if kind == "number" and DECIMAL_COMMA.fullmatch(text):
        return f": write {text.replace(',', '.')} for a decimal comma, {text.replace(',', '')} for thousands"
    return (
        ": leave it empty where there is no value" if text.lower() in ("nan", "null", "none", "na", "n/a", "-") else ""
    )


def _likely_number(value: float, declared: Field) -> str:
    if declared.name.endswith("_share") and declared.maximum == 1 and 1 < value <= LARGEST_PERCENTAGE:
        return f": write {value / LARGEST_PERCENTAGE:g} for {value:g} %"
    if declared.name == LATITUDE and 90 < abs(value) <= 180:
        return ": longitude and latitude are probably swapped"
    if declared.unit == "degree" and abs(value) > FULL_CIRCLE_DEG:
        return ": give degrees; metres of a map projection have to be converted"
    if declared.unit not in ("", "1", "degree"):
        return f": check the unit, the column is in {declared.unit}"
    return ""


def _is_value(text: str, kind: str) -> bool:
    try:
        READERS[kind](text)
    except (ValueError, KeyError, OverflowError, InputError):
        return False
    return True


def _read_number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value) or "_" in text or not text.isascii():
        raise ValueError(text)
    return value


def _read_integer(text: str) -> int:
    value = int(text) if len(text) <= MOST_DIGITS else LARGEST_INTEGER
    if abs(value) >= LARGEST_INTEGER or "_" in text or not text.isascii():
        raise ValueError(text)
    return value


def _split_list(text: str) -> list[str]:
    return [word.strip() for word in text.split(LIST_SEPARATOR) if word.strip()]


READERS: dict[str, Callable[[str], Any]] = {
    "string": str,
    "number": _read_number,
    "integer": _read_integer,
    "boolean": lambda text: TRUTH_VALUES[text.lower()],
    "instant": lambda text: parse_instant(text, "UTC"),
    "date": parse_day,
    "strings": _split_list,
}
