"""One self-contained page a day, in Chinese and English, that opens from a file with no network.

Belongs here: putting numbers, style and script into one document. Does not: choosing the numbers (day_data.py).
"""

import json
from datetime import date, datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, select_autoescape
from markupsafe import Markup

from bigdata_emis.region import Region
from bigdata_emis.report.day_data import day_data
from bigdata_emis.report.model_cards import card_section
from bigdata_emis.settings import settings
from bigdata_emis.storage.lake import Store

ASSETS = Path(__file__).parent / "assets"


def write_day_page(region: Region, day: date, *, scenario: str | None, known_utc: datetime) -> str:
    """Write the page of a published day beside its tables, and return where it lies."""
    store = Store(settings().lake, region.region_id, region.time_zone)
    data = {
        **day_data(region, day, store, scenario=scenario),
        "models": card_section(region, store, day, known_utc=known_utc),
    }
    content = render(data, known_utc=known_utc)
    return store.write_document(f"report/{day}.html", content.encode(), tree="published")


def render(data: dict[str, object], *, known_utc: datetime) -> str:
    """The page as one HTML document; every text in it is escaped, and a policy forbids any outside request."""
    pages = Environment(loader=FileSystemLoader(ASSETS), autoescape=select_autoescape(["html"]))
    return pages.get_template("day.html").render(
        data=data,
        data_json=_for_script(json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))),
        style=Markup((ASSETS / "day.css").read_text("utf-8")),  # noqa: S704 - our own file
        script=Markup((ASSETS / "day.js").read_text("utf-8")),  # noqa: S704 - our own file
        echarts=Markup((ASSETS / "echarts.min.js").read_text("utf-8")),  # noqa: S704 - shipped library
        known=known_utc.strftime("%Y-%m-%d %H:%M UTC"),
    )


def _for_script(text: str) -> Markup:
    """JSON that cannot close its script element, whatever a feed put into a name."""
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))  # noqa: S704
