"""Emission factors of units transferred in time: year to year, or summer to the rest.

Belongs here: the transfer models, their choice and intervals within the fit period. Does not: files, documents.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from bigdata_emis.activity_model.forms.partial_pooling import pool_classes
from bigdata_emis.arrays import Flags, Floats, Integers, Texts
from bigdata_emis.validate.metrics import score_series

MIN_BINS = 8
LOWER_RANK, UPPER_RANK = 0.05, 0.95
DRIFT_VARIANCE = 0.01
"""Variance of the log factor from period to period, in addition to that of the bins: a standard deviation of 10 %."""
MIN_VARIANCE = 1e-4
SELECTED = "selected"
BASELINES = ("class_mean", "last_period_proportional")


@dataclass(frozen=True)
class Sample:
    """Driver (kWh or GJ), emission and hours of one period, shape (units, bins).

    Hours are zero where a unit has no bin.
    """

    fuel: Texts
    plant: Integers
    driver: Floats
    emission_g: Floats
    weight_h: Floats

    def factor(self) -> Floats:
        """Emission over driver of each unit, (units,); NaN where either is zero."""
        emission, driver = (self.emission_g * self.weight_h).sum(axis=1), (self.driver * self.weight_h).sum(axis=1)
        return np.where((emission > 0) & (driver > 0), emission / np.maximum(driver, 1e-30), np.nan)

    def bins(self, chosen: Flags) -> "Sample":
        """The chosen bins of every unit."""
        return Sample(
            self.fuel, self.plant, self.driver[:, chosen], self.emission_g[:, chosen], self.weight_h[:, chosen]
        )


RatioBounds = dict[str, tuple[float, float]]
"""By fuel, lower bound (at most 1) and upper bound (at least 1) of measured over estimated."""
TINY_RATIO = 1e-6
Model = Callable[[Sample, Sample], Floats]
Pair = tuple[Sample, Sample]


def score_transfer(
    pair: Pair,
    inner: Pair,
    *,
    ids: list[str],
    age_ratio: float = 1.0,
    spread: Pair | None = None,
    back: Pair | None = None,
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Score rows of every model and unit, and the chosen model by fuel.

    Choice and intervals come from the inner pair, which lies within the fit period: the least median error of
    units, and the ranks of measured over estimated by fuel, each plant with weight one. Bins of a unit have equal
    weight in the scores; units without emission are not scored.

    age_ratio: age of the factor in the pair over that in the inner pair. Factors walk at random, so the logarithms of
    the bounds grow with its square root.
    back: the inner pair in the other direction; the wider of both bounds counts.
    spread: a further pair of the fit period, of bins that the inner pair does not compare; its squared logarithms of
    bounds are added.
    """
    inner_estimates = {name: model(*inner) for name, model in MODELS.items()}
    estimates = {name: model(*pair) for name, model in MODELS.items()}
    bounds = {name: _bounds(inner[1], estimated) for name, estimated in inner_estimates.items()}
    if back:
        bounds = {name: _wider(own, _bounds(back[1], MODELS[name](*back))) for name, own in bounds.items()}
    further = {name: _bounds(spread[1], model(*spread)) for name, model in MODELS.items()} if spread else {}
    bounds = {name: _age(by_fuel, age_ratio, further.get(name, {})) for name, by_fuel in bounds.items()}
    chosen = {str(f): _choose_model(inner[1], inner_estimates, fuel=str(f)) for f in sorted(set(pair[0].fuel.tolist()))}
    rows = []
    for at in range(len(ids)):
        fuel = str(pair[1].fuel[at])
        for name in (*MODELS, SELECTED):
            source = chosen[fuel] if name == SELECTED else name
            row = _score_row(pair[1], estimates[source], at=at, bound=bounds[source].get(fuel, (0.0, np.inf)))
            rows += [{"id": ids[at], "model": name, "form": source, "fuel": fuel, **row}] if row else []
    return rows, chosen


def _score_row(score: Sample, estimated: Floats, *, at: int, bound: tuple[float, float]) -> dict[str, Any] | None:
    used = (score.weight_h[at] > 0) & (score.driver[at] > 0)
    measured, value = score.emission_g[at][used], estimated[at][used]
    if used.sum() < MIN_BINS or measured.sum() <= 0 or np.ptp(measured) == 0 or not np.isfinite(value).all():
        return None
    return {**score_series(value, measured, value * bound[0], value * bound[1]), "n": int(used.sum())}


def _class_mean(fit: Sample, score: Sample) -> Floats:
    emission, driver = (fit.emission_g * fit.weight_h).sum(axis=1), (fit.driver * fit.weight_h).sum(axis=1)
    means = {f: emission[fit.fuel == f].sum() / max(driver[fit.fuel == f].sum(), 1e-30) for f in set(fit.fuel.tolist())}
    return np.asarray(score.driver * np.array([means.get(f, np.nan) for f in score.fuel])[:, None])


def _proportional(fit: Sample, score: Sample) -> Floats:
    """The unit's own factor of the last period; the class mean for a new unit."""
    own = fit.factor()[:, None]
    return np.where(np.isfinite(own), own * score.driver, _class_mean(fit, score))


def _pooled(fit: Sample, score: Sample) -> Floats:
    """The unit's factor, shrunk to that of its fuel by the variance of its bins; for a new unit that of the fuel."""
    factor = fit.factor()
    seen = np.isfinite(factor)
    logs, variance = np.log(factor[seen]), _bin_variance(fit)[seen] + DRIFT_VARIANCE
    if not seen.any():
        return _class_mean(fit, score)
    pool = pool_classes(logs, variance, fit.fuel[seen])
    middle = np.array([pool.class_for(f).mean for f in fit.fuel])
    middle[seen] = [
        pool.class_for(f).predict_observed(v, s)[0] for f, v, s in zip(fit.fuel[seen], logs, variance, strict=True)
    ]
    return np.asarray(np.exp(middle)[:, None] * score.driver)


