"""Prediction by stored models of any form, with the corrections of the drift test."""

import numpy as np
import pytest

from bigdata_emis.activity_model.cross_validation import Estimate
from bigdata_emis.activity_model.stored.predict import apply_corrections, apply_stored_model
from tests.activity_model.builders import BOOSTED, POOLED, PROPORTIONAL, VALID_MODELS, series


def estimate(activity, p05, p95):
    return Estimate(np.array([activity]), np.array([p05]), np.array([p95]))


def values(result):
    return [part.tolist() for part in (result.activity, result.p05, result.p95)]


def test_a_line_s_own_model_is_applied_with_the_interval_of_its_residuals():
    """2 a kWh: 20 below the edge of 50 and 100 above it; idle hours are zero."""
    result = apply_stored_model(PROPORTIONAL, series([10.0, 50.0, 0.0]))
    assert values(result) == [[20, 100, 0], [19, 98, 0], [21, 102, 0]]


def test_a_pooled_model_is_applied_with_its_relative_interval():
    assert values(apply_stored_model(POOLED, series([10.0]))) == [[2.0], [1.0], [4.0]]


@pytest.mark.parametrize("model", VALID_MODELS, ids=lambda model: model["form"])
def test_every_valid_model_gives_a_finite_estimate_in_its_interval(model):
    result = apply_stored_model(model, series([0.0, 10.0, 20.0], air_temperature_degc=np.array([1.0, np.nan, 30.0])))
    assert np.isfinite(values(result)).all()
    assert (result.p05 <= result.activity).all()
    assert (result.activity <= result.p95).all()


def test_the_trees_of_a_boosted_model_move_the_estimate_by_its_scale():
    """10 kWh reaches the first leaf (1) of the first tree and the second leaf (4) of the other: 5 millionths × 2."""
    result = apply_stored_model(BOOSTED, series([10.0], air_temperature_degc=np.array([0.0])))
    assert result.activity[0] == pytest.approx(20 + 2 * 5e-6, abs=1e-12)


def test_corrections_scale_the_estimate_and_both_sides_of_its_interval():
    assert values(apply_corrections(estimate(10.0, 8.0, 14.0), 2.0, 3.0)) == [[20.0], [8.0], [44.0]]


def test_no_corrected_bound_falls_below_zero():
    assert apply_corrections(estimate(10.0, 2.0, 12.0), 1.0, 5.0).p05[0] == 0.0


def test_corrections_of_one_change_nothing():
    result = estimate(10.0, 8.0, 14.0)
    assert apply_corrections(result, 1.0, 1.0) is result
