"""Hours at the edge of a run whose minutes no hourly load can show.

Belongs here: which hours are at an edge, the most that hours alike in load allow to be explained, and whether a stored
model marks such hours. Does not: forms that estimate edges from load (forms), intervals (conformal_interval).
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from bigdata_emis.activity_model.inputs.line_series import LineSeries
from bigdata_emis.arrays import Flags, Floats

MINUTES_KEY = "running_minutes"
MIN_EDGE_HOURS = 30
"""Edge hours below which their spread is not judged: some fifteen runs."""
LOAD_STEP_SHARE = 0.02
"""Hours are alike whose loads lie in the same step of this share of the largest: whole MW of a peaker of 50 MW."""
LEAST_R2 = 0.75
"""Explainable share below which a line's minutes are unknown. Of 146 New York units the twelve of Astoria GT 2 to 4
have 0.16 to 0.58 in 2017 and 2017-2018; all others with enough edge hours have 0.90 and more."""


def find_edge_hours(series: LineSeries) -> Flags:
    """Running hours that are known to be the first or the last of a run, (hours,)."""
    is_edge: Flags = series.is_on & ((series.hours_since_start == 1) | (series.hours_to_stop == 1))
    return is_edge


def most_explainable_r2(series: LineSeries, activity: Floats) -> float | None:
    """The most R² over running hours that any model of a line's own hourly load can have, for its edge hours' sake.

        most R² = 1 − Σ n s² ÷ Σ (A − mean A)²

    n and s² are number and variance of the edge hours that are alike: the same edge, and loads of this hour and both
    neighbours in the same steps. A model gives them one value. Edge hours like no other, and all other hours, count as
    explained, so the result is an upper bound. None with fewer than MIN_EDGE_HOURS, or with equal activity.

    Source: pure error of repeated points, Draper and Smith (1998), Applied Regression Analysis, section 2.1.
    """
    is_edge, running = find_edge_hours(series), activity[series.is_on]
    total = float(((running - running.mean()) ** 2).sum()) if len(running) else 0.0
    if is_edge.sum() < MIN_EDGE_HOURS or total <= 0:
        return None
    group = np.unique(_alike_columns(series.where(is_edge)), axis=0, return_inverse=True)[1].reshape(-1)
    value, count = activity[is_edge], np.bincount(group)
    mean = np.bincount(group, weights=value) / count
    square = np.bincount(group, weights=(value - mean[group]) ** 2)
    pure = (count * square / np.maximum(count - 1, 1)).sum()
    return max(1.0 - float(pure) / total, 0.0)


def describe_running_minutes(series: LineSeries, activity: Floats) -> dict[str, dict[str, float]]:
    """The entry of a stored model of a line whose minutes are unknown; empty for all others."""
    most = most_explainable_r2(series, activity)
    if most is None or most >= LEAST_R2:
        return {}
    return {MINUTES_KEY: {"most_r2": most}}


def has_unknown_minutes(parameters: Mapping[str, Any]) -> bool:
    """Whether a stored model, or the first of a blend, is that of a line whose minutes are unknown."""
    members = parameters.get("members")
    return MINUTES_KEY in (members[0] if members else parameters)


def _alike_columns(series: LineSeries) -> Floats:
    """What edge hours that are alike have in common, (hours, 5)."""
    step = LOAD_STEP_SHARE * float(series.energy_kwh.max())
    loads = np.column_stack([series.previous_kwh, series.energy_kwh, series.next_kwh])
    place = np.column_stack([series.hours_since_start == 1, series.hours_to_stop == 1])
    return np.column_stack([place, np.round(loads / step)])
