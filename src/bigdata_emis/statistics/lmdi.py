"""Exact decomposition of a change of emission into its driving factors (LMDI), on whole NumPy arrays.

Belongs here: the logarithmic mean and the terms of a change. Does not: which factors an emission has
(relate/lmdi_factors).
"""

import numpy as np

from bigdata_emis.arrays import Floats

NEAR = 0.5
"""Relative difference below which the logarithm of a ratio is computed from the difference, to keep its digits."""


def log_mean(first: Floats, second: Floats) -> Floats:
    """Logarithmic mean of two values, element by element.

        L(a, b) = (a − b) / ln(a / b),  L(a, a) = a,  0 where a or b is 0

    Source: Ang (2004), Energy Policy 32, 1131, equation 5, doi:10.1016/S0301-4215(03)00076-4; Carlson (1972), Am. Math.
    Monthly 79, 615.
    """
    a, b = np.broadcast_arrays(np.asarray(first, float), np.asarray(second, float))
    is_positive = (a > 0) & (b > 0)
    high, low = np.where(is_positive, a, 1.0), np.where(is_positive, b, 1.0)
    growth = (high - low) / low
    is_near = np.abs(growth) < NEAR
    logarithm = np.where(is_near, np.log1p(np.where(is_near, growth, 0.0)), np.log(high) - np.log(low))
    ratio = np.where(logarithm == 0, a, (a - b) / np.where(logarithm == 0, 1.0, logarithm))
    mean: Floats = np.where(is_positive, ratio, 0.0)
    return mean


def decompose_change(before: Floats, after: Floats) -> Floats:
    """Contribution of each factor to the change of their product; they add up to the change.

        Δ_k = L(E_after, E_before) × ln(x_k,after / x_k,before),  E = Π x_k

    Factors lie along the last axis. This is the additive LMDI-I form. Where the product rises from or falls to zero,
    its limit applies: the whole change is shared equally by the factors that are zero on that side. A factor without
    a value on one side (NaN) counts as unchanged.

    Source: Ang (2004), Energy Policy 32, 1131, equations 4 to 8, doi:10.1016/S0301-4215(03)00076-4; Ang and Liu (2007),
    Energy Policy 35, 238, for zeros as limits.
    """
    x0, x1 = (np.asarray(side, float) for side in (before, after))
    x0, x1 = np.where(np.isnan(x0), x1, x0), np.where(np.isnan(x1), x0, x1)
    x0, x1 = np.where(np.isnan(x0), 1.0, x0), np.where(np.isnan(x1), 1.0, x1)
    product0, product1 = x0.prod(axis=-1, keepdims=True), x1.prod(axis=-1, keepdims=True)
    is_positive = (x0 > 0) & (x1 > 0)
    log_ratio = np.log(np.where(is_positive, x1, 1.0)) - np.log(np.where(is_positive, x0, 1.0))
    has_both = (product0 > 0) & (product1 > 0)
    is_zero = np.where(product0 > 0, x1 == 0, x0 == 0)
    share = is_zero / np.maximum(is_zero.sum(axis=-1, keepdims=True), 1)
    change = product1 - product0
    contributions: Floats = np.where(has_both, log_mean(product1, product0) * log_ratio, change * share)
    return contributions


def multiplicative_effects(terms: Floats, before: float, after: float) -> Floats | None:
    """Factors of the ratio after ÷ before from the additive terms of its change; they multiply to the ratio.

        D_k = exp(Δ_k / L(E_after, E_before))

    This is the multiplicative LMDI-I form; terms of cells that rise from or fall to zero are limits. None where a total
    is zero: it has no ratio.

    Source: Ang (2005), Energy Policy 33, 867, doi:10.1016/j.enpol.2003.10.010 (the relation Δ / ln D = L of the
    two forms).
    """
    if before <= 0 or after <= 0:
        return None
    return np.asarray(np.exp(terms / log_mean(np.array(after), np.array(before))))
