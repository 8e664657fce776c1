"""Uncertainty of one estimate: relative standard deviation of a product, and bounds of a lognormal.

Belongs here: row-wise arithmetic. Does not: totals over many rows with shared errors (statistics/propagation).
"""

from bigdata_emis.equations.functions import Value, exp, ln, maximum, minimum

NINETY_FIFTH = 1.6448536269514722
"""95th percentile of the standard normal distribution."""
TAIL_WEIGHT = 0.185
"""Weight of the 5th and of the 95th percentile in a mean; that of the median is 0.63."""


def relative_sd_share(activity_relative_sd_share: Value, factor_relative_sd_share: Value) -> Value:
    """Relative standard deviation of activity × factor.

        cv = sqrt(cv_activity² + cv_factor²)

    Assumption: both errors are independent.

    Source: IPCC 2006 guidelines volume 1 chapter 3, equation 3.1 (approach 1).
    """
    return (activity_relative_sd_share**2 + factor_relative_sd_share**2) ** 0.5


def emission_g_p05(
    emission_g: Value, relative_sd_share: Value, *, standard_normal_quantile: Value = NINETY_FIFTH
) -> Value:
    """5th percentile of a lognormal emission whose mean is the estimate.

        p05 = m × exp(−s² / 2 − z × s),  s² = ln(1 + cv²)

    Source: IPCC 2006 guidelines volume 1 chapter 3, lognormal errors (section 3.2.2.4).
    """
    return _lognormal_quantile(emission_g, relative_sd_share, -standard_normal_quantile)


def emission_g_p95(
    emission_g: Value, relative_sd_share: Value, *, standard_normal_quantile: Value = NINETY_FIFTH
) -> Value:
    """95th percentile of a lognormal emission whose mean is the estimate.

        p95 = m × exp(−s² / 2 + z × s),  s² = ln(1 + cv²)

    Source: IPCC 2006 guidelines volume 1 chapter 3, lognormal errors (section 3.2.2.4).
    """
    return _lognormal_quantile(emission_g, relative_sd_share, standard_normal_quantile)


def emission_typical_g(emission_g: Value, emission_g_p05: Value, emission_g_p95: Value) -> Value:
    """Median of a skewed emission from its mean, 5th and 95th percentile: what one such source typically emits.

        p50 = (m − 0.185 (p05 + p95)) / 0.63,  between p05 and the mean

    The mean is for sums over sources. Accurate to 2 % for a lognormal with a relative standard deviation of 1.

    Source: extended Pearson-Tukey approximation, Keefer and Bodily (1983), Management Science 29, 595.
    """
    median = (emission_g - TAIL_WEIGHT * (emission_g_p05 + emission_g_p95)) / (1 - 2 * TAIL_WEIGHT)
    return minimum(maximum(median, emission_g_p05), emission_g)


def activity_p05(
    activity: Value, activity_relative_sd_share: Value, *, standard_normal_quantile: Value = NINETY_FIFTH
) -> Value:
    """5th percentile of a lognormal activity whose mean is the estimate.

        p05 = m × exp(−s² / 2 − z × s),  s² = ln(1 + cv²)

    Source: IPCC 2006 guidelines volume 1 chapter 3, lognormal errors (section 3.2.2.4).
    """
    return _lognormal_quantile(activity, activity_relative_sd_share, -standard_normal_quantile)


def activity_p95(
    activity: Value, activity_relative_sd_share: Value, *, standard_normal_quantile: Value = NINETY_FIFTH
) -> Value:
    """95th percentile of a lognormal activity whose mean is the estimate.

        p95 = m × exp(−s² / 2 + z × s),  s² = ln(1 + cv²)

    Source: IPCC 2006 guidelines volume 1 chapter 3, lognormal errors (section 3.2.2.4).
    """
    return _lognormal_quantile(activity, activity_relative_sd_share, standard_normal_quantile)


def _lognormal_quantile(mean: Value, relative_sd: Value, quantile: Value) -> Value:
    variance = ln(1 + relative_sd**2)
    return mean * exp(quantile * variance**0.5 - variance / 2)
