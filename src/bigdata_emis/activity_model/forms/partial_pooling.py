"""Partial pooling: what a plant shows of itself, weighed against what its class and all classes show (empirical Bayes).

Belongs here: normal hierarchical arithmetic on logarithms, and its calibration by leaving plants out. Does not: power, models, tables.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.stats import norm, t

from bigdata_emis.arrays import Flags, Floats, Integers, Texts

LEVEL_SHARE = 0.9
NORMAL_REACH = float(norm.ppf((1 + LEVEL_SHARE) / 2))
ROBUST_REACH = 1.5
"""Standard deviations beyond which a plant pulls no harder: one wrong unit of measure must not set its class (Huber 1964, proposal 2)."""
CAPPED_SQUARE = float(
    norm.cdf(ROBUST_REACH)
    - norm.cdf(-ROBUST_REACH)
    - 2 * ROBUST_REACH * norm.pdf(ROBUST_REACH)
    + 2 * ROBUST_REACH**2 * norm.sf(ROBUST_REACH)
)
"""Mean of a squared standard normal score that counts no more than the reach: keeps the spread of well-behaved plants unbiased."""
PRIOR_FREEDOM = 5.0
"""So many plants' worth of weight has the spread common to all classes in the spread of one class (own judgement)."""
ROUNDS = 12
FOLDS = 20
LEAST_VARIANCE = 1e-6
"""Variance of a log below which two plants are the same: a thousandth."""


@dataclass(frozen=True)
class Class:
    """What is known of the plants of a class: mean of the logarithm, its variance, and the variance between plants."""

    mean: float
    mean_variance: float
    between_variance: float
    count: int

    def new(self) -> tuple[float, float]:
        """Mean and variance of the logarithm for a plant of the class that was never seen."""
        return self.mean, self.mean_variance + self.between_variance

    def seen(self, value: float, variance: float) -> tuple[float, float]:
        """The same for a plant that showed `value` with its own sampling `variance`: the more it was seen, the less the class counts."""
        mean, spread = self.new()
        weight = spread / (spread + variance)
        return mean + weight * (value - mean), weight * variance


@dataclass(frozen=True)
class Pool:
    """Classes by name, what stands for a class that was never seen, and by how much spreads must grow to keep their promise."""

    classes: dict[str, Class]
    parent: Class
    calibration: float

    def of(self, name: str) -> Class:
        """The class of that name, or what its parent says of a class never seen."""
        return self.classes.get(name, self.parent)


def fit_pool(value: Floats, variance: Floats, group: Texts, block: Texts | None = None) -> Pool:
    """Classes of plants from their log values, the sampling variance of each, and the class of each.

    y_i = m_c + b_i + e_i, b_i ~ N(0, T_c), e_i ~ N(0, variance_i), m_c ~ N(M, W). T is common to all classes (Paule and Mandel
    1982) and then drawn towards what a class itself shows; M and W likewise from the class means. Residuals count no more than
    ROBUST_REACH spreads. With `block` (say, the site of a unit) plants of one block are left out together when the spread is
    calibrated: the 90 % rank of the left-out standard scores, over that of a normal (of Student's t while plants are few).

    Raises ValueError when there is no value.
    """
    if not len(value):
        raise ValueError("no plant has shown anything to pool")
    whole = pool_classes(value, variance, group)
    return Pool(
        whole.classes,
        whole.parent,
        _calibration(value, variance, group, block if block is not None else np.arange(len(value)).astype(str)),
    )


