"""The data quality report of a day, written beside the published tables.

Belongs here: what is written where. Does not: numbers or wording (report/quality).
"""

from datetime import date, datetime
from typing import Any

from bigdata_emis.publish.publish import checks_page_name
from bigdata_emis.region import Region
from bigdata_emis.report.quality.quality_data import gather_quality
from bigdata_emis.report.quality.quality_sheet import quality_document, quality_sheet
from bigdata_emis.report.sheet.sheet_files import write_sheet
from bigdata_emis.storage.lake import open_lake
from bigdata_emis.storage.layout import PUBLISHED


def write_quality(region: Region, day: date, *, known_utc: datetime) -> dict[str, Any]:
    """Write the report of a day as page and PDF in each language; the report as a document, with its files."""
    store = open_lake(region)
    feeds = gather_quality(region, store, day)
    page = checks_page_name(day)
    checks_page = page if store.read_document(page, tree=PUBLISHED) is not None else ""
    sheet = quality_sheet(region, day, feeds, checks_page=checks_page, known_utc=known_utc)
    files = write_sheet(store, f"quality/{day}", sheet, tree=PUBLISHED)
    return {**quality_document(region, day, feeds), "checks_page": checks_page or None, "files": files}
