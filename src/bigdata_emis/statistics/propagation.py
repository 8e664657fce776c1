"""Uncertainty of totals of many estimates whose errors are shared within a class and persist in time.

Belongs here: variances of totals and their bounds, on whole NumPy arrays.
Does not: row-wise equations (equations/uncertainty), or which source belongs to which class (stages).
"""

import numpy as np

from bigdata_emis.arrays import Floats, Integers
from bigdata_emis.equations.uncertainty import NINETY_FIFTH
from bigdata_emis.equations.uncertainty import TAIL_WEIGHT as MEAN_WEIGHT

NORMAL_RANGE, FIRST_RANGE, SKEW_WEIGHT = 3.29, 3.25, 0.1
"""Weights of the extended Pearson-Tukey approximation."""


def standard_deviation(mean: Floats, p05: Floats, p95: Floats) -> Floats:
    """Standard deviation of a distribution from its mean, 5th and 95th percentile.

        σ = (p95 − p05) / (3.29 − 0.1 (Δ / σ0)²)
        Δ = p95 + p05 − 2 p50,  σ0 = (p95 − p05) / 3.25,  mean = p50 + 0.185 Δ

    The median p50 is limited to lie between the percentiles. Accurate to a few per cent for skewed distributions.

    Source: extended Pearson-Tukey approximation, Pearson and Tukey (1965), Biometrika 52, 533; Keefer and Bodily
    (1983), Management Science 29, 595.
    """
    width = np.asarray(p95 - p05, dtype=np.float64)
    has_width = width > 0
    divisor = width if has_width.all() else np.where(has_width, width, 1.0)
    # In place: on blocks that fit in the cache, new arrays would take most of the time.
    total = np.asarray(p05 + p95, dtype=np.float64)
    median = np.multiply(total, MEAN_WEIGHT, out=np.empty_like(total))
    np.subtract(mean, median, out=median)
    median /= 1 - 2 * MEAN_WEIGHT
    np.maximum(median, p05, out=median)
    np.minimum(median, p95, out=median)
    median *= 2
    skew = np.subtract(total, median, out=total)
    skew *= FIRST_RANGE
    skew /= divisor
    np.square(skew, out=skew)
    skew *= SKEW_WEIGHT
    np.subtract(NORMAL_RANGE, skew, out=skew)
    deviation: Floats = np.divide(width, skew, out=skew)
    return deviation if divisor is width else np.where(has_width, deviation, 0.0)


def variance_of_total(shared_sd: Floats, own_variance: Floats) -> Floats:
    """Variance of totals over classes (axis 0): shared errors add up, own errors add in squares.

        V = Σ over classes of (Σ shared σ)² + Σ own σ²

    `shared_sd` is the sum of the shared standard deviations of each class, `own_variance` the sum of the variances of
    its sources' own errors.

    Source: IPCC 2006 guidelines volume 1 chapter 3, equation 3.2 (approach 1) with correlation 1 within a class.
    """
    total: Floats = (shared_sd**2).sum(axis=0) + own_variance.sum(axis=0)
    return total


def variance_over_hours(own_sd: Floats, persistence: Floats) -> Floats:
    """Variance of each row's sum over its hours when errors are autocorrelated.

        V = Σ_h Σ_k s_h s_k φ^|h − k|

    `own_sd` is `(rows, hours)`, `persistence` (φ) and the result are `(rows,)`.

    Source: variance of a sum of a first-order autoregressive process, Box, Jenkins and Reinsel (1994), Time Series
    Analysis, section 2.1.
    """
    correlated = np.zeros(own_sd.shape[0])
    variance = np.zeros(own_sd.shape[0])
    for hour in range(own_sd.shape[1]):
        spread = own_sd[:, hour]
        variance += spread**2 + 2 * spread * correlated
        correlated = persistence * (correlated + spread)
    return variance


def lognormal_bounds(mean: Floats, standard_deviation_of: Floats) -> tuple[Floats, Floats]:
    """5th and 95th percentile of lognormals with these means and standard deviations.

        p05 = m exp(−z t − t² / 2),  p95 = m exp(z t − t² / 2),  t² = ln(1 + (σ / m)²)

    Where the mean is zero they are 0 and z × σ. The formula of p95 rises with the spread up to m exp(z² / 2) at t = z
    (σ = 3.7 m) and then falls, even below the mean, as mass moves into a tail rarer than 5 %. Assumption: p95 is the
    largest value for any spread up to σ, so t is at most z in p95. Then an interval never becomes narrower at the top
    for a larger spread, and always contains its mean.

    Source: IPCC 2006 guidelines volume 1 chapter 3, lognormal errors (section 3.2.2.4).
    """
    is_positive = mean > 0
    relative = np.where(is_positive, standard_deviation_of / np.where(is_positive, mean, 1.0), 0.0)
    variance = np.log1p(relative**2)
    log_sd = np.sqrt(variance)
    upper_log_sd = np.minimum(log_sd, NINETY_FIFTH)
    lower = mean * np.exp(-NINETY_FIFTH * log_sd - variance / 2)
    upper = np.where(
        is_positive,
        mean * np.exp(NINETY_FIFTH * upper_log_sd - upper_log_sd**2 / 2),
        NINETY_FIFTH * standard_deviation_of,
    )
    return lower, np.asarray(upper)


def achieved_share_variance(
    counterfactual: Floats,
    observed: Floats,
    *,
    relative_class_sd: Floats,
    relative_own_sd: Floats,
    own_sd: Floats,
    error_class: Integers,
) -> float:
    """Variance of an achieved share, 1 − Σ observed ÷ Σ counterfactual, over sources, (sources,).

        a = 1 − O / C,  w_k = C_k / C,  a_k = 1 − O_k / C_k
        V = Σ over classes of (Σ s_k w_k (a_k − a))² + Σ (f_k w_k (a_k − a))² + Σ (σ_k (1 − a) / C)²

    relative_class_sd (s), relative_own_sd (f): relative error of the factor of each source, common to its class or its
    own, and common to both emissions; it cancels where all cut alike. own_sd (σ): error of the counterfactual alone.

    Source: IPCC 2006 guidelines volume 1 chapter 3, equation 3.2 (approach 1), applied to the derivatives of a ratio.
    """
    total = counterfactual.sum()
    if total <= 0:
        return 0.0
    share = 1 - observed.sum() / total
    lever = (counterfactual - observed - share * counterfactual) / total
    by_class = np.bincount(error_class, relative_class_sd * lever, minlength=1)
    own = (relative_own_sd * lever) ** 2 + (own_sd * (1 - share) / total) ** 2
    return float((by_class**2).sum() + own.sum())
