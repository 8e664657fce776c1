"""Agreement and association of series, on whole NumPy arrays.

Belongs here: scores of estimates against measurements, partial correlation, grey relational grade.
Does not: row-wise equations, or the choice of series and hours (relate, validate).
"""

import numpy as np

from bigdata_emis.arrays import Floats

MIN_PAIRS = 3
SMALL = 1e-10
"""Relative size below which a remainder is rounding noise."""


def normalised_mean_bias_share(estimate: Floats, truth: Floats) -> float:
    """Normalised mean bias over the complete pairs; NaN if the truth sums to zero.

        NMB = Σ (e − t) / Σ t

    Source: Boylan and Russell (2006), Atmos. Environ. 40, 4946, table 1, doi:10.1016/j.atmosenv.2005.09.087.
    """
    x, y = _complete_pairs(estimate, truth)
    return float((x - y).sum() / y.sum()) if x.size and y.sum() != 0 else float("nan")


def normalised_mean_absolute_error_share(estimate: Floats, truth: Floats) -> float:
    """Normalised mean absolute error over the complete pairs; NaN if the truth sums to zero.

        NMAE = Σ |e − t| / Σ t

    Source: Boylan and Russell (2006), as for normalised_mean_bias_share (there: normalised mean error).
    """
    x, y = _complete_pairs(estimate, truth)
    return float(np.abs(x - y).sum() / y.sum()) if x.size and y.sum() != 0 else float("nan")


def mean_absolute_error(estimate: Floats, truth: Floats) -> float:
    """Mean absolute error over the complete pairs.

    Source: Willmott and Matsuura (2005), Clim. Res. 30, 79, doi:10.3354/cr030079.
    """
    x, y = _complete_pairs(estimate, truth)
    return float(np.abs(x - y).mean()) if x.size else float("nan")


def coefficient_of_determination(estimate: Floats, truth: Floats) -> float:
    """Coefficient of determination over the complete pairs.

    NaN below 3 pairs or for constant truth. See explained_variance_share for the equation.

    Source: as for explained_variance_share.
    """
    x, y = _complete_pairs(estimate, truth)
    if x.size < MIN_PAIRS or np.ptp(y) == 0:
        return float("nan")
    return explained_variance_share(x, y)


def explained_variance_share(estimate: Floats, truth: Floats) -> float:
    """Coefficient of determination of series without gaps; NaN if the truth has no variance.

        R² = 1 − Σ (t − e)² / Σ (t − mean t)²

    1 is perfect, 0 no better than the mean of the truth, negative worse.

    Source: Nash and Sutcliffe (1970), J. Hydrol. 10, 282, doi:10.1016/0022-1694(70)90255-6.
    """
    variation = ((truth - truth.mean()) ** 2).sum() if len(truth) else 0.0
    return float(1 - ((truth - estimate) ** 2).sum() / variation) if variation > 0 else float("nan")


def coverage(lower: Floats, upper: Floats, truth: Floats) -> float:
    """Share of true values inside their bounds, over rows where all three are known.

    Source: Gneiting and Raftery (2007), J. Am. Stat. Assoc. 102, 359, interval forecasts,
    doi:10.1198/016214506000001437.
    """
    low, high, y = (np.asarray(series, float) for series in (lower, upper, truth))
    is_known = np.isfinite(low) & np.isfinite(high) & np.isfinite(y)
    is_inside = (low[is_known] <= y[is_known]) & (y[is_known] <= high[is_known])
    return float(is_inside.mean()) if is_known.any() else float("nan")


def grey_relational_grade(indicators: Floats, target: Floats, *, resolution: float = 0.5) -> Floats:
    """Grey relational grade of each indicator with the target, in 0–1.

        D_i(k) = |x0(k) − x_i(k)|
        grade_i = mean over k of (D_min + ρ × D_max) / (D_i(k) + ρ × D_max)

    `indicators` is `(hours, indicators)`, `target` `(hours,)`; NaN below 3 complete rows. Each series is
    first scaled to 0–1; the extremes are over all indicators. The grade depends on ρ and on which indicators are
    compared together: report ranks, never as proof of cause.

    Source: Deng (1989), Introduction to grey system theory, J. Grey Syst. 1, 1; ρ = 0.5 by convention.
    """
    table = np.asarray(indicators, float).reshape(len(target), -1)
    is_complete = np.isfinite(target) & np.isfinite(table).all(axis=1)
    if is_complete.sum() < MIN_PAIRS:
        return np.full(table.shape[1], np.nan)
    return grey_relational_grades(table[is_complete], np.asarray(target, float)[is_complete], resolution=resolution)


