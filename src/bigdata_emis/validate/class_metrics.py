"""How well probabilities of classes agree with the classes that were seen.

Belongs here: metrics of labels and probabilities, calibration, prediction sets. Does not: which rows count, models.
"""

from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar

from bigdata_emis.arrays import Flags, Floats, Integers

LEVEL_SHARE = 0.9
LEAST_PROBABILITY = 1e-6
RELIABILITY_BINS = 10


def class_rows(probability: Floats, label: Integers, *, names: tuple[str, ...], inside: Flags) -> list[dict[str, Any]]:
    """One row a class that occurs: how its probability follows its indicator, and precision, recall, F1 of the likeliest class.

    r2 is the Brier skill: 1 − sum (p − o)² / sum (o − mean o)², o being one where the class is seen. nmb = sum (p − o) / sum o;
    mae = mean |p − o|, nmae = mae over mean o; coverage_90 is the share of the class's rows inside their prediction set.
    """
    taken = probability.argmax(axis=1)
    rows = []
    for number, name in enumerate(names):
        seen, said = label == number, taken == number
        if not seen.any():
            continue
        p, o = probability[:, number], seen.astype(np.float64)
        hits = int((seen & said).sum())
        precision, recall = hits / max(int(said.sum()), 1), hits / int(seen.sum())
        spread = float(((o - o.mean()) ** 2).sum())
        rows.append(
            {
                "id": name,
                "r2": 1 - float(((p - o) ** 2).sum()) / spread if spread else 1 - float(((p - o) ** 2).sum()),
                "nmb": float((p - o).sum() / o.sum()),
                "mae": float(np.abs(p - o).mean()),
                "nmae": float(np.abs(p - o).mean() / o.mean()),
                "coverage_90": float(inside[seen].mean()),
                "n": int(seen.sum()),
                "precision": precision,
                "recall": recall,
                "f1": 2 * hits / (int(said.sum()) + int(seen.sum())),
            }
        )
    return rows


def overall(probability: Floats, label: Integers, rows: list[dict[str, Any]]) -> dict[str, float]:
    """Accuracy, mean F1 over classes, log loss, and the expected calibration error of the likeliest class."""
    confidence, right = probability.max(axis=1), probability.argmax(axis=1) == label
    own = probability[np.arange(len(label)), label]
    return {
        "accuracy": float(right.mean()),
        "macro_f1": float(np.mean([row["f1"] for row in rows])),
        "log_loss": float(-np.log(np.maximum(own, LEAST_PROBABILITY)).mean()),
        "calibration_error": sum(abs(b["said"] - b["came"]) * b["n"] for b in reliability(confidence, right))
        / len(label),
    }


def reliability(confidence: Floats, came_true: Flags) -> list[dict[str, float]]:
    """By tenths of what was said: the mean probability said, the share that came true, and how many."""
    place = np.minimum((confidence * RELIABILITY_BINS).astype(np.int64), RELIABILITY_BINS - 1)
    bins = [place == b for b in range(RELIABILITY_BINS)]
    return [
        {"said": float(confidence[b].mean()), "came": float(came_true[b].mean()), "n": int(b.sum())}
        for b in bins
        if b.any()
    ]


def temperature(probability: Floats, label: Integers) -> float:
    """The exponent on probabilities that makes the log loss of rows not fitted least (Guo et al. 2017): below one it humbles."""
    logs = np.log(np.maximum(probability, LEAST_PROBABILITY))

    def loss(exponent: float) -> float:
        scaled = exponent * logs
        return float((np.log(np.exp(scaled).sum(axis=1)) - scaled[np.arange(len(label)), label]).mean())

    return float(minimize_scalar(loss, bounds=(0.1, 3.0), method="bounded").x)


def tempered(probability: Floats, exponent: float) -> Floats:
    """The probabilities raised to the exponent, adding up to one."""
    raised = np.maximum(probability, LEAST_PROBABILITY) ** exponent
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), dtype=np.float64)


def set_limit(probability: Floats, label: Integers) -> float:
    """The least probability with which a class enters the 90 % prediction set: conformal, from rows not fitted."""
    own = np.sort(1 - probability[np.arange(len(label)), label])
    rank = min(int(np.ceil(LEVEL_SHARE * (len(own) + 1))), len(own))
    return float(1 - own[rank - 1])


def in_set(probability: Floats, label: Integers, limit: float) -> Flags:
    """Whether the class seen lies in its row's set; a set holds at least the likeliest class."""
    own = probability[np.arange(len(label)), label]
    return np.asarray((own >= limit) | (own >= probability.max(axis=1)))
