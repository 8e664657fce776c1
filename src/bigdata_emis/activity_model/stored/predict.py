"""Prediction by a stored model of any form, for the hours of a line.

Belongs here: which prediction a stored model needs, the blend of two, and what the daily verdict sets (corrections, age
of the level). Does not: fitting, tables, the verdict.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from bigdata_emis.activity_model.cross_validation import Estimate, predict_activity
from bigdata_emis.activity_model.forms.pooled_industry import POOLED_FORM, estimate_pooled
from bigdata_emis.activity_model.inputs.line_series import LineSeries

BLEND_FORM = "blend"


def apply_stored_model(
    parameters: dict[str, Any],
    series: LineSeries,
    *,
    activity_correction: float = 1.0,
    interval_correction: float = 1.0,
) -> Estimate:
    """Activity of each hour with its interval, by a line's own model, a blend of two, or a pooled one."""
    if parameters["form"] == BLEND_FORM:
        estimate = _estimate_blend(parameters, series)
    elif parameters["form"] == POOLED_FORM:
        estimate = Estimate(*estimate_pooled(parameters, series.energy_kwh))
    else:
        estimate = predict_activity(parameters, series)
    return apply_corrections(estimate, activity_correction, interval_correction)


def blend_models(champion: dict[str, Any], challenger: dict[str, Any], challenger_share: float) -> dict[str, Any]:
    """Two models of a line as one, whose estimate is their weighted mean.

    activity = (1 − share) × champion + share × challenger, and so are both arms of the interval. It is composed when it
    is used and never stored. Loads are extrapolated from the range of the champion.
    """
    covariates = {**(champion.get("covariates") or {}), **(challenger.get("covariates") or {})}
    blend = {"form": BLEND_FORM, "members": [champion, challenger], "challenger_share": challenger_share}
    return {**blend, "taught_kwh": champion.get("taught_kwh"), **({"covariates": covariates} if covariates else {})}


def renew_level_age(parameters: dict[str, Any], level_hour: int) -> dict[str, Any]:
    """The model with the age of its level counted from truth up to an hour that confirmed or corrected it.

    How young that makes it, level_drift says. A model without drift, or with later truth of its own, is unchanged.
    """
    if parameters["form"] == BLEND_FORM:
        return {**parameters, "members": [renew_level_age(member, level_hour) for member in parameters["members"]]}
    drift: Mapping[str, Any] | None = parameters.get("level_drift")
    if not drift or int(drift["latest_hour"]) >= level_hour:
        return parameters
    return {**parameters, "level_drift": {**drift, "renewed_hour": level_hour}}


def apply_corrections(estimate: Estimate, activity_correction: float, interval_correction: float) -> Estimate:
    """The estimate times its correction, with the interval scaled around it.

    No bound falls below zero. value = activity × a lower = max(value − (activity − p05) × a × i, 0) upper = value +
    (p95 − activity) × a × i
    """
    if activity_correction == interval_correction == 1.0:
        return estimate
    value = estimate.activity * activity_correction
    scale = activity_correction * interval_correction
    lower = value - (estimate.activity - estimate.p05) * scale
    upper = value + (estimate.p95 - estimate.activity) * scale
    return Estimate(value, np.maximum(lower, 0.0), upper)


def _estimate_blend(parameters: Mapping[str, Any], series: LineSeries) -> Estimate:
    champion, challenger = (apply_stored_model(member, series) for member in parameters["members"])
    share = float(parameters["challenger_share"])
    return Estimate(
        (1 - share) * champion.activity + share * challenger.activity,
        (1 - share) * champion.p05 + share * challenger.p05,
        (1 - share) * champion.p95 + share * challenger.p95,
    )
