"""Boosted trees as plain numbers: fitted by LightGBM, kept and evaluated without it.

Belongs here: fitting, flattening and walking trees. Does not: what the trees correct (forms).
"""

from collections.abc import Iterable
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bigdata_emis.proxy.series import Floats, LineSeries

TREES, LEAVES, LEARNING_SHARE, LEAF_HOURS = 60, 8, 0.3, 5
"""Small leaves, since starts and stops are few hours of a year; few trees, since a model is kept for every line.

Chosen on New York units of 2017 judged on 2018: leaves of 5 to 10 hours do alike, of 100 hours far worse; lower rates, bagging,
straight lines in the leaves, means of the last day's load, the load of all units, the hour and the day of the year gain nothing there."""
HUBER_SHARE = 0.05
"""Errors above this share of the mean activity count by their size, not by its square, so that wrong hours do not bend a model (Huber 1964).

On New York units of 2018 0.03 to 0.05 did alike; less and more, and the mean of trees for the median and for the mean, did worse."""
PARAMETERS = {
    "objective": "huber", "alpha": HUBER_SHARE, "num_leaves": LEAVES, "learning_rate": LEARNING_SHARE, "min_data_in_leaf": LEAF_HOURS,
    "num_threads": 1, "deterministic": True, "force_row_wise": True, "verbose": -1, "seed": 1,
}  # fmt: skip
DIGITS = 6
WALKED_TOGETHER = 1 << 13
"""So many steps of hours through trees are taken at once: enough that a day costs little, few enough to stay in the processor's cache."""
KNOWN_SHARE = 0.9
"""A covariate that is known in fewer of the hours that teach is not asked: hours without it would be too many to go without."""


def features(series: LineSeries, covariates: dict[str, float]) -> Floats:
    """What a tree may ask of an hour, by column; the order is part of every stored model.

    `covariates` names what was measured beside the energy, with the value that stands where it is not known. Differences to
    the neighbours are columns of their own, since a tree would need many steps to tell a ramp from two loads.
    """
    count = len(series.energy_kwh)
    beside = [_filled(series.covariates.get(name), count, value) for name, value in covariates.items()]
    return np.column_stack([
        series.energy_kwh, series.previous_kwh, series.next_kwh, series.hours_since_start, series.hours_to_stop,
        series.hours_to_start, series.hours_off_before, series.earlier_kwh, series.later_kwh,
        series.previous_kwh - series.energy_kwh, series.next_kwh - series.energy_kwh, series.previous_kwh + series.energy_kwh + series.next_kwh,
        *beside,
    ])  # fmt: skip


def known_covariates(series: LineSeries) -> dict[str, float]:
    """The covariates that are known in nearly all hours, with their medians, in the order of their names."""
    known = {name: value for name, value in sorted(series.covariates.items()) if np.isfinite(value).mean() >= KNOWN_SHARE}
    return {name: float(np.nanmedian(value)) for name, value in known.items()}


def lacks_covariate(series: LineSeries, covariates: Iterable[str]) -> NDArray[np.bool_]:
    """Hours in which one of the covariates is not known."""
    unknown = np.zeros(len(series.energy_kwh), dtype=np.bool_)
    for name in covariates:
        value = series.covariates.get(name)
        unknown |= True if value is None else ~np.isfinite(value)
    return unknown


def binned(asked: Floats) -> Any:
    """Hours as LightGBM's data set, whose bins hang on the features alone: made once for all targets and weights of the same hours."""
    import lightgbm

    return lightgbm.Dataset(asked, params=PARAMETERS)


def fit_trees(asked: Any, target: Floats, weight: Floats) -> list[dict[str, list[float]]]:
    """Trees for a target scaled to about one, over binned hours. The same input gives the same trees."""
    import lightgbm

    asked.set_label(target).set_weight(weight)
    # Kept as it was trained, the model need not be written to text and read again.
    booster = lightgbm.train(PARAMETERS, asked, num_boost_round=TREES, keep_training_booster=True)
    return [_flat(tree["tree_structure"]) for tree in booster.dump_model()["tree_info"]]


def walk_trees(trees: list[dict[str, list[float]]], asked: Floats) -> Floats:
    """The sum of the leaves that each hour falls into, added in the order of the trees."""
    total = np.zeros(len(asked))
    together = max(WALKED_TOGETHER // max(len(asked), 1), 1)
    for start in range(0, len(trees), together):
        for leaf in _leaves(trees[start : start + together], asked):
            total += leaf
    return total


def _filled(value: Floats | None, count: int, otherwise: float) -> Floats:
    return np.full(count, otherwise) if value is None else np.where(np.isfinite(value), value, otherwise)


def _flat(root: dict[str, Any]) -> dict[str, list[float]]:
    """A tree as lists by node: feature (-1 in a leaf), threshold (a leaf's value), and where left and right lie."""
    nodes: dict[str, list[float]] = {"feature": [], "threshold": [], "left": [], "right": []}

    def add(node: dict[str, Any]) -> int:
        at = len(nodes["feature"])
        is_leaf = "leaf_value" in node
        nodes["feature"].append(-1 if is_leaf else int(node["split_feature"]))
        # A threshold is kept whole: rounding could move it across a value that occurs.
        nodes["threshold"].append(round(float(node["leaf_value"]), DIGITS) if is_leaf else float(node["threshold"]))
        nodes["left"].append(at)
        nodes["right"].append(at)
        if not is_leaf:
            nodes["left"][at] = add(node["left_child"])
            nodes["right"][at] = add(node["right_child"])
        return at

    add(root)
    return nodes


def _leaves(trees: list[dict[str, list[float]]], asked: Floats) -> Floats:
    """The leaf that each hour falls into, by tree: all trees are walked at once, their nodes being numbered one after another."""
    nodes = [len(tree["feature"]) for tree in trees]
    first_node = np.cumsum([0, *nodes[:-1]])
    feature, left, right = (np.array(list(chain.from_iterable(tree[name] for tree in trees)), dtype=np.int64) for name in ("feature", "left", "right"))
    threshold = np.array(list(chain.from_iterable(tree["threshold"] for tree in trees)), dtype=np.float64)
    left, right = left + np.repeat(first_node, nodes), right + np.repeat(first_node, nodes)
    is_split, column = feature >= 0, np.maximum(feature, 0)
    at: NDArray[np.int64] = np.repeat(first_node[:, None], len(asked), axis=1)
    first = np.arange(len(asked)) * asked.shape[1]
    flat = asked.ravel()
    while is_split.take(at).any():
        goes_left = flat.take(first + column.take(at)) <= threshold.take(at)
        at = np.where(goes_left, left.take(at), right.take(at))
    return np.asarray(threshold.take(at), dtype=np.float64)
