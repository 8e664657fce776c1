"""What the valid hours of a stack monitor tell of the model: ratios by operating state, how deviations persist, past errors.

Belongs here: one series of one line and pollutant, on whole arrays. Does not: filling a gap with it (monitor_gap).
"""

from bisect import bisect_left, insort
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from bigdata_emis.arrays import Flags, Floats, Integers

LAGS_H = np.array([1, 2, 3, 6, 12, 24])
LEAST_PAIRS = 24
LONGEST_PERSISTENCE_H = 240.0
HELD_SD = 3.0
MAD_TO_SD = 1.4826
"""A deviation counts up to so many robust standard deviations; median absolute deviation to standard deviation of a normal."""
PROMISE_H = 24
"""An interval must hold for a gap of a day: past ratios are judged by those at least so much earlier."""


@dataclass(frozen=True)
class FusionRule:
    """How far the past reaches; the parameters of reference/fusion_parameter.csv."""

    ratio_h: float
    prior_h: float
    persistence_h: float
    persistent_share: float
    neighbour_h: float
    least_interval_h: float


class Memory(NamedTuple):
    """Hours with a ratio: their place, log ratio and state; how a deviation persists; its robust spread; log errors of past corrections."""

    place: Integers
    log_ratio: Floats
    state: Integers
    persistence_h: float
    persistent_share: float
    robust_sd: float
    errors: Floats


def memory_of(measured_g: Floats, modelled_g: Floats, state: Integers, runs: Flags, rule: FusionRule) -> Memory:
    """The hours that were measured while the model says that something is emitted.

    The robust spread is the standard deviation of log ratios about their states, from the median absolute deviation.
    """
    place = np.flatnonzero(runs & (measured_g > 0))
    log_ratio = np.log(measured_g[place] / modelled_g[place])
    state = state[place]
    deviation = log_ratio - state_medians(log_ratio, state)
    persistence_h, share = _persistence(place, deviation, rule)
    robust_sd = MAD_TO_SD * float(np.median(np.abs(deviation))) if len(deviation) else 0.0
    return Memory(place, log_ratio, state, persistence_h, share, robust_sd, _past_errors(place, log_ratio, state, rule))


def state_medians(values: Floats, state: Integers) -> Floats:
    """For each value the median of its state."""
    medians = np.zeros(len(values))
    for one in np.unique(state):
        medians[state == one] = np.median(values[state == one])
    return medians


def _persistence(place: Integers, deviation: Floats, rule: FusionRule) -> tuple[float, float]:
    """Time in which a deviation fades and the part of it that persists, from its autocorrelation; the rule's where too short."""
    lags, correlation = [], []
    reach = HELD_SD * MAD_TO_SD * np.median(np.abs(deviation)) if len(deviation) else 0.0
    held = np.clip(deviation, -reach, reach)
    for lag in LAGS_H:
        after = np.minimum(np.searchsorted(place, place + lag), len(place) - 1)
        one = np.flatnonzero(place[after] == place + lag) if len(place) else place
        other = after[one]
        if len(one) >= LEAST_PAIRS and held.any():
            lags.append(float(lag))
            correlation.append(float(np.mean(held[one] * held[other]) / np.mean(held**2)))
    known = np.array(correlation) > 0
    if known.sum() < 2:
        return rule.persistence_h, rule.persistent_share
    slope, level = np.polyfit(np.array(lags)[known], np.log(np.array(correlation)[known]), 1)
    return float(np.clip(-1 / min(slope, -1 / LONGEST_PERSISTENCE_H), 1, LONGEST_PERSISTENCE_H)), float(
        np.clip(np.exp(level), 0.05, 0.98)
    )


def _past_errors(place: Integers, log_ratio: Floats, state: Integers, rule: FusionRule) -> Floats:
    """Log errors that the correction by state would have made in the past, from hours at least PROMISE_H earlier."""
    errors = [np.empty(0)]
    for one in np.unique(state):
        mine = np.flatnonzero(state == one)
        before = np.searchsorted(place[mine], place[mine] - PROMISE_H, side="right")
        medians = _medians_until(log_ratio[mine], int(rule.ratio_h))
        errors.append((log_ratio[mine] - medians[before])[before > 0])
    return np.concatenate(errors)


def _medians_until(values: Floats, count: int) -> Floats:
    """For each number of leading values, the median of the last `count` of them; NaN for none."""
    medians: list[float] = [np.nan]
    window: list[float] = []
    told = values.tolist()
    for end, value in enumerate(told, start=1):
        insort(window, value)
        if end > count:
            del window[bisect_left(window, told[end - count - 1])]
        middle = len(window) // 2
        medians.append(window[middle] if len(window) % 2 else (window[middle - 1] + window[middle]) / 2)
    return np.array(medians)
