"""Thresholds of cleaning: defaults with their source, each of which a region may set in `[options]` of region.toml.

Belongs here: named settings. Does not: bounds of fields (schema) or the methods that use a threshold.
"""

import math
from dataclasses import dataclass, fields, replace
from typing import Any

from bigdata_emis.context import Context
from bigdata_emis.errors import InputError
from bigdata_emis.region import LEAST_ANONYMITY_COUNT


@dataclass(frozen=True)
class Options:
    """Settings of one region.

    outlier_neighbours, outlier_threshold: Hampel identifier over so many readings to each side, in robust standard deviations.
    Source: Pearson 2002, IEEE Trans. Control Syst. Technol. 10, 55 (3 is usual; 5 here, because a false alarm deletes a true start).
    outlier_level_share, outlier_level_factor: a reading nearer to its neighbours' median than so many times this quantile of the
    source's own recent readings is never an outlier, because plants do start and stop. Judgement: on New York units in July and
    August 2019, 204 000 unit-hours, a factor of 1 raised 13 alarms, most at starts of peaking units, and 1.5 raised 4.
    steady_level_share: the quantile for what does not rest for days: concentrations, speeds, activity indices.
    cems_level_factor: the factor for stack concentrations, higher because peaks of start-up are real and belong in the legal series.
    capacity_factor: energy above so many times the reference energy, or activity above so many times the capacity, is a fault of
    the meter. Judgement: registered capacities are often out by a factor of two, faults of unit or decimal point by ten and more.
    interpolation_h: gaps up to so many hours are filled on a straight line, longer ones from the profile.
    cems_interpolation_h: the same for stack monitors. Source: Wu et al. 2022, ACS Environ. Au 2, 363: linear below 6 h.
    anonymity_count: counts of devices below it are suppressed; never below 10.
    counters_least: a road class is calibrated by at least so many counted link-hours.
    least_speed_km_per_h: a lower speed counts as this in the mean over time travelled.
    """

    outlier_neighbours: int = 6
    outlier_threshold: float = 5.0
    outlier_level_share: float = 0.99
    outlier_level_factor: float = 1.5
    steady_level_share: float = 0.9
    cems_level_factor: float = 3.0
    capacity_factor: float = 5.0
    interpolation_h: int = 3
    cems_interpolation_h: int = 5
    anonymity_count: int = LEAST_ANONYMITY_COUNT
    counters_least: int = 12
    least_speed_km_per_h: float = 1.0

    @property
    def steady(self) -> "Options":
        """The same for readings of what does not rest."""
        return replace(self, outlier_level_share=self.steady_level_share)

    @property
    def stack(self) -> "Options":
        """The same for stack concentrations."""
        return replace(self.steady, outlier_level_factor=self.cems_level_factor)


def options_of(context: Context) -> Options:
    """The region's settings over the defaults. Raises InputError when one is not a number or allows too little anonymity."""
    given: dict[str, Any] = {}
    for field in fields(Options):
        value = context.region.options.get(field.name, field.default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
            raise InputError(
                f"region {context.region.region_id}: option {field.name} is '{value}'",
                "give a number that is not negative",
            )
        given[field.name] = int(value) if isinstance(field.default, int) else float(value)
    return Options(**given | {"anonymity_count": context.region.anonymity_count})
