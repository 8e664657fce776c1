"""Scores of class probabilities against observed classes.

Belongs here: scores of labels and probabilities, calibration, prediction sets. Does not: which rows count, models.
"""

import numpy as np
from scipy.optimize import minimize_scalar

from bigdata_emis.arrays import Flags, Floats, Integers
from bigdata_emis.statistics.agreement import explained_variance_share, mean_absolute_error, normalised_mean_bias_share
from bigdata_emis.statistics.conformal import upper_conformal_quantile
from bigdata_emis.validate.document import ClassTotals, ReliabilityBin, UnitScores

LEVEL_SHARE = 0.9
MIN_PROBABILITY = 1e-6
RELIABILITY_BINS = 10


def score_classes(
    probability: Floats, label: Integers, *, names: tuple[str, ...], inside: Flags, model: str
) -> list[UnitScores]:
    """Scores of each class that occurs: its probability p against its indicator o (0 or 1).

        r2 = 1 − Σ(p − o)² / Σ(o − mean o)²  (Brier skill),  nmb = Σ(p − o) / Σo,  nmae = mae / mean o

    `probability` (rows, classes), `label` (rows,). precision, recall and f1 are those of the likeliest class;
    coverage_90 is the share of the rows of a class whose label is inside its prediction set.
    """
    likeliest = probability.argmax(axis=1)
    return [
        _score_class(probability[:, number], label == number, likeliest == number, inside, name=name, model=model)
        for number, name in enumerate(names)
        if (label == number).any()
    ]


def _score_class(
    probability: Floats, is_observed: Flags, is_estimated: Flags, inside: Flags, *, name: str, model: str
) -> UnitScores:
    indicator = is_observed.astype(np.float64)
    hits = int((is_observed & is_estimated).sum())
    mae = mean_absolute_error(probability, indicator)
    return {
        "model": model,
        "id": name,
        "r2": _brier_skill(probability, indicator),
        "nmb": normalised_mean_bias_share(probability, indicator),
        "mae": mae,
        "nmae": mae / float(indicator.mean()),
        "coverage_90": float(inside[is_observed].mean()),
        "n": int(is_observed.sum()),
        "precision": hits / max(int(is_estimated.sum()), 1),
        "recall": hits / int(is_observed.sum()),
        "f1": 2 * hits / (int(is_estimated.sum()) + int(is_observed.sum())),
    }


def _brier_skill(probability: Floats, indicator: Floats) -> float:
    """Brier skill of one class; of a class that every row has, which leaves no variance, 1 − the Brier sum."""
    if indicator.all():
        return 1 - float(((probability - indicator) ** 2).sum())
    return explained_variance_share(probability, indicator)


def score_all_classes(probability: Floats, label: Integers, rows: list[UnitScores]) -> ClassTotals:
    """Accuracy, mean F1, log loss, and expected calibration error of the likeliest class."""
    confidence, is_right = probability.max(axis=1), probability.argmax(axis=1) == label
    own = probability[np.arange(len(label)), label]
    gaps = sum(abs(b["said"] - b["came"]) * b["n"] for b in reliability_bins(confidence, is_right))
    return {
        "accuracy": float(is_right.mean()),
        "macro_f1": float(np.mean([row["f1"] for row in rows])),
        "log_loss": float(-np.log(np.maximum(own, MIN_PROBABILITY)).mean()),
        "calibration_error": gaps / len(label),
    }


def reliability_bins(confidence: Floats, is_right: Flags) -> list[ReliabilityBin]:
    """Mean confidence, share of right rows, and number of rows, by tenths of the confidence."""
    number = np.minimum((confidence * RELIABILITY_BINS).astype(np.int64), RELIABILITY_BINS - 1)
    bins = [number == b for b in range(RELIABILITY_BINS)]
    return [
        {"said": float(confidence[b].mean()), "came": float(is_right[b].mean()), "n": int(b.sum())}
        for b in bins
        if b.any()
    ]


def fit_temperature(probability: Floats, label: Integers) -> float:
    """The exponent on probabilities with the least log loss on rows not fitted.

    Below 1 it lowers the confidence.

    Source: Guo et al. (2017), On calibration of modern neural networks, temperature scaling.
    """
    logs = np.log(np.maximum(probability, MIN_PROBABILITY))

    def loss(exponent: float) -> float:
        scaled = exponent * logs
        return float((np.log(np.exp(scaled).sum(axis=1)) - scaled[np.arange(len(label)), label]).mean())

    return float(minimize_scalar(loss, bounds=(0.1, 3.0), method="bounded").x)


def apply_temperature(probability: Floats, exponent: float) -> Floats:
    """The probabilities raised to the exponent, scaled to a sum of 1 in each row."""
    raised = np.maximum(probability, MIN_PROBABILITY) ** exponent
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), dtype=np.float64)


def conformal_limit(probability: Floats, label: Integers) -> float:
    """Least probability of a class in the 90 % prediction set, from rows not fitted."""
    own = probability[np.arange(len(label)), label]
    return 1 - upper_conformal_quantile(1 - own, LEVEL_SHARE)


def is_in_set(probability: Floats, label: Integers, limit: float) -> Flags:
    """Whether the observed class of each row is in its prediction set.

    A set always holds the likeliest class.
    """
    own = probability[np.arange(len(label)), label]
    return np.asarray((own >= limit) | (own >= probability.max(axis=1)))
