"""Plain models that anybody would try first, so that the ladder is judged beside them.

Belongs here: affine on all hours, boosting out of the box. Does not: the ladder's own forms (proxy).
"""

from collections.abc import Callable

import numpy as np

from bigdata_emis.activity_model.cross_validation import Estimate
from bigdata_emis.activity_model.inputs.line_series import LineSeries
from bigdata_emis.arrays import Flags, Floats

HOURS_A_DAY = 24
TREES = 100

PlainModel = Callable[[LineSeries, Floats, Flags, Flags], Estimate]


def affine_all_hours(series: LineSeries, measured: Floats, taught: Flags, scored: Flags) -> Estimate:
    """A straight line through all hours of the fit years, idle ones included; its interval is that of its own residuals."""
    design = np.column_stack([np.ones(len(measured)), series.energy_kwh])
    coefficients = np.linalg.lstsq(design[taught], measured[taught], rcond=None)[0]
    return _scored(np.maximum(design @ coefficients, 0.0), measured, taught & series.is_on, scored)


def plain_boosting(series: LineSeries, measured: Floats, taught: Flags, scored: Flags) -> Estimate:
    """Least-squares boosting with the library's own settings, on load, its neighbours and the hour of the day."""
    import lightgbm

    asked = np.column_stack(
        [series.energy_kwh, series.previous_kwh, series.earlier_kwh, series.next_kwh, series.hour_of_week % HOURS_A_DAY]
    )
    running = taught & series.is_on
    parameters = {"verbose": -1, "num_threads": 1, "deterministic": True, "force_row_wise": True, "seed": 1}
    booster = lightgbm.train(parameters, lightgbm.Dataset(asked[running], measured[running]), num_boost_round=TREES)
    return _scored(np.where(series.is_on, booster.predict(asked), 0.0), measured, running, scored)


def _scored(value: Floats, measured: Floats, running: Flags, scored: Flags) -> Estimate:
    """The hours to score, with the 5th and 95th percentile of the residuals of those that did."""
    residual = (measured - value)[running]
    lower, upper = np.quantile(residual, (0.05, 0.95)) if len(residual) else (0.0, 0.0)
    later = value[scored]
    return Estimate(later, np.maximum(later + lower, 0.0), later + upper)


PLAIN_MODELS: dict[str, PlainModel] = {"affine_all_hours": affine_all_hours, "plain_boosting": plain_boosting}
