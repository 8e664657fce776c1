"""Emission factors of plants without stack monitor, scored by leaving whole plants or whole regions out.

Belongs here: the candidate models, the folds by plant or region, intervals conformal by plant. Does not: traits,
documents.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from scipy.stats import norm

from bigdata_emis.activity_model.forms.partial_pooling import pool_classes
from bigdata_emis.arrays import Flags, Floats, Integers, Texts
from bigdata_emis.validate.avert.data import UnitYear
from bigdata_emis.validate.avert.forest import predict_forest_quantiles
from bigdata_emis.validate.avert.traits import Traits, derive_traits

FUELS, JUDGED_POLLUTANTS, DRIVERS = ("Coal", "Gas"), ("NOx", "SO2"), ("per_kwh", "per_gj")
BY_PLANT, BY_REGION = "plant", "region"
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
TIE_SHARE_OF_ONE_PLANT = 0.75
"""Another model must beat the mean of two by this share / √plants, the sampling error of a median error."""


@dataclass(frozen=True)
class FactorEstimate:
    """Log emission factors of units not fitted, with their 90 % interval, shape (units,)."""

    middle: Floats
    lower: Floats
    upper: Floats


@dataclass(frozen=True)
class LeftOut:
    """Units of one fuel, pollutant and driver, each estimated from other plants, shape (units,).

    `unit_row`: row of the unit in its UnitYear. `amount`: kWh or GJ of the year. `measured`: log factor. `estimates`
    and `raw`: by model, with and without calibrated intervals. `chosen`: the model by fold. `weight`: 1 / units of the
    plant.
    """

    fuel: str
    pollutant: str
    driver: str
    unit_row: Integers
    plant: Integers
    amount: Floats
    emission_g: Floats
    measured: Floats
    estimates: dict[str, FactorEstimate]
    raw: dict[str, FactorEstimate]
    chosen: list[str]
    weight: Floats
    fold: Integers


@dataclass(frozen=True)
class _Units:
    """Units that a model is fitted to or estimates, shape (units,); `traits` (units, traits)."""

    row: Integers
    plant: Integers
    region: Texts
    unit_id: Texts
    emission_g: Floats
    driver: Floats
    log_factor: Floats
    weight: Floats
    traits: Floats
    group: Texts

    def where(self, chosen: Flags) -> "_Units":
        return _Units(*(getattr(self, field.name)[chosen] for field in fields(self)))

    def groups(self, group_by: str) -> Integers | Texts:
        """What is left out as a whole: the plant or the region of each unit."""
        return self.region if group_by == BY_REGION else self.plant


def leave_plants_out(
    years: Sequence[UnitYear], report: Callable[[str, int, int], None], *, group_by: str = BY_PLANT
) -> list[LeftOut]:
    """By fuel, pollutant and driver: the units of each plant in the last year estimated from other plants.

    With BY_REGION they are estimated from the plants of other regions, which is the case of a region without any
    monitor. Other plants are seen in all years, in earlier ones at the level of the last. The factor per kWh is
    estimated from power data; the factor per GJ also from the heat rate, which fuel bills give. Classes with too few
    units to be split are omitted.
    """
    traits = derive_traits(years[-1])
    with_traits = [(year, derive_traits(year, same_columns_as=traits)) for year in years[:-1]] + [(years[-1], traits)]
    tasks = [(f, p, d) for f in FUELS for p in JUDGED_POLLUTANTS for d in DRIVERS]
    left_out = []
    for number, (fuel, pollutant, driver) in enumerate(tasks):
        report(f"leave {group_by} out: {fuel} {pollutant} {driver}", number, len(tasks))
        samples = [_select(*pair, fuel=fuel, pollutant=pollutant, driver=driver) for pair in with_traits]
        task = _leave_out(samples, fuel=fuel, pollutant=pollutant, driver=driver, group_by=group_by)
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


def _calibrate_units_and_plants(raw: FactorEstimate, units: _Units, fold: Integers) -> FactorEstimate:
    """The wider of the bounds that hold for plants and for units: a large plant errs with all of its units at once."""
    both = [
        calibrate_bounds(raw, units.log_factor, weight=weight, fold=fold)
        for weight in (units.weight, np.ones_like(units.weight))
    ]
    lower, upper = np.minimum(both[0].lower, both[1].lower), np.maximum(both[0].upper, both[1].upper)
    return FactorEstimate(raw.middle, lower, upper)


def _select(year: UnitYear, traits: Traits, *, fuel: str, pollutant: str, driver: str) -> _Units:
    """The running units of a fuel in one year."""
    energy = (year.energy_kwh * year.weight_h).sum(axis=1)
    heat = (year.mean(year.heat_gj) * year.weight_h).sum(axis=1)
    row = np.flatnonzero((year.unit["fuel_type"] == fuel).to_numpy() & (energy > 0) & (heat > 0))
    plant = traits.plant[row]
    _, number, size = np.unique(plant, return_inverse=True, return_counts=True)
    emission = (year.emission(pollutant) * year.weight_h).sum(axis=1)[row]
    amount = (energy if driver == "per_kwh" else heat)[row]
    columns = traits.power if driver == "per_kwh" else np.column_stack([traits.power, traits.heat])
    log_factor = np.log(np.maximum(emission / amount, FLOOR_G[driver]))
    code = year.unit["unit_code"].to_numpy()[row]
    region = year.unit["region"].to_numpy()[row].astype(str)
    ids = np.array([f"{p}/{c}" for p, c in zip(plant.tolist(), code.tolist(), strict=True)], dtype=object)
    return _Units(
        row, plant, region, ids, emission, amount, log_factor, 1 / size[number], columns[row], traits.group[row]
    )


def _leave_out(samples: Sequence[_Units], *, fuel: str, pollutant: str, driver: str, group_by: str) -> LeftOut | None:
    units = samples[-1]
    groups, number = np.unique(units.groups(group_by), return_inverse=True)
    is_above = units.log_factor > np.log(FLOOR_G[driver])
    if is_above.sum() < MIN_UNITS or len(groups) < FOLDS:
        return None
    fold = number % FOLDS
    raw = _estimate_out_of_fold(units, fold, samples[:-1], group_by)
    chosen = _choose_models(raw, units, fold, is_judged=is_above)
    estimates = {name: _calibrate_units_and_plants(model, units, fold) for name, model in raw.items()}
    return LeftOut(
        fuel,
        pollutant,
        driver,
        units.row,
        units.plant,
        units.driver,
        units.emission_g,
        units.log_factor,
        _add_selected(estimates, chosen, fold),
        raw,
        chosen,
        units.weight,
        fold,
    )


def _estimate_out_of_fold(
    units: _Units, fold: Integers, earlier: Sequence[_Units], group_by: str
) -> dict[str, FactorEstimate]:
    """Estimates of every unit from the groups of the other folds, by model, before calibration."""
    parts: dict[str, list[tuple[Flags, FactorEstimate]]] = {}
    for number in range(FOLDS):
        own = fold == number
        fit, left = units.where(~own), units.groups(group_by)[own]
        pooled = [_at_level_of(fit, year.where(~np.isin(year.groups(group_by), left))) for year in earlier]
        for name, estimate in _estimate_models(_stack([*pooled, fit]), units.where(own)).items():
            parts.setdefault(name, []).append((own, estimate))
    return {name: _join(pieces, len(fold)) for name, pieces in parts.items()}


def _at_level_of(last: _Units, earlier: _Units) -> _Units:
    """Units of an earlier year at the level of the last: moved by the median change of the units in both."""
    _, at_last, at_earlier = np.intersect1d(last.unit_id, earlier.unit_id, return_indices=True)
    change = last.log_factor[at_last] - earlier.log_factor[at_earlier]
    shift = float(np.median(change)) if len(change) else 0.0
    return replace(earlier, log_factor=earlier.log_factor + shift, emission_g=earlier.emission_g * float(np.exp(shift)))


def _stack(parts: Sequence[_Units]) -> _Units:
    return _Units(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(_Units)))


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


def _choose_models(raw: dict[str, FactorEstimate], units: _Units, fold: Integers, *, is_judged: Flags) -> list[str]:
    """By fold, the model with the least median error in the other folds, or the mean of two.

    The error is the one that is reported, |estimated / measured − 1| of units above the resolution of the files, so
    that the chosen model is not worse than the class mean in the reported table but by chance.
    """
    chosen = []
    for number in range(FOLDS):
        seen = (fold != number) & is_judged
        tie_share = TIE_SHARE_OF_ONE_PLANT / np.sqrt(max(len(np.unique(units.plant[seen])), 1))
        errors = {
            name: float(np.median(np.abs(np.expm1((model.middle - units.log_factor)[seen]))))
            for name, model in raw.items()
        }
        best = min(errors, key=lambda name: errors[name])
        chosen.append(best if errors[best] < errors[MIXED] * (1 - tie_share) else MIXED)
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
