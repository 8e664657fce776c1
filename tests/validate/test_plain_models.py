"""Plain baselines, fitted to some hours and estimating others."""

import numpy as np
import pytest

from bigdata_emis.activity_model.inputs.line_series import build_line_series
from bigdata_emis.validate.plain_models import fit_affine_all_hours, fit_plain_boosting

HOURS = np.arange(240)
ENERGY = np.where(HOURS % 24 < 6, 0.0, 50.0 + HOURS % 24)
IS_FIT = HOURS < 120


def series():
    return build_line_series(HOURS, HOURS % 168, ENERGY)


def test_a_straight_line_through_linear_hours_is_exact_and_has_no_width():
    measured = 100 + 2 * ENERGY
    estimated = fit_affine_all_hours(series(), measured, IS_FIT, ~IS_FIT)
    assert estimated.activity == pytest.approx(measured[~IS_FIT])
    assert estimated.p95 - estimated.p05 == pytest.approx(np.zeros(120), abs=1e-9)


def test_the_interval_of_a_straight_line_is_that_of_its_residuals():
    noise = np.where(HOURS % 2, 10.0, -10.0)
    estimated = fit_affine_all_hours(series(), 1000 + 2 * ENERGY + noise, IS_FIT, ~IS_FIT)
    assert (estimated.p95 - estimated.p05).mean() == pytest.approx(20, rel=0.05)


def test_boosting_estimates_zero_in_idle_hours_and_follows_load_in_others():
    measured = np.where(ENERGY > 0, ENERGY**2, 0.0)
    estimated = fit_plain_boosting(series(), measured, IS_FIT, ~IS_FIT)
    is_on = ENERGY[~IS_FIT] > 0
    assert (estimated.activity[~is_on] == 0).all()
    assert estimated.activity[is_on] == pytest.approx(measured[~IS_FIT][is_on], rel=0.2)
