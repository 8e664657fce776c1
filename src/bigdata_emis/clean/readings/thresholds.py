"""Thresholds of cleaning: defaults with their source, each of which a region may set in `[options]` of region.toml.

Belongs here: named settings. Does not: bounds of fields (schema), or the methods that use a threshold.
"""

import json
import math
from dataclasses import dataclass, fields, replace
from typing import Any

from bigdata_emis.context import Context
from bigdata_emis.errors import InputError
from bigdata_emis.region import LEAST_ANONYMITY_COUNT

SELF_GENERATION_OPTION = "district_energy_counts_self_generation"


@dataclass(frozen=True)
class CleaningOptions:
    """Settings of one region.

    outlier_neighbours, outlier_threshold: Hampel identifier over so many readings to each side, in robust standard
    deviations. Source: Pearson (2002), IEEE Trans. Control Syst. Technol. 10, 55 (3 is usual; 5 here, because a false
    alarm deletes a true start).
    outlier_level_share, outlier_level_factor: a reading nearer to its neighbours' median than so many times this
    quantile of the source's own recent readings is never an outlier, because plants do start and stop. Judgement: on
    New York units in July and August 2019, 204 000 unit-hours, a factor of 1 raised 13 alarms, most at starts of
    peaking units, and 1.5 raised 4.
    steady_level_share: the quantile for values that do not stop for days: concentrations, speeds, activity indices.
    cems_level_factor: the factor for stack concentrations, higher because peaks of start-up are real and belong in the
    legal series.
    capacity_factor: energy above so many times the reference energy, or activity above so many times the capacity, is a
    fault of the meter. Judgement: registered capacities are often wrong by a factor of two, faults of unit or decimal
    point are ten times and more.
    interpolation_h: gaps up to so many hours are filled on a straight line, longer ones from the profile.
    cems_interpolation_h: the same for stack monitors. Source: Wu et al. (2022), ACS Environ. Au 2, 363: linear below 6
    h. anonymity_count: counts of devices below it are suppressed; never below 10.
    counters_least: the counted link-hours of a road class that weigh as much as the prior in its calibration.
    stuck_readings: so many equal readings are of a stuck meter: two hours of quarter hours. A choice of this project.
    stuck_h: hours of equal stack concentrations, of equal speeds or of no vehicle that are doubted. A choice too.
    least_speed_km_per_h: a lower speed counts as this one in the mean over time travelled.
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
    stuck_readings: int = 8
    stuck_h: int = 3
    least_speed_km_per_h: float = 1.0

    @property
    def for_steady_sources(self) -> "CleaningOptions":
        """The same for readings of what does not stop for days."""
        return replace(self, outlier_level_share=self.steady_level_share)

    @property
    def for_stacks(self) -> "CleaningOptions":
        """The same for stack concentrations."""
        return replace(self.for_steady_sources, outlier_level_factor=self.cems_level_factor)


def counts_self_generation(context: Context) -> bool:
    """Whether the totals of the power bureau contain what plants generate themselves: yes, if nothing is said."""
    return bool(context.region.options.get(SELF_GENERATION_OPTION, True))


def read_cleaning_options(context: Context) -> CleaningOptions:
    """The region's settings over the defaults.

    Raises:
        InputError: a setting is no finite number from 0 on, or allows too little anonymity.
    """
    settings: dict[str, Any] = {}
    for field in fields(CleaningOptions):
        value = context.region.options.get(field.name, field.default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
            where = f"{context.region.folder / 'region.toml'}, options.{field.name}"
            what = f"{where} = {json.dumps(value, default=str)}: expected a finite number from 0 on"
            raise InputError(what, f"write for instance {field.name} = {field.default}")
        settings[field.name] = int(value) if isinstance(field.default, int) else float(value)
    return CleaningOptions(**settings | {"anonymity_count": context.region.anonymity_count})
