"""Hours of lines and stored models for the tests of the room activity_model."""

from typing import Any

import numpy as np

from bigdata_emis.activity_model.forms.boosted_fit import FEATURES
from bigdata_emis.activity_model.inputs.line_series import LineSeries, build_line_series

WEEK_H = 168
INTERVAL = {"edges": [50.0], "running": [[-1.0, 1.0], [-2.0, 2.0]], "starting": [-1.0, 1.0]}
PROPORTIONAL = {
    "form": "proportional",
    "activity_per_kwh": 2.0,
    "most": {"activity": 100.0, "energy_kwh": 50.0},
    "taught_kwh": [1.0, 500.0],
    "interval": INTERVAL,
}
AFFINE = {"form": "affine", "knots_kwh": [], "coefficients": [5.0, 2.0], "interval": INTERVAL}
PIECEWISE = {"form": "piecewise", "knots_kwh": [10.0, 20.0], "coefficients": [5.0, 2.0, 1.0, 0.0], "interval": INTERVAL}
PROFILE = {"form": "static_profile", "mean_by_hour_of_week": [1.0] * WEEK_H, "interval": INTERVAL}
POOLED = {
    "form": "pooled",
    "activity_per_kwh": 0.2,
    "lower_relative": 0.5,
    "upper_relative": 2.0,
    "activity_unit_code": "t",
}
TREES = {"nodes": "a.. ab...", "threshold": [10, 20, 5.5], "leaf_millionths": [1, 2, 3, 4, 5]}
BOOSTED = {
    "form": "boosted",
    "scale": 2.0,
    "covariates": {"air_temperature_degc": 0.0},
    "features": [*FEATURES, "air_temperature_degc"],
    "interval": INTERVAL,
    "interval_alone": INTERVAL,
    "parts": [
        {"form": "proportional", "base": {"activity_per_kwh": 2.0}, "asks_beside": uses_covariates, "trees": TREES}
        for uses_covariates in (False, True)
    ],
}
VALID_MODELS: list[dict[str, Any]] = [PROPORTIONAL, AFFINE, PIECEWISE, PROFILE, POOLED, BOOSTED]


def series(energy_kwh: Any, **covariates: Any) -> LineSeries:
    """Consecutive hours of a line from Monday at midnight."""
    energy = np.array(energy_kwh, dtype=float)
    hour = np.arange(len(energy), dtype=np.int64)
    return build_line_series(hour, hour % WEEK_H, energy, covariates=covariates)


def steady_hours(count: int = 240, **covariates: Any) -> LineSeries:
    """Hours at 50 kWh, so that only covariates differ."""
    return series(np.full(count, 50.0), **covariates)
