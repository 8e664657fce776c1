"""The time line of an alert: forecast, recalculation, approval, issue, changes, lift, and the lead times between them.

Belongs here: order and lead times. Does not: what is in force (storage.registries.alert_record).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, TypedDict

from bigdata_emis.codes import AlertEvent, AlertLevel
from bigdata_emis.report.names.code_names import rule_words
from bigdata_emis.report.review.event_levels import LevelHours
from bigdata_emis.report.review.review_subject import ReviewSubject, Row
from bigdata_emis.report.sheet.report_sheet import Words, code_words, time_words, words

SECONDS_PER_HOUR = 3600


class TimelineEntry(TypedDict):
    """Something that happened at a time. by: the person or program."""

    at_utc: datetime
    event: Words
    level: str | None
    by: str
    note: str


class LeadTimes(TypedDict):
    """Hours between steps; empty where one of both is unknown. A negative one: the later step came first.

    is_replayed: the issue was stored after the last hour of the alert, so it shows no lead time, and both are empty.
    """

    forecast_to_issue_h: float | None
    issue_to_start_h: float | None
    is_replayed: bool


def build_timeline(
    subject: ReviewSubject, proposals: Iterable[Row], levels: Sequence[LevelHours], time_zone: str
) -> list[TimelineEntry]:
    """What happened, in order of time; each level that was in force has its row, with its hours.

    proposals: rows of table alert; of those that call for hours of the subject the first of each level is listed.
    levels: of the event, first to last (event_levels).
    """
    entries = [_proposal(row) for row in _first_of_each_level(subject, proposals)]
    entries += _scenario_entries(subject.scenario) if subject.scenario else []
    entries += [_act(event) for event in subject.events]
    entries += _level_entries(levels, time_zone)
    entries.append(_entry(subject.window.to_utc, words("ends", "结束"), None))
    return sorted(entries, key=lambda entry: entry["at_utc"])


def measure_lead_times(subject: ReviewSubject, proposals: Iterable[Row]) -> LeadTimes:
    """Hours from the first forecast that called for the alert to its issue, and from issue to start.

    An issue that is stored when the alert is over is a replay of old days: the clock of today says nothing about them.
    """
    forecasts = [row["issued_utc"] for row in _calling(subject, proposals) if row["issued_utc"]]
    if subject.alert is None:
        issued = subject.scenario["decided_utc"] if subject.scenario else None
    else:
        issued = subject.alert.issued_utc
    if issued is not None and issued >= subject.window.to_utc:
        return {"forecast_to_issue_h": None, "issue_to_start_h": None, "is_replayed": True}
    return {
        "forecast_to_issue_h": _hours(min(forecasts), issued) if forecasts and issued else None,
        "issue_to_start_h": _hours(issued, subject.window.from_utc) if issued else None,
        "is_replayed": False,
    }


def _level_entries(levels: Sequence[LevelHours], time_zone: str) -> list[TimelineEntry]:
    """One row for each level: what begins, and until when it is in force."""
    entries = []
    for number, one in enumerate(levels):
        until = time_words(one.to_utc, time_zone)["en"]
        english, chinese = ("level changes", "级别调整") if number else ("begins", "开始生效")
        entries.append(_entry(one.from_utc, words(f"{english}, until {until}", f"{chinese}，至{until}"), one.level))
    return entries


def _calling(subject: ReviewSubject, proposals: Iterable[Row]) -> list[Row]:
    """The proposals of a level whose hours meet those of the subject, in order of issue."""
    window = subject.window
    found = [
        row
        for row in proposals
        if row["alert_level_code"] != AlertLevel.NONE
        and row["from_utc"]
        and row["from_utc"] < window.to_utc
        and (row["to_utc"] is None or row["to_utc"] > window.from_utc)
    ]
    return sorted(found, key=lambda row: row["issued_utc"] or row["known_utc"])


def _first_of_each_level(subject: ReviewSubject, proposals: Iterable[Row]) -> list[Row]:
    first: dict[str, Row] = {}
    for row in _calling(subject, proposals):
        first.setdefault(row["alert_level_code"], row)
    return list(first.values())


def _proposal(row: Row) -> TimelineEntry:
    rules = rule_words(row["rule_version"])
    event = words(f"forecast calls for it ({rules['en']})", f"预报触发（{rules['zh']}）")
    return _entry(row["issued_utc"] or row["known_utc"], event, row["alert_level_code"])


def _scenario_entries(row: Row) -> list[TimelineEntry]:
    name, level = row["scenario_id"], row["alert_level_code"]
    entries = [_entry(row["known_utc"], words(f"recalculated: {name}", f"重算情景：{name}"), level)]
    if row["decided_utc"]:
        decided = words(f"decided on: {name}", f"审批情景：{name}")
        entries.append(_entry(row["decided_utc"], decided, level, by=row["decided_by"] or ""))
    return entries


def _act(event: Row) -> TimelineEntry:
    title = code_words("alert_event", event["alert_event_code"])
    level = None if event["alert_event_code"] == AlertEvent.LIFT else event["alert_level_code"]
    return _entry(event["known_utc"], title, level, by=event["actor"], note=event["note"] or "")


def _entry(at_utc: datetime, event: Words, level: str | None, *, by: str = "", note: str = "") -> TimelineEntry:
    return {"at_utc": at_utc, "event": event, "level": level, "by": by, "note": note}


def _hours(start: Any, end: Any) -> float:
    return float((end - start).total_seconds() / SECONDS_PER_HOUR)
