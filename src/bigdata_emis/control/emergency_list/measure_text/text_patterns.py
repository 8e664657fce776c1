"""The patterns of text measures, in the order in which they are tried, and the match of one in a text.

Belongs here: reference table measure_text_pattern as objects, and the search. Does not: what a match is worth
(share_formulas), unclear texts (measure_reading).
"""

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from bigdata_emis import reference
from bigdata_emis.codes import ListWordRole
from bigdata_emis.control.emergency_list.list_words import meaning, plain, with_digits

TEXTS_REMEMBERED = 4096
"""A list repeats its texts: most cells say one of a few dozen."""
COUNTED = ("percent", "count", "target", "part", "stop_h", "from_hour")
"""Roles of figures that decide a share: two patterns with such figures in one text are two readings of it."""


@dataclass(frozen=True)
class TextPattern:
    """One way in which a measure is written.

    example_sides: the words before and after the match in the example of the pattern, which change nothing of it.
    """

    pattern_id: str
    regex: re.Pattern[str]
    example_sides: tuple[str, str]
    kind: str
    formula: str
    roles: tuple[str, ...]
    affected_share: float | None
    cut_share: float | None
    base_context: str
    base_unit: str
    pollutants: tuple[str, ...]
    industries: tuple[str, ...]
    vehicle_classes: tuple[str, ...]
    stage: str
    site_stage_word: str
    exemption: str
    is_person_needed: bool
    is_share_from_records: bool

    @property
    def is_for_vehicles(self) -> bool:
        """Whether it is about vehicles, so that it never cuts the emission of a production line."""
        return bool(self.vehicle_classes)


@dataclass(frozen=True)
class PatternMatch:
    """A pattern with the figures and words that it captured, by role."""

    pattern: TextPattern
    span: tuple[int, int]
    captured: dict[str, str]

    def figure(self, role: str) -> float | None:
        """The captured figure of a role, numerals included; None when there is none."""
        text = self.captured.get(role, "")
        if not text:
            return None
        return float(text) if re.fullmatch(r"\d+(?:\.\d+)?", text) else _numeral(text)


@lru_cache(maxsize=TEXTS_REMEMBERED)
def match_text(text: str) -> PatternMatch | None:
    """The match of the first pattern, in their order, that occurs in a plain text."""
    return next((found for pattern in patterns() if (found := _match(pattern, text))), None)


def other_reading(text: str, first: PatternMatch) -> PatternMatch | None:
    """Another pattern with figures of its own elsewhere in the text: then the text says two things."""
    for pattern in patterns():
        if pattern.kind != first.pattern.kind and set(pattern.roles) & set(COUNTED):
            found = _match(pattern, text)
            if found and (found.span[0] >= first.span[1] or found.span[1] <= first.span[0]):
                return found
    return None


@cache
def patterns() -> tuple[TextPattern, ...]:
    """All patterns in the order in which they are tried."""
    rows = sorted(reference.read("measure_text_pattern").to_pylist(), key=lambda row: row["order_number"])
    return tuple(_pattern(row) for row in rows)


def _pattern(row: dict[str, object]) -> TextPattern:
    def words(name: str) -> tuple[str, ...]:
        values = row[name]
        return tuple(values) if isinstance(values, list) else ()

    def share(name: str) -> float | None:
        value = row[name]
        return float(value) if isinstance(value, int | float) else None

    regex = re.compile(str(row["text_pattern"]), re.IGNORECASE)
    return TextPattern(
        pattern_id=str(row["pattern_id"]),
        regex=regex,
        example_sides=_sides(regex, with_digits(plain(str(row["example_text"])))),
        kind=str(row["measure_kind_code"]),
        formula=str(row["share_formula_code"]),
        roles=words("capture_roles"),
        affected_share=share("affected_share"),
        cut_share=share("cut_share"),
        base_context=str(row["base_context_code"] or ""),
        base_unit=str(row["base_unit"] or ""),
        pollutants=words("list_pollutant_codes"),
        industries=words("industry_codes"),
        vehicle_classes=words("vehicle_class_codes"),
        stage=str(row["stage_threshold_code"] or ""),
        site_stage_word=str(row["site_stage_word"] or ""),
        exemption=str(row["exemption"] or ""),
        is_person_needed=bool(row["is_person_needed"]),
        is_share_from_records=bool(row["is_share_from_records"]),
    )


def _sides(regex: re.Pattern[str], example: str) -> tuple[str, str]:
    hit = regex.search(example)
    return (example[: hit.start()], example[hit.end() :]) if hit else ("", "")


def _match(pattern: TextPattern, text: str) -> PatternMatch | None:
    hit = pattern.regex.search(text)
    if not hit:
        return None
    captured: dict[str, str] = {}
    for role, value in zip(pattern.roles, hit.groups(), strict=False):
        if value:
            captured.setdefault(role, value)
    return PatternMatch(pattern, hit.span(), captured)


def _numeral(text: str) -> float | None:
    word = meaning(ListWordRole.FIGURE, text)
    return float(word) if word else None
