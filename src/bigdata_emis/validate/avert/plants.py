"""Emission factors of plants without stack monitor, scored by leaving whole plants out.

Belongs here: the candidate models, the folds by plant, intervals conformal by plant. Does not: traits, documents.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from bigdata_emis.activity_model.forms.partial_pooling import pool_classes
from bigdata_emis.arrays import Flags, Floats, Integers, Texts
from bigdata_emis.validate.avert.data import UnitYear
from bigdata_emis.validate.avert.forest import predict_forest_quantiles
from bigdata_emis.validate.avert.traits import Traits, derive_traits

FUELS, JUDGED_POLLUTANTS, DRIVERS = ("Coal", "Gas"), ("NOx", "SO2"), ("per_kwh", "per_gj")
FOLDS = 8
LOWER_RANK, UPPER_RANK = 0.05, 0.95
LEVEL_SHARE = 0.9
FLOOR_G = {"per_kwh": 5e-5, "per_gj": 5e-3}
"""Grams per kWh and per GJ; lower truth is raised to it, since the files are rounded to 0.001 lb/h."""
MONITOR_VARIANCE = 0.01
"""Variance of the log of a monitored unit's yearly factor: a standard deviation of 10 %."""
MIN_UNITS = 4 * FOLDS
BOOSTING = {
    "objective": "l1",
    "num_leaves": 12,
    "learning_rate": 0.05,
    "min_data_in_leaf": 8,
    "feature_fraction": 0.4,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "verbose": -1,
    "seed": 1,
}
TREES = 200
MIXED, SELECTED = "mixed", "selected"
MODEL_NAMES = ("class_mean", "class_median", "pooled", "boosted", "forest", MIXED, SELECTED)
TIE_SHARE = 0.05
"""The mean of two models has less error by chance; another model must beat it by this share to be chosen."""


@dataclass(frozen=True)
class FactorEstimate:
    """Log emission factors of units not fitted, with their 90 % interval, shape (units,)."""

    middle: Floats
    lower: Floats
    upper: Floats


@dataclass(frozen=True)
class LeftOut:
    """Units of one fuel, pollutant and driver, each estimated from other plants, shape (units,).

    `unit_row`: row of the unit in its UnitYear. `measured`: log factor. `estimates` and `raw`: by model, with and
    without calibrated intervals. `chosen`: the model by fold. `weight`: 1 / units of the plant.
    """

    fuel: str
    pollutant: str
    driver: str
    unit_row: Integers
    plant: Integers
    measured: Floats
    estimates: dict[str, FactorEstimate]
    raw: dict[str, FactorEstimate]
    chosen: list[str]
    weight: Floats
    fold: Integers


@dataclass(frozen=True)
class _Units:
    """Units that a model is fitted to or estimates, shape (units,); `traits` (units, traits)."""

    emission_g: Floats
    driver: Floats
    log_factor: Floats
    weight: Floats
    traits: Floats
    group: Texts

    def where(self, chosen: Flags) -> "_Units":
        return _Units(
            self.emission_g[chosen],
            self.driver[chosen],
            self.log_factor[chosen],
            self.weight[chosen],
            self.traits[chosen],
            self.group[chosen],
        )


def leave_plants_out(year: UnitYear, report: Callable[[str, int, int], None]) -> list[LeftOut]:
    """By fuel, pollutant and driver: the units of each plant estimated from other plants.

    The factor per kWh is estimated from power data; the factor per GJ also from the heat rate, which fuel bills
    give. Classes with too few units to be split are omitted.
    """
    traits = derive_traits(year)
    tasks = [(f, p, d) for f in FUELS for p in JUDGED_POLLUTANTS for d in DRIVERS]
    left_out = []
    for number, (fuel, pollutant, driver) in enumerate(tasks):
        report(f"leave plant out: {fuel} {pollutant} {driver}", number, len(tasks))
        task = _leave_out(year, traits, fuel=fuel, pollutant=pollutant, driver=driver)
        left_out += [task] if task else []
    return left_out


