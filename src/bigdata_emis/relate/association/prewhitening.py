"""Prewhitening: hourly series without daily rhythm and autocorrelation.

Belongs here: the autoregression that whitens a series.
Does not: the comparison (correlations) or its interval (significance).
"""

import numpy as np
from scipy import special, stats

from bigdata_emis.arrays import Floats, Integers
from bigdata_emis.relate.association.correlations import autocorrelations
from bigdata_emis.window import HOURS_PER_DAY

MAX_ORDER = 26
"""Hours of memory that an autoregression may have: a day and its edges."""
HOURS_PER_ORDER = 8
"""Minimum hours of data for each hour of memory."""


def prewhiten(series: Floats) -> Floats:
    """Normal scores of the residuals of an autoregression of each row; NaN at its start.

    The autoregression is of the anomaly from the mean of each hour of the day, its order chosen by Akaike's criterion.
    Two series that are each whitened by a model of their own correlate by chance like independent draws, whatever
    their autocorrelation. Scores, because a stop and a restart are single hours that outweigh all others.

    Source: Haugh (1976), J. Am. Stat. Assoc. 71, 378; Box and Jenkins (1970), chapter 11;
    Akaike (1974), IEEE Trans. Autom. Control 19, 716.
    """
    anomaly = remove_daily_rhythm(series)
    is_known = np.isfinite(anomaly)
    filled = np.where(is_known, anomaly, 0.0)
    coefficients, order = fit_autoregressions(anomaly)
    predicted = np.zeros_like(filled)
    for lag in range(1, coefficients.shape[1] + 1):
        predicted[:, lag:] += coefficients[:, lag - 1 : lag] * filled[:, :-lag]
    is_started = np.arange(series.shape[1])[None, :] >= order[:, None]
    residual = np.where(is_known & is_started, filled - predicted, np.nan)
    return _normal_scores(residual)


def remove_daily_rhythm(series: Floats) -> Floats:
    """Each row minus its mean of each hour of the day."""
    rows, hours = series.shape
    days = -(-hours // HOURS_PER_DAY)
    padded = np.full((rows, days * HOURS_PER_DAY), np.nan)
    padded[:, :hours] = series
    shaped = padded.reshape(rows, days, HOURS_PER_DAY)
    count = np.maximum(np.isfinite(shaped).sum(axis=1), 1)
    rhythm = np.nansum(shaped, axis=1) / count
    anomaly: Floats = (shaped - rhythm[:, None, :]).reshape(rows, -1)[:, :hours]
    return anomaly


def fit_autoregressions(series: Floats) -> tuple[Floats, Integers]:
    """Autoregression coefficients of each row, `(rows, lags from 1 h)`, and the orders.

    Yule-Walker equations, solved for all rows and orders at once by the recursion of Levinson (1947) and Durbin (1960).
    """
    rows, hours = series.shape
    max_order = max(1, min(MAX_ORDER, hours // HOURS_PER_ORDER))
    memory = autocorrelations(series, np.arange(1, max_order + 1))
    count = np.maximum(np.isfinite(series).sum(axis=1), 1)
    current, chosen = np.zeros((rows, max_order)), np.zeros((rows, max_order))
    residual_variance, order = np.ones(rows), np.zeros(rows, np.int64)
    best = np.zeros(rows)
    for lag in range(1, max_order + 1):
        predicted = (current[:, : lag - 1] * memory[:, : lag - 1][:, ::-1]).sum(axis=1)
        partial = np.clip((memory[:, lag - 1] - predicted) / np.maximum(residual_variance, 1e-9), -1, 1)
        current[:, : lag - 1] -= partial[:, None] * current[:, : lag - 1][:, ::-1].copy()
        current[:, lag - 1] = partial
        residual_variance = residual_variance * (1 - partial**2)
        criterion = count * np.log(np.maximum(residual_variance, 1e-9)) + 2 * lag
        is_better = criterion < best
        best, order = np.where(is_better, criterion, best), np.where(is_better, lag, order)
        chosen[is_better] = current[is_better]
    return chosen, order


def _normal_scores(rows: Floats) -> Floats:
    """Normal scores of the known hours of each row; a row without variation stays zero instead of a score of ties.

    Source: van der Waerden (1952), Indagationes Mathematicae 14, 453.
    """
    is_known = np.isfinite(rows)
    ranks = stats.rankdata(np.where(is_known, rows, np.inf), axis=1)
    scores = special.ndtri(np.where(is_known, ranks, 1.0) / (is_known.sum(axis=1, keepdims=True) + 1))
    spread = np.where(is_known, rows, -np.inf).max(axis=1) - np.where(is_known, rows, np.inf).min(axis=1)
    scored: Floats = np.where(is_known, np.where((spread > 0)[:, None], scores, 0.0), np.nan)
    return scored
