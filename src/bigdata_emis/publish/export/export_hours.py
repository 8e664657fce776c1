"""The hours of an export: those of one day, local or in UTC, and the hour after it that I/O API files end with.

Belongs here: which hours, which published days hold them, and their rows. Does not: files of models (formats).
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from bigdata_emis.arrays import Integers
from bigdata_emis.errors import InputError, shorten
from bigdata_emis.publish.export.manifest_files import PublishedDay, find_published_day, open_published_day
from bigdata_emis.region import Region
from bigdata_emis.schema.row_times import select_between
from bigdata_emis.storage.lake import Store
from bigdata_emis.window import HOUR, HOUR_US, Window, day_window

LOCAL, UTC_DAY = "local", "utc"
DAY_KINDS = (LOCAL, UTC_DAY)
REPEATED_HOUR, PUBLISHED_HOUR = "repeated", "published"


@dataclass(frozen=True)
class ExportHours:
    """The hours of a day with the published local days that hold them; `following` holds the hour after the last."""

    region: Region
    day: date
    window: Window
    days: tuple[PublishedDay, ...]
    following: PublishedDay | None

    @property
    def count(self) -> int:
        """The number of hours: 24 in UTC; 23, 24 or 25 in local time."""
        return self.window.hours

    @property
    def last_step(self) -> str:
        """Whether the step after the last hour is a published hour, or the last hour again."""
        return REPEATED_HOUR if self.following is None else PUBLISHED_HOUR

    @property
    def known_utc(self) -> datetime:
        """The time at which the newest of the days was known, which is the time stamp of every file."""
        return max(datetime.fromisoformat(day.manifest["known_utc"]) for day in self.days).astimezone(UTC)

    @property
    def partial_reasons(self) -> list[str]:
        """Why a day is published as partial, each with its date."""
        return [f"{day.day}: {reason}" for day in self.days for reason in day.partial_reasons]

    @property
    def unverified(self) -> list[str]:
        """What of each day rests on factors that nobody has compared with their source, with its date."""
        return [f"{day.day}: {day.unverified}" for day in self.days if day.unverified]

    def rows(self, table: str, columns: list[str], *, is_with_following: bool = False) -> pa.Table:
        """The published rows of these hours, in columns, and `hour_utc`; optionally with the hour after the last."""
        sources = list(self.days)
        if is_with_following and self.following is not None and self.following not in sources:
            sources.append(self.following)
        end = self.window.to_utc + (HOUR if is_with_following else timedelta())
        parts = (source.table(table, [*columns, "hour_utc"]) for source in sources)
        return pa.concat_tables([select_between(part, "hour_utc", self.window.from_utc, end) for part in parts])

    def hour_numbers(self, rows: pa.Table) -> Integers:
        """The number of the hour of each row, from 0."""
        at = rows["hour_utc"].cast(pa.int64()).to_numpy()
        start = int(self.window.from_utc.timestamp()) * 1_000_000
        numbers: Integers = ((at - start) // HOUR_US).astype(np.int64)
        return numbers


def hours_of_day(region: Region, store: Store, day: date, kind: str) -> ExportHours:
    """The hours of a local day, or of a day in UTC, which two published local days hold.

    Raises InputError when the kind is unknown, or when a local day that it needs is not published or has another grid.
    """
    if kind not in DAY_KINDS:
        raise InputError(f"--hours {shorten(kind)}: expected {' or '.join(DAY_KINDS)}", "correct --hours")
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    window = day_window(day, region.time_zone) if kind == LOCAL else Window(start, start + timedelta(days=1))
    days = tuple(open_published_day(store, part) for part in window.days(region.time_zone))
    after = window.to_utc.astimezone(ZoneInfo(region.time_zone)).date()
    following = next((part for part in days if part.day == after), None) or find_published_day(store, after)
    if following is not None and following.grid_document() != days[0].grid_document():
        following = None
    if any(part.grid_document() != days[0].grid_document() for part in days):
        raise InputError(
            f"the local days of {day} in UTC were published with different grids", "export local days, or publish again"
        )
    return ExportHours(region, day, window, days, following)
