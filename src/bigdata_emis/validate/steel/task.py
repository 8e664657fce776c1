"""Operating states judged on a steel plant: the load type of each quarter of an hour, told from its electricity.

Belongs here: the models that compete, how they are judged by blocks of months, and the document. Does not: reading, metrics.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bigdata_emis.activity_model.operating_state.states import fit_states, state_numbers
from bigdata_emis.arrays import Floats, Integers
from bigdata_emis.errors import InputError
from bigdata_emis.validate.class_metrics import (
    class_rows,
    in_set,
    overall,
    reliability,
    set_limit,
    temperature,
    tempered,
)
from bigdata_emis.validate.metrics import summary
from bigdata_emis.validate.steel.data import CLASSES, Quarters, read_quarters
from bigdata_emis.validate.steel.plots import steel_plots

Predict = Callable[[Quarters], Floats]
BLOCKS, DAYS_A_WEEK = 4, 7
"""Blocks of whole weeks within the fit months, dealt in turn: each is predicted from the others, and every block has every season."""
FEW_LABELS_DAYS = 20
"""One labelled day in so many, the middle one: 5 % of the labels."""
FEW_LABELS_CHOICES = (2, 6, 10, 14, 18)
"""Which day of the twenty is labelled: which days they are matters, so all choices are told."""
FEW_LABELS_LEAF = 4
"""Rows in a leaf then: an hour of one day."""
BOOSTING = {
    "objective": "multiclass",
    "num_class": len(CLASSES),
    "num_leaves": 15,
    "learning_rate": 0.05,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "verbose": -1,
    "seed": 1,
}
TREES = 100
LEAST_LABELS = 4 * 96
NOTE = (
    "Load_Type follows the hours of the electricity tariff on days on which the plant works: with clock, season and a working day it is "
    "determined. Power alone cannot tell it, and the states told from power alone (unsupervised_states) mean output, not tariff."
)
STATE_CLASS = (0, 0, 1, 2)
"""Stop and idle are light load, partial is medium, full is maximum."""


@dataclass(frozen=True)
class Judged:
    """A model's probabilities out of block (to choose and to calibrate by) and in the score months."""

    name: str
    outside: Floats
    scored: Floats
    exponent: float
    limit: float


def validate_steel(
    data: Path, *, fit: tuple[int, ...], score: tuple[int, ...], progress: Callable[[str, int, int], None] | None = None
) -> dict[str, Any]:
    """Fit on some months, score on others (numbers of the calendar, 1 to 12); choice and calibration by blocks of the fit months.

    Raises InputError when the months overlap or hold no rows, or when the file cannot be used.
    """
    tell = progress or (lambda _what, _done, _all: None)
    quarters = read_quarters(data)
    taught, asked = _months(quarters, fit), _months(quarters, score)
    if set(fit) & set(score):
        raise InputError(
            f"months {sorted(set(fit) & set(score))} are both fitted and scored", "judge on months that were not fitted"
        )
    judged = []
    for number, (name, fitter) in enumerate(MODELS.items()):
        tell(name, number, len(MODELS))
        judged.append(_judge(name, fitter, taught, asked))
    return _document(judged, taught, asked, fit=fit, score=score)


def _months(quarters: Quarters, months: tuple[int, ...]) -> Quarters:
    chosen = quarters.where(np.isin(quarters.month, months))
    if len(chosen.label) < LEAST_LABELS or len(set(chosen.label.tolist())) < len(CLASSES):
        raise InputError(
            f"months {list(months)} hold {len(chosen.label)} rows, or not every load type",
            "give months 1 to 12 that the file holds",
        )
    return chosen


def _judge(name: str, fitter: Callable[[Quarters], Predict], taught: Quarters, asked: Quarters) -> Judged:
    block = taught.day // DAYS_A_WEEK % BLOCKS
    outside = np.zeros((len(taught.label), len(CLASSES)))
    for number in range(BLOCKS):
        held = block == number
        outside[held] = fitter(taught.where(~held))(taught.where(held))
    exponent = temperature(outside, taught.label)
    calibrated = tempered(outside, exponent)
    scored = tempered(fitter(taught)(asked), exponent)
    return Judged(name, calibrated, scored, exponent, set_limit(calibrated, taught.label))


def _shares(label: Integers, group: Integers, groups: int) -> Floats:
    """Share of each class by group, one half row of every class added so that nothing is impossible."""
    counts = np.zeros((groups, len(CLASSES)))
    np.add.at(counts, (group, label), 1)
    counts += 0.5 * np.bincount(label, minlength=len(CLASSES)) / len(label)
    return np.asarray(counts / counts.sum(axis=1, keepdims=True), dtype=np.float64)


def _fit_week(taught: Quarters) -> Predict:
    shares = _shares(taught.label, taught.weekday * 96 + taught.quarter, 7 * 96)
    return lambda asked: np.asarray(shares[asked.weekday * 96 + asked.quarter])


