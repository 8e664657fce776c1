"""Boosted trees as plain numbers: fitted by LightGBM, kept and evaluated without it.

Belongs here: fitting, flattening and walking trees. Does not: what the trees correct (forms).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bigdata_emis.proxy.series import Floats, LineSeries

TREES, LEAVES, LEARNING_SHARE, LEAF_HOURS = 25, 8, 0.3, 5
"""Small leaves, since starts and stops are few hours of a year; few trees, since a model is kept for every line.

Chosen on New York units of 2017 judged on 2018: leaves of 5 to 10 hours do alike, of 100 hours far worse; more trees, lower
rates, bagging, straight lines in the leaves, the load of neighbouring units, means of the last day's load, the hour and the
day of the year gain nothing there."""
OBJECTIVES = ("regression_l1", "regression")
"""Half of the trees seek the median and half the mean: the first keeps wrong hours from bending the model, the second its sum."""
DIGITS = 6


def features(series: LineSeries, covariates: dict[str, float]) -> Floats:
    """What a tree may ask of an hour, by column; the order is part of every stored model.

    `covariates` names what was measured beside the energy, with the value that stands where it is not known.
    """
    count = len(series.energy_kwh)
    beside = [_filled(series.covariates.get(name), count, value) for name, value in covariates.items()]
    return np.column_stack([
        series.energy_kwh, series.previous_kwh, series.next_kwh, series.hours_since_start, series.hours_to_stop,
        series.hours_to_start, series.hours_off_before, series.earlier_kwh, series.later_kwh, *beside,
    ])  # fmt: skip


def known_covariates(series: LineSeries) -> dict[str, float]:
    """The covariates that are known in some hour, with their medians, in the order of their names."""
    return {name: float(np.nanmedian(value)) for name, value in sorted(series.covariates.items()) if np.isfinite(value).any()}


def fit_trees(asked: Floats, target: Floats, weight: Floats, *, share: float = 1.0) -> list[dict[str, list[float]]]:
    """Trees for a target scaled to about one: their sum is a share of the mean of a model of the median and one of the mean.

    The same input gives the same trees.
    """
    trees: list[dict[str, list[float]]] = []
    for objective in OBJECTIVES:
        trees += [_flat(tree["tree_structure"], share / len(OBJECTIVES)) for tree in _boosted(asked, target, weight, objective)]
    return trees


def _boosted(asked: Floats, target: Floats, weight: Floats, objective: str) -> list[dict[str, Any]]:
    import lightgbm

    parameters = {
        "objective": objective, "num_leaves": LEAVES, "learning_rate": LEARNING_SHARE, "min_data_in_leaf": LEAF_HOURS,
        "num_threads": 1, "deterministic": True, "force_row_wise": True, "verbose": -1, "seed": 1,
    }  # fmt: skip
    booster = lightgbm.train(parameters, lightgbm.Dataset(asked, target, weight=weight), num_boost_round=TREES)
    found: list[dict[str, Any]] = booster.dump_model()["tree_info"]
    return found


def walk_trees(trees: list[dict[str, list[float]]], asked: Floats) -> Floats:
    """The sum of the leaves that each hour falls into."""
    total = np.zeros(len(asked))
    for tree in trees:
        total += _leaf(tree, asked)
    return total


def _filled(value: Floats | None, count: int, otherwise: float) -> Floats:
    return np.full(count, otherwise) if value is None else np.where(np.isfinite(value), value, otherwise)


def _flat(root: dict[str, Any], share: float) -> dict[str, list[float]]:
    """A tree as lists by node: feature (-1 in a leaf), threshold (a leaf's value times a share), and where left and right lie."""
    nodes: dict[str, list[float]] = {"feature": [], "threshold": [], "left": [], "right": []}

    def add(node: dict[str, Any]) -> int:
        at = len(nodes["feature"])
        is_leaf = "leaf_value" in node
        nodes["feature"].append(-1 if is_leaf else int(node["split_feature"]))
        # A threshold is kept whole: rounding could move it across a value that occurs.
        nodes["threshold"].append(round(share * float(node["leaf_value"]), DIGITS) if is_leaf else float(node["threshold"]))
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
