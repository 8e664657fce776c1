"""A sheet as one HTML file in both languages, and as PDF in one language.

Belongs here: rendering. Does not: what a sheet says (report_sheet), where it lies.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from bigdata_emis.pdf_file import render_pdf
from bigdata_emis.report.html_page import load_template
from bigdata_emis.report.sheet.report_sheet import ReportSheet
from bigdata_emis.storage.lake import Store

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")
FOLDER = Path(__file__).parent
TEMPLATE = FOLDER / "sheet.typ"


def render_html(sheet: ReportSheet) -> str:
    """The sheet as a document that opens without network; text is escaped."""
    return load_template(FOLDER, "sheet.html").render(sheet=sheet)


def render_sheet(sheet: ReportSheet, language: Language) -> bytes:
    """The sheet in one language as PDF."""
    return render_pdf(TEMPLATE, {"language": language, **_in_language(sheet, language)})


def write_sheet(store: Store, name: str, sheet: ReportSheet, *, tree: str) -> dict[str, str]:
    """Write a sheet as HTML and as a PDF in each language, and return the paths by kind."""
    paths = {"html": store.write_document(f"{name}.html", render_html(sheet).encode(), tree=tree)}
    for language in LANGUAGES:
        content = render_sheet(sheet, language)
        paths[f"pdf_{language}"] = store.write_document(f"{name}.{language}.pdf", content, tree=tree)
    return paths


def _in_language(part: Any, language: Language) -> Any:
    """The sheet with each text in one language."""
    if isinstance(part, Mapping):
        if set(part) == {"en", "zh"}:
            return part[language]
        return {key: _in_language(value, language) for key, value in part.items()}
    return [_in_language(one, language) for one in part] if isinstance(part, list) else part
