"""Costly forms that gain nothing are given up early, and weather is used only where activity depends on it."""

import numpy as np

from bigdata_emis.activity_model.cross_validation import choose_candidate, fit_candidates, split_into_blocks
from bigdata_emis.activity_model.early_stopping import compare_candidates, depends_on_weather
from tests.activity_model.builders import series

HOURS = 600
ALL_KINDS = ("proportional", "affine", "boosted", "boosted_weather")


def drawn(seed=1):
    """Energy, noise and temperature by hour."""
    rng = np.random.default_rng(seed)
    return rng.uniform(50, 100, HOURS), rng.normal(0, 1, HOURS), rng.uniform(-10, 30, HOURS)


def test_trees_are_given_up_on_a_line_that_is_a_load_curve_and_noise():
    energy, noise, _ = drawn()
    candidates, (dominated,) = compare_candidates(
        series(energy), 20 + energy + noise, ("proportional", "affine", "boosted")
    )
    assert [c.form.name for c in candidates] == ["proportional", "affine"]
    assert (dominated.form.name, dominated.simpler_form.name, dominated.block_count) == ("boosted", "affine", 3)
    assert dominated.excess_share > 0


def test_trees_that_gain_have_the_same_errors_and_parameters_as_without_early_stopping():
    energy, noise, _ = drawn()
    heat = np.where(energy > 75, 200.0, 100.0) + noise
    candidates, dominated = compare_candidates(series(energy), heat, ("affine", "boosted"))
    plain = fit_candidates(series(energy), heat, ("affine", "boosted"))
    assert dominated == []
    assert choose_candidate(candidates).form.name == "boosted"
    assert [c.mean_absolute_error for c in candidates] == [c.mean_absolute_error for c in plain]
    assert choose_candidate(candidates).parameters == choose_candidate(plain).parameters


def test_where_activity_depends_on_the_weather_the_trees_with_weather_win():
    energy, noise, temperature = drawn()
    hours = series(energy, air_temperature_degc=temperature)
    candidates, _ = compare_candidates(hours, 2 * energy + 3 * temperature + noise, ALL_KINDS)
    assert choose_candidate(candidates).form.name == "boosted_weather"
    assert list(choose_candidate(candidates).parameters["covariates"]) == ["air_temperature_degc"]


def test_where_no_residual_is_left_for_the_weather_trees_with_weather_are_not_tried():
    energy, _, temperature = drawn()
    hours = series(energy, air_temperature_degc=temperature)
    candidates, dominated = compare_candidates(hours, 20 + energy, ALL_KINDS)
    assert choose_candidate(candidates).form.name == "affine"
    assert [(d.form.name, d.block_count) for d in dominated] == [("boosted", 3), ("boosted_weather", 0)]


def test_residuals_depend_on_the_weather_only_where_it_explains_other_blocks_too():
    energy, noise, temperature = drawn()
    hours = series(energy, air_temperature_degc=temperature)
    for activity, expected in ((2 * energy + temperature, True), (2 * energy + noise, False)):
        (affine,) = fit_candidates(hours, activity, ("affine",))
        assert depends_on_weather(affine, split_into_blocks(hours, activity)) is expected
