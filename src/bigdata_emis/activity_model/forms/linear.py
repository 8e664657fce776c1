"""Simple forms of a line's activity model: weekly profile, proportional, and linear in load, ramps and starts.

Belongs here: what a form is, and the forms that are a few coefficients. Does not: boosted trees on top
(candidate_forms).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from scipy.linalg import solve_triangular
from scipy.optimize import nnls

from bigdata_emis.activity_model.inputs.line_series import BACK_H, LineSeries, build_line_series
from bigdata_emis.arrays import Floats

Parameters = dict[str, Any]
Design = Callable[[LineSeries, Floats], tuple[Floats, int]]
"""design(series, knots_kwh) -> matrix `(hours, terms)`, and how many leading coefficients must not be negative."""
HOURS_PER_WEEK = 168
KNOT_SHARES = (0.05, 0.2, 0.4, 0.6, 0.8, 0.95)
"""Quantiles of the running energy between which a piecewise form is straight."""
WARMING_H = 3
"""First hours after a start that have terms of their own."""
BEYOND_SHARE = 1.1
"""Upper limit of activity, as a multiple of the largest training activity."""
RIDGE_SHARE = 1e-6
"""Relative ridge weight: a column that is always zero (a line that never stops) gets the coefficient zero."""


@dataclass(frozen=True)
class Form:
    """A named form of a model, with its fit and its value.

    fit(series, activity) returns parameters; value(parameters, series) returns activity before it is bounded.
    `hours_needed` is the minimum of running hours for a fit. `covers_starts`: it also estimates the hours before a
    start. `fit_near` fits a form that drifts, for use near a given hour, with more weight on hours near it.
    `is_costly`: its fit takes some hundred times as long as that of the others. `needs_weather`: it uses the weather.
    """

    name: str
    fit: Callable[[LineSeries, Floats], Parameters]
    value: Callable[[Parameters, LineSeries], Floats]
    hours_needed: int
    covers_starts: bool = False
    fit_near: Callable[[LineSeries, Floats, float], Parameters] | None = None
    is_costly: bool = False
    needs_weather: bool = False

    def fit_parameters(self, series: LineSeries, activity: Floats, *, near_hour: float | None = None) -> Parameters:
        """Parameters for the hours to come, or for hours near a given one, with the training maxima."""
        if self.fit_near is not None and near_hour is not None:
            fitted = self.fit_near(series, activity, near_hour)
        else:
            fitted = self.fit(series, activity)
        return {**fitted, **_training_maxima(series, activity)}


def evaluate(form: Form, parameters: Parameters, series: LineSeries) -> Floats:
    """Activity of each hour, between zero and a multiple of the training maximum.

    Idle hours are zero. The upper bound rises in proportion to energy beyond the training maximum. It keeps a term of
    ramps or starts from running away in an hour unlike all training hours.
    """
    is_covered = series.is_on | series.is_starting if form.covers_starts else series.is_on
    activity = np.zeros(len(is_covered))
    if is_covered.any():
        covered = series.where(is_covered)
        activity[is_covered] = np.clip(form.value(parameters, covered), 0.0, _upper_limit(parameters, covered))
    return activity


def _training_maxima(series: LineSeries, activity: Floats) -> Parameters:
    return {"most": {"activity": float(activity.max()), "energy_kwh": float(series.energy_kwh.max())}}


def _upper_limit(parameters: Parameters, series: LineSeries) -> Floats:
    maxima = parameters.get("most")
    if maxima is None:
        return np.full(len(series.energy_kwh), np.inf)
    excess = np.maximum(series.energy_kwh / max(float(maxima["energy_kwh"]), 1e-12), 1.0)
    return np.asarray(BEYOND_SHARE * float(maxima["activity"]) * excess, dtype=np.float64)


def _fit_profile(series: LineSeries, activity: Floats) -> Parameters:
    total = np.bincount(series.hour_of_week, weights=activity, minlength=HOURS_PER_WEEK)
    count = np.bincount(series.hour_of_week, minlength=HOURS_PER_WEEK)
    mean = np.where(count > 0, total / np.maximum(count, 1), activity.mean())
    return {"mean_by_hour_of_week": mean.tolist()}


def _evaluate_profile(parameters: Parameters, series: LineSeries) -> Floats:
    return np.asarray(parameters["mean_by_hour_of_week"], dtype=np.float64)[series.hour_of_week]


def _fit_proportional(series: LineSeries, activity: Floats) -> Parameters:
    total = series.energy_kwh.sum()
    return {"activity_per_kwh": float(activity.sum() / total) if total > 0 else 0.0}


def _evaluate_proportional(parameters: Parameters, series: LineSeries) -> Floats:
    return float(parameters["activity_per_kwh"]) * series.energy_kwh


def _segments(series: LineSeries, knots_kwh: Floats) -> Floats:
    """Energy split at the knots: column i holds what lies between knots i-1 and i, the last what lies above all."""
    edges = np.concatenate([[0.0], knots_kwh, [np.inf]])
    energy = series.energy_kwh[:, None]
    return np.asarray(np.clip(energy - edges[:-1], 0.0, edges[1:] - edges[:-1]), dtype=np.float64)


def _affine_design(series: LineSeries, knots_kwh: Floats) -> tuple[Floats, int]:
    return np.column_stack([series.is_on, _segments(series, knots_kwh)]), 1 + len(knots_kwh) + 1


def _ramp_design(series: LineSeries, knots_kwh: Floats) -> tuple[Floats, int]:
    """Load terms, ramps up and down before and after the hour, first hours, last hour, hours before a start."""
    load, monotone = _affine_design(series, knots_kwh)
    on, energy = series.is_on, series.energy_kwh
    columns = [
        on * np.maximum(energy - series.previous_kwh, 0.0),
        on * np.maximum(series.previous_kwh - energy, 0.0),
        on * np.maximum(series.next_kwh - energy, 0.0),
        on * np.maximum(energy - series.next_kwh, 0.0),
    ]
    for hour in range(1, WARMING_H + 1):
        is_hour = on & (series.hours_since_start == hour)
        columns += [is_hour, is_hour * energy]
    is_first = on & (series.hours_since_start == 1)
    columns.append(is_first * series.hours_off_before / BACK_H)
    is_last = on & (series.hours_to_stop == 1)
    columns += [is_last, is_last * energy]
    is_hour_before = series.is_starting & (series.hours_to_start == 1)
    is_earlier = series.is_starting & (series.hours_to_start > 1)
    columns += [is_hour_before, is_hour_before * series.next_kwh, is_earlier]
    return np.column_stack([load, *columns]), monotone


def _solve(design: Floats, activity: Floats, monotone: int) -> Floats:
    """Least squares whose first `monotone` coefficients are not negative, so that activity rises with energy.

    One QR factorisation of hours and target reduces the problem to the number of columns. The free columns come
    first: what they leave over is all that the bounded coefficients must fit, and the free coefficients then follow
    from those.
    """
    hours, count = design.shape
    order = np.r_[monotone:count, :monotone]
    scale = np.maximum(np.abs(design).max(axis=0), 1e-12)[order]
    stacked = np.zeros((hours + count, count + 1))
    np.divide(design[:, order], scale, out=stacked[:hours, :count])
    np.fill_diagonal(stacked[hours:], np.sqrt(RIDGE_SHARE * hours))
    stacked[:hours, count] = activity
    triangle: Floats = np.asarray(np.linalg.qr(stacked, mode="r"))[:count]
    free = count - monotone
    bounded, _ = nnls(triangle[free:, free:count], triangle[free:, count], maxiter=100 * count)
    unbounded = solve_triangular(triangle[:free, :free], triangle[:free, count] - triangle[:free, free:count] @ bounded)
    return np.asarray(np.concatenate([bounded, unbounded]) / scale[np.r_[free:count, :free]], dtype=np.float64)


def _fit_linear(
    design: Design, knot_shares: tuple[float, ...], series: LineSeries, activity: Floats, weight: Floats | None = None
) -> Parameters:
    running = series.energy_kwh[series.is_on]
    knots = np.unique(np.quantile(running, knot_shares)) if knot_shares and len(running) else np.empty(0)
    matrix, monotone = design(series, knots)
    if weight is not None:
        root = np.sqrt(weight / weight.mean())
        matrix, activity = matrix * root[:, None], activity * root
    return {"knots_kwh": knots.tolist(), "coefficients": _solve(matrix, activity, monotone).tolist()}


def _linear_form(name: str, knot_shares: tuple[float, ...], hours_needed: int, covers_starts: bool) -> Form:
    design = LINEAR_DESIGNS[name]

    def fit(series: LineSeries, activity: Floats) -> Parameters:
        return _fit_linear(design, knot_shares, series, activity)

    def value(parameters: Parameters, series: LineSeries) -> Floats:
        matrix, _ = design(series, np.asarray(parameters["knots_kwh"], dtype=np.float64))
        return np.asarray(matrix @ np.asarray(parameters["coefficients"]), dtype=np.float64)

    return Form(name, fit, value, hours_needed, covers_starts)


LINEAR_DESIGNS: dict[str, Design] = {
    "affine": _affine_design,
    "piecewise": _affine_design,
    "start": _ramp_design,
    "ramp": _ramp_design,
}
"""The forms that are a sum of terms, with the design matrix of each."""
SIMPLE_FORMS: dict[str, Form] = {
    form.name: form
    for form in (
        Form("static_profile", _fit_profile, _evaluate_profile, 1),
        Form("proportional", _fit_proportional, _evaluate_proportional, 1),
        _linear_form("affine", (), 12, covers_starts=False),
        _linear_form("piecewise", KNOT_SHARES, 40, covers_starts=False),
        _linear_form("start", (), 30, covers_starts=True),
        _linear_form("ramp", KNOT_SHARES, 60, covers_starts=True),
    )
}
"""From simple to rich."""


@lru_cache(maxsize=64)
def count_terms(name: str, knots: int) -> int:
    """Number of coefficients of a linear form with so many knots."""
    no_hours = build_line_series(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), np.empty(0))
    return int(LINEAR_DESIGNS[name](no_hours, np.zeros(knots))[0].shape[1])


def fit_weighted_ramp(series: LineSeries, activity: Floats, weight: Floats) -> Parameters:
    """The ramp form fitted by weighted least squares, for a line that drifts.

    `weight` is `(hours,)`.
    """
    return {**_fit_linear(_ramp_design, KNOT_SHARES, series, activity, weight), **_training_maxima(series, activity)}
