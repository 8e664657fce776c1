"""Operating states of one line, told from its power alone: stop, idle, partial, full.

Belongs here: levels of power, the bands between states, and state codes. Does not: what follows from a state, stages, labels.

Use: `parameters = fit_states(energy_kwh)` once a line, `codes = state_codes(parameters, energy_kwh)` for any hours of it.
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bigdata_emis.activity_model.operating_state.mixtures import LEAST_SPREAD, Levels, expectation_maximisation
from bigdata_emis.arrays import Floats, Integers

STATES = ("stop", "idle", "partial", "full")
"""In order of power; the codes of `operating_state`."""
LEAST_INTERVALS = 48
"""Intervals with power below which no levels are sought: half a day of quarters, two days of hours."""
TIGHT_SPREAD, TIGHT_REACH = 0.15, 2.5
"""A full level narrower than this (natural-log units) holds what lies so many spreads below it: its noise is not partial load."""


@dataclass(frozen=True)
class StateRule:
    """Where states lie as shares of the line's full power, used where its own levels do not tell.

    Source: own judgement after the stop signature of Weifang 2022 (power falls by more than 75 % where a plant stands) and standby
    loads of a tenth to a third of full power; `full_power_rank` keeps single peaks from setting what full means.
    """

    stop_share: float = 0.02
    idle_share: float = 0.35
    full_share: float = 0.75
    full_power_rank: float = 0.98
    band_share: float = 0.06


def fit_states(energy_kwh: Floats, rule: StateRule | None = None) -> dict[str, Any]:
    """Bands between the states of a line, from its energy by interval; NaN teaches nothing, whatever the interval's length.

    Levels of log power are found by a robust mixture (levels.fit_levels). A level is idle, partial or full by its share of full
    power; between two states the boundary lies where both their levels are equally likely, else at the rule's share. The lowest
    level counts as standby load only when it stands apart from what the line does most; a steady line is always full.
    The result is plain numbers: `full_kwh` and, for the boundary below idle, partial and full, a band (`falls_kwh`,
    `rises_kwh`): a state is left only when the band is crossed, so that noise does not make it flicker.
    """
    return fit_states_of([energy_kwh], rule)[0]


def fit_states_of(energies_kwh: list[Floats], rule: StateRule | None = None) -> list[dict[str, Any]]:
    """The same for many lines at once, each told by its own energy alone: their mixtures are fitted together."""
    rule = rule or StateRule()
    running = [_running(energy_kwh, rule) for energy_kwh in energies_kwh]
    told = [at for at, kwh in enumerate(running) if len(kwh) >= LEAST_INTERVALS]
    levels = dict(zip(told, fit_levels_of([np.log(running[at]) for at in told]), strict=True))
    return [_bands(kwh, levels.get(at), rule) for at, kwh in enumerate(running)]


def _running(energy_kwh: Floats, rule: StateRule) -> Floats:
    """What is drawn in the intervals in which the line does not stand."""
    drawn = energy_kwh[np.isfinite(energy_kwh) & (energy_kwh > 0)]
    return drawn[drawn > rule.stop_share * np.quantile(drawn, rule.full_power_rank)] if len(drawn) else drawn


def _bands(running: Floats, levels: Levels | None, rule: StateRule) -> dict[str, Any]:
    if not len(running):
        return {"full_kwh": 0.0, "falls_kwh": [0.0] * 3, "rises_kwh": [0.0] * 3, "levels_kwh": [], "rule": asdict(rule)}
    full_kwh = float(np.quantile(running, rule.full_power_rank))
    bounds = np.array([rule.stop_share * full_kwh, *_boundaries(levels, full_kwh, rule)])
    bounds = np.maximum.accumulate(bounds)
    band = np.minimum(rule.band_share, _half_gaps(bounds, full_kwh))
    return {
        "full_kwh": full_kwh,
        "falls_kwh": (bounds * (1 - band)).tolist(),
        "rises_kwh": (bounds * (1 + band)).tolist(),
        "levels_kwh": np.exp(levels.mean).tolist() if levels else [full_kwh],
        "rule": asdict(rule),
    }


def state_numbers(parameters: dict[str, Any], energy_kwh: Floats) -> Integers:
    """The place of each interval's state in STATES, -1 where the energy is not known; what lies within a band keeps the state before.

    A gap does not end a state: the last known state decides within a band.
    """
    number = np.zeros(len(energy_kwh), dtype=np.int64)
    known = np.isfinite(energy_kwh)
    for falls, rises in zip(parameters["falls_kwh"], parameters["rises_kwh"], strict=True):
        number += _is_above(energy_kwh, falls, rises)
    return np.where(known, number, -1)


def state_codes(parameters: dict[str, Any], energy_kwh: Floats) -> NDArray[np.object_]:
    """The state of each interval as a code of `operating_state`; None where the energy is not known."""
    names = np.array([*STATES, None], dtype=object)
    return names[state_numbers(parameters, energy_kwh)]


def _boundaries(levels: Levels | None, full_kwh: float, rule: StateRule) -> tuple[float, float]:
    """Energy between idle and partial, and between partial and full."""
    at_idle, at_full = rule.idle_share * full_kwh, rule.full_share * full_kwh
    if levels is None:
        return at_idle, at_full
    share = np.exp(levels.mean) / full_kwh
    state = np.digitize(share, [rule.idle_share, rule.full_share])
    idle, partial, full = (np.flatnonzero(state == s) for s in range(3))
    if len(idle) and len(partial):
        at_idle = float(np.exp(crossing(levels, int(idle[-1]), int(partial[0]))))
    if len(partial) and len(full):
        at_full = float(np.exp(crossing(levels, int(partial[-1]), int(full[0]))))
    elif len(full) and levels.spread[full[0]] <= TIGHT_SPREAD:
        at_full = min(at_full, float(np.exp(levels.mean[full[0]] - TIGHT_REACH * levels.spread[full[0]])))
    return at_idle, at_full


def _half_gaps(bounds: Floats, full_kwh: float) -> Floats:
    """Half the relative distance to the nearest other boundary, so that bands never overlap."""
    edges = np.concatenate([[0.0], bounds, [full_kwh]])
    gaps = np.diff(edges) / np.maximum(edges[1:] + edges[:-1], 1e-12)
    return np.asarray(np.minimum(gaps[:-1], gaps[1:]) / 2, dtype=np.float64)


def _is_above(energy_kwh: Floats, falls_kwh: float, rises_kwh: float) -> Integers:
    """One above the band, zero below, and within it what was before (at the beginning: above the middle or not)."""
    verdict = np.where(energy_kwh > rises_kwh, 1, np.where(energy_kwh <= falls_kwh, 0, -1))
    speaks = np.flatnonzero(verdict >= 0)
    last = np.searchsorted(speaks, np.arange(len(energy_kwh)), side="right") - 1
    within = (energy_kwh > (falls_kwh + rises_kwh) / 2).astype(np.int64)
    return np.where(last >= 0, verdict[speaks[np.maximum(last, 0)]], within) if len(speaks) else within


CELLS = 120
"""Cells of the histogram that stands for the hours: a fit costs the same for a month of hours and a year of quarters."""
MOST_LEVELS = 5
LEAST_WEIGHT = 0.02
"""A level that holds fewer of the intervals is a passage, not a level."""
APART = 2.0
"""Ashman's D (Ashman, Bird and Zepf 1994, eq. 4): two normals further apart than this are two peaks."""
INTERVALS_A_SIGHT = 6.0
"""Neighbouring intervals tell the same: so many count as one observation when the number of levels is weighed (own judgement)."""


