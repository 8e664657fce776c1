"""Operating states of one line, inferred from its power: stop, idle, partial, full.

Belongs here: power levels, the bands between states, and the state of each interval.
Does not: what follows from a state, stages, titles of states.

Use: `parameters = fit_states(energy_kwh)` once a line, `classify_states(parameters, energy_kwh)` for any of its hours.
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from bigdata_emis.activity_model.operating_state.mixtures import MIN_SPREAD, Levels, expectation_maximisation
from bigdata_emis.arrays import Floats, Integers
from bigdata_emis.codes import OperatingState

STATES = (OperatingState.STOP, OperatingState.IDLE, OperatingState.PARTIAL, OperatingState.FULL)
"""In order of power."""
MIN_INTERVALS = 48
"""Minimum number of intervals with power for a search of levels: half a day of quarter hours, or two days of hours."""
NARROW_SPREAD, NARROW_REACH = 0.15, 2.5
"""A full level narrower than this (natural-log units) extends so many spreads down: noise is not partial load."""
CELLS = 120
"""Cells of the histogram, with which a fit costs the same for a month of hours and a year of quarter hours."""
MAX_LEVELS = 5
MIN_WEIGHT = 0.02
"""A level with a smaller share of the intervals is a transition, not a level."""
SEPARATION = 2.0
"""Ashman's D above which two normals are two peaks.

