"""Conformal intervals of activity, from the residuals of out-of-block predictions of a model.

Belongs here: residual quantiles of a fitted model, and the bounds around its estimates.
Does not: out-of-block prediction (cross_validation), conformal ranks (statistics/conformal), intervals that adapt to
new measurements (validate/online).
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from bigdata_emis.activity_model.forms.boosted_fit import lacks_covariate
from bigdata_emis.activity_model.inputs.line_series import LineSeries
from bigdata_emis.activity_model.level_drift import drift_margin
from bigdata_emis.arrays import Flags, Floats, Integers
from bigdata_emis.statistics.conformal import lower_conformal_quantile, upper_conformal_quantile

LOWER_SHARE, UPPER_SHARE = 0.05, 0.95
LOAD_BINS = 3
BIN_HOURS = 60
"""Minimum residuals of a bin: with fewer, two residuals alone would decide the 5th percentile."""
BLOCK_HOURS = 15
"""Minimum residuals of a block: with fewer, its quantiles carry no information."""
Interval = Mapping[str, Any]


def fit_residual_interval(predicted: Floats, activity: Floats, is_on: Flags, block: Integers) -> dict[str, Any]:
    """Residual quantiles by predicted load, and separately for the hours before a start.

    All arrays are `(hours,)`. The result is stored with the model: `edges` of the load bins, `running` with one pair of
    residual quantiles a bin, `starting` with one pair for hours without power.
    """
    edges = (
        np.unique(np.quantile(predicted[is_on], np.arange(1, LOAD_BINS) / LOAD_BINS))
        if is_on.sum() >= LOAD_BINS * BIN_HOURS
        else np.empty(0)
    )
    bins = np.digitize(predicted, edges)
    residual = activity - predicted
    selections = [is_on & (bins == b) for b in range(len(edges) + 1)]
    running = [_residual_quantiles(residual, s if s.sum() >= BIN_HOURS else is_on, block) for s in selections]
    is_off = ~is_on if (~is_on).sum() >= BIN_HOURS else np.ones_like(is_on)
    return {"edges": edges.tolist(), "running": running, "starting": _residual_quantiles(residual, is_off, block)}


def bound_activity(value: Floats, series: LineSeries, parameters: Mapping[str, Any]) -> tuple[Floats, Floats]:
    """Lower and upper bound of each estimate of a stored model.

    Hours in which a covariate of the model is missing use the wider interval of the parts that need none
    (`interval_alone`). Where the model has a drift (`level_drift`), both arms widen with the age of its latest
    measurement, added in quadrature.
    """
    lower, upper = bound_with_residuals(value, series.is_on, parameters["interval"])
    if "interval_alone" in parameters:
        is_incomplete = lacks_covariate(series, parameters["covariates"])
        lower_alone, upper_alone = bound_with_residuals(value, series.is_on, parameters["interval_alone"])
        lower, upper = np.where(is_incomplete, lower_alone, lower), np.where(is_incomplete, upper_alone, upper)
    if "level_drift" not in parameters:
        return lower, upper
    margin = drift_margin(value, series.hour_number, parameters["level_drift"])
    return np.maximum(value - np.hypot(value - lower, margin), 0.0), value + np.hypot(upper - value, margin)


def bound_with_residuals(value: Floats, is_on: Flags, interval: Interval) -> tuple[Floats, Floats]:
    """Estimates plus the residual quantiles of their load bin; an idle hour is certainly zero.

    lower = max(value + min(q05, 0), 0)
    upper = value + max(q95, 0)
    """
    running = np.asarray(interval["running"], dtype=np.float64)
    residual = running[np.digitize(value, np.asarray(interval["edges"], dtype=np.float64))]
    residual = np.where(is_on[:, None], residual, np.asarray(interval["starting"]))
    is_active: Flags = is_on | (value > 0)
    lower = np.where(is_active, np.clip(value + np.minimum(residual[:, 0], 0.0), 0.0, None), 0.0)
    upper = np.where(is_active, value + np.maximum(residual[:, 1], 0.0), 0.0)
    return lower, upper


def _residual_quantiles(residual: Floats, selected: Flags, block: Integers) -> list[float]:
    """Lower and upper residual, half way between the quantiles of all blocks and those of the worst block.

    Conformal ranks assume exchangeable hours, but hours of one season err together, so the next season errs more than
    the pooled ranks say. The worst of a few blocks alone would be too wide.
    """
    pooled = _conformal_pair(residual[selected])
    blocks = [
        _conformal_pair(part) for b in np.unique(block) if len(part := residual[selected & (block == b)]) >= BLOCK_HOURS
    ]
    lower = min((b[0] for b in blocks), default=pooled[0])
    upper = max((b[1] for b in blocks), default=pooled[1])
    return [(min(lower, pooled[0]) + pooled[0]) / 2, (max(upper, pooled[1]) + pooled[1]) / 2]


def _conformal_pair(residual: Floats) -> tuple[float, float]:
    return lower_conformal_quantile(residual, LOWER_SHARE), upper_conformal_quantile(residual, UPPER_SHARE)