def fit_levels(log_power: Floats) -> Levels:
    """The mixture with the least Bayesian information criterion whose levels stand apart.

    Intervals in passage and outliers go to a background that is flat over the range, so they neither widen a level nor make one.
    """
    return fit_levels_of([log_power])[0]


def fit_levels_of(log_powers: list[Floats]) -> list[Levels]:
    """The same for many lines at once, which costs a small part of one after another; each line is told by its own hours alone."""
    wide = [at for at, log_power in enumerate(log_powers) if np.ptp(log_power) >= 2 * LEAST_SPREAD]
    found = [
        Levels(np.array([float(np.median(log_power))]), np.array([LEAST_SPREAD]), np.ones(1))
        for log_power in log_powers
    ]
    if wide:
        for at, levels in zip(wide, _mixtures([log_powers[at] for at in wide]), strict=True):
            found[at] = levels
    return found


def _mixtures(log_powers: list[Floats]) -> list[Levels]:
    """Each line's mixture of each number of levels, and of these the one that its criterion chooses."""
    histograms = [np.histogram(log_power, CELLS) for log_power in log_powers]
    count = np.array([histogram[0] for histogram in histograms])
    centre = np.array([(edges[:-1] + edges[1:]) / 2 for _, edges in histograms])
    sights = count.sum(axis=1) / INTERVALS_A_SIGHT
    share = count / count.sum(axis=1, keepdims=True)
    numbers = np.arange(1, MOST_LEVELS + 1)
    fitted, likelihood = expectation_maximisation(
        np.repeat(centre, MOST_LEVELS, axis=0), np.repeat(share, MOST_LEVELS, axis=0), np.tile(numbers, len(count))
    )
    criteria = (
        -2 * sights[:, None] * likelihood.reshape(-1, MOST_LEVELS)
        + 3 * numbers * np.log(np.maximum(sights, 2))[:, None]
    )
    best = np.arange(len(count)) * MOST_LEVELS + np.argmin(criteria, axis=1)
    return [_apart(fitted[int(at)]) for at in best]


def crossing(levels: Levels, lower: int, upper: int) -> float:
    """The log power between two levels at which both are equally likely; half way where neither yields."""
    at = np.linspace(levels.mean[lower], levels.mean[upper], CELLS)
    logs = [_log_density(at, levels.mean[i], levels.spread[i]) + np.log(levels.weight[i]) for i in (lower, upper)]
    above = np.flatnonzero(logs[1] > logs[0])
    return float(at[above[0]]) if len(above) and above[0] > 0 else float(at.mean())


def _apart(levels: Levels) -> Levels:
    """Levels too light to count are dropped, and neighbours that do not stand apart become one."""
    heavy = levels.weight >= min(LEAST_WEIGHT, levels.weight.max())
    mean, spread, weight = (list(part[heavy]) for part in (levels.mean, levels.spread, levels.weight))
    at = 0
    while at + 1 < len(mean):
        if np.sqrt(2) * (mean[at + 1] - mean[at]) > APART * np.sqrt(spread[at] ** 2 + spread[at + 1] ** 2):
            at += 1
            continue
        whole = weight[at] + weight[at + 1]
        middle = (weight[at] * mean[at] + weight[at + 1] * mean[at + 1]) / whole
        second = sum(weight[i] * (spread[i] ** 2 + (mean[i] - middle) ** 2) for i in (at, at + 1)) / whole
        mean[at : at + 2], spread[at : at + 2], weight[at : at + 2] = [middle], [float(np.sqrt(second))], [whole]
        at = 0
    return Levels(np.array(mean), np.array(spread), np.array(weight))


def _log_density(at: Floats, mean: Floats, spread: Floats) -> Floats:
    return np.asarray(-0.5 * ((at - mean) / spread) ** 2 - np.log(spread) - 0.5 * np.log(2 * np.pi))
