"""The alert level that a forecast calls for, by the rules valid on the day.

Belongs here: conditions and spells; pure. Does not: the index series (forecast_index), the course of an episode
(episode), wording (reasons), the registry (current_alert).
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import reference, schema
from bigdata_emis.arrays import Flags
from bigdata_emis.codes import AlertLevel
from bigdata_emis.control.alert.episode import AlertPeriod, EpisodeRule, continue_episode
from bigdata_emis.control.alert.forecast_index import DAY_H, HOUR, IndexSeries, compute_index_series
from bigdata_emis.control.alert.reasons import MetCondition, explain_alert
from bigdata_emis.errors import InputError

RuleRows = list[dict[str, Any]]


@dataclass(frozen=True)
class AlertDecision:
    """A level with the version of its rules, the reason, and the hours in which it is in force.

    `to_utc` is empty when the level is that of a regional prompt alone: only the region can lift it.
    """

    level: str
    rule_version: str
    reason_en: str
    reason_zh: str
    from_utc: datetime | None
    to_utc: datetime | None


def evaluate_alert(
    forecast: pa.Table,
    *,
    at_utc: datetime,
    rule_version: str | None = None,
    regional_level: str = AlertLevel.NONE,
    time_zone: str = "UTC",
    region_folder: Path | None = None,
    before: AlertPeriod | None = None,
) -> AlertDecision:
    """The highest level whose condition the next 96 hours meet, or the regional level if higher.

    The level in force `before` continues until the forecast calls for another one, or stays clear for long enough
    (episode).

    "Above the threshold for so many hours" means that as many days in a row, of the local calendar or counted from now,
    have an index above it, or that the 24-hour running index stays above it for so many hours. With the running index
    alone, one extreme day could count as two. Levels are tested from the highest down.

    Source: national guidance on heavy-pollution plans by version (reference/alert_rule.csv); regional prompt: State
    Council air plan of 2023.

    Raises:
        InputError: a level or version is unknown, the time has no time zone, or the forecast has no value ahead of it.
    """
    at_utc = _require_hour(at_utc)
    _require_level(regional_level)
    rules = _read_rules(rule_version, at_utc, time_zone, region_folder)
    series = compute_index_series(forecast, at_utc=at_utc, time_zone=time_zone, region_folder=region_folder)
    episode_rule = _read_episode_rule(rules, region_folder)
    met = _highest_condition(rules, series, episode_rule.apart_h)
    called = AlertPeriod(met.level, max(met.from_utc, at_utc), met.to_utc) if met else None
    city, episode = continue_episode(called, before, series, at_utc=at_utc, rule=episode_rule)
    city_level = city.level if city else AlertLevel.NONE
    version = rules[0]["rule_version"]
    reason_en, reason_zh = explain_alert(
        met, series, rule_version=version, city_level=city_level, regional_level=regional_level, episode=episode
    )
    if _is_higher(regional_level, city_level):
        return AlertDecision(regional_level, version, reason_en, reason_zh, at_utc, None)
    from_utc, to_utc = (city.from_utc, city.to_utc) if city else (None, None)
    return AlertDecision(city_level, version, reason_en, reason_zh, from_utc, to_utc)


def _require_hour(at_utc: datetime) -> datetime:
    if at_utc.tzinfo is None:
        raise InputError(f"the time {at_utc} has no time zone", "write it as YYYY-MM-DDTHH:00+08:00")
    return at_utc.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def _require_level(level: str) -> None:
    levels = _levels()
    if level not in levels:
        raise InputError(f"regional level '{level}' is unknown", f"use one of {', '.join(levels)}")


def _levels() -> list[str]:
    """The alert levels from the lowest."""
    return list(schema.codes()["alert_level"])


def _is_higher(level: str, other_level: str) -> bool:
    levels = _levels()
    return levels.index(level) > levels.index(other_level)


def _read_rules(rule_version: str | None, at_utc: datetime, time_zone: str, region_folder: Path | None) -> RuleRows:
    """The rows of one version of the rules: the version asked for, else the one valid on the local day."""
    table = reference.read("alert_rule", region_folder)
    if rule_version is None:
        selected = reference.valid_on(table, at_utc.astimezone(ZoneInfo(time_zone)).date())
    else:
        selected = table.filter(pc.equal(table["rule_version"], rule_version))
    rows: RuleRows = selected.to_pylist()
    if len({row["rule_version"] for row in rows}) != 1:
        listed = ", ".join(pc.unique(table["rule_version"]).to_pylist())
        asked = f"version '{rule_version}'" if rule_version else f"day {at_utc.date()}"
        raise InputError(f"{asked} selects no single version of the alert rules", f"use one of {listed}")
    return rows


def _read_episode_rule(rules: RuleRows, region_folder: Path | None) -> EpisodeRule:
    """How alerts continue and end by the version of these rules.

    Raises:
        InputError: reference table alert_episode has no row for the version.
    """
    version = rules[0]["rule_version"]
    rows = [row for row in reference.read("alert_episode", region_folder).to_pylist() if row["rule_version"] == version]
    if not rows:
        raise InputError(f"reference table alert_episode has no row for version '{version}'", "add the row")
    shortest_h = {
        level: min((max(hours for _, hours in conditions) for conditions in _conditions(rules, level)), default=0)
        for level in _levels()
    }
    return EpisodeRule(min(row["threshold_aqi"] for row in rules), rows[0]["clear_h"], rows[0]["apart_h"], shortest_h)


def _conditions(rules: RuleRows, level: str) -> list[list[tuple[int, int]]]:
    """The alternatives of a level: each a list of thresholds and hours that must all be met."""
    of_level = [row for row in rules if row["alert_level_code"] == level]
    numbers = sorted({row["condition_number"] for row in of_level})
    return [
        [(row["threshold_aqi"], row["duration_h"]) for row in of_level if row["condition_number"] == number]
        for number in numbers
    ]


def _highest_condition(rules: RuleRows, series: IndexSeries, apart_h: int) -> MetCondition | None:
    for level in reversed(_levels()):
        for conditions in _conditions(rules, level):
            spell = _first_spell(conditions, series, apart_h)
            if spell is not None:
                first, last = spell
                start, end = series.hours[first], series.hours[last] + HOUR
                return MetCondition(level, tuple(conditions), start, end, first, last)
    return None


def _first_spell(conditions: list[tuple[int, int]], series: IndexSeries, apart_h: int) -> tuple[int, int] | None:
    """First and last hour of the first spell of the longest condition in which the other conditions are met too.

    A spell that begins less than `apart_h` hours later is part of it.
    """
    ordered = sorted(conditions, key=lambda condition: condition[1], reverse=True)
    covered = [_covered_hours(series, *condition) for condition in ordered]
    spells = _runs(covered[0])
    for number, (first, last) in enumerate(spells):
        if all(hours[first : last + 1].any() for hours in covered[1:]):
            for next_first, next_last in spells[number + 1 :]:
                last = next_last if next_first - last - 1 < apart_h else last
            return first, last
    return None


def _covered_hours(series: IndexSeries, threshold_aqi: int, duration_h: int) -> Flags:
    """The hours of the spells above the threshold that are long enough: days in a row, or the running index."""
    is_above = series.aqi > threshold_aqi
    hours: Flags = np.zeros(len(is_above), bool)
    for ends in series.day_ends:
        for first, last in _runs(is_above[list(ends)]):
            if (last - first + 1) * DAY_H >= duration_h:
                hours[ends[first] - DAY_H + 1 : ends[last] + 1] = True
    for first, last in _runs(is_above):
        if last - first + 1 >= duration_h:
            hours[first - DAY_H + 1 : last + 1] = True
    return hours


def _runs(flags: Flags) -> list[tuple[int, int]]:
    """First and last position of each unbroken run of true."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], flags.astype(int), [0]))))
    return [(int(first), int(after) - 1) for first, after in zip(edges[::2], edges[1::2], strict=True)]
