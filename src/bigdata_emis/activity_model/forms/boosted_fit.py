"""Boosted trees as plain numbers: what they ask of an hour, fitted by LightGBM, kept without it.

Belongs here: features, fitting and writing trees. Does not: evaluating them (tree_walk), what they correct (forms).
"""

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from bigdata_emis.activity_model.forms.boosted_predict import FIRST_FEATURE, LEAF, LEAF_UNIT, MOST_FEATURES
from bigdata_emis.activity_model.inputs.line_series import LineSeries
from bigdata_emis.arrays import Flags, Floats

TREES, LEAVES, LEARNING_SHARE, LEAF_HOURS, BINS = 60, 8, 0.3, 5, 63
"""Small leaves, since starts and stops are few hours of a year; few trees, since a model is kept for every line.

Chosen on New York units of 2017 judged on 2018: leaves of 5 to 10 hours do alike, of 100 hours far worse; 63 to 255 bins of a feature
do alike; lower rates, bagging, straight lines in the leaves, means of the last day's load, the load of all units, the hour and the day
of the year gain nothing there."""
HUBER_SHARE = 0.05
"""Errors above this share of the mean activity count by their size, not by its square, so that wrong hours do not bend a model (Huber 1964).

On New York units of 2018 0.03 to 0.05 did alike; less and more, and the mean of trees for the median and for the mean, did worse."""
PARAMETERS = {
    "objective": "huber",
    "alpha": HUBER_SHARE,
    "num_leaves": LEAVES,
    "learning_rate": LEARNING_SHARE,
    "min_data_in_leaf": LEAF_HOURS,
    "max_bin": BINS,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "verbose": -1,
    "seed": 1,
}
WHOLE_DIGITS = 17
"""Significant digits that tell any two numbers apart."""
FEATURES = (
    "energy_kwh",
    "previous_kwh",
    "next_kwh",
    "hours_since_start",
    "hours_to_stop",
    "hours_to_start",
    "hours_off_before",
    "second_before_kwh",
    "third_before_kwh",
    "second_after_kwh",
    "third_after_kwh",
    "previous_less_kwh",
    "next_less_kwh",
    "three_hours_kwh",
)
"""What a tree may ask of a line's own hours, in the order of `features`."""
KNOWN_SHARE = 0.9
"""A covariate that is known in fewer of the hours that teach is not asked: hours without it would be too many to go without."""


def features(series: LineSeries, covariates: dict[str, float]) -> Floats:
    """What a tree may ask of an hour, by column; the order is part of every stored model.

    `covariates` names what was measured beside the energy, with the value that stands where it is not known. Differences to
    the neighbours are columns of their own, since a tree would need many steps to tell a ramp from two loads.
    """
    count = len(series.energy_kwh)
    beside = [_filled(series.covariates.get(name), count, value) for name, value in covariates.items()]
    return np.column_stack(
        [
            series.energy_kwh,
            series.previous_kwh,
            series.next_kwh,
            series.hours_since_start,
            series.hours_to_stop,
            series.hours_to_start,
            series.hours_off_before,
            series.earlier_kwh,
            series.later_kwh,
            series.previous_kwh - series.energy_kwh,
            series.next_kwh - series.energy_kwh,
            series.previous_kwh + series.energy_kwh + series.next_kwh,
            *beside,
        ]
    )


def known_covariates(series: LineSeries) -> dict[str, float]:
    """The covariates that are known in nearly all hours, with their medians, in the order of their names."""
    known = {
        name: value for name, value in sorted(series.covariates.items()) if np.isfinite(value).mean() >= KNOWN_SHARE
    }
    return {name: float(np.nanmedian(value)) for name, value in known.items()}


def lacks_covariate(series: LineSeries, covariates: Iterable[str]) -> Flags:
    """Hours in which one of the covariates is not known."""
    unknown = np.zeros(len(series.energy_kwh), dtype=np.bool_)
    for name in covariates:
        value = series.covariates.get(name)
        unknown |= True if value is None else ~np.isfinite(value)
    return unknown


