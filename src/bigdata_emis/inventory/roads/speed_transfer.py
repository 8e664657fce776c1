"""Speed of links without a reading, learnt on links that have one and are treated as if they had none.

Belongs here: boosted trees fitted across links, intervals from links left out. Does not: their inputs (silent_speed,
unseen_speed).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import lightgbm
import numpy as np

from bigdata_emis.arrays import Floats, Integers
from bigdata_emis.statistics.conformal import scaled_conformal_bounds

FOLDS = 5
ROUNDS, SPREAD_ROUNDS = 150, 60
SEED = 1
LEAST_SPREAD = 0.3
"""Least expected error, in the unit of speed, so that no score is divided by almost nothing."""
TREES: dict[str, Any] = {
    "verbose": -1,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "seed": SEED,
    "learning_rate": 0.04,
    "num_leaves": 15,
    "min_data_in_leaf": 150,
    "feature_fraction": 0.3,
    "bagging_fraction": 0.5,
    "bagging_freq": 1,
    "lambda_l2": 20.0,
}
OBJECTIVES = ("l2", "l1")


@dataclass(frozen=True)
class LinkRows:
    """Rows of links and times: inputs (rows, columns), a first estimate of the speed (rows,), link number (rows,)."""

    inputs: Floats
    start: Floats
    link: Integers


@dataclass(frozen=True)
class SpeedEstimate:
    """Estimated speed of each row with its 90 % interval, (rows,)."""

    value: Floats
    p05: Floats
    p95: Floats


def transfer_speed(seen: LinkRows, speed: Floats, unseen: LinkRows) -> SpeedEstimate:
    """Speed of unseen rows: first estimate plus the deviation that trees learnt on seen links.

    Links are divided into folds; each fold is estimated by trees of the others, and an unseen row by the mean of all.
    The expected size of an error is learnt in the same way, so that a link never judges itself: with the sizes of
    the links that taught them the scores would be too small, and the intervals too narrow. Errors of the folds,
    divided by their expected size, give the interval.

    Source: Lei et al. (2018), J. Am. Stat. Assoc. 113, 1094, section 5.2 (locally weighted split conformal), with
    links in place of single rows.
    """
    _, number = np.unique(seen.link, return_inverse=True)
    fold = number % FOLDS
    deviation = speed - seen.start
    left_out, unseen_deviation = _across_folds(seen.inputs, deviation, unseen.inputs, fold, OBJECTIVES, ROUNDS)
    value = unseen.start + unseen_deviation
    error = deviation - left_out
    inputs, unseen_inputs = (
        np.column_stack([rows.inputs, estimate]) for rows, estimate in ((seen, seen.start + left_out), (unseen, value))
    )
    sizes = _across_folds(inputs, np.abs(error), unseen_inputs, fold, ("l1",), SPREAD_ROUNDS)
    spread, unseen_spread = (np.maximum(size, LEAST_SPREAD) for size in sizes)
    low, high = scaled_conformal_bounds(value, unseen_spread, error / spread)
    return SpeedEstimate(value=np.maximum(value, 0.0), p05=np.maximum(low, 0.0), p95=high)


def _across_folds(
    inputs: Floats, target: Floats, unseen: Floats, fold: Integers, objectives: Sequence[str], rounds: int
) -> tuple[Floats, Floats]:
    """Each row by the trees of the other folds, and unseen rows by the mean over the folds."""
    left_out, of_unseen = np.empty(len(target)), []
    for part in range(FOLDS):
        is_other = fold != part
        boosters = [_fit(inputs[is_other], target[is_other], name, rounds) for name in objectives]
        left_out[~is_other] = _mean_of(boosters, inputs[~is_other])
        of_unseen.append(_mean_of(boosters, unseen))
    mean: Floats = np.mean(of_unseen, axis=0)
    return left_out, mean


def _fit(inputs: Floats, target: Floats, objective: str, rounds: int) -> lightgbm.Booster:
    return lightgbm.train(TREES | {"objective": objective}, lightgbm.Dataset(inputs, target), num_boost_round=rounds)


def _mean_of(boosters: list[lightgbm.Booster], inputs: Floats) -> Floats:
    mean: Floats = np.mean([np.asarray(booster.predict(inputs), dtype=np.float64) for booster in boosters], axis=0)
    return mean
