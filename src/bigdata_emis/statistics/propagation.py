"""Totals of many uncertain estimates whose errors are shared by a class and persist in time, on whole NumPy arrays.

Belongs here: variances of totals and their bounds. Does not: row-wise equations (uncertainty.py), or who belongs to which class (stages).
"""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from bigdata_emis.arrays import Floats
from bigdata_emis.equations.uncertainty import NINETY_FIFTH

Floats: TypeAlias = Floats

MEAN_WEIGHT = 0.185
NORMAL_RANGE, FIRST_RANGE, SKEW_WEIGHT = 3.29, 3.25, 0.1
"""Weights of the extended Pearson-Tukey approximation."""


def standard_deviation(mean: Floats, p05: Floats, p95: Floats) -> Floats:
    """Standard deviation of a distribution known by its mean, 5th and 95th percentile; right to a few per cent for skewed ones.

    σ = (p95 − p05) / (3.29 − 0.1 (Δ/σ0)²) with Δ = p95 + p05 − 2 p50, σ0 = (p95 − p05) / 3.25; the median is taken from
    mean = p50 + 0.185 Δ and lies between the percentiles.

    Source: extended Pearson-Tukey approximation, Pearson and Tukey (1965), Biometrika 52; Keefer and Bodily (1983), Management
    Science 29.
    """
    width = np.asarray(p95 - p05, dtype=np.float64)
    median = np.clip((mean - MEAN_WEIGHT * (p05 + p95)) / (1 - 2 * MEAN_WEIGHT), p05, p95)
    is_spread = width > 0
    safe = np.where(is_spread, width, 1.0)
    skew = FIRST_RANGE * (p95 + p05 - 2 * median) / safe
    return np.asarray(np.where(is_spread, width / (NORMAL_RANGE - SKEW_WEIGHT * skew**2), 0.0))


def variance_of_total(shared_sd: Floats, own_variance: Floats) -> Floats:
    """Variance of totals over classes (axis 0): errors that a class shares add up, errors of its own add in squares.

    shared_sd: Σ of the shared standard deviations of the sources of each class; own_variance: Σ of the variances of their own.

    Source: IPCC 2006 guidelines volume 1 chapter 3, equation 3.2 (approach 1) with correlation 1 within a class.
    """
    total: Floats = (shared_sd**2).sum(axis=0) + own_variance.sum(axis=0)
    return total


def variance_over_hours(own_sd: Floats, persistence: Floats) -> Floats:
    """Variance of each row's sum over its hours (axis 1) when errors are autocorrelated: Σ_h Σ_k s_h s_k φ^|h − k|.

    Source: variance of a sum of a first-order autoregressive process, Box, Jenkins and Reinsel, Time Series Analysis (1994), 2.1.
    """
    carried = np.zeros(own_sd.shape[0])
    variance = np.zeros(own_sd.shape[0])
    for hour in range(own_sd.shape[1]):
        spread = own_sd[:, hour]
        variance += spread**2 + 2 * spread * carried
        carried = persistence * (carried + spread)
    return variance


def lognormal_bounds(mean: Floats, standard_deviation_of: Floats) -> tuple[Floats, Floats]:
    """5th and 95th percentile of lognormals with these means and standard deviations; where the mean is zero, 0 and z × σ.

    The 95th percentile of a lognormal of mean m is m exp(z t − t² ÷ 2), t² = ln(1 + (σ ÷ m)²): it rises with the spread up to m exp(z² ÷ 2)
    at t = z (σ = 3.7 m) and falls again, even below the mean, as the mass moves into a tail rarer than 5 %. Assumption: we tell the largest
    that any spread up to σ has, so t counts up to z there. An interval then never narrows at the top as less is known, and holds its mean.

    Source: IPCC 2006 guidelines volume 1 chapter 3, lognormal errors (section 3.2.2.4).
    """
    is_positive = mean > 0
    relative = np.where(is_positive, standard_deviation_of / np.where(is_positive, mean, 1.0), 0.0)
    variance = np.log1p(relative**2)
    log_sd = np.sqrt(variance)
    upper_log_sd = np.minimum(log_sd, NINETY_FIFTH)
    lower = mean * np.exp(-NINETY_FIFTH * log_sd - variance / 2)
    upper = np.where(
        is_positive,
        mean * np.exp(NINETY_FIFTH * upper_log_sd - upper_log_sd**2 / 2),
        NINETY_FIFTH * standard_deviation_of,
    )
    return lower, np.asarray(upper)


def draw_totals(
    means: Floats,
    relative_sd: Floats,
    classes: NDArray[Any],
    *,
    class_share: float,
    persistence: float,
    draws: int,
    seed: int,
) -> Floats:
    """Totals by draw and hour of lognormal estimates (rows: sources, columns: hours): what the analytic variances are checked against.

    The logarithm of each errs by √w × (one draw a class) + √(1 − w) × (an autoregressive draw a source), both standard normal.

    Source: IPCC 2006 guidelines volume 1 chapter 3, approach 2 (Monte Carlo).
    """
    random = np.random.default_rng(seed)
    log_sd = np.sqrt(np.log1p(relative_sd**2))
    names, of_source = np.unique(classes, return_inverse=True)
    totals = np.zeros((draws, means.shape[1]))
    shared = random.standard_normal((draws, len(names)))[:, of_source]
    own = random.standard_normal(shared.shape)
    for hour in range(means.shape[1]):
        if hour:
            own = persistence * own + np.sqrt(1 - persistence**2) * random.standard_normal(own.shape)
        error = np.sqrt(class_share) * shared + np.sqrt(1 - class_share) * own
        totals[:, hour] = (means[:, hour] * np.exp(log_sd[:, hour] * error - log_sd[:, hour] ** 2 / 2)).sum(axis=1)
    return totals
