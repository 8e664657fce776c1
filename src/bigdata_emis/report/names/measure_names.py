"""The names of measures for readers, from what they select.

Belongs here: the words of a measure. Does not: what it cuts (control).
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from bigdata_emis.report.names.code_names import pollutant_words
from bigdata_emis.report.names.source_names import plant_and_line
from bigdata_emis.report.sheet.report_sheet import Words, code_words, words

EVERYTHING = words("all sources", "全部源")


def measure_names(measures: Iterable[Mapping[str, Any]], sources: Mapping[str, Words]) -> dict[str, Words]:
    """The name of each measure by measure_id: plant and line, else industry, vehicles, grade, pollutant and hours.

    Measures that select the same have their measure_id behind the name. sources: names of lines (source_names).

    measures: rows of control_measure, one for each level.
    """
    first: dict[str, Mapping[str, Any]] = {}
    for row in measures:
        first.setdefault(row["measure_id"], row)
    names = {measure_id: _name_of(row, sources) for measure_id, row in first.items()}
    shared = Counter((name["en"], name["zh"]) for name in names.values())
    return {
        measure_id: _with_id(name, measure_id) if shared[name["en"], name["zh"]] > 1 else name
        for measure_id, name in names.items()
    }


def measure_words(names: Mapping[str, Words], measure_id: str) -> Words:
    """The name of a measure; its measure_id where it is not known."""
    return names.get(measure_id) or words(measure_id)


def _name_of(row: Mapping[str, Any], sources: Mapping[str, Words]) -> Words:
    parts = [plant_and_line(sources, row["production_line_id"])] if row["production_line_id"] else _what(row)
    parts += [_grade(row["grade_code"])] if row["grade_code"] else []
    parts += [_stage(row["stage_threshold_code"])] if row["stage_threshold_code"] else []
    if row["pollutant_code"]:
        only = pollutant_words(row["pollutant_code"])
        parts.append(words(f"{only['en']} only", f"仅{only['zh']}"))
    if row["from_local_hour"] is not None and row["to_local_hour"] is not None:
        parts.append(words(f"{row['from_local_hour']:02}:00–{row['to_local_hour']:02}:00"))
    named = parts or [EVERYTHING]
    return words(", ".join(part["en"] for part in named), " ".join(part["zh"] for part in named))


def _what(row: Mapping[str, Any]) -> list[Words]:
    """Vehicles, else the industry, else the sector."""
    for name, code_list in (("vehicle_class_code", "vehicle_class"), ("industry_code", "industry")):
        if row[name]:
            return [code_words(code_list, row[name])]
    return [code_words("sector", row["sector_code"])] if row["sector_code"] else []


def _grade(code: str) -> Words:
    title = code_words("grade", code)
    return words(f"grade {title['en']}", title["zh"])


def _stage(code: str) -> Words:
    title = code_words("emission_stage", code)
    return words(f"up to {title['en']}", f"{title['zh']}及以下")


def _with_id(name: Words, measure_id: str) -> Words:
    return words(f"{name['en']} ({measure_id})", f"{name['zh']}（{measure_id}）")
