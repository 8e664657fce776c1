"""The page of a day: one document in Chinese and English that opens without network.

Belongs here: numbers, style and script in one document, and where it is written.
Does not: the choice of numbers (day_data, model_cards).
"""

import json
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path

from bigdata_emis.errors import InputError
from bigdata_emis.region import Region
from bigdata_emis.report.day_data import day_data
from bigdata_emis.report.html_page import ASSETS, embed_file, embed_json, load_template
from bigdata_emis.report.model_cards import card_section
from bigdata_emis.report.page_notices import PUBLISHED, page_notices, page_status
from bigdata_emis.report.published_view import PublishedView
from bigdata_emis.storage.lake import open_lake
from bigdata_emis.window import local_stamp


@dataclass(frozen=True)
class DayPage:
    """A written page: where it lies, and what may be said of its numbers.

    status: `published`, `not published` or `draft`; only a published page lies in the published folder.
    """

    path: str
    status: str
    scenario_id: str | None
    scenario_status: str | None


def write_day_page(
    region: Region, day: date, *, scenario: str | None, known_utc: datetime, out: Path | None = None
) -> DayPage:
    """Write the page of a day from its published versions, next to the published tables.

    The page of a day that is not published, and one with the ledger of a scenario that is not approved, lie in the
    folder of computed tables, and say so.

    out: a file to write the page to instead, so that a lake that is read-only can be reported, too.
    """
    view = PublishedView(open_lake(region))
    data = {
        **day_data(region, day, view, scenario=scenario),
        "models": card_section(region, view, day, known_utc=known_utc),
    }
    ledger = data["ledger"]
    data["notices"] = [asdict(notice) for notice in page_notices(region, view, day, ledger)]
    status = page_status(view, day, ledger)
    content = render_day_page(data, computed=local_stamp(known_utc, region.time_zone)).encode()
    shown, state = (ledger["scenario"], ledger["status_code"]) if ledger else (None, None)
    if out is not None:
        path = _write_elsewhere(out, content)
    elif status == PUBLISHED:
        path = view.write_document(f"report/{day}.html", content, tree="published")
    else:
        path = view.write_document(f"report/{day}{f'-{shown}' if shown else ''}.html", content)
    return DayPage(path, status, shown, state)


def _write_elsewhere(out: Path, content: bytes) -> str:
    try:
        out.write_bytes(content)
    except OSError as problem:
        raise InputError(f"{out} cannot be written: {problem.strerror}", "name another file with --out") from None
    return str(out)


def render_day_page(data: dict[str, object], *, computed: str) -> str:
    """The page as one HTML document; text is escaped, and a policy forbids outside requests.

    computed: when, in words.
    """
    return load_template(ASSETS, "day.html").render(
        data=data,
        data_json=embed_json(json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))),
        style=embed_file(ASSETS / "day.css"),
        script=embed_file(ASSETS / "day.js"),
        echarts=embed_file(ASSETS / "echarts.min.js"),
        computed=computed,
    )
