"""Load shape of lines: energy above the base load, hours of standby, and lines that work at night for the tariff.

Belongs here: working energy and the two flags. Does not: operating states for the models (activity_model), or energy
itself (metered_energy).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bigdata_emis.arrays import Flags, Floats, Integers
from bigdata_emis.clean.line_energy.metered_energy import MeterReadings
from bigdata_emis.clean.line_energy.meters import LineMeters
from bigdata_emis.equations.industry import working_energy_kwh


@dataclass(frozen=True)
class RatedLoads:
    """Rated loads of lines in the registry, by line, NaN where it gives none."""

    reference_kwh: Floats
    base_load_share: Floats
    power_elasticity: Floats


@dataclass(frozen=True)
class LoadShape:
    """Load shape of lines, arrays `(lines, hours)`.

    working_kwh: working energy, and its standard error; NaN where the registry lacks the rated loads of the line.
    is_nightly: by line, whether it works mainly at night.
    """

    working_kwh: Floats
    working_sd_kwh: Floats
    is_standby: Flags
    is_nightly: Flags


def derive_load_shape(
    recent: MeterReadings,
    meters: LineMeters,
    local_hour: Integers,
    *,
    energy_kwh: Floats,
    variance_kwh2: Floats,
    loads: RatedLoads,
    parameters: Mapping[str, float],
) -> LoadShape:
    """The load shape in the hours of `energy_kwh`, `(lines, hours)`.

    `recent` holds the meters in these hours and in the hours looked back on, `local_hour` the local hour of all of
    them. A line is on standby when it draws power, but no more than its base load. Night work is inferred from all
    hours of `recent`.
    """
    working, working_sd = _working_energy(energy_kwh, variance_kwh2, loads, parameters)
    ceiling = loads.base_load_share * (1 + parameters["standby_margin_share"]) * loads.reference_kwh
    with np.errstate(invalid="ignore"):
        is_standby = (energy_kwh > 0) & (energy_kwh <= ceiling[:, None])
    return LoadShape(working, working_sd, is_standby, _works_at_night(recent, meters, local_hour, parameters))


def _working_energy(
    energy_kwh: Floats, variance_kwh2: Floats, loads: RatedLoads, parameters: Mapping[str, float]
) -> tuple[Floats, Floats]:
    """Working energy, and as its error half the difference of the working energies one standard error to either side.

    Where the lower one is cut off at zero, the difference to the upper one is used: a line that seems to stop may work
    a little. The error of the base load counts as far as a line does not work: at full load, where models are trained,
    it does not matter.
    """
    has_loads = (loads.reference_kwh > 0) & (loads.base_load_share < 1) & (loads.power_elasticity > 0)
    reference, base, elasticity = (
        np.where(has_loads, values, np.nan)[:, None]
        for values in (loads.reference_kwh, loads.base_load_share, loads.power_elasticity)
    )

    def working_at(energy: Floats) -> Floats:
        return np.asarray(working_energy_kwh(energy, reference, base_load_share=base, power_elasticity=elasticity))

    working = working_at(energy_kwh)
    idle_share = np.maximum(1 - working / reference, 0.0)
    base_load_sd = parameters["base_load_relative_sd"] * base * reference * idle_share
    sd = np.hypot(np.sqrt(variance_kwh2), base_load_sd)
    lower, upper = working_at(np.maximum(energy_kwh - sd, 0.0)), working_at(energy_kwh + sd)
    return working, np.where(lower > 0, (upper - lower) / 2, upper - working)


def _works_at_night(
    recent: MeterReadings, meters: LineMeters, local_hour: Integers, parameters: Mapping[str, float]
) -> Flags:
    """Whether the mean load of the valley hours is well above that of the others, of lines that have a meter."""
    reports = np.isfinite(recent.energy_kwh).astype(np.float64)
    energy = np.where(meters.is_metered[:, None], meters.energy_weights @ np.nan_to_num(recent.energy_kwh), np.nan)
    energy = np.where(meters.energy_weights @ reports > 0, energy, np.nan)
    is_night = (local_hour >= parameters["night_from_hour"]) | (local_hour < parameters["night_to_hour"])
    night, day = (_mean_by_row(energy[:, part], parameters["night_least_count"]) for part in (is_night, ~is_night))
    with np.errstate(invalid="ignore"):
        return np.asarray((night > 0) & (night > parameters["night_load_ratio"] * day))


def _mean_by_row(values: Floats, least_count: float) -> Floats:
    """The mean of each row, NaN where too few of its hours have a value."""
    has_value = np.isfinite(values)
    count = has_value.sum(axis=1)
    total = np.where(has_value, values, 0.0).sum(axis=1)
    return np.asarray(np.where(count >= least_count, total / np.maximum(count, 1), np.nan))
