"""Simple forms: what each fits, and the bounds of every prediction."""

import numpy as np
import pytest
from scipy.optimize import lsq_linear

from bigdata_emis.activity_model.forms.linear import (
    LINEAR_DESIGNS,
    RIDGE_SHARE,
    SIMPLE_FORMS,
    count_terms,
    evaluate,
    fit_weighted_ramp,
)
from tests.activity_model.builders import series


def fitted(name, energy_kwh, activity):
    return SIMPLE_FORMS[name].fit(series(energy_kwh), np.array(activity, dtype=float))


def test_proportional_is_total_activity_over_total_energy():
    assert fitted("proportional", [1, 2, 3], [10, 20, 60])["activity_per_kwh"] == 15


def test_static_profile_is_the_mean_by_hour_of_week_and_the_overall_mean_where_there_is_none():
    profile = fitted("static_profile", [1, 1], [10, 30])["mean_by_hour_of_week"]
    assert profile[:3] == [10, 30, 20]


def test_affine_fits_the_line_on_which_the_hours_lie():
    energy = [10, 20, 30, 40] * 5
    assert fitted("affine", energy, [5 + 2 * e for e in energy])["coefficients"] == pytest.approx([5, 2], rel=1e-3)


@pytest.mark.parametrize("name", SIMPLE_FORMS)
def test_idle_hours_have_no_activity_and_no_hour_has_a_negative_one(name):
    hours = series([0, 10, 20, 5, 0, 0, 0, 0])
    form = SIMPLE_FORMS[name]
    value = evaluate(form, form.fit(hours, np.array([0.0, 9, 1, 0, 0, 0, 0, 0])), hours)
    assert (value >= 0).all()
    assert value[-3:].tolist() == [0, 0, 0]


def test_piecewise_rises_with_energy_even_where_the_measurements_fall():
    energy = np.linspace(1, 100, 60)
    parameters = fitted("piecewise", energy, np.where(energy < 50, energy, 100 - energy))
    value = evaluate(SIMPLE_FORMS["piecewise"], parameters, series(np.linspace(1, 150, 30)))
    assert (np.diff(value) >= -1e-9).all()


def test_ramp_estimates_the_fuel_that_burns_before_the_first_load():
    hours = series([0, 0, 0, 50, 50, 50, 50, 0, 0, 0] * 8)
    heat = np.array([0, 0, 40, 100, 100, 100, 100, 0, 0, 0] * 8, dtype=float)
    value = evaluate(SIMPLE_FORMS["ramp"], SIMPLE_FORMS["ramp"].fit(hours, heat), hours)
    assert value[12] == pytest.approx(40, rel=0.02)


def test_a_prediction_is_at_most_a_tenth_above_the_training_maximum_in_proportion_to_energy():
    """The largest training activity is 1600 at 40 kWh; the coefficients ask for 1000 times the energy."""
    energy = [10.0, 20, 30, 40] * 20
    form = SIMPLE_FORMS["affine"]
    parameters = form.fit_parameters(series(energy), np.array([e**2 for e in energy]))
    value = evaluate(form, {**parameters, "coefficients": [0, 1000.0]}, series([40.0, 80.0]))
    assert value == pytest.approx([1.1 * 1600, 2 * 1.1 * 1600])


@pytest.mark.parametrize(("hours", "seed"), [(45, 1852), (100, 36), (60, 1), (200, 2)])
def test_no_other_coefficients_that_rise_with_load_have_less_error(hours, seed):
    random = np.random.default_rng(seed)
    energy, begin = np.abs(random.normal(100, 30, hours)), 0
    while begin < hours:
        on, off = (int(random.integers(least, 12)) for least in (1, 0))
        energy[begin + on : begin + on + off] = 0
        begin += on + off + 1
    is_on, line = energy > 0, series(energy)
    activity = is_on * (5 + 2 * energy) + random.normal(0, 20, hours) * is_on - 60 * np.roll(is_on, 1)
    activity = np.maximum(activity, 0)
    design, monotone = LINEAR_DESIGNS["start"](line, np.empty(0))
    scaled = design / np.maximum(np.abs(design).max(axis=0), 1e-12)
    ridge = np.sqrt(RIDGE_SHARE * hours) * np.eye(design.shape[1])
    least = np.where(np.arange(design.shape[1]) < monotone, 0.0, -np.inf)
    oracle = lsq_linear(
        np.vstack([scaled, ridge]),
        np.concatenate([activity, np.zeros(len(ridge))]),
        bounds=(least, np.inf),
        method="bvls",
    )
    coefficients = np.asarray(SIMPLE_FORMS["start"].fit_parameters(line, activity)["coefficients"])
    assert ((design @ coefficients - activity) ** 2).sum() <= 2 * oracle.cost * (1 + 1e-6)


def test_hours_of_large_weight_set_the_level_of_a_weighted_ramp():
    energy = np.tile([10.0, 20, 30, 40], 50)
    hours, is_late = series(energy), np.arange(200) >= 100
    activity = energy * np.where(is_late, 2.0, 1.0)
    parameters = fit_weighted_ramp(hours, activity, np.where(is_late, 1.0, 1e-6))
    assert evaluate(SIMPLE_FORMS["ramp"], parameters, hours).mean() == pytest.approx(50, rel=0.01)


@pytest.mark.parametrize(("name", "knots", "terms"), [("affine", 0, 2), ("piecewise", 6, 8), ("start", 0, 18)])
def test_the_terms_of_a_linear_form_are_counted(name, knots, terms):
    assert count_terms(name, knots) == terms
