"""The forms that a line's activity model can take: the simple ones, and boosted trees for what those leave over.

Belongs here: how trees and simple forms go together, and the list of forms. Does not: simple forms (simple_forms), the choice (choice).
"""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from bigdata_emis.activity_model.forms.boosted_fit import (
    FEATURES,
    Binned,
    features,
    fit_trees,
    known_covariates,
    lacks_covariate,
)
from bigdata_emis.activity_model.forms.boosted_predict import walk_trees
from bigdata_emis.activity_model.forms.linear import SIMPLE_FORMS, Form, Parameters, evaluate, fit_ramp_near
from bigdata_emis.activity_model.inputs.line_series import LineSeries
from bigdata_emis.activity_model.inputs.weather import without_weather
from bigdata_emis.arrays import Floats

HOURS_A_DAY = 24


class _Part(NamedTuple):
    """Trees upon one of the simple forms.

    In the trees, and in a base that drifts, hours count half at a distance in time of `half_life_h`; `asks_beside`
    tells that the trees also ask for what is measured beside the line.
    """

    base: str
    half_life_h: int
    base_drifts: bool
    asks_beside: bool


_PARTS = (
    _Part("piecewise", 365 * HOURS_A_DAY, base_drifts=False, asks_beside=False),
    _Part("ramp", 90 * HOURS_A_DAY, base_drifts=True, asks_beside=True),
    _Part("proportional", 365 * HOURS_A_DAY, base_drifts=False, asks_beside=True),
)
"""Their mean was better on New York units of 2017 judged on 2018, and of 2017 to June 2018 judged on the rest of 2018, than any of them:
no one knows how fast a plant drifts, and each base errs in hours of its own. The first asks for nothing beside the line, so that it
can speak alone where that is not known."""


def _fit_boosted(series: LineSeries, activity: Floats) -> Parameters:
    return _fit_boosted_near(series, activity, float(series.hour_number.max()))


def _fit_boosted_near(series: LineSeries, activity: Floats, about_hour: float) -> Parameters:
    """Simple forms, and trees for what each leaves over, in which hours count less the further they lie from those asked for."""
    scale = max(float(activity.mean()), 1e-12)
    covariates = known_covariates(series)
    alone = Binned(features(series, {}))
    with_beside = Binned(features(series, covariates)) if covariates else alone
    parts = []
    for part in _PARTS:
        near = _nearness(series, about_hour, part.half_life_h)
        base = (
            fit_ramp_near(series, activity, near)
            if part.base_drifts
            else SIMPLE_FORMS[part.base].fitted(series, activity)
        )
        left_over = (activity - evaluate(SIMPLE_FORMS[part.base], base, series)) / scale
        trees = fit_trees(with_beside if part.asks_beside else alone, left_over, near)
        parts.append({"form": part.base, "base": base, "asks_beside": part.asks_beside, "trees": trees})
    return {"parts": parts, "scale": scale, "covariates": covariates, "features": [*FEATURES, *covariates]}


def _value_boosted(parameters: Parameters, series: LineSeries) -> Floats:
    """The mean of the parts; of those alone that ask for nothing beside the line, in hours in which that is not known."""
    scale, covariates, parts = float(parameters["scale"]), parameters["covariates"], parameters["parts"]
    if parameters["features"] != [*FEATURES, *covariates]:
        raise ValueError("its trees ask for other features than there are")
    # Trees of a part that asks for nothing beside the line know of the first columns only.
    corrections = walk_trees([part["trees"] for part in parts], features(series, covariates))
    silent = lacks_covariate(series, covariates)
    total, share = np.zeros(len(silent)), np.zeros(len(silent))
    for part, correction in zip(parts, corrections, strict=True):
        value = evaluate(SIMPLE_FORMS[part["form"]], part["base"], series) + scale * correction
        speaks = ~silent if part["asks_beside"] else np.ones(len(silent), dtype=np.bool_)
        total += np.where(speaks, value, 0.0)
        share += speaks
    return total / share


def _nearness(series: LineSeries, about_hour: float, half_life_h: float) -> Floats:
    """Weights that halve with distance in time: a plant drifts, and the hours to come are like the last ones."""
    return np.asarray(0.5 ** (np.abs(series.hour_number - about_hour) / half_life_h), dtype=np.float64)


def _fit_blind(series: LineSeries, activity: Floats) -> Parameters:
    return _fit_boosted(without_weather(series), activity)


def _fit_blind_near(series: LineSeries, activity: Floats, about_hour: float) -> Parameters:
    return _fit_boosted_near(without_weather(series), activity, about_hour)


_BOOSTED = Form("boosted", _fit_blind, _value_boosted, 100, sees_starts=True, fit_near=_fit_blind_near, is_costly=True)
_BOOSTED_WEATHER = replace(
    _BOOSTED, name="boosted_weather", fit=_fit_boosted, fit_near=_fit_boosted_near, asks_weather=True
)
FORMS: dict[str, Form] = {**SIMPLE_FORMS, _BOOSTED.name: _BOOSTED, _BOOSTED_WEATHER.name: _BOOSTED_WEATHER}
"""From simple to rich: of two forms that do equally well the earlier is taken."""