def estimate_bins(task: LeftOut, is_used: Flags, log_factor: Floats) -> dict[str, FactorEstimate]:
    """Estimates of single bins with intervals, by model.

    Rows are in the order of the True elements of `is_used` (units, bins).

    Within a year a factor varies, so the intervals are wider than those of the yearly factor. They are calibrated
    in the same way, on the bins of other plants; each plant has weight one, however many units and bins it has.
    """
    unit = np.nonzero(is_used)[0]
    weight = (task.weight / np.maximum(is_used.sum(axis=1), 1))[unit]
    estimates = {}
    for name, raw in task.raw.items():
        per_bin = FactorEstimate(raw.middle[unit], raw.lower[unit], raw.upper[unit])
        estimates[name] = calibrate_bounds(per_bin, log_factor[is_used], weight=weight, fold=task.fold[unit])
    return _add_selected(estimates, task.chosen, task.fold[unit])


def calibrate_bounds(raw: FactorEstimate, truth: Floats, *, weight: Floats, fold: Integers) -> FactorEstimate:
    """Bounds of each fold calibrated on the other folds.

    They are moved by ranks of the distance of truth beyond them (negative inside).

    Ranks are weighted, each plant with weight one. The lower bound takes one half of the misses, the upper what
    remains: a truth at the floor is never below the lower bound, which may therefore miss less than its half. A
    bound never passes the middle.

    Source: Romano, Patterson and Candès (2019), Conformalized quantile regression; here plants are exchangeable,
    not units.
    """
    lower, upper = np.zeros(len(fold)), np.zeros(len(fold))
    for number in range(FOLDS):
        own = fold == number
        rest = ~own
        seen, counts = truth[rest], weight[rest]
        finite = (counts.sum() + 1) / counts.sum()
        down = _weighted_rank(raw.lower[rest] - seen, counts, min((1 + LEVEL_SHARE) / 2 * finite, 1.0))
        missed_share = float(np.average(seen < np.minimum(raw.lower[rest] - down, raw.middle[rest]), weights=counts))
        up = _weighted_rank(seen - raw.upper[rest], counts, min((LEVEL_SHARE + missed_share) * finite, 1.0))
        lower[own], upper[own] = raw.lower[own] - down, raw.upper[own] + up
    return FactorEstimate(raw.middle, np.minimum(lower, raw.middle), np.maximum(upper, raw.middle))


def _leave_out(year: UnitYear, traits: Traits, *, fuel: str, pollutant: str, driver: str) -> LeftOut | None:
    energy = (year.energy_kwh * year.weight_h).sum(axis=1)
    heat = (year.mean(year.heat_gj) * year.weight_h).sum(axis=1)
    unit_row = np.flatnonzero((year.unit["fuel_type"] == fuel).to_numpy() & (energy > 0) & (heat > 0))
    plant = traits.plant[unit_row]
    _, number, size = np.unique(plant, return_inverse=True, return_counts=True)
    emission, amount = (
        (year.emission(pollutant) * year.weight_h).sum(axis=1)[unit_row],
        (energy if driver == "per_kwh" else heat)[unit_row],
    )
    if (emission / amount > FLOOR_G[driver]).sum() < MIN_UNITS or len(size) < FOLDS:
        return None
    columns = traits.power if driver == "per_kwh" else np.column_stack([traits.power, traits.heat])
    measured = np.log(np.maximum(emission / amount, FLOOR_G[driver]))
    units = _Units(emission, amount, measured, 1 / size[number], columns[unit_row], traits.group[unit_row])
    fold = number % FOLDS
    raw = _estimate_out_of_fold(units, fold)
    chosen = _choose_models(raw, units, fold)
    estimates = {name: calibrate_bounds(model, measured, weight=units.weight, fold=fold) for name, model in raw.items()}
    return LeftOut(
        fuel,
        pollutant,
        driver,
        unit_row,
        plant,
        measured,
        _add_selected(estimates, chosen, fold),
        raw,
        chosen,
        units.weight,
        fold,
    )