def _fit_thresholds(taught: Quarters) -> Predict:
    """Two limits of power, by the ranks that the classes' shares call for: the simplest use of labels with power."""
    ranks = np.cumsum(np.bincount(taught.label, minlength=len(CLASSES)))[:-1] / len(taught.label)
    limits = np.quantile(taught.energy_kwh, ranks)
    shares = _shares(taught.label, np.digitize(taught.energy_kwh, limits), len(CLASSES))
    return lambda asked: np.asarray(shares[np.digitize(asked.energy_kwh, limits)])


def _fit_states(taught: Quarters) -> Predict:
    """States of power alone; no label is used, neither for the limits nor for which state is which class."""
    parameters = fit_states(taught.energy_kwh)
    sure = np.eye(len(CLASSES))

    def predict(asked: Quarters) -> Floats:
        return np.asarray(sure[np.array(STATE_CLASS)[state_numbers(parameters, asked.energy_kwh)]])

    return predict


def _boosted(
    columns: Callable[[Quarters], Floats], *, one_day_in: int = 1, which_day: int = 0, least_rows: int = 20
) -> Callable[[Quarters], Predict]:
    def fit(taught: Quarters) -> Predict:
        import lightgbm

        labelled = taught.where(taught.day % one_day_in == which_day)
        booster = lightgbm.train(
            {**BOOSTING, "min_data_in_leaf": least_rows},
            lightgbm.Dataset(columns(labelled), labelled.label),
            num_boost_round=TREES,
        )
        return lambda asked: np.asarray(booster.predict(columns(asked)), dtype=np.float64)

    return fit


def _power(quarters: Quarters) -> Floats:
    return quarters.power


def _clock(quarters: Quarters) -> Floats:
    return quarters.clock


def _all(quarters: Quarters) -> Floats:
    return np.hstack([quarters.power, quarters.clock])


def _few_labels(which_day: int) -> Callable[[Quarters], Predict]:
    return _boosted(_clock, one_day_in=FEW_LABELS_DAYS, which_day=which_day, least_rows=FEW_LABELS_LEAF)


MODELS: dict[str, Callable[[Quarters], Predict]] = {
    "hour_of_week_mode": _fit_week,
    "power_thresholds": _fit_thresholds,
    "unsupervised_states": _fit_states,
    "boosted_power": _boosted(_power),
    "boosted_few_labels": _few_labels(FEW_LABELS_DAYS // 2),
    "boosted": _boosted(_all),
}
"""From simple to rich; the first two are the baselines."""


def _document(
    judged: list[Judged], taught: Quarters, asked: Quarters, *, fit: tuple[int, ...], score: tuple[int, ...]
) -> dict[str, Any]:
    rows = {m.name: _rows(m, m.scored, asked) for m in judged}
    outside = {m.name: overall(m.outside, taught.label, _rows(m, m.outside, taught)) for m in judged}
    champion = min(judged, key=lambda m: outside[m.name]["log_loss"])
    models = {
        m.name: {
            **summary(rows[m.name]),
            **overall(m.scored, asked.label, rows[m.name]),
            "exponent": m.exponent,
            "cross_validation": outside[m.name],
        }
        for m in judged
    }
    right = champion.scored.argmax(axis=1) == asked.label
    return {
        "task": "steel",
        "fit": list(fit),
        "score": list(score),
        "champion": champion.name,
        "months": "fit and score are months of the calendar",
        "note": NOTE,
        "hours": "all quarters of the score months; r2 is the Brier skill of a class, nmb the bias of its share",
        "models": models,
        "units": [{"model": champion.name, **row} for row in rows[champion.name]],
        "confusion": {
            name: dict(zip(CLASSES, _counts(champion.scored, asked.label, i), strict=True))
            for i, name in enumerate(CLASSES)
        },
        "reliability": reliability(champion.scored.max(axis=1), right),
        "few_labels": _choices_of_days(taught, asked),
        "plots": steel_plots({m.name: m.scored for m in judged}, asked, champion=champion.name),
    }


def _choices_of_days(taught: Quarters, asked: Quarters) -> dict[str, float]:
    """Accuracy with few labels, by which day of each twenty is labelled."""
    told = {which: _few_labels(which)(taught)(asked).argmax(axis=1) for which in FEW_LABELS_CHOICES}
    return {
        f"day {which} of {FEW_LABELS_DAYS}": float((labels == asked.label).mean()) for which, labels in told.items()
    }


def _rows(model: Judged, probability: Floats, quarters: Quarters) -> list[dict[str, Any]]:
    inside = in_set(probability, quarters.label, model.limit)
    return class_rows(probability, quarters.label, names=CLASSES, inside=inside)


def _counts(probability: Floats, label: Integers, number: int) -> list[int]:
    """How often each class was said where this one was seen."""
    said: list[int] = np.bincount(probability[label == number].argmax(axis=1), minlength=len(CLASSES)).tolist()
    return said
