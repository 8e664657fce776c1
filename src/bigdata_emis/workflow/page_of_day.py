"""The page that follows the publishing of a day; its failure leaves the published day as it is.

Belongs here: when a page is written, and that no error of it goes further. Does not: the page (report/day_page).
"""

from datetime import date, datetime

from bigdata_emis.errors import AnalysisError, EmisError
from bigdata_emis.region import Region
from bigdata_emis.report.day_page import write_day_page
from bigdata_emis.run.run_record import one_line
from bigdata_emis.storage.lake import Store
from bigdata_emis.storage.layout import PUBLISHED
from bigdata_emis.workflow.day import DayResult


def add_page(result: DayResult, region: Region, day: date, *, known_utc: datetime) -> str | None:
    """Write the page of a day that this run published, and return its path.

    Without a published day there is none. A page that cannot be written is among the failures of the result.
    """
    if not any(receipt.stage == "publish" for receipt in result.receipts):
        return None
    path, failure = _write_page(region, day, known_utc=known_utc)
    result.failures += [failure] if failure else []
    return path


def renew_page(region: Region, store: Store, day: date, *, known_utc: datetime) -> AnalysisError | None:
    """Write the page of a day that was published again, if it has one; returns why that failed."""
    if store.read_document(f"report/{day}.html", tree=PUBLISHED) is None:
        return None
    return _write_page(region, day, known_utc=known_utc)[1]


def _write_page(region: Region, day: date, *, known_utc: datetime) -> tuple[str | None, AnalysisError | None]:
    try:
        return write_day_page(region, day, scenario=None, known_utc=known_utc).path, None
    except Exception as problem:
        remedy = problem.remedy if isinstance(problem, EmisError) else "write it again"
        return None, AnalysisError(
            f"the page of {day} was not written, the day is published: {one_line(problem, region)}",
            f"{remedy}: emis report --region {region.region_id} --date {day}",
        )
