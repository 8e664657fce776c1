"""Which form a line's model takes, by blocked cross-validation, and how wide its interval is.

Belongs here: blocks, choice, conformal intervals, and evaluation of a stored model. Does not: the forms themselves (forms), tables.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bigdata_emis.proxy.forms import FORMS, Form, Parameters, evaluate
from bigdata_emis.proxy.series import Floats, Integers, LineSeries

BLOCKS = 4
"""Contiguous blocks of equally many hours; each is predicted from the others, so that no hour is judged by its neighbours."""
TIE_SHARE = 0.01
"""A richer form must beat a simpler one by this share of its error."""
LOWER_SHARE, UPPER_SHARE = 0.05, 0.95
LOAD_BINS = 3
BIN_HOURS = 60
"""Fewer residuals than this do not make a bin of their own: the 5th percentile would hang on two of them."""


@dataclass(frozen=True)
class OutOfBlock:
    """The hours that taught a form, each predicted without its own block: what the model card is computed from."""

    hour_number: Integers
    is_on: NDArray[np.bool_]
    activity: Floats
    predicted: Floats


@dataclass(frozen=True)
class Candidate:
    """One form fitted to all hours, with its error in blocked cross-validation (the mean of |error| in activity units)."""

    form: Form
    parameters: Parameters
    mean_absolute_error: float
    sample_count: int
    out_of_block: OutOfBlock


@dataclass(frozen=True)
class Estimate:
    """Activity with its 90 % interval, hour by hour."""

    activity: Floats
    p05: Floats
    p95: Floats


def fit_candidates(series: LineSeries, activity: Floats, form_names: tuple[str, ...]) -> list[Candidate]:
    """Every named form that the hours allow, fitted, with out-of-block errors and intervals.

    Hours in which the line neither runs nor starts nor has activity teach nothing and are left out.
    """
    teaches = series.is_on | series.is_starting | (activity > 0)
    series, activity = series.where(teaches), activity[teaches]
    block = np.arange(len(activity)) * BLOCKS // max(len(activity), 1)
    running = int(series.is_on.sum())
    return [_fit(FORMS[name], series, activity, block) for name in form_names if running >= FORMS[name].hours_needed]


def choose(candidates: list[Candidate]) -> Candidate:
    """The simplest candidate whose out-of-block error is within a hair of the least."""
    least = min(c.mean_absolute_error for c in candidates)
    return next(c for c in candidates if c.mean_absolute_error <= least * (1 + TIE_SHARE))


def estimate(parameters: Parameters, series: LineSeries) -> Estimate:
    """Activity of each hour by a stored model; an idle hour is zero with certainty."""
    value = evaluate(FORMS[parameters["form"]], parameters, series)
    return Estimate(value, *interval_around(value, series.is_on, parameters["interval"]))


def _fit(form: Form, series: LineSeries, activity: Floats, block: Integers) -> Candidate:
    parameters = form.fitted(series, activity)
    outside = np.zeros_like(activity)
    for number in range(BLOCKS):
        held = block == number
        if held.any() and (~held & series.is_on).any():
            middle = float(series.hour_number[held].mean())
            fold = form.fitted(series.where(~held), activity[~held], about_hour=middle)
            outside[held] = evaluate(form, fold, series.where(held))
    interval = _interval(outside, activity, series, block)
    tried = OutOfBlock(series.hour_number, series.is_on, activity, outside)
    taught = series.energy_kwh[series.is_on & (activity > 0)]
    loads = {"taught_kwh": [float(taught.min()), float(taught.max())]} if len(taught) else {}
    return Candidate(form, {"form": form.name, **parameters, **loads, "interval": interval}, float(np.abs(outside - activity).mean()), len(activity), tried)


def _interval(predicted: Floats, activity: Floats, series: LineSeries, block: Integers) -> dict[str, Any]:
    """Residual quantiles by predicted load, and apart for the hours before a start, where little is known."""
    on = series.is_on
    edges = np.unique(np.quantile(predicted[on], np.arange(1, LOAD_BINS) / LOAD_BINS)) if on.sum() >= LOAD_BINS * BIN_HOURS else np.empty(0)
    bins = np.digitize(predicted, edges)
    residual = activity - predicted
    chosen = [on & (bins == b) for b in range(len(edges) + 1)]
    running = [_quantiles(residual, c if c.sum() >= BIN_HOURS else on, block) for c in chosen]
    starting = _quantiles(residual, ~on if (~on).sum() >= BIN_HOURS else np.ones_like(on), block)
    return {"edges": edges.tolist(), "running": running, "starting": starting}


def _quantiles(residual: Floats, chosen: NDArray[np.bool_], block: Integers) -> list[float]:
    """Lower and upper residual: half way from the ranks over all blocks to those of the worst block.

    Hours of one season err together, so the next season errs more than the pooled ranks say (conformal ranks hold for
    exchangeable hours only); the worst of four blocks alone would be too cautious.
    """
    pooled = _ranks(residual[chosen])
    blocks = [_ranks(part) for b in range(BLOCKS) if len(part := residual[chosen & (block == b)]) >= BIN_HOURS // BLOCKS]
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


def interval_around(value: Floats, is_on: NDArray[np.bool_], interval: dict[str, Any]) -> tuple[Floats, Floats]:
    """The bounds around estimates, by the residuals kept with a model; an idle hour is zero with certainty."""
    running = np.asarray(interval["running"], dtype=np.float64)
    residual = running[np.digitize(value, np.asarray(interval["edges"], dtype=np.float64))]
    residual = np.where(is_on[:, None], residual, np.asarray(interval["starting"]))
    speaks: NDArray[np.bool_] = is_on | (value > 0)
    lower = np.where(speaks, np.clip(value + np.minimum(residual[:, 0], 0.0), 0.0, None), 0.0)
    upper = np.where(speaks, value + np.maximum(residual[:, 1], 0.0), 0.0)
    return lower, upper
