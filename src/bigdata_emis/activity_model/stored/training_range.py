"""Loads beyond those of the training hours: clipped for the model, then extrapolated in proportion, and less certain.

Belongs here: what the stage and the validation do with such loads. Does not: the model itself (predict), and from where
the uncertainty is known (reference activity_parameter).
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from bigdata_emis.activity_model.cross_validation import Estimate
from bigdata_emis.activity_model.inputs.line_series import LineSeries
from bigdata_emis.activity_model.stored.predict import apply_stored_model
from bigdata_emis.arrays import Floats
from bigdata_emis.equations.uncertainty import NINETY_FIFTH

ENERGY_ARRAYS = ("energy_kwh", "previous_kwh", "next_kwh", "earlier_kwh", "later_kwh")


def training_range_kwh(parameters: Mapping[str, Any]) -> tuple[float, float]:
    """Least and largest load of the training hours of a stored model; unbounded where it states none."""
    lowest, highest = parameters.get("taught_kwh") or (0.0, np.inf)
    return float(lowest), float(highest)


def clip_to_range(energy_kwh: Floats, lowest_kwh: Floats | float, highest_kwh: Floats | float) -> Floats:
    """Loads clipped to a range; an idle hour stays idle."""
    return np.where(energy_kwh > 0, np.clip(energy_kwh, lowest_kwh, highest_kwh), energy_kwh)


def extrapolate(estimate: Estimate, energy_kwh: Floats, within_kwh: Floats, *, relative_sd: float) -> Estimate:
    """The estimate at loads within the range, scaled to the actual loads.

        activity × s,  s = load ÷ load within the range;  margin = 1.645 × relative_sd × |1 − s| × activity × s

    The margin is added to both arms in quadrature; no bound falls below zero.
    """
    scale = np.divide(energy_kwh, within_kwh, out=np.ones_like(energy_kwh), where=within_kwh > 0)
    scaled = Estimate(estimate.activity * scale, estimate.p05 * scale, estimate.p95 * scale)
    margin = NINETY_FIFTH * relative_sd * np.abs(1 - scale) * scaled.activity
    return widen(scaled, margin, margin)


def widen(estimate: Estimate, lower: Floats, upper: Floats) -> Estimate:
    """The interval with independent margins added in quadrature to its half-widths; no bound is below zero."""
    low = estimate.activity - np.hypot(estimate.activity - estimate.p05, lower)
    high = estimate.activity + np.hypot(estimate.p95 - estimate.activity, upper)
    return Estimate(estimate.activity, np.maximum(low, 0.0), high)


def apply_beyond_training(
    parameters: dict[str, Any],
    series: LineSeries,
    *,
    relative_sd: float,
    activity_correction: float = 1.0,
    interval_correction: float = 1.0,
) -> Estimate:
    """The estimate of a stored model for hours of a line, whose loads may lie beyond those of its training."""
    lowest, highest = training_range_kwh(parameters)
    clipped: dict[str, Any] = {name: clip_to_range(getattr(series, name), lowest, highest) for name in ENERGY_ARRAYS}
    estimate = apply_stored_model(
        parameters,
        replace(series, **clipped),
        activity_correction=activity_correction,
        interval_correction=interval_correction,
    )
    return extrapolate(estimate, series.energy_kwh, clipped["energy_kwh"], relative_sd=relative_sd)