def pool_classes(value: Floats, variance: Floats, group: Texts) -> Pool:
    """The classes as fit_pool finds them, their spreads not calibrated."""
    names, place = np.unique(group, return_inverse=True)
    common = _between(value, variance, place)
    means, spreads = _means(value, variance + common, place)
    between = np.array(
        [_class_between(value, variance, place == c, mean=means[c], common=common) for c in range(len(names))]
    )
    above = _between(means, spreads, np.zeros(len(names), dtype=np.int64)) if len(names) > 1 else np.inf
    parent_mean, parent_spread = _means(
        means, spreads + (above if np.isfinite(above) else 0.0), np.zeros(len(names), dtype=np.int64)
    )
    shrunk = 1 / (1 / spreads + 1 / max(above, LEAST_VARIANCE))
    mean = shrunk * (means / spreads + parent_mean[0] / max(above, LEAST_VARIANCE)) if np.isfinite(above) else means
    counts = np.bincount(place)
    classes = {
        str(name): Class(float(mean[c]), float(shrunk[c]), float(between[c]), int(counts[c]))
        for c, name in enumerate(names)
    }
    over = float(parent_spread[0]) + (float(above) if np.isfinite(above) else common)
    return Pool(classes, Class(float(parent_mean[0]), over, common, len(value)), 1.0)


def left_out_scores(value: Floats, variance: Floats, group: Texts, block: Texts) -> Floats:
    """Standard score of each plant as predicted from other blocks alone, in at most FOLDS portions; NaN where nothing is left."""
    names, place = np.unique(block, return_inverse=True)
    fold = place % min(FOLDS, len(names))
    score = np.full(len(value), np.nan)
    for number in range(fold.max() + 1):
        held = fold == number
        if held.all():
            continue
        rest = pool_classes(value[~held], variance[~held], group[~held])
        told = np.array([rest.of(name).new() for name in group[held]])
        score[held] = (value[held] - told[:, 0]) / np.sqrt(told[:, 1] + variance[held])
    return score


def _calibration(value: Floats, variance: Floats, group: Texts, block: Texts) -> float:
    score = left_out_scores(value, variance, group, block)
    missed = np.sort(np.abs(score[np.isfinite(score)]))
    rank = int(np.ceil(LEVEL_SHARE * (len(missed) + 1)))
    if rank > len(missed):
        return float(t.ppf((1 + LEVEL_SHARE) / 2, max(len(value) - 1, 1))) / NORMAL_REACH
    return float(missed[rank - 1]) / NORMAL_REACH


def _means(value: Floats, variance: Floats, place: Integers) -> tuple[Floats, Floats]:
    """Mean of each class and its variance; what lies far off pulls as if it lay within reach."""
    count = int(place.max()) + 1
    mean = np.array([np.median(value[place == c]) for c in range(count)])
    weight = 1 / np.maximum(variance, LEAST_VARIANCE)
    for _round in range(ROUNDS):
        off = np.abs(value - mean[place]) * np.sqrt(weight)
        pull = weight * np.minimum(1.0, ROBUST_REACH / np.maximum(off, 1e-12))
        mean = np.bincount(place, pull * value, count) / np.bincount(place, pull, count)
    return mean, 1 / np.bincount(place, weight, count)


def _between(value: Floats, variance: Floats, place: Integers) -> float:
    """The variance between plants at which their squared standard scores add up to the degrees of freedom."""
    freedom = len(value) - int(place.max()) - 1
    highest = float(np.var(value)) * 4 + LEAST_VARIANCE

    def excess(between: float) -> float:
        means, _ = _means(value, variance + between, place)
        return _capped(value - means[place], variance + between) - freedom

    if freedom <= 0 or excess(highest) >= 0:
        return highest
    return (
        float(brentq(excess, 0.0, highest, xtol=LEAST_VARIANCE)) + LEAST_VARIANCE if excess(0.0) > 0 else LEAST_VARIANCE
    )


def _capped(residual: Floats, variance: Floats) -> float:
    """Sum of squared standard scores, none beyond the reach, on the scale of an uncapped sum."""
    return float(np.minimum(residual**2 / np.maximum(variance, LEAST_VARIANCE), ROBUST_REACH**2).sum()) / CAPPED_SQUARE


def _class_between(value: Floats, variance: Floats, chosen: Flags, *, mean: float, common: float) -> float:
    """The common spread, moved towards what the class shows by how many plants it has."""
    sampling = float(variance[chosen].mean())
    seen = _capped(value[chosen] - mean, variance[chosen] + common)
    factor = (PRIOR_FREEDOM + seen) / (PRIOR_FREEDOM + max(int(chosen.sum()) - 1, 0))
    return max(factor * (common + sampling) - sampling, LEAST_VARIANCE)
