"""Columns of numbers as providers write them: decimal commas, thousands, and texts for missing values.

Belongs here: how digits are spelled. Does not: units and factors (values).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis.arrays import Flags

NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$"
DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+", re.ASCII)
POINTS_BETWEEN_THOUSANDS = r"^[+-]?\d{1,3}(\.\d{3})+(,\d+)?$"
"""Under a decimal comma 36.000 is 36000 to its writer, though it can be read as 36."""
THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?", re.ASCII)
FULL_WIDTH = "[\uff01-\uff5e\u2212]"
HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x2212: 0x2D, 0x3000: 0x20}
"""Full-width forms and the sign of minus by their usual ones."""
LEAST_SPELLED_SHARE = 0.2
"""Share of the values of a column with a comma from which on that is how the provider writes, and no slip."""


@dataclass(frozen=True)
class NumberSpelling:
    """The decimal sign, the sign between thousands, and the texts of a missing value."""

    decimal: str = "."
    thousands: str = ""
    null_values: tuple[str, ...] = ()


PLAIN = NumberSpelling()


def parse_numbers(column: Any, spelling: NumberSpelling = PLAIN) -> tuple[Any, Flags]:
    """The column as numbers, null where unreadable, and which values were sent and unreadable."""
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        trimmed = _as_plain(pc.utf8_trim_whitespace(column), spelling)
        is_number = _is_number(trimmed, column, spelling)
        if pc.any(pc.match_substring_regex(trimmed.filter(pc.invert(is_number)), FULL_WIDTH)).as_py():
            column = pa.array(as_half_width(column.to_pylist()), column.type)
            trimmed = _as_plain(pc.utf8_trim_whitespace(column), spelling)
            is_number = _is_number(trimmed, column, spelling)
        is_sent = pc.fill_null(pc.not_equal(trimmed, ""), False)
        numbers = pc.if_else(is_number, trimmed, pa.scalar(None, trimmed.type)).cast(pa.float64())
        is_bad = pc.and_(is_sent, pc.invert(is_number))
        numbers = _without_null_numbers(numbers, spelling.null_values)
    elif pa.types.is_boolean(column.type) or pa.types.is_nested(column.type):
        numbers, is_bad = pa.nulls(len(column), pa.float64()), pc.is_valid(column)
    else:
        numbers, is_bad = column.cast(pa.float64(), safe=False), pa.array(np.zeros(len(column), dtype=bool))
        numbers = _without_null_numbers(numbers, spelling.null_values)
    is_finite = pc.fill_null(pc.is_finite(numbers), True)
    unreadable: Flags = np.asarray(is_bad) | ~np.asarray(is_finite)
    return pc.if_else(is_finite, numbers, pa.scalar(None, pa.float64())), unreadable


def as_half_width(texts: Sequence[str | None]) -> list[str | None]:
    """Texts with full-width letters, digits and signs, as Chinese keyboards write them, in their usual width."""
    return [text and text.translate(HALF_WIDTH) for text in texts]


def likely_spelling(column: Any, is_unreadable: Flags, spelling: NumberSpelling = PLAIN) -> str:
    """The key of feeds.toml that would read what was not readable, when many values of a column have commas.

    Points between thousands, which a decimal comma makes likely, are in doubt from the first on.
    """
    if spelling.decimal == "," and not spelling.thousands:
        return 'thousands = "."' if _has_doubtful_points(column) else ""
    if spelling.decimal != "." or spelling.thousands:
        return ""
    if not (pa.types.is_string(column.type) and is_unreadable.any()):
        return ""
    texts = [text.strip() for text in column.filter(pa.array(is_unreadable)).to_pylist() if text]
    if len(texts) < LEAST_SPELLED_SHARE * len(is_unreadable):
        return ""
    for pattern, key in ((THOUSANDS, 'thousands = ","'), (DECIMAL_COMMA, 'decimal = ","')):
        if all(map(pattern.fullmatch, texts)):
            return key
    return ""


def _is_number(trimmed: Any, column: Any, spelling: NumberSpelling) -> Any:
    """Which texts are numbers; those with points that may lie between thousands, or be decimal ones, are none."""
    is_number = pc.fill_null(pc.match_substring_regex(trimmed, NUMBER), False)
    if spelling.decimal == "," and not spelling.thousands and _has_doubtful_points(column):
        is_grouped = pc.match_substring_regex(pc.utf8_trim_whitespace(column), POINTS_BETWEEN_THOUSANDS)
        return pc.and_(is_number, pc.invert(pc.fill_null(is_grouped, False)))
    return is_number


def _has_doubtful_points(column: Any) -> bool:
    """Whether all points of a column could lie between thousands; a workbook writes numbers with decimal points."""
    if not pa.types.is_string(column.type):
        return False
    trimmed = pc.utf8_trim_whitespace(column)
    is_pointed = pc.match_substring(trimmed, ".")
    is_grouped = pc.match_substring_regex(trimmed, POINTS_BETWEEN_THOUSANDS)
    return bool(pc.any(is_grouped).as_py() and not pc.any(pc.and_not(is_pointed, is_grouped)).as_py())


def _as_plain(texts: Any, spelling: NumberSpelling) -> Any:
    if spelling.null_values:
        is_null = pc.is_in(texts, pa.array(spelling.null_values, texts.type))
        texts = pc.if_else(is_null, pa.scalar("", texts.type), texts)
    if spelling.thousands:
        sign = r"[\s\x{00a0}\x{202f}]" if spelling.thousands.isspace() else re.escape(spelling.thousands)
        is_grouped = pc.match_substring_regex(
            texts, rf"^[+-]?\d{{1,3}}(?:{sign}\d{{3}})+(?:{re.escape(spelling.decimal)}\d*)?$"
        )
        texts = pc.if_else(pc.fill_null(is_grouped, False), pc.replace_substring_regex(texts, sign, ""), texts)
    if spelling.decimal != ".":
        texts = pc.replace_substring(texts, spelling.decimal, ".")
    return texts


def _without_null_numbers(numbers: Any, null_values: Sequence[str]) -> Any:
    sentinels = [float(text) for text in null_values if re.match(NUMBER, text)]
    if not sentinels:
        return numbers
    return pc.if_else(pc.is_in(numbers, pa.array(sentinels)), pa.scalar(None, pa.float64()), numbers)
