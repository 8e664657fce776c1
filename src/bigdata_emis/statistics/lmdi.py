"""Exact decomposition of a change of emission into its driving factors, on whole NumPy arrays.

Belongs here: the logarithmic mean and the terms of a change. Does not: which factors emission is the product of (relate/decompose).
"""

from typing import TypeAlias

import numpy as np

from bigdata_emis.arrays import Floats

Series: TypeAlias = Floats
NEAR = 0.5
"""Relative difference below which the logarithm of a ratio is taken from the difference, which keeps its digits."""


def log_mean(first: Series, second: Series) -> Series:
    """Logarithmic mean L(a, b) = (a − b) / ln(a / b), with L(a, a) = a and 0 where either is 0.

    Source: Ang (2004), Energy Policy 32, 1131, equation 5; Carlson (1972), Am. Math. Monthly 79, 615.
    """
    a, b = np.broadcast_arrays(np.asarray(first, float), np.asarray(second, float))
    both = (a > 0) & (b > 0)
    high, low = np.where(both, a, 1.0), np.where(both, b, 1.0)
    growth = (high - low) / low
    is_near = np.abs(growth) < NEAR
    logarithm = np.where(is_near, np.log1p(np.where(is_near, growth, 0.0)), np.log(high) - np.log(low))
    mean: Series = np.where(both, np.where(logarithm == 0, a, (a - b) / np.where(logarithm == 0, 1.0, logarithm)), 0.0)
    return mean


def change_terms(before: Series, after: Series) -> Series:
    """What each factor (last axis) contributed to the change of the product of all factors; the terms add up to the change.

    Δ_k = L(E_T, E_0) ln(x_kT / x_k0), the additive LMDI-I form. Where the product comes from or goes to zero the limit counts: the
    whole change is shared equally by the factors that are zero on that side. A factor that has no value on one side (nothing to be
    a ratio of) is taken as unchanged.

    Source: Ang (2004), Energy Policy 32, 1131, equations 4 to 8; Ang and Liu (2007), Energy Policy 35, 238, for zeros as limits.
    """
    x0, x1 = (np.asarray(side, float) for side in (before, after))
    x0, x1 = np.where(np.isnan(x0), x1, x0), np.where(np.isnan(x1), x0, x1)
    x0, x1 = np.where(np.isnan(x0), 1.0, x0), np.where(np.isnan(x1), 1.0, x1)
    product0, product1 = x0.prod(axis=-1, keepdims=True), x1.prod(axis=-1, keepdims=True)
    positive = (x0 > 0) & (x1 > 0)
    ratio = np.log(np.where(positive, x1, 1.0)) - np.log(np.where(positive, x0, 1.0))
    both = (product0 > 0) & (product1 > 0)
    vanishing = np.where(product0 > 0, x1 == 0, x0 == 0)
    share = vanishing / np.maximum(vanishing.sum(axis=-1, keepdims=True), 1)
    terms: Series = np.where(both, log_mean(product1, product0) * ratio, (product1 - product0) * share)
    return terms
