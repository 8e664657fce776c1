"""The simple forms of a line's activity model, from no use of power at all to ramps, starts and stops.

Belongs here: what a form is, and how those are fitted and evaluated that are a few numbers. Does not: trees upon them (forms).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from scipy.linalg import solve_triangular
from scipy.optimize import nnls

from bigdata_emis.activity_model.inputs.line_series import BACK_H, LineSeries, line_series
from bigdata_emis.arrays import Floats

Parameters = dict[str, Any]
HOURS_A_WEEK = 168
KNOT_SHARES = (0.05, 0.2, 0.4, 0.6, 0.8, 0.95)
"""Quantiles of the running energy between which a piecewise form is straight."""
WARMING_H = 3
"""First hours after a start that have a term of their own."""
BEYOND_SHARE = 1.1
"""Activity may be this times the most that was seen."""
RIDGE_SHARE = 1e-6
"""Relative weight that keeps a column which never moves (a line that never stops) from having any coefficient."""


@dataclass(frozen=True)
class Form:
    """A named form: fit(series, activity) -> parameters, value(parameters, series) -> activity before it is bounded.

    `hours_needed` is the least number of running hours from which it may be fitted; `sees_starts` tells that it speaks
    about the hours before a start; `fit_near` fits a form that drifts for use about an hour, near which hours count more;
    `is_costly` that its fit takes some hundred times as long as that of the others; `asks_weather` that it hangs on the weather.
    """

    name: str
    fit: Callable[[LineSeries, Floats], Parameters]
    value: Callable[[Parameters, LineSeries], Floats]
    hours_needed: int
    sees_starts: bool = False
    fit_near: Callable[[LineSeries, Floats, float], Parameters] | None = None
    is_costly: bool = False
    asks_weather: bool = False

    def fitted(self, series: LineSeries, activity: Floats, *, about_hour: float | None = None) -> Parameters:
        """Parameters for the hours to come, or for hours about a given one, with what was seen at most."""
        drifts = self.fit_near is not None and about_hour is not None
        found = self.fit_near(series, activity, about_hour) if drifts else self.fit(series, activity)  # type: ignore[misc, arg-type]
        return {**found, **_seen(series, activity)}


def evaluate(form: Form, parameters: Parameters, series: LineSeries) -> Floats:
    """Activity of each hour: zero in idle hours, nowhere below zero, and not above what was seen, in proportion to the energy.

    The upper bound keeps a term of ramps or starts from running away in an hour unlike all that taught it.
    """
    speaks = series.is_on | series.is_starting if form.sees_starts else series.is_on
    activity = np.zeros(len(speaks))
    if speaks.any():
        spoken = series.where(speaks)
        activity[speaks] = np.clip(form.value(parameters, spoken), 0.0, _most(parameters, spoken))
    return activity


def _seen(series: LineSeries, activity: Floats) -> Parameters:
    return {"most": {"activity": float(activity.max()), "energy_kwh": float(series.energy_kwh.max())}}


def _most(parameters: Parameters, series: LineSeries) -> Floats:
    seen = parameters.get("most")
    if seen is None:
        return np.full(len(series.energy_kwh), np.inf)
    beyond = np.maximum(series.energy_kwh / max(float(seen["energy_kwh"]), 1e-12), 1.0)
    return np.asarray(BEYOND_SHARE * float(seen["activity"]) * beyond, dtype=np.float64)


def _fit_profile(series: LineSeries, activity: Floats) -> Parameters:
    total = np.bincount(series.hour_of_week, weights=activity, minlength=HOURS_A_WEEK)
    count = np.bincount(series.hour_of_week, minlength=HOURS_A_WEEK)
    mean = np.where(count > 0, total / np.maximum(count, 1), activity.mean())
    return {"mean_by_hour_of_week": mean.tolist()}


def _value_profile(parameters: Parameters, series: LineSeries) -> Floats:
    return np.asarray(parameters["mean_by_hour_of_week"], dtype=np.float64)[series.hour_of_week]


def _fit_proportional(series: LineSeries, activity: Floats) -> Parameters:
    total = series.energy_kwh.sum()
    return {"activity_per_kwh": float(activity.sum() / total) if total > 0 else 0.0}


def _value_proportional(parameters: Parameters, series: LineSeries) -> Floats:
    return float(parameters["activity_per_kwh"]) * series.energy_kwh


def _segments(series: LineSeries, knots_kwh: Floats) -> Floats:
    """Energy split at the knots: column i holds what lies between knot i-1 and knot i, the last what lies above all."""
    edges = np.concatenate([[0.0], knots_kwh, [np.inf]])
    energy = series.energy_kwh[:, None]
    return np.asarray(np.clip(energy - edges[:-1], 0.0, edges[1:] - edges[:-1]), dtype=np.float64)


def _affine_design(series: LineSeries, knots_kwh: Floats) -> tuple[Floats, int]:
    return np.column_stack([series.is_on, _segments(series, knots_kwh)]), 1 + len(knots_kwh) + 1


def _ramp_design(series: LineSeries, knots_kwh: Floats) -> tuple[Floats, int]:
    """Load terms, then ramps up and down on either side of the hour, then the first hours, the last hour and the hours before a start."""
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
    is_cold = on & (series.hours_since_start == 1)
    columns.append(is_cold * series.hours_off_before / BACK_H)
    is_last = on & (series.hours_to_stop == 1)
    columns += [is_last, is_last * energy]
    is_lighting, is_earlier = (
        series.is_starting & (series.hours_to_start == 1),
        series.is_starting & (series.hours_to_start > 1),
    )
    columns += [is_lighting, is_lighting * series.next_kwh, is_earlier]
    return np.column_stack([load, *columns]), monotone


Design = Callable[[LineSeries, Floats], tuple[Floats, int]]


def _solve(design: Floats, activity: Floats, rising: int) -> Floats:
    """Least squares in which the first `rising` coefficients are not negative, so that activity rises with energy.

    The triangle of hours and target together keeps the problem as small as the number of columns. The free columns come first
    in it: what they leave over is all that the bounded ones are asked for, and they follow from those without a choice.
    """
    hours, count = design.shape
    order = np.r_[rising:count, :rising]
    scale = np.maximum(np.abs(design).max(axis=0), 1e-12)[order]
    stacked = np.zeros((hours + count, count + 1))
    np.divide(design[:, order], scale, out=stacked[:hours, :count])
    np.fill_diagonal(stacked[hours:], np.sqrt(RIDGE_SHARE * hours))
    stacked[:hours, count] = activity
    triangle: Floats = np.asarray(np.linalg.qr(stacked, mode="r"))[:count]
    free = count - rising
    bounded, _ = nnls(triangle[free:, free:count], triangle[free:, count], maxiter=100 * count)
    unbounded = solve_triangular(triangle[:free, :free], triangle[:free, count] - triangle[:free, free:count] @ bounded)
    return np.asarray(np.concatenate([bounded, unbounded]) / scale[np.r_[free:count, :free]], dtype=np.float64)


def _fit_linear(
    design: Design, knot_shares: tuple[float, ...], series: LineSeries, activity: Floats, weight: Floats | None = None
) -> Parameters:
    running = series.energy_kwh[series.is_on]
    knots = np.unique(np.quantile(running, knot_shares)) if knot_shares and len(running) else np.empty(0)
    matrix, rising = design(series, knots)
    if weight is not None:
        root = np.sqrt(weight / weight.mean())
        matrix, activity = matrix * root[:, None], activity * root
    return {"knots_kwh": knots.tolist(), "coefficients": _solve(matrix, activity, rising).tolist()}


def _linear(name: str, knot_shares: tuple[float, ...], hours_needed: int, sees_starts: bool) -> Form:
    design = LINEAR[name]

    def fit(series: LineSeries, activity: Floats) -> Parameters:
        return _fit_linear(design, knot_shares, series, activity)

    def value(parameters: Parameters, series: LineSeries) -> Floats:
        matrix, _ = design(series, np.asarray(parameters["knots_kwh"], dtype=np.float64))
        return np.asarray(matrix @ np.asarray(parameters["coefficients"]), dtype=np.float64)

    return Form(name, fit, value, hours_needed, sees_starts)


LINEAR: dict[str, Design] = {
    "affine": _affine_design,
    "piecewise": _affine_design,
    "start": _ramp_design,
    "ramp": _ramp_design,
}
"""The forms that are a sum of terms, and the terms of each."""
SIMPLE_FORMS: dict[str, Form] = {
    form.name: form
    for form in (
        Form("static_profile", _fit_profile, _value_profile, 1),
        Form("proportional", _fit_proportional, _value_proportional, 1),
        _linear("affine", (), 12, sees_starts=False),
        _linear("piecewise", KNOT_SHARES, 40, sees_starts=False),
        _linear("start", (), 30, sees_starts=True),
        _linear("ramp", KNOT_SHARES, 60, sees_starts=True),
    )
}
"""From simple to rich."""


@lru_cache(maxsize=64)
def term_count(name: str, knots: int) -> int:
    """How many coefficients a form needs that is a sum of terms, straight between so many knots."""
    nothing = line_series(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), np.empty(0))
    return int(LINEAR[name](nothing, np.zeros(knots))[0].shape[1])


def fit_ramp_near(series: LineSeries, activity: Floats, weight: Floats) -> Parameters:
    """The ramp form of a line that drifts: hours count by their weight."""
    return {**_fit_linear(_ramp_design, KNOT_SHARES, series, activity, weight), **_seen(series, activity)}
