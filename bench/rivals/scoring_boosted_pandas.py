"""One day of lines with boosted models in a plain pandas loop, trees walked in NumPy.

The simple forms below the trees and the intervals are evaluated by the code of the stage.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from bench.rivals.scoring_pandas import score
from bigdata_emis.activity_model.conformal_interval import bound_activity
from bigdata_emis.activity_model.cross_validation import Estimate
from bigdata_emis.activity_model.forms.candidate_forms import FORMS
from bigdata_emis.activity_model.forms.linear import SIMPLE_FORMS, evaluate
from bigdata_emis.activity_model.inputs.line_series import LineSeries


def run(inputs: Path, results: Path) -> None:
    """Write the activity of the day."""
    score(inputs, results, evaluate_boosted)


def evaluate_boosted(model: dict[str, Any], series: LineSeries) -> Estimate:
    value = evaluate(replace(FORMS[model["form"]], value=evaluate_parts), model, series)
    return Estimate(value, *bound_activity(value, series, model))


def evaluate_parts(model: dict[str, Any], series: LineSeries) -> np.ndarray:
    """Mean of the parts of a model, for hours in which all its inputs are known."""
    columns = dict(zip("abcdefghijklmnopqrstuvwxyz", input_columns(model, series), strict=False))
    values = [
        evaluate(SIMPLE_FORMS[part["form"]], part["base"], series) + model["scale"] * sum_trees(part["trees"], columns)
        for part in model["parts"]
    ]
    return np.asarray(np.mean(values, axis=0))


def input_columns(model: dict[str, Any], series: LineSeries) -> list[np.ndarray]:
    before, now, after = series.previous_kwh, series.energy_kwh, series.next_kwh
    return [
        now,
        before,
        after,
        series.hours_since_start,
        series.hours_to_stop,
        series.hours_to_start,
        series.hours_off_before,
        *series.earlier_kwh.T,
        *series.later_kwh.T,
        before - now,
        after - now,
        before + now + after,
        *(series.covariates[name] for name in model["covariates"]),
    ]


def sum_trees(trees: dict[str, Any], columns: dict[str, np.ndarray]) -> np.ndarray:
    thresholds, leaves = iter(trees["threshold"]), iter(trees["leaf_millionths"])
    total = np.zeros(len(columns["a"]))
    for word in trees["nodes"].split():
        total += walk_tree(iter(word), thresholds, leaves, columns)
    return total


def walk_tree(
    nodes: Iterator[str], thresholds: Iterator[float], leaves: Iterator[int], columns: dict[str, np.ndarray]
) -> np.ndarray | float:
    """The leaf value of each hour, from the next node on."""
    node = next(nodes)
    if node == ".":
        return next(leaves) / 1e6
    goes_left = columns[node] <= next(thresholds)
    left = walk_tree(nodes, thresholds, leaves, columns)
    return np.where(goes_left, left, walk_tree(nodes, thresholds, leaves, columns))
