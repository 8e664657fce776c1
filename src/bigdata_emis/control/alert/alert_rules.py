"""The rules of alerts as read: which version is valid where and when, its conditions, and how alerts end.

Belongs here: reference tables alert_rule and alert_episode. Does not: air, levels (level).
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from bigdata_emis import reference, schema
from bigdata_emis.codes import AlertLevel
from bigdata_emis.control.alert.spells import Conditions
from bigdata_emis.errors import InputError, shorten

NATIONAL_AREA = "key"
"""Whose rules apply where a city has no plan of its own on a day."""


@dataclass(frozen=True)
class AlertRules:
    """One version of the rules.

    alternatives: level and conditions, from the lowest level; one alternative is enough for its level. clear_h: clear
    hours that end an alert. apart_h: the distance from which two spells are two processes. temporary: conditions of
    temporary control, of which one is enough where no level is called for.
    """

    rule_version: str
    alternatives: tuple[tuple[str, Conditions], ...]
    clear_h: int
    apart_h: int
    temporary: tuple[Conditions, ...] = ()

    @property
    def lowest_threshold_aqi(self) -> int:
        """The lowest threshold of any level."""
        return min(threshold for _, conditions in self.alternatives for threshold, _ in conditions)

    @property
    def longest_h(self) -> int:
        """The longest duration of any condition."""
        return max(hours for _, conditions in self.alternatives for _, hours in conditions)

    def threshold_of(self, level: str) -> int:
        """The index that the air must not exceed for a level to be lowered: the lowest threshold of its conditions."""
        own = [threshold for name, conditions in self.alternatives if name == level for threshold, _ in conditions]
        return min(own, default=self.lowest_threshold_aqi)

    @property
    def lowest_level(self) -> str:
        """The lowest level of this version."""
        return self.alternatives[0][0]


def alert_levels() -> list[str]:
    """The alert levels from the lowest; the first is no alert."""
    return list(schema.codes()["alert_level"])


def is_higher(level: str, other_level: str) -> bool:
    """Whether a level is above another."""
    levels = alert_levels()
    return levels.index(level) > levels.index(other_level)


def require_level(level: str, *, what: str) -> str:
    """The level. Raises InputError when there is no such level."""
    levels = alert_levels()
    if level not in levels:
        raise InputError(f"{what} '{shorten(level)}' is unknown", f"use one of {', '.join(levels)}")
    return level


def read_alert_rules(
    day: date, *, rule_version: str | None = None, plan_area: str | None = None, region_folder: Path | None = None
) -> AlertRules:
    """The version asked for, else that of the area valid on the day, else the national one of key regions.

    Raises:
        InputError: no single version is selected, or table alert_episode has no row for it.
    """
    table = reference.read("alert_rule", region_folder)
    rows = table.to_pylist()
    areas = sorted({row["plan_area"] for row in rows})
    if plan_area and plan_area not in areas:
        raise InputError(f"no plan of alerts of '{shorten(plan_area)}'", f"use one of {', '.join(areas)}")
    if rule_version is None:
        rows = reference.valid_on(table, day).to_pylist()
    else:
        rows = [row for row in rows if row["rule_version"] == rule_version]
        if len({row["plan_area"] for row in rows}) == 1:
            plan_area = rows[0]["plan_area"]
    selected = _of_area(rows, plan_area or NATIONAL_AREA)
    if len({row["rule_version"] for row in selected}) != 1:
        listed = ", ".join(dict.fromkeys(table["rule_version"].to_pylist()))
        asked = f"version '{shorten(rule_version)}'" if rule_version else f"day {day}"
        raise InputError(f"{asked} selects no single version of the alert rules", f"use one of {listed}")
    return _make_rules(selected, region_folder)


def _of_area(rows: list[dict[str, Any]], plan_area: str) -> list[dict[str, Any]]:
    """The rows of the area, else those of key regions."""
    own = [row for row in rows if row["plan_area"] == plan_area]
    return own or [row for row in rows if row["plan_area"] == NATIONAL_AREA]


def _make_rules(rows: list[dict[str, Any]], region_folder: Path | None) -> AlertRules:
    version = rows[0]["rule_version"]
    ends = [row for row in reference.read("alert_episode", region_folder).to_pylist() if row["rule_version"] == version]
    if not ends:
        raise InputError(f"reference table alert_episode has no row for version '{version}'", "add the row")
    alternatives: dict[tuple[str, int], list[tuple[int, int]]] = {}
    for level in alert_levels():
        for row in rows:
            if row["alert_level_code"] == level:
                alternative = alternatives.setdefault((level, row["condition_number"]), [])
                alternative.append((row["threshold_aqi"], row["duration_h"]))
    listed = [(level, tuple(conditions)) for (level, _), conditions in alternatives.items()]
    of_levels = tuple(one for one in listed if one[0] != AlertLevel.NONE)
    temporary = tuple(conditions for level, conditions in listed if level == AlertLevel.NONE)
    return AlertRules(version, of_levels, ends[0]["clear_h"], ends[0]["apart_h"], temporary)
