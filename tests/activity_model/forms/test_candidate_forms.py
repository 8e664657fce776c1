"""Boosted forms: simple forms with trees on their residuals, with and without covariates."""

import numpy as np
import pytest

from bigdata_emis.activity_model.forms.boosted_fit import FEATURES
from bigdata_emis.activity_model.forms.candidate_forms import FORMS
from bigdata_emis.activity_model.forms.linear import evaluate
from tests.activity_model.builders import series, steady_hours

SIBLING = "sibling_energy_kwh:b"


def test_forms_are_listed_from_simple_to_rich():
    assert list(FORMS) == [
        "static_profile",
        "proportional",
        "affine",
        "piecewise",
        "start",
        "ramp",
        "boosted",
        "boosted_weather",
    ]
    assert [name for name, form in FORMS.items() if form.is_costly] == ["boosted", "boosted_weather"]


def test_trees_use_the_weather_where_it_is_known_and_go_without_it_elsewhere():
    warm = np.tile([0.0, 0, 30, 30], 60)
    form = FORMS["boosted_weather"]
    model = form.fit(steady_hours(air_temperature_degc=warm), 100 + warm)
    value = evaluate(form, model, steady_hours(air_temperature_degc=warm))
    assert value[:4] == pytest.approx(np.array([100 + 5, 100 + 5, 130 - 5, 130 - 5]), abs=0.5)
    assert model["covariates"] == {"air_temperature_degc": 15.0}
    unknown = evaluate(form, model, steady_hours(air_temperature_degc=np.full(240, np.nan)))
    assert np.ptp(unknown) == pytest.approx(0, abs=1e-6)


def test_the_form_without_weather_does_not_use_it():
    model = FORMS["boosted"].fit(steady_hours(air_temperature_degc=np.arange(240.0)), np.arange(240.0))
    assert model["covariates"] == {}


def test_hours_near_the_estimated_ones_set_the_level_of_a_form_that_drifts():
    energy = np.tile([10.0, 20, 30, 40], 2190)
    hours = series(energy)
    heat = energy * np.where(np.arange(8760) < 4380, 1.0, 1.2)
    form = FORMS["boosted"]
    early, late = (
        evaluate(form, form.fit_parameters(hours, heat, near_hour=hour), hours).mean() for hour in (0.0, 8760.0)
    )
    assert early < late
    assert late == pytest.approx(1.2 * 25, rel=0.05)


def test_boosted_has_three_parts_of_which_the_ramp_form_drifts():
    energy = np.tile([10.0, 20, 30, 40], 1095)
    heat = energy * np.where(np.arange(4380) < 2190, 1.0, 1.2)
    model = FORMS["boosted"].fit_parameters(series(energy), heat)
    parts = {part["form"]: part["base"] for part in model["parts"]}
    assert list(parts) == ["piecewise", "ramp", "proportional"]
    assert evaluate(FORMS["piecewise"], parts["piecewise"], series(energy)).mean() == pytest.approx(1.1 * 25, rel=0.01)
    assert evaluate(FORMS["ramp"], parts["ramp"], series(energy)).mean() > 1.1 * 25


def two_part_model():
    """The mean of 1 and 3 a kWh; the second part uses a covariate."""
    no_trees = {"nodes": "", "threshold": [], "leaf_millionths": []}
    parts = [
        {"form": "proportional", "base": {"activity_per_kwh": ratio}, "asks_beside": uses, "trees": no_trees}
        for ratio, uses in ((1.0, False), (3.0, True))
    ]
    return {"parts": parts, "scale": 1.0, "covariates": {SIBLING: 5.0}, "features": [*FEATURES, SIBLING]}


def test_parts_without_covariates_estimate_alone_where_a_covariate_is_unknown():
    known, unknown = (steady_hours(2, **{SIBLING: np.full(2, value)}) for value in (5.0, np.nan))
    assert [evaluate(FORMS["boosted"], two_part_model(), hours)[0] for hours in (known, unknown)] == [100, 50]


def test_a_model_with_features_of_another_version_is_refused():
    model = two_part_model() | {"features": [*FEATURES[1:], SIBLING]}
    with pytest.raises(ValueError, match="other features"):
        evaluate(FORMS["boosted"], model, steady_hours(2, **{SIBLING: np.ones(2)}))