def _bin_variance(sample: Sample) -> Floats:
    """Jackknife variance of the log factor, each bin left out in turn, (units,)."""
    emission, driver = sample.emission_g * sample.weight_h, sample.driver * sample.weight_h
    used = (sample.weight_h > 0).sum(axis=1)
    rest = (emission.sum(axis=1, keepdims=True) - emission) / np.maximum(
        driver.sum(axis=1, keepdims=True) - driver, 1e-30
    )
    logs = np.where(sample.weight_h > 0, np.log(np.maximum(rest, 1e-30)), 0.0)
    mean = logs.sum(axis=1, keepdims=True) / np.maximum(used, 1)[:, None]
    spread = (np.where(sample.weight_h > 0, logs - mean, 0.0) ** 2).sum(axis=1)
    return np.asarray(np.maximum(spread * (used - 1) / np.maximum(used, 1), MIN_VARIANCE))


def _by_load(fit: Sample, score: Sample) -> Floats:
    """No-load emission plus slope × driver, by hours-weighted least squares, or proportional."""
    weight = fit.weight_h * (fit.driver > 0)
    total = np.maximum(weight.sum(axis=1), 1e-30)
    driver, emission = ((weight * part).sum(axis=1) / total for part in (fit.driver, fit.emission_g))
    spread = (weight * (fit.driver - driver[:, None]) ** 2).sum(axis=1)
    joint = (weight * (fit.driver - driver[:, None]) * (fit.emission_g - emission[:, None])).sum(axis=1)
    slope = joint / np.maximum(spread, 1e-30)
    base = emission - slope * driver
    is_good = (slope >= 0) & (base >= 0) & (spread > 0) & (emission > 0)
    line = base[:, None] + slope[:, None] * score.driver
    return np.where(is_good[:, None], line, _proportional(fit, score))


MODELS: dict[str, Model] = {
    "class_mean": _class_mean,
    "last_period_proportional": _proportional,
    "pooled": _pooled,
    "by_load": _by_load,
}
"""From simple to complex; of two with equal error the earlier is chosen."""


def _choose_model(score: Sample, estimates: dict[str, Floats], *, fuel: str) -> str:
    errors = {name: _median_error(score, estimated, score.fuel == fuel) for name, estimated in estimates.items()}
    return min(errors, key=lambda name: errors[name])


def _median_error(score: Sample, estimated: Floats, chosen: Flags) -> float:
    """Median over units of mean |estimate − measured| over mean measured, by hours."""
    measured = (score.emission_g * score.weight_h).sum(axis=1)
    error = (np.abs(estimated - score.emission_g) * score.weight_h).sum(axis=1)
    seen = chosen & (measured > 0) & np.isfinite(error)
    return float(np.median(error[seen] / measured[seen])) if seen.any() else np.inf


def _bounds(score: Sample, estimated: Floats) -> RatioBounds:
    """By fuel, 5th and 95th percentile of measured over estimated in bins, each plant with weight one."""
    bounds = {}
    for fuel in sorted(set(score.fuel.tolist())):
        used = (
            (score.weight_h > 0)
            & (estimated > 0)
            & np.isfinite(estimated)
            & ((score.fuel == fuel) & (score.emission_g.sum(axis=1) > 0))[:, None]
        )
        if used.sum() < MIN_BINS:
            continue
        ratio = (score.emission_g / np.where(used, estimated, 1.0))[used]
        plant = np.broadcast_to(score.plant[:, None], used.shape)[used]
        _, number, size = np.unique(plant, return_inverse=True, return_counts=True)
        bounds[str(fuel)] = _ratio_percentiles(ratio, 1 / size[number])
    return bounds


def _age(by_fuel: RatioBounds, age_ratio: float, further: RatioBounds) -> RatioBounds:
    """Bounds of an older factor: squared logarithms of both kinds of bounds are added; a lower bound of zero stays."""
    aged = {}
    for fuel, bound in by_fuel.items():
        lower, upper = (
            float(np.hypot(np.log(max(own, TINY_RATIO)) * np.sqrt(age_ratio), np.log(max(other, TINY_RATIO))))
            for own, other in zip(bound, further.get(fuel, (1.0, 1.0)), strict=True)
        )
        is_zero = min(bound[0], further.get(fuel, (1.0, 1.0))[0]) <= 0
        aged[fuel] = (0.0 if is_zero else float(np.exp(-lower)), float(np.exp(upper)))
    return aged


def _wider(by_fuel: RatioBounds, others: RatioBounds) -> RatioBounds:
    """By fuel, the lower of both lower and the upper of both upper bounds."""
    pairs = {fuel: (bound, others.get(fuel, bound)) for fuel, bound in by_fuel.items()}
    return {fuel: (min(a[0], b[0]), max(a[1], b[1])) for fuel, (a, b) in pairs.items()}


def _ratio_percentiles(value: Floats, weight: Floats) -> tuple[float, float]:
    order = np.argsort(value, kind="stable")
    reached = np.cumsum(weight[order]) / weight.sum()
    lower, upper = (value[order][min(int((reached < rank).sum()), len(value) - 1)] for rank in (LOWER_RANK, UPPER_RANK))
    return min(float(lower), 1.0), max(float(upper), 1.0)
