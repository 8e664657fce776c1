"""A day of boosted lines scored as a plain loop in pandas; trees are walked node by node, each of them after the other, in NumPy.

What is a few numbers (the simple forms under the trees, intervals) is evaluated by the code that the stage uses.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from bench.rivals.scoring_pandas import score
from bigdata_emis.activity_model.conformal_interval import bounds
from bigdata_emis.activity_model.cross_validation import Estimate
from bigdata_emis.activity_model.forms.candidate_forms import FORMS
from bigdata_emis.activity_model.forms.linear import SIMPLE_FORMS, evaluate
from bigdata_emis.activity_model.inputs.line_series import LineSeries


def run(inputs: Path, results: Path) -> None:
    score(inputs, results, estimate_plainly)


def estimate_plainly(model: dict[str, Any], series: LineSeries) -> Estimate:
    value = evaluate(replace(FORMS[model["form"]], value=mean_of_parts), model, series)
    return Estimate(value, *bounds(value, series, model))


def mean_of_parts(model: dict[str, Any], series: LineSeries) -> np.ndarray:
    """Of hours in which all is known that the model asks for."""
    columns = dict(zip("abcdefghijklmnopqrstuvwxyz", asked(model, series), strict=False))
    found = [
        evaluate(SIMPLE_FORMS[part["form"]], part["base"], series) + model["scale"] * walked(part["trees"], columns)
        for part in model["parts"]
    ]
    return np.asarray(np.mean(found, axis=0))


def asked(model: dict[str, Any], series: LineSeries) -> list[np.ndarray]:
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


def walked(trees: dict[str, Any], columns: dict[str, np.ndarray]) -> np.ndarray:
    thresholds, leaves = iter(trees["threshold"]), iter(trees["leaf_millionths"])
    total = np.zeros(len(columns["a"]))
    for word in trees["nodes"].split():
        total += leaf_of(iter(word), thresholds, leaves, columns)
    return total


def leaf_of(
    nodes: Iterator[str], thresholds: Iterator[float], leaves: Iterator[int], columns: dict[str, np.ndarray]
) -> np.ndarray | float:
    """The leaf in which each hour ends that comes to the next node."""
    node = next(nodes)
    if node == ".":
        return next(leaves) / 1e6
    goes_left = columns[node] <= next(thresholds)
    left = leaf_of(nodes, thresholds, leaves, columns)
    return np.where(goes_left, left, leaf_of(nodes, thresholds, leaves, columns))
