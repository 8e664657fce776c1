"""Operating states of one line, told from its power alone: stop, idle, partial, full.

Belongs here: levels of power, the bands between states, and state codes. Does not: what follows from a state, stages, labels.

Use: `parameters = fit_states(energy_kwh)` once a line, `codes = state_codes(parameters, energy_kwh)` for any hours of it.
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bigdata_emis.proxy.levels import crossing, fit_levels_of
from bigdata_emis.proxy.mixtures import Levels
from bigdata_emis.proxy.series import Floats

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
        "full_kwh": full_kwh, "falls_kwh": (bounds * (1 - band)).tolist(), "rises_kwh": (bounds * (1 + band)).tolist(),
        "levels_kwh": np.exp(levels.mean).tolist() if levels else [full_kwh], "rule": asdict(rule),
    }  # fmt: skip


def state_numbers(parameters: dict[str, Any], energy_kwh: Floats) -> NDArray[np.int64]:
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


def _is_above(energy_kwh: Floats, falls_kwh: float, rises_kwh: float) -> NDArray[np.int64]:
    """One above the band, zero below, and within it what was before (at the beginning: above the middle or not)."""
    verdict = np.where(energy_kwh > rises_kwh, 1, np.where(energy_kwh <= falls_kwh, 0, -1))
    speaks = np.flatnonzero(verdict >= 0)
    last = np.searchsorted(speaks, np.arange(len(energy_kwh)), side="right") - 1
    within = (energy_kwh > (falls_kwh + rises_kwh) / 2).astype(np.int64)
    return np.where(last >= 0, verdict[speaks[np.maximum(last, 0)]], within) if len(speaks) else within
