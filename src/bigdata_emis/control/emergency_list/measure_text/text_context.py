"""What is known about a plant beside the text of its measure: lines, loads, normal intervals, stages of its trucks.

Belongs here: the context, from notes and from `--context`. Does not: the patterns of measures (text_patterns).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from functools import cache

from bigdata_emis import reference
from bigdata_emis.codes import EmissionStage, ListContext
from bigdata_emis.control.emergency_list.list_words import plain
from bigdata_emis.errors import InputError, shorten

STAGES: list[EmissionStage] = [stage for stage in EmissionStage if stage != EmissionStage.ALL]
SHARE_ENDING = "_share"
TEXT_KEYS = ("site_stage", "grade", "level", "industry", "line")


@dataclass(frozen=True)
class TextContext:
    """Values by code, and what else decides how a text reads.

    counted_class: trucks that the row counts. note: the remark of the row as written, of which values may be read.
    """

    values: dict[str, float] = field(default_factory=dict)
    site_stage: str = ""
    grade: str = ""
    level: str = ""
    industry: str = ""
    line: str = ""
    counted_class: str = ""
    is_key_project: bool = False
    note: str = ""

    def as_text(self) -> str:
        """All that is known, in one order: two texts are equal where nothing differs that a reading could use."""
        named = {one.name: getattr(self, one.name) for one in fields(self) if one.name != "values"}
        stated = {name: value for name, value in named.items() if value}
        return "; ".join(f"{name}={value}" for name, value in sorted({**self.values, **stated}.items()))

    def value(self, code: ListContext) -> float | None:
        """The value of a code; None when it is unknown."""
        return self.values.get(code)

    def stage_share_up_to(self, stage: EmissionStage) -> float | None:
        """The share of trips of this stage and older ones; None when no stage of them is known."""
        older = STAGES[: STAGES.index(stage) + 1]
        known = [self.values[f"stage_share_{s}"] for s in older if f"stage_share_{s}" in self.values]
        return min(1.0, sum(known)) if known else None


def read_note(text: str) -> dict[str, float]:
    """The values that a note states; the first pattern of a code that fits counts."""
    wanted = plain(text)
    values: dict[str, float] = {}
    for code, pattern, scale in _patterns():
        hit = pattern.search(wanted)
        if hit and code not in values:
            values[code] = float(hit[1]) * scale
    return values


def read_context(words: Iterable[str]) -> TextContext:
    """The context of `--context`: `k=v`, or words such as "N=3 equal lines".

    Raises:
        InputError: a key is unknown, or a share is outside 0–1.
    """
    given = [word for word in words if word.strip()]
    texts = {key: value for word in given for key, _, value in [word.partition("=")] if key.strip() in TEXT_KEYS}
    values: dict[str, float] = {}
    for word in (word for word in given if word.partition("=")[0].strip() not in TEXT_KEYS):
        found = _stated(word) or read_note(word)
        _require_read(word, found)
        repeated = [code for code, value in found.items() if values.get(code, value) != value]
        if repeated:
            raise InputError(f"context {repeated[0]} is given twice with other values", "give it once")
        values.update(found)
    _require_shares(values)
    stated = {key.strip(): value.strip() for key, value in texts.items()}
    return TextContext(
        values,
        site_stage=stated.get("site_stage", ""),
        grade=stated.get("grade", ""),
        level=stated.get("level", ""),
        industry=stated.get("industry", ""),
        line=stated.get("line", ""),
    )


def _require_read(word: str, found: dict[str, float]) -> None:
    """Refuse `k=v` of which nothing was read, or a figure that is only read in part."""
    key, is_stated, value = (part.strip() for part in word.partition("="))
    if not is_stated or not re.fullmatch(r"\w+", key):
        return
    if not re.fullmatch(r"\d{1,12}(?:\.\d{1,12})?%?", value) and not found:
        what = f"context '{shorten(word)}': '{shorten(value)}' is no figure, or the key is unknown"
        raise InputError(what, f"write for instance N=3; keys: {', '.join([*TEXT_KEYS, *ListContext])}")
    if not found:
        names = ", ".join([*TEXT_KEYS, *ListContext])
        raise InputError(f"context '{shorten(word)}': the key is unknown", f"use one of {names}")
    if re.fullmatch(r"[\d.]+[eE][+-]?\d+", value):
        raise InputError(f"context '{shorten(word)}': expected a figure in digits", "write for instance N=3")


def _stated(word: str) -> dict[str, float]:
    """The value of `code=figure`, as it is; a note that only contains the code is none."""
    hit = re.fullmatch(r"\s*(\w+)\s*=\s*(\d+(?:\.\d+)?)\s*", word)
    return {hit[1]: float(hit[2])} if hit and hit[1] in set(ListContext) else {}


def _require_shares(values: dict[str, float]) -> None:
    for code, value in values.items():
        is_share = code.endswith(SHARE_ENDING) or "_share_" in code
        if is_share and not 0 <= value <= 1:
            raise InputError(f"context {code} = {value:g}: expected a share between 0 and 1", "write 0.3 for 30 %")


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str], float], ...]:
    rows = reference.read("emergency_list_context").to_pylist()
    return tuple((row["context_code"], _compiled(row), row["context_scale"]) for row in rows)


def _compiled(row: dict[str, str]) -> re.Pattern[str]:
    """Stages are capitals: `V` is a stage, `v` is none."""
    is_stage = row["context_code"].startswith("stage_share")
    return re.compile(row["text_pattern"], 0 if is_stage else re.IGNORECASE)
