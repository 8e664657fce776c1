"""The days before the window that a collection asks for again, because their rows may come late.

Belongs here: which of them a collection covers, and which have changed. Does not: asking for them (collect).
"""

import json
import logging
from collections.abc import Iterable
from datetime import date

import pyarrow as pa

from bigdata_emis.region import Region
from bigdata_emis.storage.lake import Store

log = logging.getLogger(__name__)

Newest = dict[date, str]
"""The newest version of each day, an empty text where there is none."""


def select_covered_days(days: Iterable[date], results: dict[str, pa.Table]) -> list[date]:
    """The days that the results of a collection hold; nothing was ever received of the others."""
    left_out: set[str] = set()
    for frame in results.values():
        left_out |= set(json.loads((frame.schema.metadata or {}).get(b"left_out_days", b"[]")))
    return [day for day in days if day.isoformat() not in left_out]


def find_newest(store: Store, table_name: str, days: Iterable[date]) -> Newest:
    """The newest version of each of these days of a table."""
    return {day: "".join(v.version for v in store.versions(table_name, [day])[-1:]) for day in days}


def list_reopened_days(before: Newest, after: Newest, region: Region, table_name: str) -> list[str]:
    """The days before the window that late rows have changed; each is logged with what to do."""
    reopened = [day.isoformat() for day, version in before.items() if after[day] != version]
    for day in reopened:
        remedy = f"emis backfill --region {region.region_id} --from {day} --to {day} --late"
        log.warning(
            "late rows changed %s of %s; the next `emis day` or `%s` computes it again", table_name, day, remedy
        )
    return reopened
