"""Texts of a list in plain characters, and the words by which the reader knows rows, units, levels and unclear texts.

Belongs here: normalising a text, and look-ups in reference table emergency_list_word. Does not: patterns of measures
(measure_text), headings (sheets).
"""

import re
import unicodedata
from functools import cache, lru_cache

from bigdata_emis import reference
from bigdata_emis.codes import ListWordRole

TEXTS_REMEMBERED = 1 << 14
"""A list repeats its texts: counties, levels, measures."""
BLANKS = re.compile(r"[\s\u00ad\u200b-\u200f\u2028-\u202f\u2060\ufeff]+")

NUMERALS = "零一二三四五六七八九"
PER_CENT = re.compile(f"百分之([{NUMERALS}十百两点]+)")
UP_TO_HUNDREDS = re.compile(
    f"(?:(?:([{NUMERALS[1:]}两])?百)?零?(?:([{NUMERALS[1:]}两])?十)?([{NUMERALS}两])?)(?:点([{NUMERALS}]+))?"
)
TENTHS = re.compile(f"(?<=[产荷荷减停压降至到低少])([{NUMERALS[1:]}])成(?![{NUMERALS}半])")
ROMAN = ("I", "II", "III", "IV", "V", "VI")
STAGE = re.compile(r"国(VI|IV|V|I{1,3}|[1-6])(?![IVX\d.])", re.IGNORECASE)
OCLOCK = re.compile(r"(?<=\d)点(?!\d)")


def plain(text: str) -> str:
    """The text in half-width characters, without blanks and invisible signs."""
    return BLANKS.sub("", unicodedata.normalize("NFKC", text))


def tidy(text: str) -> str:
    """The text as written, its outer blanks and inner control characters removed."""
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060\ufeff]", "", text).strip()


def with_digits(words: str) -> str:
    """The plain text with 百分之三十 and 三成 as 30%, full hours as 8时, stages 国III and 国3 as 国三."""
    words = PER_CENT.sub(lambda hit: f"{figure}%" if (figure := _in_digits(hit[1])) else hit[0], words)
    words = TENTHS.sub(lambda hit: f"{NUMERALS.index(hit[1])}0%", words)
    words = STAGE.sub(lambda hit: f"国{NUMERALS[_stage_number(hit[1])]}", words)
    return OCLOCK.sub("时", words)


def _stage_number(numeral: str) -> int:
    return int(numeral) if numeral.isdigit() else ROMAN.index(numeral.upper()) + 1


def _in_digits(numeral: str) -> str:
    """A numeral below a thousand, perhaps with decimals, in digits; empty where it is none."""
    hit = UP_TO_HUNDREDS.fullmatch(numeral)
    if not hit:
        return ""
    ones = _digit(hit[3]) if hit[3] else 0
    tens = (_digit(hit[2]) if hit[2] else 1) if "十" in numeral else 0
    hundreds = (_digit(hit[1]) if hit[1] else 1) if "百" in numeral else 0
    decimals = "".join(str(_digit(sign)) for sign in hit[4] or "")
    return f"{100 * hundreds + 10 * tens + ones}" + (f".{decimals}" if decimals else "")


def _digit(sign: str) -> int:
    return 2 if sign == "两" else NUMERALS.index(sign)


@lru_cache(maxsize=TEXTS_REMEMBERED)
def find(role: ListWordRole, text: str) -> re.Match[str] | None:
    """The first word of the role in a plain text, as a match."""
    return next((hit for pattern, _ in _words(role) if (hit := pattern.search(text))), None)


def has(role: ListWordRole, text: str) -> bool:
    """Whether a word of the role occurs in a plain text."""
    return find(role, text) is not None


@lru_cache(maxsize=TEXTS_REMEMBERED)
def meaning(role: ListWordRole, text: str) -> str:
    """What the first word of the role in a plain text means; empty when none occurs."""
    return next((word for pattern, word in _words(role) if pattern.search(text)), "")


def without(role: ListWordRole, text: str, meaning_of_word: str) -> str:
    """A plain text without the words of the role that mean something of this kind, or have no meaning of their own."""
    for pattern, word in _words(role):
        if not word or meaning_of_word in word.split("+"):
            text = pattern.sub("", text)
    return text


def meanings(role: ListWordRole, text: str) -> list[str]:
    """What the words of the role in a plain text mean, each meaning once."""
    return list(dict.fromkeys(word for pattern, word in _words(role) if pattern.search(text)))


@cache
def _words(role: ListWordRole) -> tuple[tuple[re.Pattern[str], str], ...]:
    rows = [row for row in reference.read("emergency_list_word").to_pylist() if row["word_role_code"] == role]
    return tuple((re.compile(row["text_pattern"], re.IGNORECASE), row["word_meaning"] or "") for row in rows)
