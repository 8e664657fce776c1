"""Operating states of a steel plant: load type of each quarter of an hour, from electricity.

Belongs here: the candidate models, blocked cross-validation, and the document. Does not: reading (data), scores
(class_metrics), charts (plots).
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bigdata_emis.activity_model.operating_state.states import classify_states, fit_states
from bigdata_emis.arrays import Floats, Integers
from bigdata_emis.errors import InputError
from bigdata_emis.validate.class_metrics import (
    apply_temperature,
    conformal_limit,
    fit_temperature,
    is_in_set,
    reliability_bins,
    score_all_classes,
    score_classes,
)
from bigdata_emis.validate.document import Models, SteelDocument, UnitScores
from bigdata_emis.validate.metrics import summarise_units
from bigdata_emis.validate.steel.data import CLASSES, Quarters, read_quarters
from bigdata_emis.validate.steel.plots import steel_charts

Predict = Callable[[Quarters], Floats]
BLOCKS, DAYS_A_WEEK = 4, 7
"""Weeks of the fit months are assigned to the blocks in turn, so that every block has every season."""
FEW_LABELS_DAYS = 20
"""One labelled day in this many, the middle one: 5 % of the labels."""
FEW_LABELS_CHOICES = (2, 6, 10, 14, 18)
"""Which day of the twenty is labelled; the result depends on it, so all choices are reported."""
FEW_LABELS_LEAF = 4
"""Rows in a leaf with few labels: an hour of one day."""
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
MIN_LABELS = 4 * 96
NOTE = (
    "Load_Type follows the hours of the electricity tariff on days on which the plant works: clock, season and "
    "working day determine it. Power alone does not, and states from power alone (unsupervised_states) mean output, "
    "not tariff."
)
STATE_CLASS = (0, 0, 1, 2)
"""Stop and idle are light load, partial is medium, full is maximum."""


@dataclass(frozen=True)
class ModelResult:
    """Class probabilities of one model, shape (rows, classes).

    `outside` are those out of block, for choice and calibration; `scored` those of the score months.
    """

    name: str
    outside: Floats
    scored: Floats
    exponent: float
    limit: float


def validate_steel(
    data: Path, *, fit: tuple[int, ...], score: tuple[int, ...], progress: Callable[[str, int, int], None] | None = None
) -> SteelDocument:
    """Scores, in some calendar months, of models fitted on others.

    Choice and calibration use blocks of the fit months.

    Raises InputError when the months overlap or hold no rows, or when the file cannot be used.
    """
    report = progress or (lambda _what, _done, _all: None)
    quarters = read_quarters(data)
    fit_rows, score_rows = _select_months(quarters, fit), _select_months(quarters, score)
    if set(fit) & set(score):
        raise InputError(
            f"months {sorted(set(fit) & set(score))} are both fitted and scored", "judge on months that were not fitted"
        )
    results = []
    for number, (name, fitter) in enumerate(MODELS.items()):
        report(name, number, len(MODELS))
        results.append(_score_model(name, fitter, fit_rows, score_rows))
    return _document(results, fit_rows, score_rows, fit=fit, score=score)


def _select_months(quarters: Quarters, months: tuple[int, ...]) -> Quarters:
    chosen = quarters.where(np.isin(quarters.month, months))
    if len(chosen.label) < MIN_LABELS or len(set(chosen.label.tolist())) < len(CLASSES):
        raise InputError(
            f"months {list(months)} hold {len(chosen.label)} rows, or not every load type",
            "give months 1 to 12 that the file holds",
        )
    return chosen


def _score_model(
    name: str, fitter: Callable[[Quarters], Predict], fit_rows: Quarters, score_rows: Quarters
) -> ModelResult:
    block = fit_rows.day // DAYS_A_WEEK % BLOCKS
    outside = np.zeros((len(fit_rows.label), len(CLASSES)))
    for number in range(BLOCKS):
        own = block == number
        outside[own] = fitter(fit_rows.where(~own))(fit_rows.where(own))
    exponent = fit_temperature(outside, fit_rows.label)
    calibrated = apply_temperature(outside, exponent)
    scored = apply_temperature(fitter(fit_rows)(score_rows), exponent)
    return ModelResult(name, calibrated, scored, exponent, conformal_limit(calibrated, fit_rows.label))


def _class_shares(label: Integers, group: Integers, groups: int) -> Floats:
    """Share of each class by group, half a row in the overall proportions added so that no class has probability 0."""
    counts = np.zeros((groups, len(CLASSES)))
    np.add.at(counts, (group, label), 1)
    counts += 0.5 * np.bincount(label, minlength=len(CLASSES)) / len(label)
    return np.asarray(counts / counts.sum(axis=1, keepdims=True), dtype=np.float64)


def _fit_week(fit_rows: Quarters) -> Predict:
    shares = _class_shares(fit_rows.label, fit_rows.weekday * 96 + fit_rows.quarter, 7 * 96)
    return lambda quarters: np.asarray(shares[quarters.weekday * 96 + quarters.quarter])


def _fit_thresholds(fit_rows: Quarters) -> Predict:
    """Two thresholds of power at the quantiles of the class shares: the simplest use of labels with power."""
    ranks = np.cumsum(np.bincount(fit_rows.label, minlength=len(CLASSES)))[:-1] / len(fit_rows.label)
    limits = np.quantile(fit_rows.energy_kwh, ranks)
    shares = _class_shares(fit_rows.label, np.digitize(fit_rows.energy_kwh, limits), len(CLASSES))
    return lambda quarters: np.asarray(shares[np.digitize(quarters.energy_kwh, limits)])


def _fit_states(fit_rows: Quarters) -> Predict:
    """States from power alone; labels are used neither for the boundaries nor for the class of a state."""
    parameters = fit_states(fit_rows.energy_kwh)
    certain = np.eye(len(CLASSES))

    def predict(quarters: Quarters) -> Floats:
        return np.asarray(certain[np.array(STATE_CLASS)[classify_states(parameters, quarters.energy_kwh)]])

    return predict


def _boosted(
    columns: Callable[[Quarters], Floats], *, one_day_in: int = 1, which_day: int = 0, least_rows: int = 20
) -> Callable[[Quarters], Predict]:
    def fit(fit_rows: Quarters) -> Predict:
        import lightgbm

        labelled = fit_rows.where(fit_rows.day % one_day_in == which_day)
        booster = lightgbm.train(
            {**BOOSTING, "min_data_in_leaf": least_rows},
            lightgbm.Dataset(columns(labelled), labelled.label),
            num_boost_round=TREES,
        )
        return lambda quarters: np.asarray(booster.predict(columns(quarters)), dtype=np.float64)

    return fit


def _power_columns(quarters: Quarters) -> Floats:
    return quarters.power


def _clock_columns(quarters: Quarters) -> Floats:
    return quarters.clock


def _all_columns(quarters: Quarters) -> Floats:
    return np.hstack([quarters.power, quarters.clock])


def _few_labels(which_day: int) -> Callable[[Quarters], Predict]:
    return _boosted(_clock_columns, one_day_in=FEW_LABELS_DAYS, which_day=which_day, least_rows=FEW_LABELS_LEAF)


MODELS: dict[str, Callable[[Quarters], Predict]] = {
    "hour_of_week_mode": _fit_week,
    "power_thresholds": _fit_thresholds,
    "unsupervised_states": _fit_states,
    "boosted_power": _boosted(_power_columns),
    "boosted_few_labels": _few_labels(FEW_LABELS_DAYS // 2),
    "boosted": _boosted(_all_columns),
}
"""From simple to complex; the first two are the baselines."""


def _document(
    results: list[ModelResult],
    fit_rows: Quarters,
    score_rows: Quarters,
    *,
    fit: tuple[int, ...],
    score: tuple[int, ...],
) -> SteelDocument:
    rows = {m.name: _class_rows(m, m.scored, score_rows) for m in results}
    outside = {
        m.name: score_all_classes(m.outside, fit_rows.label, _class_rows(m, m.outside, fit_rows)) for m in results
    }
    champion = min(results, key=lambda m: outside[m.name]["log_loss"])
    models: Models = {
        m.name: {
            **summarise_units(rows[m.name]),
            **score_all_classes(m.scored, score_rows.label, rows[m.name]),
            "exponent": m.exponent,
            "cross_validation": outside[m.name],
        }
        for m in results
    }
    is_right = champion.scored.argmax(axis=1) == score_rows.label
    return {
        "task": "steel",
        "fit": list(fit),
        "score": list(score),
        "champion": champion.name,
        "months": "fit and score are months of the calendar",
        "note": NOTE,
        "hours": "all quarters of the score months; r2 is the Brier skill of a class, nmb the bias of its share",
        "models": models,
        "units": rows[champion.name],
        "confusion": _confusion(champion.scored, score_rows.label),
        "reliability": reliability_bins(champion.scored.max(axis=1), is_right),
        "few_labels": _accuracy_by_labelled_day(fit_rows, score_rows),
        "plots": steel_charts({m.name: m.scored for m in results}, score_rows, champion=champion.name),
    }


def _accuracy_by_labelled_day(fit_rows: Quarters, score_rows: Quarters) -> dict[str, float]:
    """Accuracy with few labels, by which day of each twenty is labelled."""
    estimated = {day: _few_labels(day)(fit_rows)(score_rows).argmax(axis=1) for day in FEW_LABELS_CHOICES}
    return {
        f"day {day} of {FEW_LABELS_DAYS}": float((labels == score_rows.label).mean())
        for day, labels in estimated.items()
    }


def _class_rows(model: ModelResult, probability: Floats, quarters: Quarters) -> list[UnitScores]:
    inside = is_in_set(probability, quarters.label, model.limit)
    return score_classes(probability, quarters.label, names=CLASSES, inside=inside, model=model.name)


def _confusion(probability: Floats, label: Integers) -> dict[str, dict[str, int]]:
    """By labelled class, how often each class was the likeliest."""
    counts = [
        np.bincount(probability[label == number].argmax(axis=1), minlength=len(CLASSES)).tolist()
        for number in range(len(CLASSES))
    ]
    return {name: dict(zip(CLASSES, row, strict=True)) for name, row in zip(CLASSES, counts, strict=True)}
