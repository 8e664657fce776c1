"""Conformal intervals of a line's model: residuals of hours predicted out of block, kept with the model and put around its estimates.

Belongs here: residual ranks and bounds. Does not: prediction out of block (choice), intervals that follow new truth (adaptive).
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from bigdata_emis.activity_model.forms.boosted_fit import lacks_covariate
from bigdata_emis.activity_model.inputs.line_series import LineSeries
from bigdata_emis.arrays import Flags, Floats, Integers

LOWER_SHARE, UPPER_SHARE = 0.05, 0.95
LOAD_BINS = 3
BIN_HOURS = 60
"""Fewer residuals than this do not make a bin of their own: the 5th percentile would hang on two of them."""
BLOCK_HOURS = 15
"""Fewer residuals than this tell nothing of a block."""
Interval = Mapping[str, Any]


def residual_interval(predicted: Floats, activity: Floats, is_on: Flags, block: Integers) -> dict[str, Any]:
    """Residual quantiles by predicted load, and apart for the hours before a start, where little is known."""
    edges = (
        np.unique(np.quantile(predicted[is_on], np.arange(1, LOAD_BINS) / LOAD_BINS))
        if is_on.sum() >= LOAD_BINS * BIN_HOURS
        else np.empty(0)
    )
    bins = np.digitize(predicted, edges)
    residual = activity - predicted
    chosen = [is_on & (bins == b) for b in range(len(edges) + 1)]
    running = [_quantiles(residual, c if c.sum() >= BIN_HOURS else is_on, block) for c in chosen]
    starting = _quantiles(residual, ~is_on if (~is_on).sum() >= BIN_HOURS else np.ones_like(is_on), block)
    return {"edges": edges.tolist(), "running": running, "starting": starting}


def bounds(value: Floats, series: LineSeries, parameters: Mapping[str, Any]) -> tuple[Floats, Floats]:
    """The bounds around the estimates of a stored model.

    Hours in which something is not known that the model asks for beside the line's energy go by the interval of the parts that
    speak then (`interval_alone`), which err more.
    """
    lower, upper = interval_around(value, series.is_on, parameters["interval"])
    if "interval_alone" not in parameters:
        return lower, upper
    silent = lacks_covariate(series, parameters["covariates"])
    lower_alone, upper_alone = interval_around(value, series.is_on, parameters["interval_alone"])
    return np.where(silent, lower_alone, lower), np.where(silent, upper_alone, upper)


def interval_around(value: Floats, is_on: Flags, interval: Interval) -> tuple[Floats, Floats]:
    """The bounds around estimates, by the residuals kept with a model; an idle hour is zero with certainty."""
    running = np.asarray(interval["running"], dtype=np.float64)
    residual = running[np.digitize(value, np.asarray(interval["edges"], dtype=np.float64))]
    residual = np.where(is_on[:, None], residual, np.asarray(interval["starting"]))
    speaks: Flags = is_on | (value > 0)
    lower = np.where(speaks, np.clip(value + np.minimum(residual[:, 0], 0.0), 0.0, None), 0.0)
    upper = np.where(speaks, value + np.maximum(residual[:, 1], 0.0), 0.0)
    return lower, upper


def _quantiles(residual: Floats, chosen: Flags, block: Integers) -> list[float]:
    """Lower and upper residual: half way from the ranks over all blocks to those of the worst block.

    Hours of one season err together, so the next season errs more than the pooled ranks say (conformal ranks hold for
    exchangeable hours only); the worst of a few blocks alone would be too cautious.
    """
    pooled = _ranks(residual[chosen])
    blocks = [_ranks(part) for b in np.unique(block) if len(part := residual[chosen & (block == b)]) >= BLOCK_HOURS]
    lower = min((b[0] for b in blocks), default=pooled[0])
    upper = max((b[1] for b in blocks), default=pooled[1])
    return [(min(lower, pooled[0]) + pooled[0]) / 2, (max(upper, pooled[1]) + pooled[1]) / 2]


def _ranks(residual: Floats) -> tuple[float, float]:
    """Conformal ranks: they hold for one further hour, not only for those seen."""
    ordered = np.sort(residual)
    count = len(ordered)
    lower = max(int(np.floor(LOWER_SHARE * (count + 1))) - 1, 0)
    upper = min(int(np.ceil(UPPER_SHARE * (count + 1))) - 1, count - 1)
    return float(ordered[lower]), float(ordered[upper])
