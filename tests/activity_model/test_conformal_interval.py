"""Conformal intervals from residuals: which residuals count for which hour, and what they promise."""

import numpy as np
import pytest

from bigdata_emis.activity_model.conformal_interval import bound_activity, bound_with_residuals, fit_residual_interval
from tests.activity_model.builders import series, steady_hours

ONE_BIN = {"edges": [], "running": [[-2.0, 3.0]], "starting": [-1.0, 10.0]}


def test_the_residual_quantiles_of_the_load_bin_are_added_to_an_estimate():
    interval = {"edges": [50.0], "running": [[-1.0, 1.0], [-2.0, 4.0]], "starting": [0.0, 0.0]}
    lower, upper = bound_with_residuals(np.array([10.0, 60.0]), np.array([True, True]), interval)
    assert (lower.tolist(), upper.tolist()) == ([9.0, 58.0], [11.0, 64.0])


def test_an_idle_hour_is_zero_with_certainty():
    lower, upper = bound_with_residuals(np.array([0.0]), np.array([False]), ONE_BIN)
    assert (lower[0], upper[0]) == (0.0, 0.0)


def test_an_hour_before_a_start_uses_the_residuals_of_starts():
    lower, upper = bound_with_residuals(np.array([5.0]), np.array([False]), ONE_BIN)
    assert (lower[0], upper[0]) == (4.0, 15.0)


def test_no_bound_falls_below_zero_and_the_estimate_stays_inside():
    interval = {"edges": [], "running": [[1.0, 2.0]], "starting": [0.0, 0.0]}
    lower, upper = bound_with_residuals(np.array([10.0]), np.array([True]), interval)
    assert (lower[0], upper[0]) == (10.0, 12.0)
    assert bound_with_residuals(np.array([1.0]), np.array([True]), ONE_BIN)[0][0] == 0.0


def test_few_hours_make_one_bin_and_many_hours_three():
    def bins(hours):
        predicted = np.arange(float(hours))
        is_on, block = np.ones(hours, dtype=bool), np.zeros(hours, dtype=np.int64)
        return len(fit_residual_interval(predicted, predicted, is_on, block)["running"])

    assert (bins(179), bins(180)) == (1, 3)


def test_the_quantiles_are_half_way_between_all_blocks_and_the_worst_one():
    """330 residuals of 0 and 15 of 10 have a 95 % quantile of 0; the block of the 15 has 10."""
    activity = np.concatenate([np.zeros(330), np.full(15, 10.0)])
    block = np.concatenate([np.zeros(330), np.ones(15)]).astype(np.int64)
    interval = fit_residual_interval(np.zeros(345), activity, np.ones(345, dtype=bool), block)
    assert interval["running"] == [[0.0, 5.0], [0.0, 5.0]]


def test_a_block_of_few_residuals_does_not_count_on_its_own():
    activity = np.concatenate([np.zeros(330), np.full(14, 10.0)])
    block = np.concatenate([np.zeros(330), np.ones(14)]).astype(np.int64)
    interval = fit_residual_interval(np.zeros(344), activity, np.ones(344, dtype=bool), block)
    assert interval["starting"] == [0.0, 0.0]


def test_hours_without_a_covariate_use_the_interval_of_the_parts_that_need_none():
    parameters = {
        "covariates": {"air_temperature_degc": 0.0},
        "interval": {"edges": [], "running": [[-1.0, 1.0]], "starting": [0.0, 0.0]},
        "interval_alone": {"edges": [], "running": [[-5.0, 5.0]], "starting": [0.0, 0.0]},
    }
    hours = steady_hours(2, air_temperature_degc=np.array([10.0, np.nan]))
    lower, upper = bound_activity(np.array([20.0, 20.0]), hours, parameters)
    assert (lower.tolist(), upper.tolist()) == ([19.0, 15.0], [21.0, 25.0])


def test_a_model_without_covariates_has_one_interval():
    lower, _ = bound_activity(np.array([20.0]), series([50.0]), {"interval": ONE_BIN})
    assert lower[0] == pytest.approx(18.0)


def test_an_interval_widens_with_the_age_of_the_latest_measurement():
    """Arms of 2 and 3 and a margin of 0.9 × 0.1 × √(⅛ + ⅞) × 40 = 3.6 in quadrature."""
    drift = {"drift_share": 0.1, "latest_hour": -int(0.875 * 8766)}
    lower, upper = bound_activity(np.array([40.0]), series([50.0]), {"interval": ONE_BIN, "level_drift": drift})
    assert 40 - lower[0] == pytest.approx(np.hypot(2, 3.6), rel=1e-3)
    assert upper[0] - 40 == pytest.approx(np.hypot(3, 3.6), rel=1e-3)
