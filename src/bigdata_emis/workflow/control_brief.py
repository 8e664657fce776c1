"""The daily control brief and the orders of a day, written beside the published tables.

Belongs here: what is written where. Does not: numbers or wording (report/brief).
"""

from datetime import date, datetime
from typing import Any

from bigdata_emis.region import Region
from bigdata_emis.report.brief.brief_data import gather_brief
from bigdata_emis.report.brief.brief_sheet import brief_document, brief_sheet
from bigdata_emis.report.brief.order_sheet import order_sheet
from bigdata_emis.report.published_view import PublishedView
from bigdata_emis.report.sheet.sheet_files import write_sheet
from bigdata_emis.storage.lake import open_lake
from bigdata_emis.storage.layout import PUBLISHED


def write_brief(region: Region, day: date, *, known_utc: datetime, scenario_id: str = "") -> dict[str, Any]:
    """Write the brief of a day and, where a scenario is in force, its orders; both as page and PDF in each language.

    Raises InputError when there is no such scenario in force on the day.
    """
    view = PublishedView(open_lake(region))
    brief = gather_brief(region, day, view, scenario_id=scenario_id)
    sheet = brief_sheet(brief, known_utc=known_utc)
    files = write_sheet(view, f"brief/{day}", sheet, tree=PUBLISHED)
    orders: dict[str, str] = {}
    if brief.scenario is not None:
        orders = write_sheet(view, f"brief/{day}-orders", order_sheet(brief, known_utc=known_utc), tree=PUBLISHED)
    return {**brief_document(brief), "files": files, "order_files": orders}
