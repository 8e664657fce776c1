"""The levels of an event that changed in mid-event, with the hours of each.

Belongs here: hours of levels. Does not: what was cut at each (control_order), the time line (alert_timeline).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from bigdata_emis.report.brief.level_orders_section import orders_by_number
from bigdata_emis.report.review.review_subject import ReviewSubject, Row
from bigdata_emis.report.sheet.report_sheet import Words, code_words, words


class LevelHours(NamedTuple):
    """A level from one time to another."""

    level: str
    from_utc: datetime
    to_utc: datetime


def event_levels(subject: ReviewSubject, orders: Sequence[Row]) -> list[LevelHours]:
    """The levels in order of time: those of the orders of the scenario while it was in force, else those of the acts.

    An act that was stored after the alert had ended does not say from when its level was in force: then the last level
    is taken for all hours, as it is for an alert that did not change.

    orders: rows of control_order; empty for a scenario whose level does not change.
    """
    if orders:
        rows = orders_by_number(orders)
        planned = [LevelHours(row["alert_level_code"], row["order_from_utc"], row["order_to_utc"]) for row in rows]
        return _in_force(planned, subject) or planned
    window, levels = subject.window, list[LevelHours]()
    for event in subject.events:
        level = event["alert_level_code"]
        if not level or event["known_utc"] >= window.to_utc or (levels and levels[-1].level == level):
            continue
        start = max(event["known_utc"], window.from_utc) if levels else window.from_utc
        levels = [*_until(levels, start), LevelHours(level, start, window.to_utc)]
    return levels or [LevelHours(subject.level, window.from_utc, window.to_utc)]


def are_hours_unknown(subject: ReviewSubject, levels: Sequence[LevelHours]) -> bool:
    """Whether the level of the alert was changed by acts that do not say from when."""
    return len(levels) == 1 and len({event["alert_level_code"] for event in subject.events} - {None}) > 1


def level_path(levels: Sequence[LevelHours]) -> Words:
    """The levels one after the other: `orange, then red`, 橙色预警转红色预警."""
    titles = [code_words("alert_level", one.level) for one in levels]
    return words(", then ".join(title["en"] for title in titles), "转".join(title["zh"] for title in titles))


def _in_force(levels: Sequence[LevelHours], subject: ReviewSubject) -> list[LevelHours]:
    """The levels without the hours after the end of the scenario, as when it was lifted; none of one never in force."""
    until = subject.scenario["in_force_to_utc"] if subject.scenario else None
    if until is None:
        return list(levels)
    return [one._replace(to_utc=min(one.to_utc, until)) for one in levels if one.from_utc < until]


def _until(levels: Sequence[LevelHours], end: datetime) -> list[LevelHours]:
    """The levels with the last one ended; one that ends when it begins was in force in no hour."""
    ended = [*levels[:-1], *(one._replace(to_utc=end) for one in levels[-1:])]
    return [one for one in ended if one.from_utc < one.to_utc]
