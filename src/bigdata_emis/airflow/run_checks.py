"""What the first task of a run checks, so that a wrong run fails once, with one line, before any stage starts.

Belongs here: rules for the day, the window and the training data of a run. Does not: any Airflow (dag_tasks), or the
form of an alert (alert_form).
"""

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bigdata_emis.errors import InputError
from bigdata_emis.flow import STAGES, Stage
from bigdata_emis.region import Region
from bigdata_emis.window import Window, parse_day, parse_instant

if TYPE_CHECKING:
    from bigdata_emis.storage.lake import Store

EXAMPLE = "trigger again with a day such as 2015-12-20"


def require_day(region: Region, partition_key: str | None, *, now: datetime) -> date:
    """The local day that a partition key names.

    Raises InputError when there is no key, when it is not a day written as YYYY-MM-DD, or when that day has not begun.
    """
    if not partition_key:
        raise InputError("the run has no partition key: expected a local day", EXAMPLE)
    try:
        day = parse_day(partition_key)
    except InputError as problem:
        raise InputError(f"partition key {problem.what}", EXAMPLE) from None
    if partition_key != day.isoformat():
        raise InputError(f"partition key '{partition_key}' is not written as YYYY-MM-DD", f"write {day}")
    today = now.astimezone(ZoneInfo(region.time_zone)).date()
    if day > today:
        raise InputError(f"partition key {day} has not begun in {region.time_zone}, where it is {today}", EXAMPLE)
    return day


def require_window(region: Region, from_: str, to: str) -> Window:
    """The window between two local times.

    Raises InputError when one is not a time, or the window is empty, too long or not of whole hours.
    """
    return Window(parse_instant(from_, region.time_zone), parse_instant(to, region.time_zone))


def require_training_data(region: Region, window: Window, store: "Store", stages: list[Stage]) -> None:
    """Raises InputError when no day of the window has rows of a daily table that one of the stages requires."""
    first, last = (window.days(region.time_zone)[end] for end in (0, -1))
    for stage in stages:
        for table in _daily_inputs(stage):
            days = [day for day in store.days(table) if first <= day <= last]
            if not any(version.rows for version in store.versions(table, days)):
                raise InputError(
                    f"no day from {first} to {last} has rows in {table}, so {stage.name} would compute nothing",
                    f"give from and to around days that have them, or run inventory_{region.region_id} for these days",
                )


def next_day(day: date) -> date:
    """The day after, which ends the window of a day."""
    return day + timedelta(days=1)


def _daily_inputs(stage: Stage) -> list[str]:
    daily = {table for other in STAGES if other.schedule == "day" for table in other.writes}
    return [table for table in stage.reads if table in daily and table not in stage.optional]