def _estimate_out_of_fold(units: _Units, fold: Integers) -> dict[str, FactorEstimate]:
    """Estimates of every unit from the plants of the other folds, by model, before calibration."""
    parts: dict[str, list[tuple[Flags, FactorEstimate]]] = {}
    for number in range(FOLDS):
        own = fold == number
        for name, estimate in _estimate_models(units.where(~own), units.where(own)).items():
            parts.setdefault(name, []).append((own, estimate))
    return {name: _join(pieces, len(fold)) for name, pieces in parts.items()}


def _join(pieces: list[tuple[Flags, FactorEstimate]], count: int) -> FactorEstimate:
    middle, lower, upper = np.zeros(count), np.zeros(count), np.zeros(count)
    for own, estimate in pieces:
        middle[own], lower[own], upper[own] = estimate.middle, estimate.lower, estimate.upper
    return FactorEstimate(middle, lower, upper)


def _estimate_models(fit: _Units, new: _Units) -> dict[str, FactorEstimate]:
    forest = predict_forest_quantiles(
        fit.traits, fit.log_factor, new.traits, weight=fit.weight, ranks=(LOWER_RANK, 0.5, UPPER_RANK)
    )
    by_forest = FactorEstimate(forest[:, 1], forest[:, 0], forest[:, 2])
    boosted = _boosted(fit, new)
    mixed = (boosted + by_forest.middle) / 2
    shift = mixed - by_forest.middle
    mean = np.log(max(fit.emission_g.sum() / fit.driver.sum(), 1e-12))
    return {
        "class_mean": _point_estimate(np.full(len(new.weight), mean)),
        "class_median": _point_estimate(np.full(len(new.weight), np.median(fit.log_factor))),
        "pooled": _pooled(fit, new),
        "boosted": _point_estimate(boosted),
        "forest": by_forest,
        MIXED: FactorEstimate(mixed, by_forest.lower + shift, by_forest.upper + shift),
    }


def _point_estimate(middle: Floats) -> FactorEstimate:
    """An estimate without interval: calibration alone gives its bounds."""
    return FactorEstimate(middle, middle, middle)


def _pooled(fit: _Units, new: _Units) -> FactorEstimate:
    pool = pool_classes(fit.log_factor, np.full(len(fit.weight), MONITOR_VARIANCE), fit.group)
    mean_variance = np.array([pool.class_for(name).predict_unseen() for name in new.group])
    reach = norm.ppf(UPPER_RANK) * np.sqrt(mean_variance[:, 1])
    return FactorEstimate(mean_variance[:, 0], mean_variance[:, 0] - reach, mean_variance[:, 0] + reach)


def _boosted(fit: _Units, new: _Units) -> Floats:
    import lightgbm

    booster = lightgbm.train(
        BOOSTING, lightgbm.Dataset(fit.traits, fit.log_factor, weight=fit.weight), num_boost_round=TREES
    )
    return np.asarray(booster.predict(new.traits), dtype=np.float64)


def _choose_models(raw: dict[str, FactorEstimate], units: _Units, fold: Integers) -> list[str]:
    """By fold, the model with the least median error in the other folds, or the mean of two."""
    chosen = []
    for number in range(FOLDS):
        rest = fold != number
        errors = {
            name: _weighted_rank(np.abs(m.middle - units.log_factor)[rest], units.weight[rest], 0.5)
            for name, m in raw.items()
        }
        best = min(errors, key=lambda name: errors[name])
        chosen.append(best if errors[best] < errors[MIXED] * (1 - TIE_SHARE) else MIXED)
    return chosen


def _add_selected(estimates: dict[str, FactorEstimate], chosen: list[str], fold: Integers) -> dict[str, FactorEstimate]:
    """The models and, as one more, the chosen one of each fold."""
    picked = [(fold == number, estimates[name]) for number, name in enumerate(chosen)]
    pieces = [(own, FactorEstimate(m.middle[own], m.lower[own], m.upper[own])) for own, m in picked]
    return {**estimates, SELECTED: _join(pieces, len(fold))}


def _weighted_rank(value: Floats, weight: Floats, rank: float) -> float:
    order = np.argsort(value, kind="stable")
    reached = np.cumsum(weight[order]) / weight.sum()
    return float(value[order][min(int((reached < rank - 1e-12).sum()), len(value) - 1)])
