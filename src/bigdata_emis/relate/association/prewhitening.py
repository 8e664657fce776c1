"""Hourly series freed of their daily rhythm and their memory, so that only what is new in an hour is compared.

Belongs here: the autoregression that whitens a series. Does not: the comparison (correlations) or its interval (lags).
"""

import numpy as np
from scipy import special, stats

from bigdata_emis.arrays import Floats, Integers
from bigdata_emis.relate.association.correlations import autocorrelations

HOURS_OF_DAY = 24
HIGHEST_ORDER = 26
"""Hours of memory that an autoregression may have: a day, and what leaks about it."""
HOURS_PER_ORDER = 8
"""Least hours of data for each hour of memory."""


def whitened(series: Floats) -> Floats:
    """Normal scores of what an autoregression of each row could not foresee, about its mean of each hour of the day; NaN at its start.

    Two series that are each whitened by a model of their own correlate by chance like independent draws, whatever their memory.
    The order is chosen by Akaike's criterion. Scores, because a stop and a restart are single hours that outweigh all others.

    Source: Haugh (1976), J. Am. Stat. Assoc. 71, 378; Box and Jenkins (1970), chapter 11; Akaike (1974), IEEE TAC 19, 716.
    """
    anomaly = without_daily_rhythm(series)
    known = np.isfinite(anomaly)
    filled = np.where(known, anomaly, 0.0)
    coefficients, order = autoregressions(anomaly)
    foreseen = np.zeros_like(filled)
    for lag in range(1, coefficients.shape[1] + 1):
        foreseen[:, lag:] += coefficients[:, lag - 1 : lag] * filled[:, :-lag]
    started = np.arange(series.shape[1])[None, :] >= order[:, None]
    residual = np.where(known & started, filled - foreseen, np.nan)
    return _scored(residual)


def without_daily_rhythm(series: Floats) -> Floats:
    """Each row less its mean of each hour of the day."""
    rows, hours = series.shape
    days = -(-hours // HOURS_OF_DAY)
    padded = np.full((rows, days * HOURS_OF_DAY), np.nan)
    padded[:, :hours] = series
    shaped = padded.reshape(rows, days, HOURS_OF_DAY)
    count = np.maximum(np.isfinite(shaped).sum(axis=1), 1)
    rhythm = np.nansum(shaped, axis=1) / count
    anomaly: Floats = (shaped - rhythm[:, None, :]).reshape(rows, -1)[:, :hours]
    return anomaly


def autoregressions(series: Floats) -> tuple[Floats, Integers]:
    """The coefficients of each row's autoregression (columns: lags from one hour on), and its order.

    Yule-Walker equations solved for all rows and orders at once by the recursion of Levinson (1947) and Durbin (1960).
    """
    rows, hours = series.shape
    highest = max(1, min(HIGHEST_ORDER, hours // HOURS_PER_ORDER))
    memory = autocorrelations(series, np.arange(1, highest + 1))
    count = np.maximum(np.isfinite(series).sum(axis=1), 1)
    current, chosen = np.zeros((rows, highest)), np.zeros((rows, highest))
    left, order = np.ones(rows), np.zeros(rows, np.int64)
    best = np.zeros(rows)
    for lag in range(1, highest + 1):
        foreseen = (current[:, : lag - 1] * memory[:, : lag - 1][:, ::-1]).sum(axis=1)
        partial = np.clip((memory[:, lag - 1] - foreseen) / np.maximum(left, 1e-9), -1, 1)
        current[:, : lag - 1] -= partial[:, None] * current[:, : lag - 1][:, ::-1].copy()
        current[:, lag - 1] = partial
        left = left * (1 - partial**2)
        criterion = count * np.log(np.maximum(left, 1e-9)) + 2 * lag
        better = criterion < best
        best, order = np.where(better, criterion, best), np.where(better, lag, order)
        chosen[better] = current[better]
    return chosen, order


def _scored(rows: Floats) -> Floats:
    """Normal scores of the hours of each row that are known; a row without variation stays zero, not a score of its ties.

    Source: van der Waerden (1952), Indagationes Mathematicae 14, 453.
    """
    known = np.isfinite(rows)
    ranks = stats.rankdata(np.where(known, rows, np.inf), axis=1)
    scores = special.ndtri(np.where(known, ranks, 1.0) / (known.sum(axis=1, keepdims=True) + 1))
    spread = np.where(known, rows, -np.inf).max(axis=1) - np.where(known, rows, np.inf).min(axis=1)
    scored: Floats = np.where(known, np.where((spread > 0)[:, None], scores, 0.0), np.nan)
    return scored
