"""Association, agreement and totals with shared errors, on whole NumPy arrays.

Belongs here: statistics of series. Does not: row-wise equations, or the choice of series (relate).
"""

from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats
from scipy.spatial import cKDTree

Series: TypeAlias = NDArray[np.float64]
Whole: TypeAlias = NDArray[np.int64]
LEAST_PAIRS = 3
NAN_PAIR = (float("nan"), float("nan"))
SMALL = 1e-10
"""Relative size below which a remainder is rounding."""
DENSE_POINTS = 600


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


def mutual_information(indicator: Series, target: Series, *, neighbours: int = 3) -> float:
    """Mutual information of two series in nats, by the distances to the nearest neighbours; never below 0.

    I = ψ(n) + ψ(k) − mean(ψ(n_x + 1) + ψ(n_y + 1)), with n_x and n_y the points nearer in one coordinate than the k-th neighbour in
    both. Each series is taken by its normal scores, which changes nothing in what one tells about the other and tames outliers.

    Source: Kraskov, Stögbauer and Grassberger (2004), Phys. Rev. E 69, 066138, equation 8; as in scikit-learn's mutual_info_regression.
    """
    return max(0.0, next(shifted_information(indicator, target, [0], neighbours=neighbours)))


def shifted_information(indicator: Series, target: Series, shifts: Iterable[int], *, neighbours: int = 3) -> Iterator[float]:
    """The estimate of mutual information while one series is shifted round by so many places, one after another; NaN for too few pairs.

    Unlike the information itself an estimate may fall below 0, which keeps the estimates of independent series about 0.

    Source: as for mutual_information.
    """
    x, y = (normal_scores(series) for series in _pairs(indicator, target))
    y_apart = np.abs(y[:, None] - y).astype(np.float32) if y.size <= DENSE_POINTS else None
    for shift in shifts:
        if x.size <= neighbours:
            yield float("nan")
        elif y_apart is None:
            yield _information(*_nearer_in_tree(np.roll(x, shift), y, neighbours), neighbours)
        else:
            yield _information(*_nearer_in_matrix(np.roll(x, shift), y_apart, neighbours), neighbours)


def normal_scores(series: Series) -> Series:
    """The normal quantile of each value's rank; equal values have equal scores.

    Source: van der Waerden (1952), Indagationes Mathematicae 14, 453.
    """
    scores: Series = special.ndtri(stats.rankdata(series) / (len(series) + 1))
    return scores


def informational_correlation(information: float) -> float:
    """Mutual information in nats on the scale of a correlation: sqrt(1 − exp(−2 I)), which is |r| for two normal series.

    Source: Linfoot (1957), Information and Control 1, 85.
    """
    return float(np.sqrt(-np.expm1(-2 * information)))


def partial_correlation(indicator: Series, target: Series, given: Series) -> float:
    """Pearson correlation of what is left of two series when straight lines on the given columns are taken out of both.

    NaN when fewer than 3 hours are left for each column, or when a series is explained wholly.

    Source: Yule (1907), Proc. Royal Soc. A 79, 182.
    """
    columns = np.asarray(given, float).reshape(len(target), -1)
    whole = np.isfinite(indicator) & np.isfinite(target) & np.isfinite(columns).all(axis=1)
    if whole.sum() < LEAST_PAIRS * (columns.shape[1] + 1):
        return float("nan")
    known = np.column_stack([np.ones(int(whole.sum())), columns[whole]])
    both = np.column_stack([indicator, target])[whole]
    basis = np.linalg.svd(known / np.maximum(np.abs(known).max(axis=0), SMALL), full_matrices=False)
    axes = basis.U[:, SMALL * basis.S[0] < basis.S]
    left = both - axes @ (axes.T @ both)
    explained = np.square(left).sum(axis=0) <= SMALL * np.square(both - both.mean(axis=0)).sum(axis=0)
    return float("nan") if explained.any() else float(np.prod(left, axis=1).sum() / np.sqrt(np.square(left).sum(axis=0).prod()))


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


def _information(x_nearer: Whole, y_nearer: Whole, neighbours: int) -> float:
    """The estimate, from the points (each itself too) that are strictly nearer than its k-th neighbour in either coordinate."""
    by_count = special.digamma(np.arange(1, x_nearer.size + 1))
    found = by_count[-1] + special.digamma(neighbours) - by_count[x_nearer - 1].mean() - by_count[y_nearer - 1].mean()
    return float(found)


def _nearer_in_matrix(x: Series, y_apart: NDArray[np.float32], neighbours: int) -> tuple[Whole, Whole]:
    """The counts by all distances, which for few points is several times quicker than a tree."""
    x_apart = np.abs(x[:, None] - x).astype(np.float32)
    joint = np.maximum(x_apart, y_apart)
    joint.partition(neighbours, axis=1)
    reach = joint[:, neighbours, None]
    x_nearer, y_nearer = (np.maximum(np.count_nonzero(apart < reach, axis=1), 1) for apart in (x_apart, y_apart))
    return x_nearer, y_nearer


def _nearer_in_tree(x: Series, y: Series, neighbours: int) -> tuple[Whole, Whole]:
    """The counts by a tree of the points."""
    points = np.column_stack([x, y])
    reach = cKDTree(points).query(points, k=neighbours + 1, p=np.inf)[0][:, -1] * (1 - SMALL)
    x_nearer, y_nearer = (
        np.maximum(np.searchsorted(s, v + reach, "right") - np.searchsorted(s, v - reach, "left"), 1) for v, s in ((x, np.sort(x)), (y, np.sort(y)))
    )  # fmt: skip
    return x_nearer, y_nearer


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
