"""The keys of region.toml and feeds.toml: what kind of value each takes, and in which range.

Belongs here: the declared keys, and whether a value fits one. Does not: reading the files (region, feed_config).
"""

import csv
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

KEYS = Path(__file__).parent / "region_keys.csv"
FIRST_YEAR, LAST_YEAR = 1970, 2200
LONGEST_TEXT = 2000
EXAMPLES = {
    "text": '"…", in quotes',
    "true or false": "true",
    "date": '"2019-12-31"',
    "list of text": '["…"]',
    "table": "{…}",
}


@dataclass(frozen=True)
class RegionKey:
    """One key of a table of region.toml or feeds.toml. Without bounds any value of the kind is allowed."""

    file: str
    table: str
    key: str
    kind: str
    presence: str
    title_en: str
    title_zh: str
    note: str
    minimum: float | None
    maximum: float | None
    choices: tuple[str, ...]

    @property
    def expected(self) -> str:
        """What a value must be, for a refusal."""
        words = {"text": "a printable text in quotes", "date": f"a date of the years {FIRST_YEAR} to {LAST_YEAR}"}
        kind = words.get(self.kind, self.kind if self.kind == "true or false" else f"a {self.kind}")
        if self.choices:
            return f"{'texts of' if self.kind == 'list of text' else 'one of'} {', '.join(self.choices)}"
        if self.minimum is not None and self.maximum is not None:
            return f"{kind} from {_plain(self.minimum)} to {_plain(self.maximum)}"
        return kind

    @property
    def example(self) -> str:
        """The key with a value that fits, as one writes it."""
        if self.choices:
            value = f'"{self.choices[0]}"' if self.kind == "text" else f'["{self.choices[0]}"]'
        elif self.presence.startswith("default ") and self.kind != "text":
            value = self.presence.removeprefix("default ")
        else:
            value = EXAMPLES.get(self.kind, _plain(float(self.minimum or 0)))
        return f"{self.key} = {value}"

    def allows(self, value: object) -> bool:
        """Whether a value of a TOML file is of the kind of the key, in its range and among its choices."""
        return IS_OF_KIND[self.kind](value) and self._is_in_range(value) and self._is_chosen(value)

    def _is_in_range(self, value: Any) -> bool:
        is_low = self.minimum is not None and value < self.minimum
        is_high = self.maximum is not None and value > self.maximum
        return not is_low and not is_high

    def _is_chosen(self, value: Any) -> bool:
        return not self.choices or set(value if isinstance(value, list) else [value]) <= set(self.choices)


@cache
def region_keys(file: str, table: str) -> dict[str, RegionKey]:
    """The declared keys of a table of a file, in the order of the declaration."""
    with KEYS.open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if (row["file"], row["table"]) == (file, table)]
    return {row["key"]: _key_of_row(row) for row in rows}


def _key_of_row(row: dict[str, str]) -> RegionKey:
    bounds = {side: float(row[side]) if row[side] else None for side in ("minimum", "maximum")}
    choices = tuple(word for word in row["choices"].split(";") if word)
    return RegionKey(**{**row, **bounds, "choices": choices})  # type: ignore[arg-type]


def _plain(number: float) -> str:
    return f"{number:.0f}" if number.is_integer() else f"{number:g}"


def _is_text(value: object) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST_TEXT and value.isprintable()


def _is_whole_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: object) -> bool:
    return _is_whole_number(value) or (isinstance(value, float) and math.isfinite(value))


def _is_date(value: object) -> bool:
    """A TOML date, or a text in ISO form; a date with a time is none."""
    try:
        day = date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return False
    return isinstance(day, date) and not isinstance(day, datetime) and FIRST_YEAR <= day.year <= LAST_YEAR


IS_OF_KIND: dict[str, Callable[[object], bool]] = {
    "text": _is_text,
    "true or false": lambda value: isinstance(value, bool),
    "number": _is_number,
    "whole number": _is_whole_number,
    "date": _is_date,
    "list of text": lambda value: isinstance(value, list) and all(map(_is_text, value)),
    "table": lambda value: isinstance(value, dict),
}
