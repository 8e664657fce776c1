"""Nested effects with partial pooling: levels of a hierarchy estimated together from values and from weighted means.

Belongs here: the normal model, its variances and its predictions. Does not: which classes there are, or factors.
"""

from dataclasses import dataclass

import numpy as np

from bigdata_emis.arrays import Floats, Integers

ROUNDS, ROUNDS_OF_WEIGHTS = 60, 8
PRIOR_COUNT = 5.0
"""Weight, in classes or in members, of the prior variance of a level (own judgement)."""
OUTLIER_REACH = 3.0
"""Standard deviations beyond which a value has no more influence: a wrong unit must not set a class.

Source: Huber (1964), Ann. Math. Stat. 35, 73, with a wider reach, since classes are small."""
MIN_VARIANCE = 1e-9


@dataclass(frozen=True)
class NestedEffects:
    """Posterior of the class effects: mean `(classes,)`, covariance `(classes, classes)`, variance of a member.

    level_variance: estimated variance between the classes of each level.
    """

    mean: Floats
    covariance: Floats
    own_variance: float
    level_variance: Floats

    def predict_classes(self, design: Floats) -> tuple[Floats, Floats]:
        """Mean of members, each a row of the design, and the variance of that mean, without the member's own part."""
        spread = np.einsum("ij,jk,ik->i", design, self.covariance, design)
        return design @ self.mean, np.maximum(spread, 0.0)

    def predict_unseen(self, design: Floats) -> tuple[Floats, Floats]:
        """Mean and variance of members without a value of their own."""
        middle, spread = self.predict_classes(design)
        return middle, spread + self.own_variance

    def predict_observed(self, design: Floats, value: Floats, variance: Floats) -> tuple[Floats, Floats]:
        """Mean and variance of members whose value, with its variance, was among those of the fit.

        z = (1 − g) m + g y,  g = T ÷ (T + variance)
        """
        middle, spread = self.predict_classes(design)
        gain = self.own_variance / (self.own_variance + variance)
        return middle + gain * (value - middle), (1 - gain) ** 2 * spread + (1 - gain) * self.own_variance


def fit_nested_effects(
    value: Floats,
    variance: Floats,
    design: Floats,
    *,
    own_share: Floats,
    level: Integers,
    prior_variance: Floats,
    prior_own_variance: float,
) -> NestedEffects:
    """Effects of classes from values `(values,)` with sampling variances and a design `(values, classes)`.

        y = D u + e,  u_c ~ N(0, V_level(c)),  var e = own_share × T + variance

    A row of the design has a 1 in the class of each level that a member belongs to; a weighted mean of members has
    their weights. own_share is 1 for a member and Σ w² for a weighted mean. V and T are modes under scaled inverse
    chi-square priors of PRIOR_COUNT degrees (expectation and maximisation), so a level of few classes keeps its prior
    variance.

    Source: Laird and Ware (1982), Biometrics 38, 963 (variances by expectation and maximisation); Gelman (2006),
    Bayesian Analysis 1, 515 (priors for few groups).
    """
    levels, own = np.array(prior_variance, float), prior_own_variance
    sizes = np.bincount(level, minlength=len(levels))
    weight = np.ones(len(value))
    for _round in range(ROUNDS):
        noise = own_share * own + variance
        mean, covariance = _posterior(value, noise / weight, design, levels[level])
        square = mean**2 + np.diag(covariance)
        levels = (PRIOR_COUNT * prior_variance + np.bincount(level, square, len(levels))) / (PRIOR_COUNT + sizes)
        spread = np.einsum("ij,jk,ik->i", design, covariance, design)
        residual = value - design @ mean
        weight = _influence(residual, noise)
        gain = own_share * own / np.maximum(noise, MIN_VARIANCE)
        parts = gain**2 * (weight * residual**2 + spread) + (1 - gain) * own_share * own
        shares = float(np.sum(parts / np.maximum(own_share, MIN_VARIANCE)))
        own = (PRIOR_COUNT * prior_own_variance + shares) / (PRIOR_COUNT + len(value))
    return condition_effects(
        value, variance, design, own_share=own_share, level=level, level_variance=levels, own_variance=own
    )


def condition_effects(
    value: Floats,
    variance: Floats,
    design: Floats,
    *,
    own_share: Floats,
    level: Integers,
    level_variance: Floats,
    own_variance: float,
) -> NestedEffects:
    """Effects of classes as in fit_nested_effects, with known variances.

    Values beyond OUTLIER_REACH count as if they lay there.
    """
    noise, weight = own_share * own_variance + variance, np.ones(len(value))
    for _round in range(ROUNDS_OF_WEIGHTS):
        mean, covariance = _posterior(value, noise / weight, design, level_variance[level])
        weight = _influence(value - design @ mean, noise)
    return NestedEffects(mean, covariance, own_variance, level_variance)


def _influence(residual: Floats, noise: Floats) -> Floats:
    return np.minimum(1.0, OUTLIER_REACH / np.maximum(np.abs(residual) / np.sqrt(np.maximum(noise, MIN_VARIANCE)), 1.0))


def _posterior(value: Floats, noise: Floats, design: Floats, prior: Floats) -> tuple[Floats, Floats]:
    bounded = np.maximum(noise, MIN_VARIANCE)
    precision = design.T @ (design / bounded[:, None]) + np.diag(1 / np.maximum(prior, MIN_VARIANCE))
    covariance: Floats = np.asarray(np.linalg.inv(precision), dtype=np.float64)
    return covariance @ (design.T @ (value / bounded)), covariance
