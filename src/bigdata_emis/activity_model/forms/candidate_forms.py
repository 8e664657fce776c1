"""All forms of a line's activity model: the simple ones, and boosted trees on the residuals of simple ones.

Belongs here: how trees and simple forms combine, and the list of forms.
Does not: the simple forms (linear), fitting and evaluating trees (boosted_fit, boosted_predict), the choice
(cross_validation).
"""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from bigdata_emis.activity_model.forms.boosted_fit import (
    FEATURES,
    BinnedHours,
    covariate_medians,
    feature_matrix,
    fit_trees,
    lacks_covariate,
)
from bigdata_emis.activity_model.forms.boosted_predict import predict_trees
from bigdata_emis.activity_model.forms.linear import SIMPLE_FORMS, Form, Parameters, evaluate, fit_weighted_ramp
from bigdata_emis.activity_model.inputs.line_series import LineSeries
from bigdata_emis.activity_model.inputs.weather import drop_weather
from bigdata_emis.arrays import Floats

DAY_H = 24


class _Part(NamedTuple):
    """Trees on the residuals of one simple form.

    The weight of an hour halves every `half_life_h` of distance in time, for the trees, and for the base form if it
    drifts. `uses_covariates`: the trees also use covariates (weather, sibling lines).
    """

    base: str
    half_life_h: int
    base_drifts: bool
    uses_covariates: bool


_PARTS = (
    _Part("piecewise", 365 * DAY_H, base_drifts=False, uses_covariates=False),
    _Part("ramp", 90 * DAY_H, base_drifts=True, uses_covariates=True),
    _Part("proportional", 365 * DAY_H, base_drifts=False, uses_covariates=True),
)
"""Their mean was better than each part on New York units (2017 judged on 2018; to June 2018 on the rest).

Nobody knows how fast a plant drifts, and each base form errs in different hours. The first part uses no covariates,
so it can estimate alone where a covariate is missing."""


def _fit_boosted(series: LineSeries, activity: Floats) -> Parameters:
    return _fit_boosted_near(series, activity, float(series.hour_number.max()))


def _fit_boosted_near(series: LineSeries, activity: Floats, near_hour: float) -> Parameters:
    """Simple forms with trees on the residuals of each; hours weigh less the further they lie from `near_hour`."""
    scale = max(float(activity.mean()), 1e-12)
    covariates = covariate_medians(series)
    own_hours = BinnedHours(feature_matrix(series, {}))
    all_hours = BinnedHours(feature_matrix(series, covariates)) if covariates else own_hours
    parts = []
    for part in _PARTS:
        weight = _time_weight(series, near_hour, part.half_life_h)
        base = (
            fit_weighted_ramp(series, activity, weight)
            if part.base_drifts
            else SIMPLE_FORMS[part.base].fit_parameters(series, activity)
        )
        residual = (activity - evaluate(SIMPLE_FORMS[part.base], base, series)) / scale
        trees = fit_trees(all_hours if part.uses_covariates else own_hours, residual, weight)
        parts.append({"form": part.base, "base": base, "asks_beside": part.uses_covariates, "trees": trees})
    return {"parts": parts, "scale": scale, "covariates": covariates, "features": [*FEATURES, *covariates]}


def _evaluate_boosted(parameters: Parameters, series: LineSeries) -> Floats:
    """Mean of the parts; in hours in which a covariate is missing, of the parts that use no covariates."""
    scale, covariates, parts = float(parameters["scale"]), parameters["covariates"], parameters["parts"]
    if parameters["features"] != [*FEATURES, *covariates]:
        raise ValueError("the stored trees use other features than this version computes")
    # Trees of a part without covariates use only the first columns.
    corrections = predict_trees([part["trees"] for part in parts], feature_matrix(series, covariates))
    is_incomplete = lacks_covariate(series, covariates)
    total, part_count = np.zeros(len(is_incomplete)), np.zeros(len(is_incomplete))
    for part, correction in zip(parts, corrections, strict=True):
        value = evaluate(SIMPLE_FORMS[part["form"]], part["base"], series) + scale * correction
        counts = ~is_incomplete if part["asks_beside"] else np.ones(len(is_incomplete), dtype=np.bool_)
        total += np.where(counts, value, 0.0)
        part_count += counts
    return total / part_count


def _time_weight(series: LineSeries, near_hour: float, half_life_h: float) -> Floats:
    """Weights that halve with distance in time: a plant drifts, so hours near the estimated ones are the most alike."""
    return np.asarray(0.5 ** (np.abs(series.hour_number - near_hour) / half_life_h), dtype=np.float64)


def _fit_without_weather(series: LineSeries, activity: Floats) -> Parameters:
    return _fit_boosted(drop_weather(series), activity)


def _fit_without_weather_near(series: LineSeries, activity: Floats, near_hour: float) -> Parameters:
    return _fit_boosted_near(drop_weather(series), activity, near_hour)


_BOOSTED = Form(
    "boosted",
    _fit_without_weather,
    _evaluate_boosted,
    100,
    covers_starts=True,
    fit_near=_fit_without_weather_near,
    is_costly=True,
)
_BOOSTED_WEATHER = replace(
    _BOOSTED, name="boosted_weather", fit=_fit_boosted, fit_near=_fit_boosted_near, needs_weather=True
)
FORMS: dict[str, Form] = {**SIMPLE_FORMS, _BOOSTED.name: _BOOSTED, _BOOSTED_WEATHER.name: _BOOSTED_WEATHER}
"""From simple to rich: of two forms with equal error the earlier one is chosen."""
