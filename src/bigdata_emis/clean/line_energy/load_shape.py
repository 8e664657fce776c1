"""What the shape of a line's load tells: how much of its energy works, that it only stands by, or that it works by night for the tariff.

Belongs here: working energy and the two flags. Does not: operating states for the models (proxy), or energy itself (line_known).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bigdata_emis.arrays import Flags, Floats, Integers
from bigdata_emis.clean.line_energy.metered_energy import Readings
from bigdata_emis.clean.line_energy.meters import Wiring
from bigdata_emis.equations.industry import working_energy_kwh


@dataclass(frozen=True)
class Loads:
    """What the registry says of the loads of lines, NaN where it says nothing."""

    reference_kwh: Floats
    base_load_share: Floats
    power_elasticity: Floats


@dataclass(frozen=True)
class Shape:
    """By line and hour: working energy and its standard error, NaN where the registry does not tell of the line's shape; standing by.

    is_nightly: by line, it works mainly at night.
    """

    working_kwh: Floats
    working_sd_kwh: Floats
    is_standby: Flags
    is_nightly: Flags


def load_shape(
    recent: Readings,
    wiring: Wiring,
    local_hour: Integers,
    *,
    energy_kwh: Floats,
    variance: Floats,
    lines: Loads,
    parameters: Mapping[str, float],
) -> Shape:
    """The shape of the loads in the hours of `energy_kwh`; `recent` are the meters of these hours and of those looked back on.

    A line stands by when it draws power, but no more than its base load. Night work is told from the hours looked back on.
    """
    working, deviation = _working(energy_kwh, variance, lines, parameters)
    ceiling = lines.base_load_share * (1 + parameters["standby_margin_share"]) * lines.reference_kwh
    with np.errstate(invalid="ignore"):
        standby = (energy_kwh > 0) & (energy_kwh <= ceiling[:, None])
    return Shape(working, deviation, standby, _nightly(recent, wiring, local_hour, parameters))


def _working(
    energy_kwh: Floats, variance: Floats, lines: Loads, parameters: Mapping[str, float]
) -> tuple[Floats, Floats]:
    """Half the difference of the working energies at one standard error to either side is the error of the working energy.

    Where the lower one is cut off at zero, the difference to the upper one is: a line that seems to stand may work a little. The
    error of the base load counts as far as a line does not work: at normal load, where models are taught, it does not matter.
    """
    known = (lines.reference_kwh > 0) & (lines.base_load_share < 1) & (lines.power_elasticity > 0)
    normal, base, elasticity = (
        np.where(known, v, np.nan)[:, None]
        for v in (lines.reference_kwh, lines.base_load_share, lines.power_elasticity)
    )

    def at(energy: Floats) -> Floats:
        return np.asarray(working_energy_kwh(energy, normal, base_load_share=base, power_elasticity=elasticity))

    working = at(energy_kwh)
    idle_share = np.maximum(1 - working / normal, 0.0)
    reach = np.hypot(np.sqrt(variance), parameters["base_load_relative_sd"] * base * normal * idle_share)
    least, most = at(np.maximum(energy_kwh - reach, 0.0)), at(energy_kwh + reach)
    return working, np.where(least > 0, (most - least) / 2, most - working)


def _nightly(recent: Readings, wiring: Wiring, local_hour: Integers, parameters: Mapping[str, float]) -> Flags:
    """Mean load of the valley hours over that of the rest, of lines that have a meter."""
    speaks = np.isfinite(recent.energy_kwh).astype(np.float64)
    energy = np.where(wiring.is_metered[:, None], wiring.counted @ np.nan_to_num(recent.energy_kwh), np.nan)
    energy = np.where(wiring.counted @ speaks > 0, energy, np.nan)
    is_night = (local_hour >= parameters["night_from_hour"]) | (local_hour < parameters["night_to_hour"])
    night, day = (_mean(energy[:, part], parameters["night_least_count"]) for part in (is_night, ~is_night))
    with np.errstate(invalid="ignore"):
        return np.asarray((night > 0) & (night > parameters["night_load_ratio"] * day))


def _mean(values: Floats, least_count: float) -> Floats:
    """The mean of each row, NaN where too few of its hours are told."""
    told = np.isfinite(values)
    count = told.sum(axis=1)
    return np.asarray(
        np.where(count >= least_count, np.where(told, values, 0.0).sum(axis=1) / np.maximum(count, 1), np.nan)
    )
