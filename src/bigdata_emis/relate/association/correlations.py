"""Correlation of many indicators with many targets over a range of lags, in matrix products.

Belongs here: the search for the lag, and the number of independent pairs, on whole matrices `(series, hours)`.
Does not: which series they are, or statistics of single pairs (statistics/agreement).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bigdata_emis.arrays import Flags, Floats, Integers

RowProduct = Callable[[Floats, Floats], Floats]

MAX_LAG_H = 48
MIN_PAIRS = 24
"""A day: fewer hours say nothing about an association."""
AUTOCORRELATION_PART = 5
"""Autocorrelations count up to a fifth of the hours, which Pyper and Peterman (1998) found to lose the least."""
FLAT_SHARE = 1e-12
"""A variance below this share of the variance of the whole series is rounding, not variation."""


@dataclass(frozen=True)
class BestLag:
    """The strongest correlation of each indicator (row) and target (column), with lag and pairs."""

    strength: Floats
    lag_h: Integers
    count: Integers


def correlate_at_best_lag(
    indicators: Floats, targets: Floats, *, max_lag_h: int = MAX_LAG_H, min_pairs: int = MIN_PAIRS
) -> BestLag:
    """Correlate every indicator with every target at the lag where the correlation is strongest.

    Lags run from 0 to `max_lag_h` hours; of equal correlations the shortest lag is taken. A lag that leaves fewer than
    `min_pairs` pairs, or no variation, is not tried; where no lag is left the strength is NaN at lag 0.
    Shapes: indicators `(indicators, hours)`, targets `(targets, hours)`, result `(indicators, targets)`.
    """
    return _search_lags(indicators, targets, multiply_all_rows, max_lag_h=max_lag_h, min_pairs=min_pairs)


def correlate_pairs_at_best_lag(
    indicators: Floats, targets: Floats, *, max_lag_h: int = MAX_LAG_H, min_pairs: int = MIN_PAIRS
) -> BestLag:
    """Correlate each indicator with the target in the same row only; the result has one column."""
    return _search_lags(indicators, targets, multiply_matching_rows, max_lag_h=max_lag_h, min_pairs=min_pairs)


def effective_sample_sizes(
    indicators: Floats, targets: Floats, count: Integers, *, product: RowProduct | None = None
) -> Floats:
    """How many independent pairs the hours of each indicator and target are worth.

        n / (1 + 2 Σ (1 − k/n) r_x(k) r_y(k)),   k = 1 … n/5,   never more than n

    A daily rhythm that both series share keeps the sum large: ten days of one rhythm count as a few pairs, not as 240.

    Source: Bayley and Hammersley (1946), J. Royal Stat. Soc. Suppl. 8, 184;
    Pyper and Peterman (1998), Can. J. Fish. Aquat. Sci. 55, 2127.
    """
    hours = targets.shape[1]
    lags = np.arange(1, max(2, hours // AUTOCORRELATION_PART + 1))
    shared = (product or multiply_all_rows)(
        autocorrelations(indicators, lags) * (1 - lags / hours), autocorrelations(targets, lags)
    )
    effective_count: Floats = count / np.maximum(1.0, 1 + 2 * shared)
    return effective_count


def autocorrelations(series: Floats, lags: Integers) -> Floats:
    """The autocorrelation of each row at each lag; 0 for a row without variation."""
    x, is_known = _centre_rows(series)
    variance = (x * x).sum(axis=1) / np.maximum(is_known.sum(axis=1), 1)
    columns = []
    for lag in lags:
        pairs = (is_known[:, lag:] * is_known[:, :-lag]).sum(axis=1)
        shared = (x[:, lag:] * x[:, :-lag]).sum(axis=1) / np.maximum(pairs, 1)
        columns.append(np.where(variance > 0, shared / np.where(variance > 0, variance, 1), 0.0))
    return np.column_stack(columns)


def lag_rows(indicators: Floats, lag_h: Integers) -> Floats:
    """Each row with the value of `lag_h` hours before in each hour; NaN before the start."""
    hours = indicators.shape[1]
    at = np.arange(hours)[None, :] - lag_h[:, None]
    return np.where(at >= 0, np.take_along_axis(indicators, np.maximum(at, 0), axis=1), np.nan)


def correlate_rows(x: Floats, y: Floats) -> Floats:
    """The Pearson correlation of matching rows of two matrices over their common hours."""
    is_known = np.isfinite(x) & np.isfinite(y)
    count = np.maximum(is_known.sum(axis=1, keepdims=True), 1)
    a, b = (np.where(is_known, part, 0.0) for part in (x, y))
    a, b = (np.where(is_known, part - part.sum(axis=1, keepdims=True) / count, 0.0) for part in (a, b))
    spread = np.sqrt((a * a).sum(axis=1) * (b * b).sum(axis=1))
    correlation: Floats = np.where(spread > 0, (a * b).sum(axis=1) / np.where(spread > 0, spread, 1.0), np.nan)
    return np.clip(correlation, -1, 1)


def multiply_all_rows(first: Floats, second: Floats) -> Floats:
    """The sum of products of each row with each row, `(first, second)`."""
    sums: Floats = first @ second.T
    return sums


def multiply_matching_rows(first: Floats, second: Floats) -> Floats:
    """The sum of products of each row with the same row of the other matrix, as one column."""
    sums: Floats = np.einsum("ph,ph->p", first, second)[:, None]
    return sums


def _search_lags(
    indicators: Floats, targets: Floats, product: RowProduct, *, max_lag_h: int, min_pairs: int
) -> BestLag:
    hours = targets.shape[1]
    x, x_known, y, y_known = *_centre_rows(indicators), *_centre_rows(targets)
    whole = product(x * x, np.ones_like(y)), product(np.ones_like(x), y * y)
    count = product(x_known, y_known)
    best, lag_h = np.full(count.shape, np.nan), np.zeros(count.shape, np.int64)
    for lag in range(min(max_lag_h, hours - 1) + 1):
        parts = x[:, : hours - lag], x_known[:, : hours - lag], y[:, lag:], y_known[:, lag:]
        strength, pairs = _correlate_at_lag(*parts, product, whole, min_pairs=min_pairs)
        is_better = np.isfinite(strength) & (
            np.isnan(best) | (np.abs(strength) > np.abs(np.nan_to_num(best)) + FLAT_SHARE)
        )
        best, lag_h = np.where(is_better, strength, best), np.where(is_better, lag, lag_h)
        count = np.where(is_better, pairs, count)
    return BestLag(best, lag_h, count.astype(np.int64))


def _correlate_at_lag(
    x: Floats,
    x_known: Floats,
    y: Floats,
    y_known: Floats,
    product: RowProduct,
    whole: tuple[Floats, Floats],
    *,
    min_pairs: int,
) -> tuple[Floats, Floats]:
    """The correlations of the rows of x with rows of y at one lag, and their numbers of pairs."""
    pairs = product(x_known, y_known)
    count = np.maximum(pairs, 1)
    x_sum, y_sum = product(x, y_known), product(x_known, y)
    x_spread = product(x * x, y_known) - x_sum**2 / count
    y_spread = product(x_known, y * y) - y_sum**2 / count
    is_sound: Flags = (pairs >= min_pairs) & (x_spread > FLAT_SHARE * whole[0]) & (y_spread > FLAT_SHARE * whole[1])
    spread = np.sqrt(np.where(is_sound, x_spread * y_spread, 1.0))
    strength = np.where(is_sound, (product(x, y) - x_sum * y_sum / count) / spread, np.nan)
    return np.clip(strength, -1, 1), pairs


def _centre_rows(series: Floats) -> tuple[Floats, Floats]:
    """The rows minus their mean with 0 where a value is missing, and 1 where it is known; a flat row is exactly 0."""
    is_known = np.isfinite(series)
    count = np.maximum(is_known.sum(axis=1, keepdims=True), 1)
    filled = np.where(is_known, series, 0.0)
    x = np.where(is_known, filled - filled.sum(axis=1, keepdims=True) / count, 0.0)
    high = np.where(is_known, series, -np.inf).max(axis=1, initial=-np.inf)
    low = np.where(is_known, series, np.inf).min(axis=1, initial=np.inf)
    x[high <= low] = 0.0
    return x, is_known.astype(float)
