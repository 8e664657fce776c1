"""Gradient-boosted trees fitted by LightGBM and converted to plain numbers, so that prediction needs no LightGBM.

Belongs here: features, fitting, and the conversion of trees.
Does not: evaluating trees (boosted_predict), what they correct (candidate_forms).
"""

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from bigdata_emis.activity_model.forms.boosted_predict import FIRST_FEATURE, LEAF, LEAF_UNIT, MAX_FEATURES
from bigdata_emis.activity_model.inputs.line_series import LineSeries
from bigdata_emis.arrays import Flags, Floats

TREES, LEAVES, LEARNING_SHARE, LEAF_HOURS, BINS = 60, 8, 0.3, 5, 63
"""Small leaves, since starts and stops are few hours of a year; few trees, since every line has a stored model.

Chosen on New York units of 2017, judged on 2018. Leaves of 5 to 10 hours do equally well, of 100 hours far worse; 63
to 255 bins a feature do equally well. No gain from lower learning rates, bagging, linear leaves, means of the last
day's load, the load of all units, the hour, or the day of the year."""
HUBER_SHARE = 0.05
"""Errors above this share of the mean activity count by their size, not by its square: wrong hours matter less.

Source: Huber (1964), Ann. Math. Stat. 35, 73. On New York units of 2018, 0.03 to 0.05 did equally well; less and
more, and the mean of trees for the median and for the mean, did worse."""
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
ALL_DIGITS = 17
"""Significant digits that distinguish any two double-precision numbers."""
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
"""Features of a line's own hours, in the column order of feature_matrix."""
KNOWN_SHARE = 0.9
"""Minimum share of training hours in which a covariate must be known to be used."""


def feature_matrix(series: LineSeries, covariates: dict[str, float]) -> Floats:
    """Features of each hour, `(hours, features)`.

    The column order is part of every stored model. `covariates` names the covariates to add, with the value to use
    where one is unknown. Differences to the neighbouring hours are columns of their own, since a tree would need many
    splits to distinguish a ramp from two loads.
    """
    count = len(series.energy_kwh)
    covariate_columns = [_filled(series.covariates.get(name), count, value) for name, value in covariates.items()]
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
            *covariate_columns,
        ]
    )


def covariate_medians(series: LineSeries) -> dict[str, float]:
    """Medians of the covariates that are known in nearly all hours, sorted by name."""
    usable = {
        name: value for name, value in sorted(series.covariates.items()) if np.isfinite(value).mean() >= KNOWN_SHARE
    }
    return {name: float(np.nanmedian(value)) for name, value in usable.items()}


def lacks_covariate(series: LineSeries, covariates: Iterable[str]) -> Flags:
    """Hours in which at least one of the covariates is unknown."""
    is_unknown = np.zeros(len(series.energy_kwh), dtype=np.bool_)
    for name in covariates:
        value = series.covariates.get(name)
        is_unknown |= True if value is None else ~np.isfinite(value)
    return is_unknown


class BinnedHours:
    """Feature values `(hours, features)` as a LightGBM data set, binned once for all targets."""

    def __init__(self, feature_values: Floats) -> None:
        import lightgbm

        self.feature_values = feature_values
        self.data: Any = lightgbm.Dataset(feature_values, params=PARAMETERS)

    @cached_property
    def sorted_values(self) -> Floats:
        """Values of each feature in ascending order, `(features, hours)`."""
        return np.sort(np.ascontiguousarray(self.feature_values.T), axis=1)


def fit_trees(hours: BinnedHours, target: Floats, weight: Floats) -> dict[str, Any]:
    """Boosted trees for a target scaled to about one, in the form that boosted_predict reads.

    `target` and `weight` are `(hours,)`. The same input gives the same trees.

    Raises:
        ValueError: there are more features than letters for them.
    """
    import lightgbm

    if hours.feature_values.shape[1] > MAX_FEATURES:
        raise ValueError(
            f"boosted trees with {hours.feature_values.shape[1]} features: expected at most {MAX_FEATURES}"
            " - use fewer covariates"
        )
    hours.data.set_label(target).set_weight(weight)
    # Keeping the training booster avoids writing the model to text and parsing it again.
    booster = lightgbm.train(PARAMETERS, hours.data, num_boost_round=TREES, keep_training_booster=True)
    trees = list(_parse_trees(booster.model_to_string()))
    splits = [(tree.feature[node], tree.threshold[node]) for tree in trees for node in tree.order if node >= 0]
    return {
        "nodes": " ".join(map(_encode_nodes, trees)),
        "threshold": _shorten_thresholds(splits, hours.sorted_values),
        "leaf_millionths": [round(tree.leaf[~node] * LEAF_UNIT) for tree in trees for node in tree.order if node < 0],
    }


def _filled(value: Floats | None, count: int, default: float) -> Floats:
    return np.full(count, default) if value is None else np.where(np.isfinite(value), value, default)


class _Tree(NamedTuple):
    """A tree with LightGBM's node numbers: splits from 0, leaves from -1 down; `order` lists both in preorder."""

    feature: list[int]
    threshold: list[float]
    leaf: list[float]
    order: list[int]


def _parse_trees(text: str) -> Iterator[_Tree]:
    """Trees of a model in LightGBM's text format, which takes a fifth of the time of its JSON."""
    for tree_text in text.split("\nTree=")[1:]:
        lists = dict(line.split("=", 1) for line in tree_text.split("\n\n", 1)[0].splitlines()[1:])
        feature, left, right = (
            list(map(int, lists.get(name, "").split())) for name in ("split_feature", "left_child", "right_child")
        )
        threshold, leaf = (list(map(float, lists.get(name, "").split())) for name in ("threshold", "leaf_value"))
        order, stack = [], [0 if feature else -1]
        while stack:
            node = stack.pop()
            order.append(node)
            stack += [right[node], left[node]] if node >= 0 else []
        yield _Tree(feature, threshold, leaf, order)


def _encode_nodes(tree: _Tree) -> str:
    return "".join(chr(ord(FIRST_FEATURE) + tree.feature[node]) if node >= 0 else LEAF for node in tree.order)


def _shorten_thresholds(splits: list[tuple[int, float]], sorted_values: Floats) -> list[float]:
    """Each threshold in as few digits as possible, such that no training hour changes sides.

    It stays in the middle half of the gap between the two training values that it separates.
    """
    short = {split: _shorten(split[1], sorted_values[split[0]]) for split in dict.fromkeys(splits)}
    return [short[split] for split in splits]


def _shorten(threshold: float, sorted_values: Floats) -> float:
    position = int(np.searchsorted(sorted_values, threshold, side="right"))
    if not 0 < position < len(sorted_values):
        return threshold
    below, above = float(sorted_values[position - 1]), float(sorted_values[position])
    for digits in range(1, ALL_DIGITS):
        rounded = float(f"{threshold:.{digits}g}")
        if below < rounded < above and abs(rounded - threshold) <= (above - below) / 4:
            return int(rounded) if rounded.is_integer() else rounded
    return threshold
