"""Partial pooling (empirical Bayes): the ratio of a plant, shrunk towards its class and towards all classes.

Belongs here: normal hierarchical arithmetic on logarithms, and its calibration by leaving plants out.
Does not: electricity, models, tables.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.stats import norm, t

from bigdata_emis.arrays import Flags, Floats, Integers, Texts
from bigdata_emis.statistics.conformal import conformal_rank

LEVEL_SHARE = 0.9
NORMAL_REACH = float(norm.ppf((1 + LEVEL_SHARE) / 2))
ROBUST_REACH = 1.5
"""Standard deviations beyond which a plant has no more influence, so one wrong unit of measure cannot set its class.

Source: Huber (1964), Ann. Math. Stat. 35, 73, proposal 2."""
CAPPED_SQUARE = float(
    norm.cdf(ROBUST_REACH)
    - norm.cdf(-ROBUST_REACH)
    - 2 * ROBUST_REACH * norm.pdf(ROBUST_REACH)
    + 2 * ROBUST_REACH**2 * norm.sf(ROBUST_REACH)
)
"""Mean of a squared standard normal score capped at the reach; keeps the spread of well-behaved plants unbiased."""
PRIOR_FREEDOM = 5.0
"""Weight, in plants, of the spread common to all classes in the spread of one class (own judgement)."""
ROUNDS = 12
FOLDS = 20
MIN_VARIANCE = 1e-6
"""Variance of a logarithm below which two plants are the same: a standard deviation of a thousandth."""


@dataclass(frozen=True)
class PooledClass:
    """Distribution of the plants of a class.

    Mean of the logarithm, the variance of that mean, and the variance between plants.
    """

    mean: float
    mean_variance: float
    between_variance: float
    count: int

    def predict_unseen(self) -> tuple[float, float]:
        """Mean and variance of the logarithm for a plant of the class without measurements."""
        return self.mean, self.mean_variance + self.between_variance

    def predict_observed(self, value: float, variance: float) -> tuple[float, float]:
        """Mean and variance of the logarithm for a plant with a measured value.

        The smaller its sampling variance, the less the class counts.
        """
        mean, spread = self.predict_unseen()
        weight = spread / (spread + variance)
        return mean + weight * (value - mean), weight * variance


@dataclass(frozen=True)
class Pool:
    """Classes by name, and the parent class for a name without plants.

    `calibration` multiplies the spread of a plant without measurements.
    """

    classes: dict[str, PooledClass]
    parent: PooledClass
    calibration: float

    def class_for(self, name: str) -> PooledClass:
        """The class of that name; the parent class if it has no plants."""
        return self.classes.get(name, self.parent)


def fit_pool(value: Floats, variance: Floats, group: Texts, block: Texts | None = None) -> Pool:
    """Classes of plants from the log value of each plant, its sampling variance, and its class.

        y_i = m_c + b_i + e_i,  b_i ~ N(0, T_c),  e_i ~ N(0, variance_i),  m_c ~ N(M, W)

    All arrays are `(plants,)`. T is first common to all classes (method of Paule and Mandel) and is then shrunk
    towards the spread of each class; M and W follow likewise from the class means. Residuals count no more than
    ROBUST_REACH standard deviations. The spread is calibrated by the 90 % rank of left-out standard scores, divided
    by that of a normal distribution (of Student's t while plants are few). Plants of one `block` (for example a site)
    are left out together.

    Source: Paule and Mandel (1982), J. Res. Natl. Bur. Stand. 87, 377.

    Raises:
        ValueError: there is no plant.
    """
    if not len(value):
        raise ValueError("no plant with measurements to pool: expected at least one")
    pool = pool_classes(value, variance, group)
    blocks = block if block is not None else np.arange(len(value)).astype(str)
    return Pool(pool.classes, pool.parent, _calibration(value, variance, group, blocks))


def pool_classes(value: Floats, variance: Floats, group: Texts) -> Pool:
    """The classes of fit_pool, with spreads not calibrated."""
    names, number = np.unique(group, return_inverse=True)
    common = _between_variance(value, variance, number)
    means, spreads = _class_means(value, variance + common, number)
    between = np.array(
        [_class_between(value, variance, number == c, mean=means[c], common=common) for c in range(len(names))]
    )
    one_parent = np.zeros(len(names), dtype=np.int64)
    above = _between_variance(means, spreads, one_parent) if len(names) > 1 else np.inf
    parent_mean, parent_spread = _class_means(means, spreads + (above if np.isfinite(above) else 0.0), one_parent)
    shrunk = 1 / (1 / spreads + 1 / max(above, MIN_VARIANCE))
    mean = shrunk * (means / spreads + parent_mean[0] / max(above, MIN_VARIANCE)) if np.isfinite(above) else means
    counts = np.bincount(number)
    classes = {
        str(name): PooledClass(float(mean[c]), float(shrunk[c]), float(between[c]), int(counts[c]))
        for c, name in enumerate(names)
    }
    parent_variance = float(parent_spread[0]) + (float(above) if np.isfinite(above) else common)
    return Pool(classes, PooledClass(float(parent_mean[0]), parent_variance, common, len(value)), 1.0)


def leave_out_scores(value: Floats, variance: Floats, group: Texts, block: Texts) -> Floats:
    """Standard score of each plant, predicted from other blocks only.

    There are at most FOLDS folds; the score is NaN where no other block is left.
    """
    mean, spread = predict_left_out(value, variance, group, block)
    return np.asarray((value - mean) / np.sqrt(spread + variance))


def predict_left_out(value: Floats, variance: Floats, group: Texts, block: Texts) -> tuple[Floats, Floats]:
    """Mean and variance of the logarithm of each plant, predicted from other blocks only, (plants,) each.

    There are at most FOLDS folds; NaN where no other block is left.
    """
    names, number = np.unique(block, return_inverse=True)
    fold = number % min(FOLDS, len(names))
    predicted = np.full((len(value), 2), np.nan)
    for fold_number in range(fold.max() + 1):
        is_held_out = fold == fold_number
        if is_held_out.all():
            continue
        rest = pool_classes(value[~is_held_out], variance[~is_held_out], group[~is_held_out])
        predicted[is_held_out] = [rest.class_for(name).predict_unseen() for name in group[is_held_out]]
    return predicted[:, 0], predicted[:, 1]


def _calibration(value: Floats, variance: Floats, group: Texts, block: Texts) -> float:
    score = leave_out_scores(value, variance, group, block)
    ordered = np.sort(np.abs(score[np.isfinite(score)]))
    rank = conformal_rank(len(ordered), LEVEL_SHARE)
    if rank > len(ordered):
        return float(t.ppf((1 + LEVEL_SHARE) / 2, max(len(value) - 1, 1))) / NORMAL_REACH
    return float(ordered[rank - 1]) / NORMAL_REACH


def _class_means(value: Floats, variance: Floats, number: Integers) -> tuple[Floats, Floats]:
    """Mean of each class and its variance; outliers count as if they lay at the reach."""
    count = int(number.max()) + 1
    mean = np.array([np.median(value[number == c]) for c in range(count)])
    weight = 1 / np.maximum(variance, MIN_VARIANCE)
    for _round in range(ROUNDS):
        distance = np.abs(value - mean[number]) * np.sqrt(weight)
        influence = weight * np.minimum(1.0, ROBUST_REACH / np.maximum(distance, 1e-12))
        mean = np.bincount(number, influence * value, count) / np.bincount(number, influence, count)
    return mean, 1 / np.bincount(number, weight, count)


def _between_variance(value: Floats, variance: Floats, number: Integers) -> float:
    """Variance between plants for which the squared standard scores add up to the degrees of freedom."""
    freedom = len(value) - int(number.max()) - 1
    highest = float(np.var(value)) * 4 + MIN_VARIANCE

    def excess(between: float) -> float:
        means, _ = _class_means(value, variance + between, number)
        return _capped_sum(value - means[number], variance + between) - freedom

    if freedom <= 0 or excess(highest) >= 0:
        return highest
    return float(brentq(excess, 0.0, highest, xtol=MIN_VARIANCE)) + MIN_VARIANCE if excess(0.0) > 0 else MIN_VARIANCE


def _capped_sum(residual: Floats, variance: Floats) -> float:
    """Sum of squared standard scores, each capped at the reach, on the scale of an uncapped sum."""
    return float(np.minimum(residual**2 / np.maximum(variance, MIN_VARIANCE), ROBUST_REACH**2).sum()) / CAPPED_SQUARE


def _class_between(value: Floats, variance: Floats, is_member: Flags, *, mean: float, common: float) -> float:
    """The common variance between plants, shrunk towards that of the class by its number of plants."""
    sampling = float(variance[is_member].mean())
    observed = _capped_sum(value[is_member] - mean, variance[is_member] + common)
    factor = (PRIOR_FREEDOM + observed) / (PRIOR_FREEDOM + max(int(is_member.sum()) - 1, 0))
    return max(factor * (common + sampling) - sampling, MIN_VARIANCE)
