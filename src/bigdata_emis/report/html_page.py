"""The parts of every self-contained page: template, embedded files, embedded data.

Belongs here: building one HTML document that opens with no network.
Does not: which numbers a page shows (day_data, validate/page).
"""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, Template, select_autoescape
from markupsafe import Markup

ASSETS = Path(__file__).parent / "assets"
SCRIPT_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"}


def load_template(folder: Path, name: str) -> Template:
    """A template of the folder; every text that it shows is escaped."""
    return _templates(folder).get_template(name)


@cache
def _templates(folder: Path) -> Environment:
    """The templates of a folder, each compiled once."""
    return Environment(loader=FileSystemLoader(folder), autoescape=select_autoescape(["html"]))


def embed_file(path: Path) -> Markup:
    """A style sheet or script of this package, to be written into the page without escaping."""
    return Markup(path.read_text("utf-8"))  # noqa: S704 - a file of this package


def embed_json(text: str) -> Markup:
    """JSON for a script element, escaped so that no text in the data can close it."""
    for character, escape in SCRIPT_ESCAPES.items():
        text = text.replace(character, escape)
    return Markup(text)  # noqa: S704 - escaped above
