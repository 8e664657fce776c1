"""Episodes that each version of the rules calls for in observed years, beside the alerts that were issued.

Belongs here: the comparison and its reasons. Does not: the rules (control.alert), reading observations (observed_air).
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypedDict
from zoneinfo import ZoneInfo

import numpy as np

from bigdata_emis import reference
from bigdata_emis.control.alert.alert_rules import AlertRules, is_higher, read_alert_rules
from bigdata_emis.control.alert.spells import Process, find_processes
from bigdata_emis.validate.alert_history.observed_air import TIME_ZONE, ObservedAir, read_observed
from bigdata_emis.window import HOUR

NEAR = timedelta(hours=24)
"""An issued alert and a process less than this apart are compared: an alert may begin the day before."""
OPEN_END = timedelta(hours=48)
"""How long an alert without a known end is taken to last for the comparison."""
NOTE = (
    "The episodes are those of the air as observed; alerts were issued on forecasts, which are not public. So a level "
    "that differs shows the forecast or the discretion of the city as much as the rule."
)
Progress = Callable[[str, int, int], None]


class Episode(TypedDict):
    """A process of one version of the rules, in local time."""

    level: str
    from_local: str
    to_local: str
    hours: int
    peak_aqi: int


class VersionEpisodes(TypedDict):
    """All episodes of one version; valid: those that begin on days on which the city's plan was this version."""

    rule_version: str
    episodes: list[Episode]
    days: dict[str, int]


class IssuedComparison(TypedDict):
    """An alert that was issued, and what the rules valid then make of the observed air; `agrees` is None outside it."""

    level: str
    from_local: str
    to_local: str
    rule_version: str
    called: Episode | None
    agrees: bool | None
    reason: str


class SeriesBacktest(TypedDict):
    """One observed series."""

    series: str
    city: str
    from_local: str
    to_local: str
    versions: list[VersionEpisodes]
    issued: list[IssuedComparison]


class BacktestDocument(TypedDict):
    """The document of `emis alert backtest`."""

    note: str
    series: list[SeriesBacktest]


def backtest_alerts(data: Path, *, progress: Progress | None = None) -> BacktestDocument:
    """The episodes by version and the comparison with issued alerts, for every series of the folder.

    Raises InputError when the folder holds no series.
    """
    report = progress or (lambda _what, _done, _all: None)
    observed = read_observed(data)
    versions = list(dict.fromkeys(reference.read("alert_rule")["rule_version"].to_pylist()))
    results: list[SeriesBacktest] = []
    for number, one in enumerate(observed):
        day = one.hours[0].date()
        found: dict[str, list[Process]] = {}
        for version in versions:
            report(f"{one.city_name} {version}", number * len(versions) + len(found), len(observed) * len(versions))
            rules = read_alert_rules(day, rule_version=version)
            found[version] = find_processes(one.air, rules.alternatives, apart_h=rules.apart_h)
        results.append(_series(one, found))
    return {"note": NOTE, "series": results}


def _series(one: ObservedAir, found: dict[str, list[Process]]) -> SeriesBacktest:
    listed: list[VersionEpisodes] = []
    for version, processes in found.items():
        episodes = [_episode(process, one) for process in processes]
        days: dict[str, int] = {}
        for episode in episodes:
            days[episode["level"]] = days.get(episode["level"], 0) + round(episode["hours"] / 24)
        listed.append({"rule_version": version, "episodes": episodes, "days": days})
    issued = [row for row in reference.read("alert_history").to_pylist() if row["city_name"] == one.city_name]
    return {
        "series": one.name,
        "city": one.city_name,
        "from_local": _local(one.hours[0]),
        "to_local": _local(one.hours[-1] + HOUR),
        "versions": listed,
        "issued": [_compare(row, issued, one, found) for row in issued],
    }


def _episode(process: Process, one: ObservedAir) -> Episode:
    first, last = process.first, process.last
    within = one.air.day_index[first : max(last - 23, first) + 1]
    return {
        "level": process.highest.level,
        "from_local": _local(one.hours[first]),
        "to_local": _local(one.hours[last] + HOUR),
        "hours": last - first + 1,
        "peak_aqi": int(np.nanmax(within)) if np.isfinite(within).any() else 0,
    }


def _compare(
    row: dict[str, Any], issued: list[dict[str, Any]], one: ObservedAir, found: dict[str, list[Process]]
) -> IssuedComparison:
    """What the version valid on the day of an issued alert calls for, and why it differs if it does."""
    start, end = row["from_utc"], row["to_utc"] or row["from_utc"] + OPEN_END
    day = start.astimezone(ZoneInfo(TIME_ZONE)).date()
    rules = read_alert_rules(day, plan_area=one.city_name if one.city_name in _areas() else None)
    near = [
        process
        for process in found[rules.rule_version]
        if one.hours[process.first] < end + NEAR and one.hours[process.last] + HOUR > start - NEAR
    ]
    order = [level for level, _ in rules.alternatives]
    process = max(near, key=lambda found: order.index(found.highest.level), default=None)
    agrees, reason = _explain(row, issued, one, process, rules, (start, end))
    return {
        "level": row["alert_level_code"],
        "from_local": _local(start),
        "to_local": _local(row["to_utc"]) if row["to_utc"] else "",
        "rule_version": rules.rule_version,
        "called": _episode(process, one) if process else None,
        "agrees": agrees,
        "reason": reason,
    }


def _areas() -> set[str]:
    return set(reference.read("alert_rule")["plan_area"].to_pylist())


def _explain(
    row: dict[str, Any],
    issued: list[dict[str, Any]],
    one: ObservedAir,
    process: Process | None,
    rules: AlertRules,
    span: tuple[datetime, datetime],
) -> tuple[bool | None, str]:
    start, end = span
    level = row["alert_level_code"]
    if start >= one.hours[-1]:
        return None, f"not judged: it began after the last observed hour, {_local(one.hours[-1])}"
    if end <= one.hours[0]:
        return None, f"not judged: it ended before the first observed hour, {_local(one.hours[0])}"
    facts = _facts(one, start, end)
    if process is None:
        return False, f"the observed air met no condition of {rules.rule_version}: {facts}; the forecast was worse"
    called = process.highest.level
    if called == level:
        return True, f"as the rule calls for: {facts}"
    after = one.hours[process.last] + HOUR
    same = [other for other in issued if other["from_utc"] < after and other["from_utc"] > start]
    if is_higher(called, level) and any(other["alert_level_code"] == called for other in same):
        return True, f"first step of a process that was raised to {called} later"
    if is_higher(called, level):
        return (
            False,
            f"the observed air calls for {called}: {facts}; issued on a lower forecast or held lower by the city",
        )
    return (
        False,
        f"the observed air calls for {called} only: {facts}; the forecast was worse, or the alert cut it short",
    )


def _facts(one: ObservedAir, start: datetime, end: datetime) -> str:
    """The highest index of 24 hours, and the hours above 200 and 300, around an alert."""
    first = max(int((start - NEAR - one.hours[0]) / HOUR), 0)
    last = min(int((end + NEAR - one.hours[0]) / HOUR), len(one.hours))
    days, hourly = one.air.day_index[first : max(last - 23, first + 1)], one.air.hourly_index[first:last]
    if not np.isfinite(days).any():
        return "no complete day observed"
    counts = ", ".join(f"{int((hourly > limit).sum())} h above {limit}" for limit in (200, 300))
    return f"highest 24-h AQI {np.nanmax(days):.0f}, {counts}"


def _local(instant: datetime) -> str:
    return instant.astimezone(ZoneInfo(TIME_ZONE)).strftime("%Y-%m-%dT%H:%M")
