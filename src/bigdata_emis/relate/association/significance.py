"""How sure a correlation of hours is, given that hours resemble their neighbours.

Belongs here: intervals, p values and ranks on arrays of pairs, and resampling by days. Does not: tables, or the search for
the lag (correlations).
"""

import numpy as np
from scipy import stats

from bigdata_emis.arrays import Floats, Integers
from bigdata_emis.equations.uncertainty import NINETY_FIFTH
from bigdata_emis.statistics.agreement import grey_relational_grades

BLOCK_H = 24
"""Block of the bootstrap: a day, so that the daily cycle stays whole inside it."""
DRAWS, GREY_DRAWS = 100, 60
SEED = 20151220
SPEARMAN_VARIANCE = 1.06
"""Variance of Fisher's z of a rank correlation over that of Pearson (Fieller, Hartley and Pearson 1957, Biometrika 44, 470)."""
FISHER_LOST = 3.0
"""Pairs that Fisher's z loses: its variance is 1 / (n − 3)."""
PERCENTILES = (5, 95)


def fisher_interval(strength: Floats, count: Floats, *, variance_factor: float = 1.0) -> tuple[Floats, Floats]:
    """The 5th and 95th percentile of correlations from so many independent pairs; the whole range when they are too few.

    Source: Fisher (1921), Metron 1, 3: atanh(r) is normal with variance 1 / (n − 3).
    """
    few = ~(count > FISHER_LOST)
    reach = NINETY_FIFTH * np.sqrt(variance_factor / np.where(few, 1.0, count - FISHER_LOST))
    with np.errstate(divide="ignore"):
        middle = np.arctanh(strength)
    low, high = np.tanh(middle - reach), np.tanh(middle + reach)
    return np.where(few, -1.0, low), np.where(few, 1.0, high)


def p_value(strength: Floats, count: Floats, *, tried: int = 1, variance_factor: float = 1.0) -> Floats:
    """Two-sided probability of so strong correlations by chance, times the number of lags that were tried (Bonferroni)."""
    few = ~(count > FISHER_LOST)
    with np.errstate(divide="ignore", invalid="ignore"):
        distance = np.abs(np.arctanh(strength)) * np.sqrt(np.where(few, 0.0, count - FISHER_LOST) / variance_factor)
    chance: Floats = np.minimum(1.0, tried * 2 * stats.norm.sf(distance))
    return np.where(few, 1.0, chance)


def block_draws(hours: int, *, draws: int = DRAWS) -> Integers:
    """Which hours each of the resamples takes: moving blocks of a day, the same for every pair.

    Source: Künsch (1989), Annals of Statistics 17, 1217 (moving block bootstrap).
    """
    block = min(BLOCK_H, hours)
    starts = np.random.default_rng(SEED).integers(0, hours - block + 1, size=(draws, -(-hours // block)))
    drawn: Integers = (starts[:, :, None] + np.arange(block)).reshape(draws, -1)[:, :hours]
    return drawn


def grey_interval(indicators: Floats, target: Floats) -> tuple[Floats, Floats]:
    """The 5th and 95th percentile of each grey relational grade over resampled days (columns: indicators)."""
    rows = block_draws(len(target), draws=GREY_DRAWS)
    grades = grey_relational_grades(indicators[rows], target[rows])
    low, high = np.percentile(grades, PERCENTILES, axis=0)
    return low, high


def resampled_interval(indicators: Floats, targets: Floats) -> tuple[Floats, Floats]:
    """The 5th and 95th percentile of the correlation of each pair of rows over resampled days.

    How often each hour is drawn is one matrix, so that the sums of all resamples of all pairs are a few products.
    """
    hours = targets.shape[1]
    draws = block_draws(hours)
    times = np.zeros((len(draws), hours))
    np.add.at(times, (np.arange(len(draws))[:, None], draws), 1.0)
    known = np.isfinite(indicators) & np.isfinite(targets)
    x, y = (np.where(known, part, 0.0) for part in (indicators, targets))
    n, x_sum, y_sum, x_square, y_square, product = (times @ part.T for part in (known * 1.0, x, y, x * x, y * y, x * y))
    n = np.maximum(n, 1)
    spread = (x_square - x_sum**2 / n) * (y_square - y_sum**2 / n)
    with np.errstate(invalid="ignore", divide="ignore"):
        found = np.where(spread > 0, (product - x_sum * y_sum / n) / np.sqrt(spread), np.nan)
    whole = np.isfinite(found).all(axis=0)
    low, high = np.percentile(np.where(whole, np.clip(found, -1, 1), 0.0), PERCENTILES, axis=0)
    return np.where(whole, low, -1.0), np.where(whole, high, 1.0)


def ranks(strengths: Floats) -> Floats:
    """The place of each strength by size, 1 the strongest in either sense, the first of equals first; NaN where there is none."""
    order = np.argsort(-np.abs(np.nan_to_num(strengths, nan=-1.0)) + 2 * np.isnan(strengths), kind="stable")
    places = np.empty(len(strengths))
    places[order] = np.arange(1, len(strengths) + 1)
    return np.where(np.isfinite(strengths), places, np.nan)
