"""The alert level that a forecast calls for, by the rules valid on the day.

Belongs here: conditions, spells and the reason in words; pure. Does not: the index series (forecast_index.py) or the registry.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import reference, schema
from bigdata_emis.arrays import Flags
from bigdata_emis.control.alert.episode import EpisodeRule, Standing, went_on
from bigdata_emis.control.alert.forecast_index import DAY_H, HOUR, IndexSeries, index_series
from bigdata_emis.control.alert.reasons import Found, reasons
from bigdata_emis.errors import InputError

Flags: TypeAlias = Flags


@dataclass(frozen=True)
class AlertDecision:
    """A level with the version of the rules that gave it, the reason, and the hours it holds.

    `to_utc` is empty when the level comes from a regional prompt alone: it holds until the region lifts it.
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
    regional_level: str = "none",
    time_zone: str = "UTC",
    region_folder: Path | None = None,
    before: Standing | None = None,
) -> AlertDecision:
    """The highest level whose condition the coming 96 hours meet, or the regional level where that is higher.

    What stood `before` goes on until the forecast calls for another level or stays clear for long enough (episode.py).

    "Above the threshold for so many hours" holds when that many days in a row, of the local calendar or counted from now, have
    an index above it, or when the 24-hour running index stays above it for so many hours. The running index alone would let one
    extreme day count as two. Levels are tried from the highest down.

    Source: national guidance on heavy-pollution plans by version (reference/alert_rule.csv); regional prompt: State Council air
    plan of 2023.
    Raises InputError for an unknown level or version, and when the forecast holds nothing ahead.
    """
    levels = list(schema.codes()["alert_level"])
    if at_utc.tzinfo is None:
        raise InputError(f"the time {at_utc} has no time zone", "give YYYY-MM-DDTHH:00+08:00")
    at_utc = at_utc.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    if regional_level not in levels:
        raise InputError(f"regional level '{regional_level}' is unknown", f"use one of {', '.join(levels)}")
    rules = _rules(rule_version, at_utc, time_zone, region_folder)
    version = rules[0]["rule_version"]
    series = index_series(forecast, at_utc=at_utc, time_zone=time_zone, region_folder=region_folder)
    episode = _episode_rule(rules, levels, region_folder)
    found = _highest(rules, levels, series, episode.apart_h)
    called = Standing(found.level, max(found.from_utc, at_utc), found.to_utc) if found else None
    city, gone_on = went_on(called, before, series, at_utc=at_utc, rule=episode)
    level = city.level if city else "none"
    reason_en, reason_zh = reasons(
        found, series, rule_version=version, city_level=level, regional_level=regional_level, gone_on=gone_on
    )
    if levels.index(regional_level) > levels.index(level):
        return AlertDecision(regional_level, version, reason_en, reason_zh, at_utc, None)
    return AlertDecision(
        level, version, reason_en, reason_zh, city.from_utc if city else None, city.to_utc if city else None
    )


def _episode_rule(rules: list[dict[str, Any]], levels: list[str], region_folder: Path | None) -> EpisodeRule:
    """How alerts go on and end by the version of these rules. Raises InputError when the version has no row."""
    version = rules[0]["rule_version"]
    rows = [row for row in reference.read("alert_episode", region_folder).to_pylist() if row["rule_version"] == version]
    if not rows:
        raise InputError(f"version '{version}' of the alert rules has no row in alert_episode", "add it")
    spells = {
        level: [max(hours for _, hours in conditions) for conditions in _conditions(rules, level)] for level in levels
    }
    shortest = {level: min(hours, default=0) for level, hours in spells.items()}
    return EpisodeRule(min(row["threshold_aqi"] for row in rules), rows[0]["clear_h"], rows[0]["apart_h"], shortest)


def _conditions(rules: list[dict[str, Any]], level: str) -> list[list[tuple[int, int]]]:
    """The alternatives of a level: each a list of thresholds and hours that must all be met."""
    of_level = [row for row in rules if row["alert_level_code"] == level]
    numbers = sorted({row["condition_number"] for row in of_level})
    return [
        [(row["threshold_aqi"], row["duration_h"]) for row in of_level if row["condition_number"] == number]
        for number in numbers
    ]


def _rules(
    rule_version: str | None, at_utc: datetime, time_zone: str, region_folder: Path | None
) -> list[dict[str, Any]]:
    table = reference.read("alert_rule", region_folder)
    if rule_version is None:
        chosen = reference.valid_on(table, at_utc.astimezone(ZoneInfo(time_zone)).date())
    else:
        chosen = table.filter(pc.equal(table["rule_version"], rule_version))
    rows: list[dict[str, Any]] = chosen.to_pylist()
    if len({row["rule_version"] for row in rows}) != 1:
        known = ", ".join(pc.unique(table["rule_version"]).to_pylist())
        asked = f"version '{rule_version}'" if rule_version else f"day {at_utc.date()}"
        raise InputError(f"{asked} selects no single version of the alert rules", f"known: {known}")
    return rows


def _highest(rules: list[dict[str, Any]], levels: list[str], series: IndexSeries, apart_h: int) -> Found | None:
    for level in reversed(levels):
        for conditions in _conditions(rules, level):
            period = _met(conditions, series, apart_h)
            if period is not None:
                first, last = period
                return Found(level, tuple(conditions), series.hours[first], series.hours[last] + HOUR, first, last)
    return None


def _met(conditions: list[tuple[int, int]], series: IndexSeries, apart_h: int) -> tuple[int, int] | None:
    """First and last hour of the first spell of the longest condition in which the others are met too; a spell soon after is part of it."""
    ordered = sorted(conditions, key=lambda condition: condition[1], reverse=True)
    covered = [_covered(series, *condition) for condition in ordered]
    spells = _runs(covered[0])
    for number, (first, last) in enumerate(spells):
        if all(other[first : last + 1].any() for other in covered[1:]):
            for again, end in spells[number + 1 :]:
                last = end if again - last - 1 < apart_h else last
            return first, last
    return None


def _covered(series: IndexSeries, threshold_aqi: int, duration_h: int) -> Flags:
    """The hours of the spells above the threshold that last long enough: days in a row, or the running index all along."""
    over = series.aqi > threshold_aqi
    hours: Flags = np.zeros(len(over), bool)
    for ends in series.day_ends:
        for first, last in _runs(over[list(ends)]):
            if (last - first + 1) * DAY_H >= duration_h:
                hours[ends[first] - DAY_H + 1 : ends[last] + 1] = True
    for first, last in _runs(over):
        if last - first + 1 >= duration_h:
            hours[first - DAY_H + 1 : last + 1] = True
    return hours


def _runs(flags: Flags) -> list[tuple[int, int]]:
    """First and last place of each unbroken run of true."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], flags.astype(int), [0]))))
    return [(int(first), int(after) - 1) for first, after in zip(edges[::2], edges[1::2], strict=True)]
