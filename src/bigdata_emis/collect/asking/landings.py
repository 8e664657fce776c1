"""The landing days of a collection: which answers hold the days of a window, and which of them are asked for.

Belongs here: days before the window whose file has changed, days ahead of it that a forecast reaches, files named by
the day of issue. Does not: asking (http_client), or what was received (raw_archive).
"""

import math
from dataclasses import dataclass
from datetime import date, timedelta

from bigdata_emis.collect.feed_config import Feed
from bigdata_emis.collect.http_client import feed_limits, locate_drop
from bigdata_emis.collect.privacy.device_counts import TABLE as REDUCED_TABLE
from bigdata_emis.collect.raw_archive import RawArchive, covered_period
from bigdata_emis.context import Context
from bigdata_emis.storage.checksums import sha256_digest

WATCHED_DROP_DAYS = 3
"""The dropped files of so many days before the window are looked at for a change."""
HOURS_A_DAY = 24


@dataclass(frozen=True)
class Landing:
    """The answers that hold some days, under the landing day with which they are stored.

    about: the day that is asked for, with which a dropped file is named. is_asked: a day of the window of the run, of
    which an answer must come. is_ahead: after that window. is_issue: the file is named by the day of issue.
    """

    landing_day: date
    about: date
    days: list[date]
    is_asked: bool
    is_ahead: bool
    is_issue: bool = False

    def may_be_ahead(self, feed: Feed) -> bool:
        """Whether the provider may have rows of a day ahead: it can be asked, or the file of that day is there."""
        if not self.is_ahead or self.is_issue:
            return False
        return feed.comes_by_http(self.about) or locate_drop(feed, self.about).exists


def plan_landings(feed: Feed, days: list[date], asked: list[date]) -> list[Landing]:
    """The landings that hold these days, in order of their landing day."""
    if feed.is_named_by_issue and not feed.comes_by_http(days[0]):
        return _plan_issues(feed, days, asked)
    groups: dict[date, list[date]] = {}
    for day in days:
        groups.setdefault(covered_period(feed, day).landing_day, []).append(day)
    return [
        Landing(landing_day, of, of_days, not set(asked).isdisjoint(of_days), of_days[0] > asked[-1])
        for landing_day, of_days in groups.items()
        for of in of_days[:1]
    ]


def changed_drop_days(feed: Feed, context: Context) -> list[date]:
    """The days before the window whose dropped file was read and has been changed since.

    Files of which only a reduction is stored cannot be compared; `late_h` reads them again.
    """
    if "{day}" not in feed.drop or feed.is_reduced or feed.table_name == REDUCED_TABLE:
        return []
    first = (context.asked_window or context.window).days(context.region.time_zone)[0]
    days = [first - timedelta(days=back) for back in range(WATCHED_DROP_DAYS, 0, -1)]
    return [day for day in days if not feed.comes_by_http(day) and _is_changed(feed, day, context)]


def _is_changed(feed: Feed, day: date, context: Context) -> bool:
    passes = RawArchive(context.store, feed.feed_id, day).passes()
    if not passes:
        return False
    file = locate_drop(feed, day)
    if file.byte_count is None or file.byte_count > feed.largest_answer_bytes:
        return False
    return sha256_digest(file.read(feed_limits(feed))) not in {answer.sha256 for answer in passes[-1].answers}


def _plan_issues(feed: Feed, days: list[date], asked: list[date]) -> list[Landing]:
    """One landing for each day of issue whose forecast may reach one of the days."""
    reach = math.ceil(float(feed.ahead_h) / HOURS_A_DAY)
    first = days[0] - timedelta(days=reach)
    landings = []
    for number in range((days[-1] - first).days + 1):
        issue = first + timedelta(days=number)
        held = [day for day in days if issue <= day <= issue + timedelta(days=reach)]
        landings.append(Landing(issue, issue, held, issue in asked, issue > asked[-1], is_issue=True))
    return landings
