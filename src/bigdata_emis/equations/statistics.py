"""Association, agreement and totals with shared errors, on whole NumPy arrays.

Belongs here: statistics of series. Does not: row-wise equations, or the choice of series (relate).
"""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Series: TypeAlias = NDArray[np.float64]
LEAST_PAIRS = 3
NAN_PAIR = (float("nan"), float("nan"))


def pearson(indicator: Series, target: Series) -> tuple[float, float]:
    """Pearson correlation and its two-sided p value over the pairs that are complete; NaN below 3 pairs or without variation.

    Source: Pearson (1895), as in scipy.stats.pearsonr.
    """
    x, y = _pairs(indicator, target)
    if x.size < LEAST_PAIRS or np.ptp(x) == 0 or np.ptp(y) == 0:
        return NAN_PAIR
    found = stats.pearsonr(x, y)
    return float(found.statistic), float(found.pvalue)


def spearman(indicator: Series, target: Series) -> tuple[float, float]:
    """Spearman rank correlation and its two-sided p value over the pairs that are complete; NaN as for Pearson.

    Source: Spearman (1904), as in scipy.stats.spearmanr.
    """
    x, y = _pairs(indicator, target)
    if x.size < LEAST_PAIRS or np.ptp(x) == 0 or np.ptp(y) == 0:
        return NAN_PAIR
    found = stats.spearmanr(x, y)
    return float(found.statistic), float(found.pvalue)


def grey_relational_grade(indicators: Series, target: Series, *, resolution: float = 0.5) -> Series:
    """Grey relational grade of each indicator (rows: hours, columns: indicators) with the target, in 0–1.

    Each series is scaled to 0–1; D_i(k) = |x0(k) − x_i(k)|; grade = mean of (D_min + ρ D_max) / (D_i(k) + ρ D_max), extremes over
    all indicators. It depends on ρ and on which indicators are compared together: report ranks, never as proof of cause.

    Source: Deng (1982, 1989), Introduction to grey system theory; ρ = 0.5 by convention.
    """
    table = np.asarray(indicators, float).reshape(len(target), -1)
    whole = np.isfinite(target) & np.isfinite(table).all(axis=1)
    if whole.sum() < LEAST_PAIRS:
        return np.full(table.shape[1], np.nan)
    distance = np.abs(_scaled(table[whole]) - _scaled(np.asarray(target, float)[whole, None]))
    if distance.max() == 0:
        return np.ones(table.shape[1])
    reach = resolution * distance.max()
    grade: Series = ((distance.min() + reach) / (distance + reach)).mean(axis=0)
    return grade


def normalised_mean_bias_share(estimate: Series, truth: Series) -> float:
    """Sum of errors over the sum of truth.

    Source: Boylan and Russell (2006), Atmos. Environ. 40, 4946, table 1.
    """
    x, y = _pairs(estimate, truth)
    return float((x - y).sum() / y.sum()) if x.size and y.sum() != 0 else float("nan")


def coefficient_of_determination(estimate: Series, truth: Series) -> float:
    """Coefficient of determination 1 − SS_res / SS_tot: 1 is perfect, 0 no better than the mean, negative worse.

    Source: Nash and Sutcliffe (1970), J. Hydrol. 10, 282.
    """
    x, y = _pairs(estimate, truth)
    if x.size < LEAST_PAIRS or np.ptp(y) == 0:
        return float("nan")
    return float(1 - ((y - x) ** 2).sum() / ((y - y.mean()) ** 2).sum())


def mean_absolute_error(estimate: Series, truth: Series) -> float:
    """Mean of absolute errors.

    Source: Willmott and Matsuura (2005), Clim. Res. 30, 79.
    """
    x, y = _pairs(estimate, truth)
    return float(np.abs(x - y).mean()) if x.size else float("nan")


def coverage(lower: Series, upper: Series, truth: Series) -> float:
    """Share of true values inside their bounds.

    Source: Gneiting and Raftery (2007), J. Am. Stat. Assoc. 102, 359, interval forecasts.
    """
    low, high, y = (np.asarray(series, float) for series in (lower, upper, truth))
    whole = np.isfinite(low) & np.isfinite(high) & np.isfinite(y)
    return float(((low[whole] <= y[whole]) & (y[whole] <= high[whole])).mean()) if whole.any() else float("nan")


def total_relative_sd(emission: Series, own_relative_sd: Series, *, shared_relative_sd: Series, shared_class: Any) -> float:
    """Relative standard deviation of a total whose items have errors of their own and errors shared within a class.

    var = Σ_i (x_i u_i)² + Σ_class (Σ_i∈class x_i v_i)²; the shared part does not average out, which keeps totals honest.

    Source: IPCC 2006 guidelines volume 1 chapter 3, equation 3.2, with full correlation inside a class (section 3.2.2.4).
    """
    mass = np.asarray(emission, float)
    total = mass.sum()
    if total == 0:
        return 0.0
    _, group = np.unique(np.asarray(shared_class), return_inverse=True)
    shared = np.bincount(group, weights=mass * np.asarray(shared_relative_sd, float))
    variance = ((mass * np.asarray(own_relative_sd, float)) ** 2).sum() + (shared**2).sum()
    return float(np.sqrt(variance) / abs(total))


def _pairs(first: Series, second: Series) -> tuple[Series, Series]:
    """The pairs in which both values are known."""
    x, y = np.asarray(first, float), np.asarray(second, float)
    whole = np.isfinite(x) & np.isfinite(y)
    return x[whole], y[whole]


def _scaled(table: Series) -> Series:
    """Each column scaled to 0–1; a constant column is 0."""
    spread = np.ptp(table, axis=0)
    scaled: Series = (table - table.min(axis=0)) / np.where(spread > 0, spread, 1)
    return scaled
