"""The page of a validation: its tables and plots in one file that opens with no network, in Chinese and English.

Belongs here: how a document of any task becomes a page. Does not: which plots a task shows (the task's own module), numbers.

A document may hold `plots`, a list of charts:

    {"title_en", "title_zh", "kind", "x_en", "x_zh", "y_en", "y_zh", "note_en", "note_zh", "is_wide", "series": [...]}

`kind` is line, ecdf, bar or scatter; all but kind, the titles and the series may be left out. A series is
{"name", "x", "y"}; of an ecdf {"name", "x"} (the values, in any order); a line may have "low" and "high", which are
drawn as a band. Text in x makes an axis of categories; ISO times (2019-01-31T13:00) make one of time.
"""

import json
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, select_autoescape
from markupsafe import Markup

from bigdata_emis.errors import InputError

ASSETS = Path(__file__).parent / "assets"
HOUSE_ASSETS = Path(__file__).parents[1] / "report" / "assets"
KINDS = ("line", "ecdf", "bar", "scatter")
IN_HEADER = ("task", "champion", "mode")
NOTES = ("note", "why_not")
"""What a part of a document says of itself in words."""
LEFT_OUT = ("given_up", "rows_unusable", "not_scored")
"""Parts of a document that say what was not used or not scored: counts by reason, or a list of {"id", "why"}."""
DIGITS = 5
"""Significant digits on the page; a chart shows no more, and the file stays small."""


def write_page(document: dict[str, Any], path: Path) -> None:
    """Write the page of a document. Raises InputError when the folder cannot be written to."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(render(document), "utf-8")
    except OSError as problem:
        raise InputError(f"{path}: {problem.strerror}", "give --page a file that can be written") from None


def render(document: dict[str, Any]) -> str:
    """The page as one HTML document; every text in it is escaped, and a policy forbids any outside request.

    Raises ValueError for a chart of an unknown kind.
    """
    unknown = [plot["kind"] for plot in document.get("plots", []) if plot["kind"] not in KINDS]
    if unknown:
        raise ValueError(f"chart of kind '{unknown[0]}'; known are {', '.join(KINDS)}")
    shown = _shortened({"plots": [], "units": [], **document})
    pages = Environment(loader=FileSystemLoader(ASSETS), autoescape=select_autoescape(["html"]))
    return pages.get_template("validation.html").render(
        data=shown,
        notes=_notes(shown),
        data_json=_for_script(json.dumps(shown, ensure_ascii=False, separators=(",", ":"), default=str)),
        style=_own(HOUSE_ASSETS / "day.css"),
        script=_own(ASSETS / "validation.js"),
        echarts=_own(HOUSE_ASSETS / "echarts.min.js"),
    )


def _notes(document: dict[str, Any]) -> list[tuple[str, str]]:
    """What the document says in words, the hours that count first; and what it left out, with the count or the reason."""
    told = [(key, value) for key, value in document.items() if isinstance(value, str) and key not in IN_HEADER]
    told += [
        (key, value[name])
        for key, value in document.items()
        if isinstance(value, dict) and key not in LEFT_OUT
        for name in NOTES
        if value.get(name)
    ]
    for key, value in document.items():
        if key in LEFT_OUT and isinstance(value, dict):
            note, counts = value.get("note", ""), value.get("units", value)
            told.append(
                (
                    key,
                    "; ".join(
                        filter(
                            None,
                            (note, ", ".join(f"{name.replace('_', ' ')}: {count}" for name, count in counts.items())),
                        )
                    ),
                )
            )
        elif key in LEFT_OUT and value:
            told.append((key, "; ".join(f"{one['id']}: {one['why']}" for one in value)))
    return [(key.replace("_", " "), words) for key, words in sorted(told, key=lambda one: one[0] != "hours")]


def _own(path: Path) -> Markup:
    return Markup(path.read_text("utf-8"))  # noqa: S704 - a file of this package


def _for_script(text: str) -> Markup:
    """JSON that cannot close its script element, whatever name a unit has."""
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))  # noqa: S704


def _shortened(value: Any) -> Any:
    """Numbers cut to the digits that are shown; what is not a number becomes null, which JSON can say."""
    if isinstance(value, dict):
        return {str(key): _shortened(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_shortened(inner) for inner in value]
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}") if abs(value) != float("inf") and value == value else None
    return value