Source: Ashman, Bird and Zepf (1994), Astron. J. 108, 2348, equation 4."""
INTERVALS_PER_OBSERVATION = 6.0
"""Intervals that count as one independent observation when the number of levels is chosen (own judgement)."""


@dataclass(frozen=True)
class StateRule:
    """Boundaries of states as shares of full power, where the line's levels do not decide.

    Source: own judgement after the stop signature of Weifang 2022 (power falls by more than 75 % when a plant stops)
    and standby loads of a tenth to a third of full power. `full_power_rank` keeps single peaks from defining full
    power.
    """

    stop_share: float = 0.02
    idle_share: float = 0.35
    full_share: float = 0.75
    full_power_rank: float = 0.98
    band_share: float = 0.06


def fit_states(energy_kwh: Floats, rule: StateRule | None = None) -> dict[str, Any]:
    """Bands between the states of a line, from its energy by interval.

    `energy_kwh` is `(intervals,)` for intervals of any length, NaN where unknown. A robust mixture gives the levels
    of log power. A level is idle, partial or full by its share of full power. Between two states the boundary is
    where both levels are equally likely, otherwise at the rule's share. The result is plain numbers: `full_kwh` and,
    for the boundaries below idle, partial and full, a band (`falls_kwh`, `rises_kwh`). A state changes only when the
    band is crossed, so that noise does not make it flicker.
    """
    return fit_states_by_line([energy_kwh], rule)[0]


def fit_states_by_line(energies_kwh: list[Floats], rule: StateRule | None = None) -> list[dict[str, Any]]:
    """Bands of many lines, each from its own energy only; the mixtures are fitted together."""
    rule = rule or StateRule()
    running = [_running_energy(energy_kwh, rule) for energy_kwh in energies_kwh]
    with_levels = [line for line, kwh in enumerate(running) if len(kwh) >= MIN_INTERVALS]
    levels = dict(zip(with_levels, fit_power_levels([np.log(running[line]) for line in with_levels]), strict=True))
    return [_bands(kwh, levels.get(line), rule) for line, kwh in enumerate(running)]


def classify_states(parameters: dict[str, Any], energy_kwh: Floats) -> Integers:
    """Position of each interval's state in STATES, −1 where the energy is unknown.

    Within a band the last known state continues, also across a gap.
    """
    number = np.zeros(len(energy_kwh), dtype=np.int64)
    is_known = np.isfinite(energy_kwh)
    for falls, rises in zip(parameters["falls_kwh"], parameters["rises_kwh"], strict=True):
        number += _is_above(energy_kwh, falls, rises)
    return np.where(is_known, number, -1)


def fit_power_levels(log_powers: list[Floats]) -> list[Levels]:
    """Levels of log power of many lines, by the Bayesian information criterion.

    Levels that are not separated are merged. Transitions and outliers belong to a background that is flat over the
    range, so they neither widen a level nor form one. Fitting lines together costs a small part of fitting them one
    by one.

    Source: Schwarz (1978), Ann. Stat. 6, 461, for the criterion.
    """
    variable = [line for line, log_power in enumerate(log_powers) if np.ptp(log_power) >= 2 * MIN_SPREAD]
    levels = [
        Levels(np.array([float(np.median(log_power))]), np.array([MIN_SPREAD]), np.ones(1)) for log_power in log_powers
    ]
    if variable:
        for line, fitted in zip(variable, _fit_mixtures([log_powers[line] for line in variable]), strict=True):
            levels[line] = fitted
    return levels


def _running_energy(energy_kwh: Floats, rule: StateRule) -> Floats:
    """Energy of the intervals in which the line is not stopped."""
    positive = energy_kwh[np.isfinite(energy_kwh) & (energy_kwh > 0)]
    if not len(positive):
        return positive
    return positive[positive > rule.stop_share * np.quantile(positive, rule.full_power_rank)]


def _bands(running: Floats, levels: Levels | None, rule: StateRule) -> dict[str, Any]:
    if not len(running):
        return {"full_kwh": 0.0, "falls_kwh": [0.0] * 3, "rises_kwh": [0.0] * 3, "levels_kwh": [], "rule": asdict(rule)}
    full_kwh = float(np.quantile(running, rule.full_power_rank))
    boundaries = np.array([rule.stop_share * full_kwh, *_boundaries(levels, full_kwh, rule)])
    boundaries = np.maximum.accumulate(boundaries)
    band = np.minimum(rule.band_share, _half_gaps(boundaries, full_kwh))
    return {
        "full_kwh": full_kwh,
        "falls_kwh": (boundaries * (1 - band)).tolist(),
        "rises_kwh": (boundaries * (1 + band)).tolist(),
        "levels_kwh": np.exp(levels.mean).tolist() if levels else [full_kwh],
        "rule": asdict(rule),
    }


def _boundaries(levels: Levels | None, full_kwh: float, rule: StateRule) -> tuple[float, float]:
    """Energy between idle and partial, and between partial and full."""
    at_idle, at_full = rule.idle_share * full_kwh, rule.full_share * full_kwh
    if levels is None:
        return at_idle, at_full
    share = np.exp(levels.mean) / full_kwh
    state = np.digitize(share, [rule.idle_share, rule.full_share])
    idle, partial, full = (np.flatnonzero(state == s) for s in range(3))
    if len(idle) and len(partial):
        at_idle = float(np.exp(_crossing(levels, int(idle[-1]), int(partial[0]))))
    if len(partial) and len(full):
        at_full = float(np.exp(_crossing(levels, int(partial[-1]), int(full[0]))))
    elif len(full) and levels.spread[full[0]] <= NARROW_SPREAD:
        at_full = min(at_full, float(np.exp(levels.mean[full[0]] - NARROW_REACH * levels.spread[full[0]])))
    return at_idle, at_full


def _half_gaps(boundaries: Floats, full_kwh: float) -> Floats:
    """Half the relative distance to the nearest other boundary, so that bands never overlap."""
    edges = np.concatenate([[0.0], boundaries, [full_kwh]])
    gaps = np.diff(edges) / np.maximum(edges[1:] + edges[:-1], 1e-12)
    return np.asarray(np.minimum(gaps[:-1], gaps[1:]) / 2, dtype=np.float64)


def _is_above(energy_kwh: Floats, falls_kwh: float, rises_kwh: float) -> Integers:
    """One above the band, zero below, within it the value before (at the beginning: above its middle or not)."""
    side = np.where(energy_kwh > rises_kwh, 1, np.where(energy_kwh <= falls_kwh, 0, -1))
    decided = np.flatnonzero(side >= 0)
    last = np.searchsorted(decided, np.arange(len(energy_kwh)), side="right") - 1
    within = (energy_kwh > (falls_kwh + rises_kwh) / 2).astype(np.int64)
    return np.where(last >= 0, side[decided[np.maximum(last, 0)]], within) if len(decided) else within


def _fit_mixtures(log_powers: list[Floats]) -> list[Levels]:
    """Mixtures of each line with 1 to MAX_LEVELS levels, and for each line the one that the criterion chooses."""
    histograms = [np.histogram(log_power, CELLS) for log_power in log_powers]
    count = np.array([histogram[0] for histogram in histograms])
    centre = np.array([(edges[:-1] + edges[1:]) / 2 for _, edges in histograms])
    observations = count.sum(axis=1) / INTERVALS_PER_OBSERVATION
    share = count / count.sum(axis=1, keepdims=True)
    numbers = np.arange(1, MAX_LEVELS + 1)
    fitted, likelihood = expectation_maximisation(
        np.repeat(centre, MAX_LEVELS, axis=0), np.repeat(share, MAX_LEVELS, axis=0), np.tile(numbers, len(count))
    )
    criteria = (
        -2 * observations[:, None] * likelihood.reshape(-1, MAX_LEVELS)
        + 3 * numbers * np.log(np.maximum(observations, 2))[:, None]
    )
    best = np.arange(len(count)) * MAX_LEVELS + np.argmin(criteria, axis=1)
    return [_merge_levels(fitted[int(row)]) for row in best]


def _crossing(levels: Levels, lower: int, upper: int) -> float:
    """Log power between two levels at which both are equally likely; half way if neither dominates."""
    log_power = np.linspace(levels.mean[lower], levels.mean[upper], CELLS)
    logs = [
        _log_density(log_power, levels.mean[i], levels.spread[i]) + np.log(levels.weight[i]) for i in (lower, upper)
    ]
    above = np.flatnonzero(logs[1] > logs[0])
    return float(log_power[above[0]]) if len(above) and above[0] > 0 else float(log_power.mean())


def _merge_levels(levels: Levels) -> Levels:
    """Levels without those of too little weight, and with neighbours merged that are not separated."""
    is_heavy = levels.weight >= min(MIN_WEIGHT, levels.weight.max())
    mean, spread, weight = (list(part[is_heavy]) for part in (levels.mean, levels.spread, levels.weight))
    at = 0
    while at + 1 < len(mean):
        if np.sqrt(2) * (mean[at + 1] - mean[at]) > SEPARATION * np.sqrt(spread[at] ** 2 + spread[at + 1] ** 2):
            at += 1
            continue
        total = weight[at] + weight[at + 1]
        middle = (weight[at] * mean[at] + weight[at + 1] * mean[at + 1]) / total
        second = sum(weight[i] * (spread[i] ** 2 + (mean[i] - middle) ** 2) for i in (at, at + 1)) / total
        mean[at : at + 2], spread[at : at + 2], weight[at : at + 2] = [middle], [float(np.sqrt(second))], [total]
        at = 0
    return Levels(np.array(mean), np.array(spread), np.array(weight))


def _log_density(at: Floats, mean: Floats, spread: Floats) -> Floats:
    return np.asarray(-0.5 * ((at - mean) / spread) ** 2 - np.log(spread) - 0.5 * np.log(2 * np.pi))