def grey_relational_grades(indicators: Floats, target: Floats, *, resolution: float = 0.5) -> Floats:
    """Grey relational grades of many resamples at once, without gaps.

    `indicators` is `(resamples, hours, indicators)` or `(hours, indicators)`, `target` the same without the last axis.

    Source: as for grey_relational_grade.
    """
    distance = np.abs(_scale_to_unit(target)[..., None] - _scale_to_unit(indicators, axis=-2))
    far, near = distance.max(axis=(-2, -1), keepdims=True), distance.min(axis=(-2, -1), keepdims=True)
    reach = resolution * np.where(far > 0, far, 1.0)
    grade: Floats = ((near + reach) / (distance + reach)).mean(axis=-2)
    return grade


def partial_correlations(indicators: Floats, target: Floats, given: Floats) -> Floats:
    """Pearson correlation of indicators with a target after regression of both on `given`.

    `indicators` is `(indicators, hours)`, `target` `(hours,)`, `given` `(hours, columns)`. NaN where fewer than 3
    complete hours are left for each column, or where a series is explained completely. The given columns are
    decomposed once for all indicators that are known in the same hours.

    Source: Yule (1907), Proc. R. Soc. A 79, 182.
    """
    columns = np.asarray(given, float).reshape(len(target), -1)
    is_complete = np.isfinite(indicators) & np.isfinite(target) & np.isfinite(columns).all(axis=1)
    correlation = np.full(len(indicators), np.nan)
    rows_by_hours: dict[bytes, list[int]] = {}
    for row, hours in enumerate(is_complete):
        rows_by_hours.setdefault(hours.tobytes(), []).append(row)
    for rows in rows_by_hours.values():
        hours = is_complete[rows[0]]
        if hours.sum() >= MIN_PAIRS * (columns.shape[1] + 1):
            correlation[rows] = _partial_correlations(indicators[rows][:, hours], target[hours], columns[hours])
    return correlation


def _partial_correlations(indicators: Floats, target: Floats, columns: Floats) -> Floats:
    """The correlations over complete hours."""
    regressors = np.column_stack([np.ones(len(target)), columns])
    basis = np.linalg.svd(regressors / np.maximum(np.abs(regressors).max(axis=0), SMALL), full_matrices=False)
    axes = basis.U[:, SMALL * basis.S[0] < basis.S]
    x, y = (_residual(series, axes) for series in (indicators, target[None, :]))
    with np.errstate(invalid="ignore", divide="ignore"):
        correlation: Floats = (x * y).sum(axis=1) / np.sqrt(np.square(x).sum(axis=1) * np.square(y).sum(axis=1))
    return np.clip(correlation, -1, 1)


def _residual(series: Floats, axes: Floats) -> Floats:
    """Each row without its part along the axes; NaN for a row that they explain completely."""
    residual = series - (series @ axes) @ axes.T
    variation = np.square(series - series.mean(axis=1, keepdims=True)).sum(axis=1)
    is_explained = np.square(residual).sum(axis=1) <= SMALL * variation
    usable: Floats = np.where(is_explained[:, None], np.nan, residual)
    return usable


def _complete_pairs(first: Floats, second: Floats) -> tuple[Floats, Floats]:
    """The pairs in which both values are known."""
    x, y = np.asarray(first, float), np.asarray(second, float)
    is_known = np.isfinite(x) & np.isfinite(y)
    return x[is_known], y[is_known]


def _scale_to_unit(table: Floats, *, axis: int = -1) -> Floats:
    """Each series along the axis scaled to 0–1; a constant series is 0."""
    least = table.min(axis=axis, keepdims=True)
    spread = table.max(axis=axis, keepdims=True) - least
    scaled: Floats = (table - least) / np.where(spread > 0, spread, 1)
    return scaled
