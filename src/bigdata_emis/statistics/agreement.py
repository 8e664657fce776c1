"""Association, agreement and totals with shared errors, on whole NumPy arrays.

Belongs here: statistics of series. Does not: row-wise equations, or the choice of series (relate).
"""

from typing import Any, TypeAlias

import numpy as np
from scipy import stats

from bigdata_emis.arrays import Floats

Series: TypeAlias = Floats
LEAST_PAIRS = 3
NAN_PAIR = (float("nan"), float("nan"))
SMALL = 1e-10
"""Relative size below which a remainder is rounding."""


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
    return grey_relational_grades(table[whole], np.asarray(target, float)[whole], resolution=resolution)


def grey_relational_grades(indicators: Series, target: Series, *, resolution: float = 0.5) -> Series:
    """The same for many resamples at once of whole hours: resample (first, where there is one) × hour × indicator.

    Source: as for grey_relational_grade.
    """
    distance = np.abs(_scaled(target)[..., None] - _scaled(indicators, axis=-2))
    far, near = distance.max(axis=(-2, -1), keepdims=True), distance.min(axis=(-2, -1), keepdims=True)
    reach = resolution * np.where(far > 0, far, 1.0)
    grade: Series = ((near + reach) / (distance + reach)).mean(axis=-2)
    return grade


def partial_correlation(indicator: Series, target: Series, given: Series) -> float:
    """Pearson correlation of what is left of two series when straight lines on the given columns are taken out of both.

    NaN when fewer than 3 hours are left for each column, or when a series is explained wholly.

    Source: Yule (1907), Proc. Royal Soc. A 79, 182.
    """
    return float(partial_correlations(np.asarray(indicator, float)[None, :], target, given)[0])


def partial_correlations(indicators: Series, target: Series, given: Series) -> Series:
    """The same for many indicators (rows) and one target; the given columns are decomposed once for all rows that know the same hours.

    Source: as for partial_correlation.
    """
    columns = np.asarray(given, float).reshape(len(target), -1)
    whole = np.isfinite(indicators) & np.isfinite(target) & np.isfinite(columns).all(axis=1)
    found = np.full(len(indicators), np.nan)
    same: dict[bytes, list[int]] = {}
    for row, hours in enumerate(whole):
        same.setdefault(hours.tobytes(), []).append(row)
    for rows in same.values():
        hours = whole[rows[0]]
        if hours.sum() >= LEAST_PAIRS * (columns.shape[1] + 1):
            found[rows] = _partial(indicators[rows][:, hours], target[hours], columns[hours])
    return found


def _partial(indicators: Series, target: Series, columns: Series) -> Series:
    """The correlations over hours in which everything is known."""
    known = np.column_stack([np.ones(len(target)), columns])
    basis = np.linalg.svd(known / np.maximum(np.abs(known).max(axis=0), SMALL), full_matrices=False)
    axes = basis.U[:, SMALL * basis.S[0] < basis.S]
    x, y = (_without(series, axes) for series in (indicators, target[None, :]))
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Series = (x * y).sum(axis=1) / np.sqrt(np.square(x).sum(axis=1) * np.square(y).sum(axis=1))
    return found


def _without(series: Series, axes: Series) -> Series:
    """What the axes leave of each row; NaN for a row that they explain wholly."""
    left = series - (series @ axes) @ axes.T
    explained = np.square(left).sum(axis=1) <= SMALL * np.square(series - series.mean(axis=1, keepdims=True)).sum(
        axis=1
    )
    kept: Series = np.where(explained[:, None], np.nan, left)
    return kept


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


def total_relative_sd(
    emission: Series, own_relative_sd: Series, *, shared_relative_sd: Series, shared_class: Any
) -> float:
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


def _scaled(table: Series, *, axis: int = -1) -> Series:
    """Each series along the axis scaled to 0–1; a constant series is 0."""
    least = table.min(axis=axis, keepdims=True)
    spread = table.max(axis=axis, keepdims=True) - least
    scaled: Series = (table - least) / np.where(spread > 0, spread, 1)
    return scaled
