"""Spells of polluted air that meet a condition of the rules, and the processes that they form.

Belongs here: which hours meet "index above a threshold for n days"; pure. Does not: rules as read (alert_rules), the
alert in force (episode).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bigdata_emis.arrays import Flags, Integers
from bigdata_emis.control.alert.plan_air import DAY_H, PlanAir
from bigdata_emis.statistics.flag_runs import find_runs

LEAST_JOINED_HOURS = 12
"""Hours with a value from which the remainder of a cut spell is compared with the threshold."""
Conditions = tuple[tuple[int, int], ...]
"""Thresholds of the index, each with the hours for which it must be exceeded; all of them must hold."""


@dataclass(frozen=True)
class Spell:
    """First and last hour of air that meets all conditions of a level."""

    level: str
    conditions: Conditions
    first: int
    last: int


@dataclass(frozen=True)
class Process:
    """Spells with less than the gap of the rules between them: one process, at the highest of their levels."""

    spells: tuple[Spell, ...]
    highest: Spell

    @property
    def first(self) -> int:
        """The first hour of the first spell."""
        return self.spells[0].first

    @property
    def last(self) -> int:
        """The last hour of the last spell to end."""
        return max(spell.last for spell in self.spells)


def find_processes(air: PlanAir, rules: Sequence[tuple[str, Conditions]], *, apart_h: int) -> list[Process]:
    """The processes of the air in order of time.

    rules: level and conditions of each alternative, from the lowest level.
    """
    spells = sorted(
        (spell for level, conditions in rules for spell in find_spells(air, level, conditions)),
        key=lambda spell: (spell.first, spell.last),
    )
    groups: list[list[Spell]] = []
    for spell in spells:
        if groups and spell.first - max(one.last for one in groups[-1]) - 1 < apart_h:
            groups[-1].append(spell)
        else:
            groups.append([spell])
    order = [level for level, _ in rules]
    return [Process(tuple(group), max(group, key=lambda spell: order.index(spell.level))) for group in groups]


def find_spells(air: PlanAir, level: str, conditions: Conditions) -> list[Spell]:
    """The spells of the longest condition in which the others are met too, without clean hours at their ends."""
    ordered = sorted(conditions, key=lambda condition: condition[1], reverse=True)
    covered = [polluted_hours(air, *condition) for condition in ordered]
    threshold, duration_h = ordered[0]
    spells = []
    for start, end in find_runs(covered[0]):
        first, last = _trim(air, start, end - 1, threshold)
        is_long = duration_h % DAY_H == 0 or last - first + 1 >= duration_h
        if is_long and all(hours[first : last + 1].any() for hours in covered[1:]):
            spells.append(Spell(level, conditions, first, last))
    return spells


def polluted_hours(air: PlanAir, threshold_aqi: int, duration_h: int) -> Flags:
    """The hours of all spans of whole days whose every day has an index above the threshold.

    A day is any 24 hours in a row. The hours of a span may be cut into days at any hour of the clock, its first and
    last hours joined: each day must be above. Without this, 24 extreme hours halved would count as two days. A span of
    more days meets the condition too.
    """
    covered: Flags = np.zeros(len(air), bool)
    is_above = air.day_index > threshold_aqi
    starts: Integers = np.arange(len(is_above))
    for day_count in range(1, len(air) // DAY_H + 1):
        starts = starts[starts + day_count * DAY_H <= len(air)]
        starts = starts[is_above[starts + (day_count - 1) * DAY_H]]
        if not starts.size:
            break  # no longer span has all its days above either
        if day_count >= duration_h // DAY_H:
            covered |= _hours_of_spans(air, starts, threshold_aqi, day_count)
    return covered


def _hours_of_spans(air: PlanAir, starts: Integers, threshold_aqi: int, day_count: int) -> Flags:
    """The hours of the spans of so many days above the threshold that last, wherever they are cut."""
    covered: Flags = np.zeros(len(air), bool)
    lasting = starts[_is_lasting(air, starts, threshold_aqi, day_count)] if day_count > 1 else starts
    for start in lasting:
        covered[start : start + day_count * DAY_H] = True
    return covered


def _is_lasting(air: PlanAir, starts: Integers, threshold_aqi: int, day_count: int) -> Flags:
    """Whether spans have no day at or below the threshold, wherever they are cut."""
    is_low = air.day_index <= threshold_aqi
    after = starts + day_count * DAY_H
    lasting: Flags = np.ones(len(starts), bool)
    for cut in range(1, DAY_H):
        for n in range(day_count - 1):
            lasting &= ~is_low[starts + cut + n * DAY_H]
        ends = ((starts, starts + cut), (after - DAY_H + cut, after))
        lasting &= ~(air.mean_index(ends, least_hours=LEAST_JOINED_HOURS) <= threshold_aqi)
    return lasting


def _trim(air: PlanAir, first: int, last: int, threshold_aqi: int) -> tuple[int, int]:
    """The first and last hour above the threshold, with missing hours between them and known air outside."""
    index = air.hourly_index
    above = first + np.flatnonzero(index[first : last + 1] > threshold_aqi)
    known = np.flatnonzero(np.isfinite(index))
    trimmed_first, trimmed_last = int(above[0]), int(above[-1])
    before, after = known[known < trimmed_first], known[known > trimmed_last]
    if before.size:
        trimmed_first = max(int(before[-1]) + 1, first)
    if after.size:
        trimmed_last = min(int(after[0]) - 1, last)
    return trimmed_first, trimmed_last
