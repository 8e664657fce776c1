"""Costly forms that gain nothing are given up early, and weather is asked only where it tells something."""

import numpy as np
import pytest

from bigdata_emis.activity_model.cross_validation import choose, fit_candidates
from bigdata_emis.activity_model.early_stopping import race
from bigdata_emis.activity_model.inputs.line_series import line_series
from bigdata_emis.activity_model.inputs.weather import NO_WEATHER, Weather
from bigdata_emis.relate.models.model_card import why_given_up

HOURS = 600
LADDER = ("proportional", "affine", "boosted", "boosted_weather")


def hours(energy, weather=NO_WEATHER):
    number = np.arange(len(energy), dtype=np.int64)
    return weather.beside(line_series(number, number % 168, np.asarray(energy, dtype=float)))


def drawn(seed=1):
    rng = np.random.default_rng(seed)
    return rng.uniform(50, 100, HOURS), rng.normal(0, 1, HOURS), rng.uniform(-10, 30, HOURS)


def weather_by_hour(temperature):
    return Weather(np.arange(HOURS, dtype=np.int64), {"air_temperature_degc": temperature})


def test_trees_are_given_up_on_a_line_that_is_a_load_curve_and_noise():
    energy, noise, _ = drawn()
    candidates, (left,) = race(hours(energy), 20 + energy + noise, ("proportional", "affine", "boosted"))
    assert [c.form.name for c in candidates] == ["proportional", "affine"]
    assert (left.form.name, left.simpler.name, left.blocks) == ("boosted", "affine", 3)
    assert why_given_up(left).startswith("given up after 3 of 12 blocks: gains 1% on affine in none of them, errs +")


def test_trees_that_gain_are_scored_and_fitted_as_without_the_race():
    energy, noise, _ = drawn()
    heat = np.where(energy > 75, 200.0, 100.0) + noise
    candidates, given_up = race(hours(energy), heat, ("affine", "boosted"))
    plain = fit_candidates(hours(energy), heat, ("affine", "boosted"))
    assert given_up == []
    assert choose(candidates).form.name == "boosted"
    assert [c.mean_absolute_error for c in candidates] == [c.mean_absolute_error for c in plain]
    assert choose(candidates).parameters == choose(plain).parameters


def test_where_activity_goes_with_the_weather_the_trees_that_ask_for_it_win():
    energy, noise, temperature = drawn()
    candidates, _ = race(hours(energy, weather_by_hour(temperature)), 2 * energy + 3 * temperature + noise, LADDER)
    assert choose(candidates).form.name == "boosted_weather"
    assert list(choose(candidates).parameters["covariates"]) == ["air_temperature_degc"]


def test_where_nothing_is_left_over_for_the_weather_it_is_not_asked():
    energy, _, temperature = drawn()
    candidates, given_up = race(hours(energy, weather_by_hour(temperature)), 20 + energy, LADDER)
    assert choose(candidates).form.name == "affine"
    assert [(left.form.name, left.blocks) for left in given_up] == [("boosted", 3), ("boosted_weather", 0)]
    assert "does not go with the weather" in why_given_up(given_up[1])


def test_without_weather_no_form_asks_for_it():
    energy, _, _ = drawn()
    assert "boosted_weather" not in {c.form.name for c in fit_candidates(hours(energy), energy, LADDER)}


def test_weather_stands_beside_its_own_hours_and_is_unknown_elsewhere():
    known = Weather(np.array([3, 5]), {"air_temperature_degc": np.array([30.0, 50.0])})
    series = known.beside(line_series(np.arange(3, 7), np.zeros(4, dtype=np.int64), np.ones(4)))
    assert series.covariates["air_temperature_degc"] == pytest.approx([30, np.nan, 50, np.nan], nan_ok=True)