class Binned:
    """Hours as LightGBM's data set, whose bins hang on the features alone: made once for all targets and weights of the same hours."""

    def __init__(self, asked: Floats) -> None:
        import lightgbm

        self.asked = asked
        self.data: Any = lightgbm.Dataset(asked, params=PARAMETERS)

    @cached_property
    def ordered(self) -> Floats:
        """The values of each feature (first axis), from the least to the greatest."""
        return np.sort(np.ascontiguousarray(self.asked.T), axis=1)


def fit_trees(hours: Binned, target: Floats, weight: Floats) -> dict[str, Any]:
    """Trees for a target scaled to about one, as they are stored (tree_walk tells how). The same input gives the same trees.

    Raises ValueError when there are more features than letters that stand for them.
    """
    import lightgbm

    if hours.asked.shape[1] > MOST_FEATURES:
        raise ValueError(
            f"trees can ask for at most {MOST_FEATURES} features, not {hours.asked.shape[1]}: give fewer covariates"
        )
    hours.data.set_label(target).set_weight(weight)
    # Kept as it was trained, the model need not be written to text and read again.
    booster = lightgbm.train(PARAMETERS, hours.data, num_boost_round=TREES, keep_training_booster=True)
    trees = list(_trees(booster.model_to_string()))
    splits = [(tree.feature[node], tree.threshold[node]) for tree in trees for node in tree.order if node >= 0]
    return {
        "nodes": " ".join(map(_word, trees)),
        "threshold": _shortened(splits, hours.ordered),
        "leaf_millionths": [round(tree.leaf[~node] * LEAF_UNIT) for tree in trees for node in tree.order if node < 0],
    }


def _filled(value: Floats | None, count: int, otherwise: float) -> Floats:
    return np.full(count, otherwise) if value is None else np.where(np.isfinite(value), value, otherwise)


class _Tree(NamedTuple):
    """A tree as LightGBM numbers it: splits from 0, leaves from -1 down; `order` lists both in preorder."""

    feature: list[int]
    threshold: list[float]
    leaf: list[float]
    order: list[int]


def _trees(text: str) -> Iterator[_Tree]:
    """The trees of a model in LightGBM's text format, which takes a fifth of the time of its JSON."""
    for told in text.split("\nTree=")[1:]:
        lists = dict(line.split("=", 1) for line in told.split("\n\n", 1)[0].splitlines()[1:])
        feature, left, right = (
            list(map(int, lists.get(name, "").split())) for name in ("split_feature", "left_child", "right_child")
        )
        threshold, leaf = (list(map(float, lists.get(name, "").split())) for name in ("threshold", "leaf_value"))
        order, waiting = [], [0 if feature else -1]
        while waiting:
            node = waiting.pop()
            order.append(node)
            waiting += [right[node], left[node]] if node >= 0 else []
        yield _Tree(feature, threshold, leaf, order)


def _word(tree: _Tree) -> str:
    return "".join(chr(ord(FIRST_FEATURE) + tree.feature[node]) if node >= 0 else LEAF for node in tree.order)


def _shortened(splits: list[tuple[int, float]], ordered: Floats) -> list[float]:
    """Each threshold in as few digits as keep it in the middle half between the two seen values that it parts: no hour seen changes sides."""
    short = {split: _short(split[1], ordered[split[0]]) for split in dict.fromkeys(splits)}
    return [short[split] for split in splits]


def _short(threshold: float, seen: Floats) -> float:
    place = int(np.searchsorted(seen, threshold, side="right"))
    if not 0 < place < len(seen):
        return threshold
    below, above = float(seen[place - 1]), float(seen[place])
    for digits in range(1, WHOLE_DIGITS):
        near = float(f"{threshold:.{digits}g}")
        if below < near < above and abs(near - threshold) <= (above - below) / 4:
            return int(near) if near.is_integer() else near
    return threshold
