"""Factors of plants without a monitor, judged by leaving whole plants out.

Belongs here: the models that compete, the split by plant, intervals conformal by plant. Does not: traits, documents.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from bigdata_emis.activity_model.forms.partial_pooling import pool_classes
from bigdata_emis.arrays import Flags, Floats, Integers, Texts
from bigdata_emis.validate.avert.data import UnitYear
from bigdata_emis.validate.avert.forest import forest_quantiles
from bigdata_emis.validate.avert.traits import Traits, traits

FUELS, JUDGED_POLLUTANTS, DRIVERS = ("Coal", "Gas"), ("NOx", "SO2"), ("per_kwh", "per_gj")
FOLDS = 8
LOWER_RANK, UPPER_RANK = 0.05, 0.95
LEVEL_SHARE = 0.9
FLOOR_G = {"per_kwh": 5e-5, "per_gj": 5e-3}
"""Grams a kWh and a GJ below which the files, rounded to thousandths of a pound an hour, tell nothing: such a truth stands as the floor."""
MONITOR_VARIANCE = 0.01
"""Variance of the log of a monitored unit's yearly factor: a tenth."""
LEAST_UNITS = 4 * FOLDS
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
"""A mean of two models errs less by chance than either: one alone must beat it by this share of its error to be chosen."""


@dataclass(frozen=True)
class Told:
    """What a model says of units that it has not seen, as logs of the factor: the middle and the 90 % interval."""

    middle: Floats
    lower: Floats
    upper: Floats


@dataclass(frozen=True)
class LeftOut:
    """Units of one fuel, pollutant and driver: where they stand in the year, their plants, the log factor measured, and what models say.

    `raw` is what models say before their intervals are calibrated; `fold` is with which other plants a unit was left out.
    """

    fuel: str
    pollutant: str
    driver: str
    place: Integers
    plant: Integers
    measured: Floats
    told: dict[str, Told]
    raw: dict[str, Told]
    chosen: list[str]
    weight: Floats
    fold: Integers


@dataclass(frozen=True)
class _Plants:
    """The units that a model learns from or is asked about."""

    emission_g: Floats
    driver: Floats
    log_factor: Floats
    weight: Floats
    known: Floats
    group: Texts

    def where(self, chosen: Flags) -> "_Plants":
        return _Plants(
            self.emission_g[chosen],
            self.driver[chosen],
            self.log_factor[chosen],
            self.weight[chosen],
            self.known[chosen],
            self.group[chosen],
        )


def leave_plants_out(year: UnitYear, tell: Callable[[str, int, int], None]) -> list[LeftOut]:
    """Every fuel, pollutant and driver: each plant's units told from other plants alone.

    Power alone tells the factor per kWh; the factor per GJ of fuel is told with the heat rate, which fuel bills give. Classes
    with too few units to be split are left out.
    """
    seen = traits(year)
    tasks = [(f, p, d) for f in FUELS for p in JUDGED_POLLUTANTS for d in DRIVERS]
    found = []
    for number, (fuel, pollutant, driver) in enumerate(tasks):
        tell(f"leave plant out: {fuel} {pollutant} {driver}", number, len(tasks))
        judged = _judge(year, seen, fuel=fuel, pollutant=pollutant, driver=driver)
        found += [judged] if judged else []
    return found


def bin_intervals(task: LeftOut, held: Flags, log_factor: Floats) -> dict[str, Told]:
    """What models say of single bins of units (unit × bin, `held` where there is one): within a year a factor moves, so intervals widen.

    Calibrated like the yearly factor, on the bins of other plants; a plant counts once, however many units and bins it has.
    """
    unit = np.nonzero(held)[0]
    weight = (task.weight / np.maximum(held.sum(axis=1), 1))[unit]
    found = {}
    for name, raw in task.raw.items():
        spread = Told(raw.middle[unit], raw.lower[unit], raw.upper[unit])
        found[name] = calibrated(spread, log_factor[held], weight=weight, fold=task.fold[unit])
    return _with_selected(found, task.chosen, task.fold[unit])


def calibrated(raw: Told, truth: Floats, *, weight: Floats, fold: Integers) -> Told:
    """The bounds moved by ranks of how far truth lay outside (inside: negative) in other folds, by weight (each plant one).

    First the lower for one half of the misses, then the upper for what remains: a truth at the floor is never below it, so
    the lower bound may miss less than its half. A bound never passes the middle.
    Source: conformalised quantiles (Romano, Patterson and Candès 2019) with groups as the exchangeable things.
    """
    lower, upper = np.zeros(len(fold)), np.zeros(len(fold))
    for number in range(FOLDS):
        held = fold == number
        rest = ~held
        seen, counts = truth[rest], weight[rest]
        finite = (counts.sum() + 1) / counts.sum()
        down = _weighted_rank(raw.lower[rest] - seen, counts, min((1 + LEVEL_SHARE) / 2 * finite, 1.0))
        missed = float(np.average(seen < np.minimum(raw.lower[rest] - down, raw.middle[rest]), weights=counts))
        up = _weighted_rank(seen - raw.upper[rest], counts, min((LEVEL_SHARE + missed) * finite, 1.0))
        lower[held], upper[held] = raw.lower[held] - down, raw.upper[held] + up
    return Told(raw.middle, np.minimum(lower, raw.middle), np.maximum(upper, raw.middle))


