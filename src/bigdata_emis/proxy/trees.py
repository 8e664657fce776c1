"""Boosted trees as plain numbers: fitted by LightGBM, kept and evaluated without it.

Belongs here: fitting, flattening and walking trees. Does not: what the trees correct (forms).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bigdata_emis.proxy.series import Floats, LineSeries

TREES, LEAVES, LEARNING_SHARE, LEAF_HOURS = 60, 8, 0.1, 20
HUBER_SHARE = 0.05
"""Errors beyond this share of the mean activity pull linearly: a few wrong hours must not bend the model."""
DIGITS = 6


def features(series: LineSeries) -> Floats:
    """What a tree may ask of an hour, by column; the order is part of every stored model."""
    return np.column_stack([
        series.energy_kwh, series.previous_kwh, series.next_kwh, series.hours_since_start, series.hours_to_stop,
        series.hours_to_start, series.hours_off_before,
    ])  # fmt: skip


def fit_trees(series: LineSeries, target: Floats) -> list[dict[str, list[float]]]:
    """Trees for a target scaled to a mean of about one; the same input gives the same trees."""
    import lightgbm

    parameters = {
        "objective": "huber", "alpha": HUBER_SHARE, "num_leaves": LEAVES, "learning_rate": LEARNING_SHARE, "min_data_in_leaf": LEAF_HOURS,
        "num_threads": 1, "deterministic": True, "force_row_wise": True, "verbose": -1, "seed": 1,
    }  # fmt: skip
    booster = lightgbm.train(parameters, lightgbm.Dataset(features(series), target), num_boost_round=TREES)
    return [_flat(tree["tree_structure"]) for tree in booster.dump_model()["tree_info"]]


def walk_trees(trees: list[dict[str, list[float]]], series: LineSeries) -> Floats:
    """The sum of the leaves that each hour falls into."""
    asked = features(series)
    total = np.zeros(len(asked))
    for tree in trees:
        total += _leaf(tree, asked)
    return total


def _flat(root: dict[str, Any]) -> dict[str, list[float]]:
    """A tree as lists by node: feature (-1 in a leaf), threshold (its value in a leaf), and where left and right lie."""
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


def _leaf(tree: dict[str, list[float]], asked: Floats) -> Floats:
    feature, threshold = np.asarray(tree["feature"], dtype=np.int64), np.asarray(tree["threshold"], dtype=np.float64)
    left, right = np.asarray(tree["left"], dtype=np.int64), np.asarray(tree["right"], dtype=np.int64)
    is_split, column = feature >= 0, np.maximum(feature, 0)
    at: NDArray[np.int64] = np.zeros(len(asked), dtype=np.int64)
    first = np.arange(len(asked)) * asked.shape[1]
    flat = asked.ravel()
    while is_split[at].any():
        goes_left = flat.take(first + column[at]) <= threshold[at]
        at = np.where(goes_left, left[at], right[at])
    return threshold[at]
