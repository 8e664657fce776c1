"""Boosted trees fitted to residuals: features, weights, and thresholds in few digits."""

import json

import numpy as np
import pytest

from bigdata_emis.activity_model.forms.boosted_fit import (
    FEATURES,
    BinnedHours,
    covariate_medians,
    feature_matrix,
    fit_trees,
    lacks_covariate,
)
from bigdata_emis.activity_model.forms.boosted_predict import MAX_FEATURES, predict_trees
from tests.activity_model.builders import series, steady_hours


def fitted_values(feature_values, target, weight=None):
    weight = np.ones(len(target)) if weight is None else weight
    trees = json.loads(json.dumps(fit_trees(BinnedHours(feature_values), target, weight)))
    return predict_trees([trees], feature_values)[0]


def column(*values):
    return np.array([[value] for value in values], dtype=float)


def test_features_are_in_the_order_of_their_names():
    row = dict(zip(FEATURES, feature_matrix(series([1, 2, 4, 8]), {})[1], strict=True))
    assert {name: row[name] for name in ("energy_kwh", "previous_kwh", "next_kwh", "third_after_kwh")} == {
        "energy_kwh": 2,
        "previous_kwh": 1,
        "next_kwh": 4,
        "third_after_kwh": 8,
    }
    assert (row["previous_less_kwh"], row["next_less_kwh"], row["three_hours_kwh"]) == (-1, 2, 7)


def test_an_unknown_covariate_takes_the_value_of_the_model():
    hours = series([1.0, 1.0], air_temperature_degc=np.array([20.0, np.nan]))
    matrix = feature_matrix(hours, {"air_temperature_degc": 15.0, "relative_humidity_share": 0.5})
    assert matrix[:, -2:].tolist() == [[20.0, 0.5], [15.0, 0.5]]


def test_a_covariate_is_used_only_when_it_is_known_in_nearly_all_training_hours():
    load = np.tile([0.0, 100], 120)
    barely, too_rarely = (np.where(np.arange(240) < missing, np.nan, load) for missing in (24, 25))
    known = [covariate_medians(steady_hours(x=value)) for value in (load, barely, too_rarely)]
    assert known == [{"x": 50.0}, {"x": 50.0}, {}]


def test_hours_that_lack_a_covariate_are_found():
    hours = series([1.0, 1.0], x=np.array([1.0, np.nan]))
    assert lacks_covariate(hours, ["x"]).tolist() == [False, True]
    assert lacks_covariate(hours, ["x", "y"]).tolist() == [True, True]
    assert lacks_covariate(hours, []).tolist() == [False, False]


def test_trees_learn_a_step_in_the_load():
    hours = series(np.tile([10.0, 20, 30, 40], 40))
    target = np.where(hours.energy_kwh > 25, 0.1, -0.1)
    assert fitted_values(feature_matrix(hours, {}), target) == pytest.approx(target, abs=1e-3)


def test_one_wrong_hour_hardly_moves_the_trees():
    matrix = feature_matrix(series(np.tile([10.0, 20], 50)), {})
    assert np.abs(fitted_values(matrix, np.array([3.0] + [0.0] * 99))).max() < 0.02


def test_hours_of_larger_weight_set_the_level():
    matrix = feature_matrix(series(np.full(100, 10.0)), {})
    target, weight = np.array([0.0] * 50 + [0.04] * 50), np.array([1.0] * 50 + [3.0] * 50)
    assert fitted_values(matrix, target, weight) == pytest.approx(np.full(100, 0.03), abs=1e-3)


def test_more_features_than_letters_are_refused():
    matrix = np.random.default_rng(0).normal(size=(50, MAX_FEATURES + 1))
    with pytest.raises(ValueError, match="at most 26"):
        fit_trees(BinnedHours(matrix), matrix[:, 0], np.ones(50))


def test_a_threshold_has_few_digits_and_lies_between_the_two_values_that_it_separates():
    """10.13 and 20.57 are separated at 15.35: any value from 12.74 to 17.96 would do, and 15 has the fewest digits."""
    target = np.array([0.0] * 20 + [0.04] * 20)
    stored = fit_trees(BinnedHours(column(*[10.13] * 20, *[20.57] * 20)), target, np.ones(40))
    assert set(stored["threshold"]) == {15}


def test_idle_hours_stay_separate_from_the_smallest_load():
    target = np.array([0.0] * 20 + [0.04] * 20)
    stored = fit_trees(BinnedHours(column(*[0] * 20, *[0.001] * 20)), target, np.ones(40))
    assert all(0 < threshold < 0.001 for threshold in stored["threshold"])
