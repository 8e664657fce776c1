"""The regions with what a person wants to know of each first: can it be read, is it scheduled, how far is it published.

Belongs here: one row for each region folder. Does not: finding the folders (region_list).
"""

from datetime import date
from typing import TypedDict

from bigdata_emis.settings import Settings
from bigdata_emis.storage import database
from bigdata_emis.upkeep.region_list import ListedRegion, list_regions
from bigdata_emis.window import END_OF_TIME_UTC


class RegionRow(TypedDict):
    """One region. state: scheduled, archived (it has a last_day) or broken; problem: why it cannot be read."""

    region: str
    name_en: str
    name_zh: str
    state: str
    is_simulated: bool | None
    time_zone: str
    feeds: list[str]
    last_published_day: str | None
    folder: str
    problem: str


def region_rows(where: Settings) -> list[RegionRow]:
    """Every region that a command can name, in order of its name. Nothing is created or migrated."""
    last_days = _last_published_days()
    return [_row(listed, last_days.get(listed.region_id)) for listed in list_regions(where)]


def _row(listed: ListedRegion, last_day: date | None) -> RegionRow:
    region = listed.region
    state = "broken" if region is None else "archived" if "last_day" in region.options else "scheduled"
    return {
        "region": listed.region_id,
        "name_en": region.name_en if region else "",
        "name_zh": region.name_zh if region else "",
        "state": state,
        "is_simulated": region.is_simulated if region else None,
        "time_zone": region.time_zone if region else "",
        "feeds": sorted(region.feeds) if region else [],
        "last_published_day": last_day.isoformat() if last_day else None,
        "folder": str(listed.folder),
        "problem": listed.problem,
    }


def _last_published_days() -> dict[str, date]:
    """The last day of each region of which the inventory is published; none when there is no registry."""
    if not database.can_be_read():
        return {}
    rows = database.query("published_as_of", region_id="", known_utc=END_OF_TIME_UTC).to_pylist()
    days: dict[str, date] = {}
    for row in (row for row in rows if not row["scenario_id"]):
        days[row["region_id"]] = max(row["day"], days.get(row["region_id"], row["day"]))
    return days