def _judge(year: UnitYear, seen: Traits, *, fuel: str, pollutant: str, driver: str) -> LeftOut | None:
    energy = (year.energy_kwh * year.weight_h).sum(axis=1)
    heat = (year.mean(year.heat_gj) * year.weight_h).sum(axis=1)
    place = np.flatnonzero((year.unit["fuel_type"] == fuel).to_numpy() & (energy > 0) & (heat > 0))
    plant = seen.plant[place]
    _, number, size = np.unique(plant, return_inverse=True, return_counts=True)
    emission, amount = (
        (year.emission(pollutant) * year.weight_h).sum(axis=1)[place],
        (energy if driver == "per_kwh" else heat)[place],
    )
    if (emission / amount > FLOOR_G[driver]).sum() < LEAST_UNITS or len(size) < FOLDS:
        return None
    known = seen.known[place] if driver == "per_kwh" else np.column_stack([seen.known, seen.heat])[place]
    measured = np.log(np.maximum(emission / amount, FLOOR_G[driver]))
    units = _Plants(emission, amount, measured, 1 / size[number], known, seen.group[place])
    fold = number % FOLDS
    raw = _out_of_fold(units, fold)
    chosen = _choices(raw, units, fold)
    told = {name: calibrated(model, measured, weight=units.weight, fold=fold) for name, model in raw.items()}
    return LeftOut(
        fuel,
        pollutant,
        driver,
        place,
        plant,
        measured,
        _with_selected(told, chosen, fold),
        raw,
        chosen,
        units.weight,
        fold,
    )


def _out_of_fold(units: _Plants, fold: Integers) -> dict[str, Told]:
    """Each model's word on every unit, from the plants of other folds, before calibration."""
    parts: dict[str, list[tuple[Flags, Told]]] = {}
    for number in range(FOLDS):
        held = fold == number
        for name, told in _tell(units.where(~held), units.where(held)).items():
            parts.setdefault(name, []).append((held, told))
    return {name: _joined(pieces, len(fold)) for name, pieces in parts.items()}


def _joined(pieces: list[tuple[Flags, Told]], count: int) -> Told:
    middle, lower, upper = np.zeros(count), np.zeros(count), np.zeros(count)
    for held, told in pieces:
        middle[held], lower[held], upper[held] = told.middle, told.lower, told.upper
    return Told(middle, lower, upper)


def _tell(taught: _Plants, asked: _Plants) -> dict[str, Told]:
    forest = forest_quantiles(
        taught.known, taught.log_factor, asked.known, weight=taught.weight, ranks=(LOWER_RANK, 0.5, UPPER_RANK)
    )
    by_forest = Told(forest[:, 1], forest[:, 0], forest[:, 2])
    boosted = _boosted(taught, asked)
    mixed = (boosted + by_forest.middle) / 2
    shift = mixed - by_forest.middle
    mean = np.log(max(taught.emission_g.sum() / taught.driver.sum(), 1e-12))
    return {
        "class_mean": _bare(np.full(len(asked.weight), mean)),
        "class_median": _bare(np.full(len(asked.weight), np.median(taught.log_factor))),
        "pooled": _pooled(taught, asked),
        "boosted": _bare(boosted),
        "forest": by_forest,
        MIXED: Told(mixed, by_forest.lower + shift, by_forest.upper + shift),
    }


def _bare(middle: Floats) -> Told:
    """A model that says nothing of its error: calibration alone makes its interval."""
    return Told(middle, middle, middle)


def _pooled(taught: _Plants, asked: _Plants) -> Told:
    pool = pool_classes(taught.log_factor, np.full(len(taught.weight), MONITOR_VARIANCE), taught.group)
    told = np.array([pool.of(name).new() for name in asked.group])
    reach = norm.ppf(UPPER_RANK) * np.sqrt(told[:, 1])
    return Told(told[:, 0], told[:, 0] - reach, told[:, 0] + reach)


def _boosted(taught: _Plants, asked: _Plants) -> Floats:
    import lightgbm

    booster = lightgbm.train(
        BOOSTING, lightgbm.Dataset(taught.known, taught.log_factor, weight=taught.weight), num_boost_round=TREES
    )
    return np.asarray(booster.predict(asked.known), dtype=np.float64)


def _choices(raw: dict[str, Told], units: _Plants, fold: Integers) -> list[str]:
    """By fold, the model that the plants of the other folds choose by median error; the mixed one unless another is clearly better."""
    chosen = []
    for number in range(FOLDS):
        rest = fold != number
        missed = {
            name: _weighted_rank(np.abs(m.middle - units.log_factor)[rest], units.weight[rest], 0.5)
            for name, m in raw.items()
        }
        best = min(missed, key=lambda name: missed[name])
        chosen.append(best if missed[best] < missed[MIXED] * (1 - TIE_SHARE) else MIXED)
    return chosen


def _with_selected(told: dict[str, Told], chosen: list[str], fold: Integers) -> dict[str, Told]:
    """The models and, beside them, what the chosen one of each fold says."""
    picked = [(fold == number, told[name]) for number, name in enumerate(chosen)]
    pieces = [(held, Told(m.middle[held], m.lower[held], m.upper[held])) for held, m in picked]
    return {**told, SELECTED: _joined(pieces, len(fold))}


def _weighted_rank(value: Floats, weight: Floats, rank: float) -> float:
    order = np.argsort(value, kind="stable")
    reached = np.cumsum(weight[order]) / weight.sum()
    return float(value[order][min(int((reached < rank - 1e-12).sum()), len(value) - 1)])
