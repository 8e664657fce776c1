"""The air that a plan of alerts is about: particles without dust, and the index of their means over any hours.

Belongs here: concentrations as means and indices, by the standard valid on the day. Does not: which hours make a spell
(spells), ozone and gases (forecast_index).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from bigdata_emis.arrays import Flags, Floats, Integers
from bigdata_emis.reference.aqi import Standard, standard_on

DAY_H = 24
LEAST_HOURS = 18
"""Hours with a value that a mean over 24 h needs: at most a quarter may be missing."""
PARTICLES = ("PM2.5", "PM10")
DAY_ITEM = "24h"


@dataclass(frozen=True)
class PlanAir:
    """Hourly particles without dust (NaN: unknown), and the standard valid at each hour."""

    particles: Mapping[str, Floats]
    standards: tuple[tuple[Standard, Flags], ...]

    def __len__(self) -> int:
        return len(self.standards[0][1])

    @cached_property
    def hourly_index(self) -> Floats:
        """The index that each hour would have if its particles lasted a day; NaN where they are unknown."""
        return self.index(self.particles, np.arange(len(self)))

    @cached_property
    def day_index(self) -> Floats:
        """The index of the 24 hours that begin with each hour; NaN with more than a quarter of them missing.

        Hours before the first known one and after the last are not missing within a day: such a day has no index.
        """
        starts = np.arange(max(len(self) - DAY_H + 1, 0))
        index = self.mean_index(((starts, starts + DAY_H),), least_hours=LEAST_HOURS)
        known = np.flatnonzero(np.isfinite(self.hourly_index))
        first, last = (known[0], known[-1]) if known.size else (len(self), -1)
        return np.where((starts >= first) & (starts + DAY_H - 1 <= last), index, np.nan)

    def mean_index(self, spans: tuple[tuple[Integers, Integers], ...], *, least_hours: int) -> Floats:
        """The index of the mean over several spans joined; each span is arrays of first hours and of hours after."""
        means = {}
        for name, (sums, counts) in self._prefix_sums.items():
            total = np.sum([sums[after] - sums[first] for first, after in spans], axis=0)
            count = np.sum([counts[after] - counts[first] for first, after in spans], axis=0)
            means[name] = np.where(count >= least_hours, total / np.maximum(count, 1), np.nan)
        return self.index(means, spans[-1][1] - 1)

    def index(self, concentrations: Mapping[str, Floats], hours: Integers) -> Floats:
        """The larger sub-index of the particles, by the standard of the given hours."""
        result: Floats = np.full(len(hours), np.nan)
        for standard, is_valid in self.standards:
            at = is_valid[hours]
            for name, values in concentrations.items():
                sub_index = standard.iaqi((name, DAY_ITEM), np.maximum(values[at], 0))
                result[at] = np.fmax(result[at], sub_index)
        return result

    @cached_property
    def _prefix_sums(self) -> dict[str, tuple[Floats, Integers]]:
        def before_each(values: Floats) -> Floats:
            return np.concatenate(([0.0], np.cumsum(values)))

        return {
            name: (before_each(np.nan_to_num(values)), before_each(np.isfinite(values)).astype(np.int64))
            for name, values in self.particles.items()
        }


def plan_particles(concentrations: Mapping[str, Floats], *, is_dust: Flags, is_mixed: Flags) -> dict[str, Floats]:
    """The particles that count: none in an hour of dust, and no coarse part where that is dust."""
    counted = {}
    for name in PARTICLES:
        if name in concentrations:
            values = np.where(is_dust & np.isfinite(concentrations[name]), 0.0, concentrations[name])
            fine = concentrations.get("PM2.5", np.zeros(len(values)))
            counted[name] = np.where(is_mixed & (name == "PM10"), np.nan_to_num(fine), values)
    return counted


def standards_of(
    hours: tuple[datetime, ...], *, time_zone: str, region_folder: Path | None
) -> tuple[tuple[Standard, Flags], ...]:
    """Each standard that is valid on the local day of some of the hours, and at which of them."""
    zone = ZoneInfo(time_zone)
    days = [hour.astimezone(zone).date() for hour in hours]
    by_day = _standards_by_day(sorted(set(days)), region_folder)
    versions = {each.rule_version: each for each in by_day.values()}
    return tuple(
        (each, np.array([by_day[day].rule_version == version for day in days])) for version, each in versions.items()
    )


def _standards_by_day(days: list[date], region_folder: Path | None) -> dict[date, Standard]:
    """The standard of each day; one that is valid on two days is valid on all days between them."""
    first, last = (standard_on(day, region_folder=region_folder) for day in (days[0], days[-1]))
    if first.rule_version == last.rule_version:
        return dict.fromkeys(days, first)
    middle = len(days) // 2
    parts = (days[:middle], days[middle:])
    return {day: each for part in parts for day, each in _standards_by_day(part, region_folder).items()}
