"""Plain models that anyone would try first: baselines for the candidate forms.

Belongs here: a straight line through all hours, boosting with default settings. Does not: the candidate forms
(activity_model/forms).
"""

from collections.abc import Callable

import numpy as np

from bigdata_emis.activity_model.cross_validation import Estimate
from bigdata_emis.activity_model.inputs.line_series import LineSeries
from bigdata_emis.arrays import Flags, Floats

HOURS_A_DAY = 24
TREES = 100

PlainModel = Callable[[LineSeries, Floats, Flags, Flags], Estimate]


def fit_affine_all_hours(series: LineSeries, measured: Floats, is_fit: Flags, is_scored: Flags) -> Estimate:
    """A straight line through all fit hours, idle ones included, with residual percentiles."""
    design = np.column_stack([np.ones(len(measured)), series.energy_kwh])
    coefficients = np.linalg.lstsq(design[is_fit], measured[is_fit], rcond=None)[0]
    return _estimate_scored(np.maximum(design @ coefficients, 0.0), measured, is_fit & series.is_on, is_scored)


def fit_plain_boosting(series: LineSeries, measured: Floats, is_fit: Flags, is_scored: Flags) -> Estimate:
    """Boosting with default settings on load, neighbouring hours and hour of the day."""
    import lightgbm

    inputs = np.column_stack(
        [series.energy_kwh, series.previous_kwh, series.earlier_kwh, series.next_kwh, series.hour_of_week % HOURS_A_DAY]
    )
    running = is_fit & series.is_on
    parameters = {"verbose": -1, "num_threads": 1, "deterministic": True, "force_row_wise": True, "seed": 1}
    booster = lightgbm.train(parameters, lightgbm.Dataset(inputs[running], measured[running]), num_boost_round=TREES)
    return _estimate_scored(np.where(series.is_on, booster.predict(inputs), 0.0), measured, running, is_scored)


def _estimate_scored(value: Floats, measured: Floats, running: Flags, is_scored: Flags) -> Estimate:
    """The hours to score, with the 5th and 95th percentile of the residuals of running fit hours."""
    residual = (measured - value)[running]
    lower, upper = np.quantile(residual, (0.05, 0.95)) if len(residual) else (0.0, 0.0)
    scored = value[is_scored]
    return Estimate(scored, np.maximum(scored + lower, 0.0), scored + upper)


PLAIN_MODELS: dict[str, PlainModel] = {"affine_all_hours": fit_affine_all_hours, "plain_boosting": fit_plain_boosting}
