"""The page of a validation: tables and charts in one file, in Chinese and English.

Belongs here: how the document of any task becomes a page. Does not: which charts a task shows (the task's own plots
module), numbers.

The shape of a chart is document.Chart. Text in `x` gives an axis of categories; ISO times (2019-01-31T13:00) give a
time axis. Model rows with `is_research` are labelled as research that no daily run uses.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bigdata_emis.errors import InputError
from bigdata_emis.report.html_page import ASSETS as REPORT_ASSETS
from bigdata_emis.report.html_page import embed_file, embed_json, load_template

ASSETS = Path(__file__).parent / "assets"
KINDS = ("line", "ecdf", "bar", "scatter")
IN_HEADER = ("task", "champion", "mode")
NOTES = ("note", "why_not")
"""Sentences within a part of the document."""
EXCLUDED = ("given_up", "rows_unusable", "not_scored")
"""Parts of the document on what was not used or not scored: counts by reason, or a list of {"id", "why"}."""
DIGITS = 5
"""Significant digits on the page: as many as a chart shows, so that the file stays small."""


def write_page(document: Mapping[str, Any], path: Path) -> None:
    """Write the page of a document. Raises InputError when the file cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(render(document), "utf-8")
    except OSError as problem:
        raise InputError(f"{path}: {problem.strerror}", "give --page a file that can be written") from None


def render(document: Mapping[str, Any]) -> str:
    """The page as one HTML document.

    All text is escaped, and a content policy forbids any outside request.

    Raises ValueError for a chart of an unknown kind.
    """
    unknown = [plot["kind"] for plot in document.get("plots", []) if plot["kind"] not in KINDS]
    if unknown:
        raise ValueError(f"chart of kind '{unknown[0]}': expected one of {', '.join(KINDS)}")
    shown = _round_numbers({"plots": [], "units": [], **document})
    return load_template(ASSETS, "validation.html").render(
        data=shown,
        notes=_collect_notes(shown),
        data_json=embed_json(json.dumps(shown, ensure_ascii=False, separators=(",", ":"), default=str)),
        style=embed_file(REPORT_ASSETS / "day.css"),
        script=embed_file(ASSETS / "validation.js"),
        echarts=embed_file(REPORT_ASSETS / "echarts.min.js"),
    )


def _collect_notes(document: dict[str, Any]) -> list[tuple[str, str]]:
    """Sentences of the document with their key, the scored hours first; and what it excluded, with count or reason."""
    notes = [(key, value) for key, value in document.items() if isinstance(value, str) and key not in IN_HEADER]
    notes += [
        (key, value[name])
        for key, value in document.items()
        if isinstance(value, dict) and key not in EXCLUDED
        for name in NOTES
        if value.get(name)
    ]
    notes += [(key, _describe_excluded(value)) for key, value in document.items() if key in EXCLUDED and value]
    return [(key.replace("_", " "), words) for key, words in sorted(notes, key=lambda note: note[0] != "hours")]


def _describe_excluded(part: dict[str, Any] | list[dict[str, Any]]) -> str:
    """Counts by reason after their note, or each unit with its reason."""
    if isinstance(part, list):
        return "; ".join(f"{unit['id']}: {unit['why']}" for unit in part)
    counts = ", ".join(f"{name.replace('_', ' ')}: {count}" for name, count in part.get("units", part).items())
    return "; ".join(filter(None, (part.get("note", ""), counts)))


def _round_numbers(value: Any) -> Any:
    """Numbers rounded to DIGITS; NaN and infinity become null, as in JSON."""
    if isinstance(value, dict):
        return {str(key): _round_numbers(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_round_numbers(inner) for inner in value]
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}") if abs(value) != float("inf") and value == value else None
    return value
