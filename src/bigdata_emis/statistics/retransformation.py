"""From a typical value on the log scale to the mean that a sum needs.

Belongs here: the factor between the two, and its estimate from other groups. Does not: the models of the logarithm.
"""

import numpy as np

from bigdata_emis.arrays import Floats, Integers


def ratio_to_total(estimated: Floats, measured: Floats) -> float:
    """Measured over estimated total of the complete pairs; NaN where nothing was estimated.

        s = Σ measured / Σ estimated

    A model of the logarithm estimates a median; the sum of medians of a skewed quantity is too low. Multiplied by s,
    the estimates of further members of the class sum to the expected total. Weighted by size, s is the calibrated
    form of the smearing factor, which is the mean of measured / estimated.

    Source: Duan (1983), Smearing estimate, J. Am. Stat. Assoc. 78, 605, doi:10.1080/01621459.1983.10478017; ratio
    estimator: Cochran (1977), Sampling Techniques, ch. 6.
    """
    is_pair = np.isfinite(estimated) & np.isfinite(measured)
    total = float(estimated[is_pair].sum())
    return float(measured[is_pair].sum()) / total if total > 0 else float("nan")


def calibrate_expected(expected: Floats, measured: Floats, *, prior_members: float) -> float:
    """Ratio to total of expected values, shrunk towards 1 by a number of members of average size.

        q = (Σ measured + k m) / (Σ expected + k m),  m = Σ expected / n

    1 where nothing was expected. With few members one large error would set the ratio.

    Source: ratio estimator as for ratio_to_total; shrinkage by k members whose ratio is 1 (own judgement).
    """
    is_pair = np.isfinite(expected) & np.isfinite(measured)
    total = float(expected[is_pair].sum())
    if total <= 0:
        return 1.0
    prior = prior_members * total / int(is_pair.sum())
    return (float(measured[is_pair].sum()) + prior) / (total + prior)


def expect_from_other_groups(typical: Floats, measured: Floats, group: Integers) -> Floats:
    """Expected values of each group's members, (members,), with the factor of all other groups.

    No member sees its own measurement. Members of the only group are NaN.
    """
    expected = np.full(len(typical), np.nan)
    for number in np.unique(group):
        own = group == number
        expected[own] = typical[own] * ratio_to_total(typical[~own], measured[~own])
    return expected
