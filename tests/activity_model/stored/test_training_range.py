"""Loads beyond those of the training: the model within its range, then in proportion, and less certain."""

import numpy as np
import pytest

from bigdata_emis.activity_model.cross_validation import Estimate
from bigdata_emis.activity_model.stored.predict import apply_stored_model
from bigdata_emis.activity_model.stored.training_range import (
    apply_beyond_training,
    clip_to_range,
    extrapolate,
    training_range_kwh,
)
from tests.activity_model.builders import PROPORTIONAL, series

Z = 1.6448536269514722


def values(result):
    return [part.tolist() for part in (result.activity, result.p05, result.p95)]


def test_a_model_that_states_no_range_has_none():
    assert training_range_kwh({}) == training_range_kwh({"taught_kwh": None}) == (0.0, np.inf)
    assert training_range_kwh({"taught_kwh": [1, 5]}) == (1.0, 5.0)


def test_an_idle_hour_stays_idle():
    assert clip_to_range(np.array([0.0, 1.0, 3.0, 9.0]), 2.0, 5.0).tolist() == [0.0, 2.0, 3.0, 5.0]


def test_twice_the_largest_load_has_twice_the_activity_and_a_wider_interval():
    """The scale is 2: 20 with arms of 2 and 4, beside a margin of 1.645 × 0.2 × 1 × 20."""
    within = Estimate(np.array([10.0]), np.array([9.0]), np.array([12.0]))
    margin = Z * 0.2 * 20
    expected = [[20.0], [20 - np.hypot(2, margin)], [20 + np.hypot(4, margin)]]
    result = extrapolate(within, np.array([10.0]), np.array([5.0]), relative_sd=0.2)
    assert values(result) == [pytest.approx(part) for part in expected]


def test_within_the_range_nothing_changes():
    hours = series([10.0, 50.0, 0.0])
    assert values(apply_beyond_training(PROPORTIONAL, hours, relative_sd=0.2)) == values(
        apply_stored_model(PROPORTIONAL, hours)
    )


def test_a_load_beyond_the_range_is_estimated_from_the_nearest_load_within():
    """2 a kWh up to 20: the residuals of 20 and not of 60, tripled."""
    bounded = {**PROPORTIONAL, "taught_kwh": [1.0, 20.0]}
    at_20 = apply_stored_model(bounded, series([20.0]))
    margin = Z * 0.2 * 2 * 120
    result = apply_beyond_training(bounded, series([60.0]), relative_sd=0.2)
    assert result.activity[0] == pytest.approx(120)
    assert result.p95[0] == pytest.approx(120 + np.hypot(3 * (at_20.p95[0] - 40), margin))


def test_a_series_is_estimated_as_the_one_with_clipped_loads():
    bounded = {**PROPORTIONAL, "taught_kwh": [5.0, 20.0]}
    whole, clipped = (series(load) for load in ([0.0, 60.0, 2.0], [0.0, 20.0, 5.0]))
    assert whole.hours_since_start.tolist() == clipped.hours_since_start.tolist()
    first, second = (apply_beyond_training(bounded, hours, relative_sd=0.2) for hours in (whole, clipped))
    assert first.activity == pytest.approx(second.activity * [1, 3, 0.4])
