"""Prediction by a stored model of any form, for the hours of a line.

Belongs here: which prediction a stored model needs, and the corrections of the drift test. Does not: fitting, tables.
"""

from typing import Any

import numpy as np

from bigdata_emis.activity_model.cross_validation import Estimate, predict_activity
from bigdata_emis.activity_model.forms.pooled_industry import POOLED_FORM, estimate_pooled
from bigdata_emis.activity_model.inputs.line_series import LineSeries


def apply_stored_model(
    parameters: dict[str, Any],
    series: LineSeries,
    *,
    activity_correction: float = 1.0,
    interval_correction: float = 1.0,
) -> Estimate:
    """Activity of each hour with its interval, by a line's own model or a pooled one."""
    if parameters["form"] == POOLED_FORM:
        estimate = Estimate(*estimate_pooled(parameters, series.energy_kwh))
    else:
        estimate = predict_activity(parameters, series)
    return apply_corrections(estimate, activity_correction, interval_correction)


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
