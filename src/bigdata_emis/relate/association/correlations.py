"""Correlation of many hourly indicators with many targets over a range of lags, as a few matrix products.

Belongs here: the search for the lag and how much the pairs are worth, on whole matrices (rows: series, columns: hours).
Does not: which series they are, or single pairs' statistics (equations/statistics).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bigdata_emis.arrays import Floats, Integers

Product = Callable[[Floats, Floats], Floats]

LONGEST_LAG_H = 48
LEAST_PAIRS = 24
"""A day: fewer hours say nothing about an association."""
MEMORY_PART = 5
"""Autocorrelations count up to a fifth of the hours; Pyper and Peterman (1998) found that to lose the least."""
FLAT = 1e-12
"""A variance below this part of the whole series' variance is rounding, not variation."""


@dataclass(frozen=True)
class Strongest:
    """Per indicator (row) and target (column): the strongest correlation in either sense, its lag and its pairs."""

    strength: Floats
    lag_h: Integers
    count: Integers


def strongest(
    indicators: Floats, targets: Floats, *, longest_h: int = LONGEST_LAG_H, least: int = LEAST_PAIRS
) -> Strongest:
    """Every indicator against every target at the lag of 0 to 48 hours where it is strongest; the shortest of equals.

    A lag that leaves less than a day of pairs, or no variation, is not tried; where none is left the strength is NaN at lag 0.
    """
    return _searched(indicators, targets, crossed, longest_h=longest_h, least=least)


def paired(
    indicators: Floats, targets: Floats, *, longest_h: int = LONGEST_LAG_H, least: int = LEAST_PAIRS
) -> Strongest:
    """The same for rows that belong together: the first indicator with the first target, and so on; one column."""
    return _searched(indicators, targets, row_by_row, longest_h=longest_h, least=least)


def effective_counts(indicators: Floats, targets: Floats, count: Integers, *, product: Product | None = None) -> Floats:
    """How many independent pairs the pairs of each indicator (row) and target (column) are worth.

    n / (1 + 2 Σ (1 − k/n) r_x(k) r_y(k)) over lags k up to a fifth of the hours, never more than n. A daily rhythm that both
    share keeps the sum large, so ten days of one rhythm count as a few pairs, not as 240.

    Source: Bayley and Hammersley (1946), J. Royal Stat. Soc. Suppl. 8, 184; Pyper and Peterman (1998), Can. J. Fish. Aquat. Sci. 55, 2127.
    """
    hours = targets.shape[1]
    lags = np.arange(1, max(2, hours // MEMORY_PART + 1))
    shared = (product or crossed)(
        autocorrelations(indicators, lags) * (1 - lags / hours), autocorrelations(targets, lags)
    )
    worth: Floats = count / np.maximum(1.0, 1 + 2 * shared)
    return worth


def autocorrelations(series: Floats, lags: Integers) -> Floats:
    """The autocorrelation of each row at each lag over the hours that are known; 0 for a row without variation."""
    x, known = _centred(series)
    variance = (x * x).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    columns = []
    for lag in lags:
        pairs = (known[:, lag:] * known[:, :-lag]).sum(axis=1)
        shared = (x[:, lag:] * x[:, :-lag]).sum(axis=1) / np.maximum(pairs, 1)
        columns.append(np.where(variance > 0, shared / np.where(variance > 0, variance, 1), 0.0))
    return np.column_stack(columns)


def lagged_rows(indicators: Floats, lag_h: Integers) -> Floats:
    """Each row so many hours before: what stands beside an hour is what happened lag_h earlier; NaN before the start."""
    hours = indicators.shape[1]
    at = np.arange(hours)[None, :] - lag_h[:, None]
    return np.where(at >= 0, np.take_along_axis(indicators, np.maximum(at, 0), axis=1), np.nan)


def row_correlations(x: Floats, y: Floats) -> Floats:
    """The Pearson correlation of each row of one matrix with the same row of the other over their common hours."""
    known = np.isfinite(x) & np.isfinite(y)
    count = np.maximum(known.sum(axis=1, keepdims=True), 1)
    a, b = (np.where(known, part, 0.0) for part in (x, y))
    a, b = (np.where(known, part - part.sum(axis=1, keepdims=True) / count, 0.0) for part in (a, b))
    spread = np.sqrt((a * a).sum(axis=1) * (b * b).sum(axis=1))
    found: Floats = np.where(spread > 0, (a * b).sum(axis=1) / np.where(spread > 0, spread, 1.0), np.nan)
    return np.clip(found, -1, 1)


def _centred(series: Floats) -> tuple[Floats, Floats]:
    """The series about its mean with 0 where it is not known, and 1 where it is known; a flat series becomes exactly 0."""
    known = np.isfinite(series)
    count = np.maximum(known.sum(axis=1, keepdims=True), 1)
    filled = np.where(known, series, 0.0)
    x = np.where(known, filled - filled.sum(axis=1, keepdims=True) / count, 0.0)
    high, low = (
        np.where(known, series, -np.inf).max(axis=1, initial=-np.inf),
        np.where(known, series, np.inf).min(axis=1, initial=np.inf),
    )
    x[high <= low] = 0.0
    return x, known.astype(float)


def crossed(first: Floats, second: Floats) -> Floats:
    """The sums of products of each row with each row."""
    sums: Floats = first @ second.T
    return sums


def row_by_row(first: Floats, second: Floats) -> Floats:
    """The sums of products of each row with its partner, as one column."""
    sums: Floats = np.einsum("ph,ph->p", first, second)[:, None]
    return sums


def _searched(indicators: Floats, targets: Floats, product: Product, *, longest_h: int, least: int) -> Strongest:
    hours = targets.shape[1]
    x, x_known, y, y_known = *_centred(indicators), *_centred(targets)
    whole = product(x * x, np.ones_like(y)), product(np.ones_like(x), y * y)
    count = product(x_known, y_known)
    best, lag_h = np.full(count.shape, np.nan), np.zeros(count.shape, np.int64)
    for lag in range(min(longest_h, hours - 1) + 1):
        parts = x[:, : hours - lag], x_known[:, : hours - lag], y[:, lag:], y_known[:, lag:]
        found, pairs = _at(*parts, product, whole, least=least)
        better = np.isfinite(found) & (np.isnan(best) | (np.abs(found) > np.abs(np.nan_to_num(best)) + FLAT))
        best, lag_h, count = np.where(better, found, best), np.where(better, lag, lag_h), np.where(better, pairs, count)
    return Strongest(best, lag_h, count.astype(np.int64))


def _at(
    x: Floats,
    x_known: Floats,
    y: Floats,
    y_known: Floats,
    product: Product,
    whole: tuple[Floats, Floats],
    *,
    least: int,
) -> tuple[Floats, Floats]:
    """The correlations of the rows of x with rows of y at one lag, and their pairs."""
    pairs = product(x_known, y_known)
    count = np.maximum(pairs, 1)
    x_sum, y_sum = product(x, y_known), product(x_known, y)
    x_spread = product(x * x, y_known) - x_sum**2 / count
    y_spread = product(x_known, y * y) - y_sum**2 / count
    sound = (pairs >= least) & (x_spread > FLAT * whole[0]) & (y_spread > FLAT * whole[1])
    spread = np.sqrt(np.where(sound, x_spread * y_spread, 1.0))
    found = np.where(sound, (product(x, y) - x_sum * y_sum / count) / spread, np.nan)
    return np.clip(found, -1, 1), pairs
