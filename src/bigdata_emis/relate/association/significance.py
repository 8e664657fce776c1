"""Intervals, p values and ranks of correlations between autocorrelated hours.

Belongs here: intervals, p values and ranks on arrays of pairs, and resampling by days.
Does not: tables, or the search for the lag (correlations).
"""

import numpy as np
from scipy import stats

from bigdata_emis.arrays import Floats, Integers
from bigdata_emis.equations.uncertainty import NINETY_FIFTH
from bigdata_emis.statistics.agreement import grey_relational_grades

BLOCK_H = 24
"""Block of the bootstrap: a day, so that the daily rhythm stays whole inside it."""
DRAWS, GREY_DRAWS = 100, 60
SEED = 20151220
SPEARMAN_VARIANCE = 1.06
"""Variance of Fisher's z of a rank correlation over that of Pearson (Fieller et al. 1957, Biometrika 44, 470)."""
FISHER_LOSS = 3.0
"""Pairs that Fisher's z loses: its variance is 1 / (n − 3)."""
PERCENTILES = (5, 95)


def fisher_interval(
    strength: Floats, count: Floats, *, lags_tried: int = 1, variance_factor: float = 1.0
) -> tuple[Floats, Floats]:
    """The 90 % interval of correlations from `count` independent pairs, each the strongest of the lags tried.

        tanh(atanh r ± z √(f / (n − 3))),  z = Φ⁻¹(1 − 0.05 / lags)

    The strongest of many lags is strong by choice: z is such that the intervals of all lags hold together (Bonferroni),
    so that of the chosen one does. With three pairs or fewer the interval is the whole range from −1 to 1.

    Source: Fisher (1921), Metron 1, 3: atanh(r) is normal with variance 1 / (n − 3).
    """
    is_few = ~(count > FISHER_LOSS)
    reach = _choice_quantile(lags_tried) * np.sqrt(variance_factor / np.where(is_few, 1.0, count - FISHER_LOSS))
    with np.errstate(divide="ignore"):
        middle = np.arctanh(strength)
    low, high = np.tanh(middle - reach), np.tanh(middle + reach)
    return np.where(is_few, -1.0, low), np.where(is_few, 1.0, high)


def widen_for_choice(strength: Floats, low: Floats, high: Floats, *, lags_tried: int) -> tuple[Floats, Floats]:
    """The interval of one given lag widened to that of a lag chosen among several.

    On Fisher's scale both arms grow by the ratio of the two normal quantiles; a bound of ±1 remains.
    """
    ratio = _choice_quantile(lags_tried) / NINETY_FIFTH
    with np.errstate(divide="ignore", invalid="ignore"):
        middle, lower, upper = (np.arctanh(part) for part in (strength, low, high))
        wider = np.tanh(middle - (middle - lower) * ratio), np.tanh(middle + (upper - middle) * ratio)
    is_open = ~np.isfinite(wider[0]), ~np.isfinite(wider[1])
    return np.where(is_open[0], low, wider[0]), np.where(is_open[1], high, wider[1])


def p_values(strength: Floats, count: Floats, *, lags_tried: int = 1, variance_factor: float = 1.0) -> Floats:
    """Two-sided p values from `count` independent pairs, times the lags tried (Bonferroni)."""
    is_few = ~(count > FISHER_LOSS)
    with np.errstate(divide="ignore", invalid="ignore"):
        distance = np.abs(np.arctanh(strength)) * np.sqrt(np.where(is_few, 0.0, count - FISHER_LOSS) / variance_factor)
    p_value: Floats = np.minimum(1.0, lags_tried * 2 * stats.norm.sf(distance))
    return np.where(is_few, 1.0, p_value)


def draw_blocks(hours: int, *, draws: int = DRAWS) -> Integers:
    """The hours of each resample, `(draws, hours)`: moving blocks of a day.

    Source: Künsch (1989), Annals of Statistics 17, 1217 (moving block bootstrap).
    """
    block = min(BLOCK_H, hours)
    starts = np.random.default_rng(SEED).integers(0, hours - block + 1, size=(draws, -(-hours // block)))
    drawn: Integers = (starts[:, :, None] + np.arange(block)).reshape(draws, -1)[:, :hours]
    return drawn


def grey_interval(indicators: Floats, target: Floats) -> tuple[Floats, Floats]:
    """The 5th and 95th percentile of each grey relational grade over resampled days.

    Shape of the indicators: `(hours, indicators)`.
    """
    rows = draw_blocks(len(target), draws=GREY_DRAWS)
    grades = grey_relational_grades(indicators[rows], target[rows])
    low, high = np.percentile(grades, PERCENTILES, axis=0)
    return low, high


def bootstrap_interval(indicators: Floats, targets: Floats) -> tuple[Floats, Floats]:
    """The 5th and 95th percentile of the correlation of each pair of rows over resampled days.

    How often each hour is drawn is one matrix, so that the sums of all resamples of all pairs are a few products.
    """
    hours = targets.shape[1]
    draws = draw_blocks(hours)
    times = np.zeros((len(draws), hours))
    np.add.at(times, (np.arange(len(draws))[:, None], draws), 1.0)
    is_known = np.isfinite(indicators) & np.isfinite(targets)
    x, y = (np.where(is_known, part, 0.0) for part in (indicators, targets))
    n, x_sum, y_sum, x_square, y_square, product = (
        times @ part.T for part in (is_known * 1.0, x, y, x * x, y * y, x * y)
    )
    n = np.maximum(n, 1)
    spread = (x_square - x_sum**2 / n) * (y_square - y_sum**2 / n)
    with np.errstate(invalid="ignore", divide="ignore"):
        strength = np.where(spread > 0, (product - x_sum * y_sum / n) / np.sqrt(spread), np.nan)
    is_whole = np.isfinite(strength).all(axis=0)
    low, high = np.percentile(np.where(is_whole, np.clip(strength, -1, 1), 0.0), PERCENTILES, axis=0)
    return np.where(is_whole, low, -1.0), np.where(is_whole, high, 1.0)


def _choice_quantile(lags_tried: int) -> float:
    """Standard normal quantile that all lags together exceed with 5 % probability at most."""
    return float(stats.norm.isf((1 - stats.norm.cdf(NINETY_FIFTH)) / lags_tried))


def rank_strengths(strengths: Floats) -> Floats:
    """The rank of each strength by absolute size, 1 the strongest; NaN where it is missing."""
    order = np.argsort(-np.abs(np.nan_to_num(strengths, nan=-1.0)) + 2 * np.isnan(strengths), kind="stable")
    ranks = np.empty(len(strengths))
    ranks[order] = np.arange(1, len(strengths) + 1)
    return np.where(np.isfinite(strengths), ranks, np.nan)
