"""The ratio of monitor to model in the valid hours of a stack monitor: by operating state, its persistence, its errors.

Belongs here: one series of one line and pollutant, on whole arrays. Does not: filling a gap with the ratio
(gap_filling).
"""

from bisect import bisect_left, insort
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from bigdata_emis.arrays import Flags, Floats, Integers

LAGS_H = np.array([1, 2, 3, 6, 12, 24])
MIN_PAIRS = 24
MAX_PERSISTENCE_H = 240.0
MIN_PERSISTENT_SHARE, MAX_PERSISTENT_SHARE = 0.05, 0.98
CLIP_SD = 3.0
"""Deviations are clipped at so many robust standard deviations."""
MAD_TO_SD = 1.4826
"""Median absolute deviation to standard deviation of a normal distribution."""
LEAD_H = 24
"""An interval must cover a gap of a day: a past ratio is compared with the ratios at least so much earlier."""


@dataclass(frozen=True)
class FusionRule:
    """How far the past reaches; the parameters of reference/fusion_parameter.csv."""

    ratio_h: float
    prior_h: float
    persistence_h: float
    persistent_share: float
    neighbour_h: float
    least_interval_h: float


class RatioHistory(NamedTuple):
    """The hours with a ratio of monitor to model, and what they say of later hours.

    position, log_ratio, state: (hours with a ratio,); persistence_h and persistent_share: how a deviation fades;
    robust_sd: spread of log ratios about their states; errors: log errors of past corrections.
    """

    position: Integers
    log_ratio: Floats
    state: Integers
    persistence_h: float
    persistent_share: float
    robust_sd: float
    errors: Floats


def fit_ratio_history(
    measured_g: Floats, modelled_g: Floats, state: Integers, is_running: Flags, rule: FusionRule
) -> RatioHistory:
    """The ratios of the hours that were measured while the line was running by its model.

    The robust spread is the standard deviation of log ratios about their states, from the median absolute deviation.
    """
    position = np.flatnonzero(is_running & (measured_g > 0))
    log_ratio = np.log(measured_g[position] / modelled_g[position])
    state = state[position]
    deviation = log_ratio - median_of_state(log_ratio, state)
    persistence_h, share = _fit_persistence(position, deviation, rule)
    robust_sd = MAD_TO_SD * float(np.median(np.abs(deviation))) if len(deviation) else 0.0
    errors = _past_errors(position, log_ratio, state, rule)
    return RatioHistory(position, log_ratio, state, persistence_h, share, robust_sd, errors)


def median_of_state(values: Floats, state: Integers) -> Floats:
    """For each value the median of the values of its state."""
    medians = np.zeros(len(values))
    for code in np.unique(state):
        medians[state == code] = np.median(values[state == code])
    return medians


def _fit_persistence(position: Integers, deviation: Floats, rule: FusionRule) -> tuple[float, float]:
    """Time in which a deviation fades, and the share of it that persists, from its autocorrelation.

    The values of the rule where the series is too short.
    """
    lags, correlation = [], []
    limit = CLIP_SD * MAD_TO_SD * np.median(np.abs(deviation)) if len(deviation) else 0.0
    clipped = np.clip(deviation, -limit, limit)
    for lag in LAGS_H:
        following = np.minimum(np.searchsorted(position, position + lag), len(position) - 1)
        earlier = np.flatnonzero(position[following] == position + lag) if len(position) else position
        later = following[earlier]
        if len(earlier) >= MIN_PAIRS and clipped.any():
            lags.append(float(lag))
            correlation.append(float(np.mean(clipped[earlier] * clipped[later]) / np.mean(clipped**2)))
    is_positive = np.array(correlation) > 0
    if is_positive.sum() < 2:
        return rule.persistence_h, rule.persistent_share
    slope, level = np.polyfit(np.array(lags)[is_positive], np.log(np.array(correlation)[is_positive]), 1)
    persistence_h = np.clip(-1 / min(slope, -1 / MAX_PERSISTENCE_H), 1, MAX_PERSISTENCE_H)
    return float(persistence_h), float(np.clip(np.exp(level), MIN_PERSISTENT_SHARE, MAX_PERSISTENT_SHARE))


def _past_errors(position: Integers, log_ratio: Floats, state: Integers, rule: FusionRule) -> Floats:
    """Log errors that the correction by state would have had in the past, from hours at least LEAD_H earlier."""
    errors = [np.empty(0)]
    for code in np.unique(state):
        rows = np.flatnonzero(state == code)
        earlier_count = np.searchsorted(position[rows], position[rows] - LEAD_H, side="right")
        medians = _running_medians(log_ratio[rows], int(rule.ratio_h))
        errors.append((log_ratio[rows] - medians[earlier_count])[earlier_count > 0])
    return np.concatenate(errors)


def _running_medians(values: Floats, window: int) -> Floats:
    """For each number of leading values, the median of the last `window` of them; NaN for none, (values + 1,)."""
    medians: list[float] = [np.nan]
    ordered: list[float] = []
    listed = values.tolist()
    for end, value in enumerate(listed, start=1):
        insort(ordered, value)
        if end > window:
            del ordered[bisect_left(ordered, listed[end - window - 1])]
        middle = len(ordered) // 2
        medians.append(ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2)
    return np.array(medians)
