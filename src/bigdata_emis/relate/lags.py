"""How strongly an hourly indicator goes with a target that may follow it by hours, and how sure that is.

Belongs here: the search for the lag, and intervals that know that hours resemble their neighbours. Does not: tables, or the
correlations themselves (equations/statistics).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bigdata_emis.equations.statistics import grey_relational_grade
from bigdata_emis.equations.uncertainty import NINETY_FIFTH

Floats = NDArray[np.float64]

LONGEST_LAG_H = 48
LEAST_PAIRS = 24
"""A day: fewer hours say nothing about an association."""
BLOCK_H = 24
"""Block of the bootstrap: a day, so that the daily cycle stays whole inside it."""
DRAWS = 200
SEED = 20151220
SPEARMAN_VARIANCE = 1.06
"""Variance of Fisher's z of a rank correlation over that of Pearson (Fieller, Hartley and Pearson 1957, Biometrika 44, 470)."""


def lagged(indicator: Floats, lag_h: int) -> Floats:
    """The indicator so many hours before: what stands beside an hour is what happened lag_h earlier."""
    return np.concatenate([np.full(lag_h, np.nan), indicator[: len(indicator) - lag_h]])


def best_lag_h(indicator: Floats, target: Floats) -> int:
    """The lag of 0 to 48 hours at which the correlation is strongest in either sense; the shortest of equals.

    Lags that leave less than a day of pairs are not tried.
    """
    longest = min(LONGEST_LAG_H, len(target) - 1)
    padded = np.concatenate([np.full(longest, np.nan), indicator])
    by_lag = np.lib.stride_tricks.sliding_window_view(padded, len(target))[::-1]
    strengths = np.abs(_correlations(by_lag, target, least=LEAST_PAIRS))
    return int(np.argmax(np.nan_to_num(strengths, nan=-1.0)))


def effective_count(indicator: Floats, target: Floats) -> float:
    """How many independent pairs the pairs are worth: n (1 − r_x r_y) / (1 + r_x r_y), with the lag-one autocorrelations.

    Source: Bretherton et al. (1999), Journal of Climate 12, 1990, equation 31; autocorrelations below 0 count as 0.
    """
    known = np.isfinite(indicator) & np.isfinite(target)
    x, y = np.where(known, indicator, np.nan), np.where(known, target, np.nan)
    shared = max(0.0, _memory(x)) * max(0.0, _memory(y))
    return float(known.sum() * (1 - shared) / (1 + shared))


def fisher_interval(strength: float, count: float, *, variance_factor: float = 1.0) -> tuple[float, float]:
    """The 5th and 95th percentile of a correlation from so many independent pairs; the whole range when they are too few.

    Source: Fisher (1921), Metron 1, 3: atanh(r) is normal with variance 1 / (n − 3).
    """
    if not np.isfinite(strength) or count <= 3 or abs(strength) >= 1:  # noqa: PLR2004
        return (-1.0, 1.0) if abs(strength) != 1 else (strength, strength)
    reach = NINETY_FIFTH * np.sqrt(variance_factor / (count - 3))
    return float(np.tanh(np.arctanh(strength) - reach)), float(np.tanh(np.arctanh(strength) + reach))


def p_value(strength: float, count: float, *, tried: int) -> float:
    """Two-sided probability of so strong a correlation by chance, times the number of lags that were tried (Bonferroni)."""
    from scipy import stats

    if not np.isfinite(strength) or count <= 3:  # noqa: PLR2004
        return 1.0
    if abs(strength) >= 1:
        return 0.0
    return float(min(1.0, tried * 2 * stats.norm.sf(abs(np.arctanh(strength)) * np.sqrt(count - 3))))


def grey_interval(indicators: Floats, target: Floats) -> tuple[Floats, Floats]:
    """The 5th and 95th percentile of each grey relational grade over resampled days (moving blocks, seeded).

    Source: Künsch (1989), Annals of Statistics 17, 1217 (moving block bootstrap).
    """
    random = np.random.default_rng(SEED)
    hours = len(target)
    block = min(BLOCK_H, hours)
    starts = random.integers(0, hours - block + 1, size=(DRAWS, -(-hours // block)))
    drawn = (starts[:, :, None] + np.arange(block)).reshape(DRAWS, -1)[:, :hours]
    grades = np.array([grey_relational_grade(indicators[rows], target[rows]) for rows in drawn])
    low, high = np.nanpercentile(grades, [5, 95], axis=0)
    return low, high


def ranks(strengths: Sequence[float | None]) -> list[int | None]:
    """The place of each strength by size, 1 the strongest in either sense; none where there is no strength."""
    known = [(-abs(strength), number) for number, strength in enumerate(strengths) if strength is not None]
    places = {number: place for place, (_, number) in enumerate(sorted(known), start=1)}
    return [places.get(number) for number in range(len(strengths))]


def _memory(series: Floats) -> float:
    """Lag-one autocorrelation, 0 where there is none to speak of."""
    return float(np.nan_to_num(_correlations(series[None, :-1], series[1:], least=3))[0])


def _correlations(rows: Floats, target: Floats, *, least: int) -> Floats:
    """The Pearson correlation of each row with the target over the complete pairs; NaN with fewer than the least, or no variation."""
    known = np.isfinite(rows) & np.isfinite(target)
    count = np.maximum(known.sum(axis=1, keepdims=True), 1)
    x, y = np.where(known, rows, 0.0), np.where(known, target, 0.0)
    x = np.where(known, x - x.sum(axis=1, keepdims=True) / count, 0.0)
    y = np.where(known, y - y.sum(axis=1, keepdims=True) / count, 0.0)
    spread = np.sqrt((x * x).sum(axis=1) * (y * y).sum(axis=1))
    is_sound = (known.sum(axis=1) >= least) & (spread > 0)
    found: Floats = np.where(is_sound, (x * y).sum(axis=1) / np.where(is_sound, spread, 1.0), np.nan)
    return found
