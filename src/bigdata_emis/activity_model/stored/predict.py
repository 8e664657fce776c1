"""A stored model, of whatever form, applied to the hours of a line.

Belongs here: which evaluation a stored model asks for, and the corrections of the watch. Does not: fitting, tables.
"""

from typing import Any

import numpy as np

from bigdata_emis.activity_model.cross_validation import Estimate, estimate
from bigdata_emis.activity_model.forms.pooled_industry import FORM as POOLED
from bigdata_emis.activity_model.forms.pooled_industry import estimate_pooled
from bigdata_emis.activity_model.inputs.line_series import LineSeries


def estimate_stored(
    parameters: dict[str, Any],
    series: LineSeries,
    *,
    activity_correction: float = 1.0,
    interval_correction: float = 1.0,
) -> Estimate:
    """Activity of each hour with its interval, by a model of a line's own form or pooled, corrected as the watch says."""
    if parameters["form"] == POOLED:
        found = Estimate(*estimate_pooled(parameters, series.energy_kwh))
    else:
        found = estimate(parameters, series)
    return corrected(found, activity_correction, interval_correction)


def corrected(found: Estimate, activity_correction: float, interval_correction: float) -> Estimate:
    """The estimate times its correction, the arms of its interval times theirs; no bound falls below zero."""
    if activity_correction == interval_correction == 1.0:
        return found
    value = found.activity * activity_correction
    reach = activity_correction * interval_correction
    lower, upper = value - (found.activity - found.p05) * reach, value + (found.p95 - found.activity) * reach
    return Estimate(value, np.maximum(lower, 0.0), upper)
