"""Forms of a line's model, their choice by blocked cross-validation, and their intervals."""

import json
from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import lsq_linear

from bigdata_emis.activity_model.cross_validation import choose, estimate, fit_candidates
from bigdata_emis.activity_model.forms.boosted_fit import FEATURES, Binned, features, fit_trees
from bigdata_emis.activity_model.forms.boosted_predict import walk_trees
from bigdata_emis.activity_model.forms.candidate_forms import FORMS
from bigdata_emis.activity_model.forms.linear import LINEAR, RIDGE_SHARE, SIMPLE_FORMS, evaluate
from bigdata_emis.activity_model.inputs.line_series import line_series
from bigdata_emis.relate.models.model_card import why_chosen, why_not


def series(energy_kwh):
    count = len(energy_kwh)
    return line_series(np.arange(count), np.arange(count) % 168, np.array(energy_kwh, dtype=float))


def fitted(name, energy_kwh, activity):
    hours = series(energy_kwh)
    return FORMS[name].fit(hours, np.array(activity, dtype=float))


def test_proportional_is_total_activity_over_total_energy():
    assert fitted("proportional", [1, 2, 3], [10, 20, 60])["activity_per_kwh"] == 15


def test_static_profile_is_the_mean_by_hour_of_week_and_the_overall_mean_where_there_is_none():
    profile = fitted("static_profile", [1, 1], [10, 30])["mean_by_hour_of_week"]
    assert profile[:3] == [10, 30, 20]


def test_affine_finds_the_line_that_the_hours_lie_on():
    energy = [10, 20, 30, 40] * 5
    found = fitted("affine", energy, [5 + 2 * e for e in energy])
    assert found["coefficients"] == pytest.approx([5, 2], rel=1e-3)


@pytest.mark.parametrize("name", [n for n in FORMS if n != "boosted"])
def test_idle_hours_have_no_activity_and_no_hour_has_a_negative_one(name):
    energy = [0, 10, 20, 5, 0, 0, 0, 0]
    hours = series(energy)
    value = evaluate(FORMS[name], FORMS[name].fit(hours, np.array([0.0, 9, 1, 0, 0, 0, 0, 0])), hours)
    assert (value >= 0).all()
    assert value[-3:].tolist() == [0, 0, 0]


def test_piecewise_rises_with_energy_even_where_the_measurements_fall():
    energy = np.linspace(1, 100, 60)
    parameters = fitted("piecewise", energy, np.where(energy < 50, energy, 100 - energy))
    value = evaluate(FORMS["piecewise"], parameters, series(np.linspace(1, 150, 30)))
    assert (np.diff(value) >= -1e-9).all()


def test_ramp_knows_the_fuel_that_burns_before_the_first_load():
    energy = [0, 0, 0, 50, 50, 50, 50, 0, 0, 0] * 8
    heat = [0, 0, 40, 100, 100, 100, 100, 0, 0, 0] * 8
    hours = series(energy)
    value = evaluate(FORMS["ramp"], FORMS["ramp"].fit(hours, np.array(heat, dtype=float)), hours)
    assert value[12] == pytest.approx(40, rel=0.02)


def walked(asked, target, weight=None):
    trees = json.loads(json.dumps(fit_trees(Binned(asked), target, np.ones(len(target)) if weight is None else weight)))
    return walk_trees([trees], asked)[0]


def test_trees_find_a_step_in_the_load():
    hours = series(np.tile([10.0, 20, 30, 40], 40))
    target = np.where(hours.energy_kwh > 25, 0.1, -0.1)
    assert walked(features(hours, {}), target) == pytest.approx(target, abs=1e-3)


def test_a_wrong_hour_hardly_moves_the_trees():
    asked = features(series(np.tile([10.0, 20], 50)), {})
    target = np.array([3.0] + [0.0] * 99)
    assert np.abs(walked(asked, target)).max() < 0.02


def test_hours_that_weigh_more_set_the_level():
    flat = features(series(np.full(100, 10.0)), {})
    target, weight = np.array([0.0] * 50 + [0.04] * 50), np.array([1.0] * 50 + [3.0] * 50)
    assert walked(flat, target, weight) == pytest.approx(np.full(100, 0.03), abs=1e-3)


def beside(values, count=240, name="air_temperature_degc"):
    return line_series(
        np.arange(count), np.zeros(count, dtype=np.int64), np.full(count, 50.0), covariates={name: values}
    )


def test_trees_use_what_is_measured_beside_where_it_is_known_and_go_without_where_not():
    warm = np.tile([0.0, 0, 30, 30], 60)
    model = FORMS["boosted_weather"].fit(beside(warm), 100 + warm)
    assert evaluate(FORMS["boosted_weather"], model, beside(warm))[:4] == pytest.approx(
        np.array([100 + 5, 100 + 5, 130 - 5, 130 - 5]), abs=0.5
    )
    assert model["covariates"] == {"air_temperature_degc": 15.0}
    assert np.ptp(evaluate(FORMS["boosted_weather"], model, beside(np.full(240, np.nan)))) == pytest.approx(0, abs=1e-6)


def test_the_load_of_another_line_is_asked_only_when_it_is_known_in_nearly_all_hours_that_teach():
    load = np.tile([0.0, 100], 120)
    rarely, too_rarely = (np.where(np.arange(240) < gone, np.nan, load) for gone in (24, 25))
    heat = 100 + load / 10
    known = [
        FORMS["boosted"].fit(beside(values, name="sibling_energy_kwh:b"), heat)["covariates"]
        for values in (load, rarely, too_rarely)
    ]
    assert [bool(found) for found in known] == [True, True, False]


def test_the_same_hours_give_the_same_model():
    rng = np.random.default_rng(1)
    energy = rng.uniform(10, 100, 400)
    heat = 3 * energy + rng.normal(0, 2, 400)
    first, second = (choose(fit_candidates(series(energy), heat, tuple(FORMS))).parameters for _ in range(2))
    assert json.dumps(first) == json.dumps(second)


def test_the_simplest_form_is_chosen_when_a_richer_one_gains_nothing():
    energy = np.tile([10.0, 20, 30, 40], 50)
    assert (
        choose(fit_candidates(series(energy), 2 * energy, ("static_profile", "proportional", "affine"))).form.name
        == "proportional"
    )


def test_a_no_load_part_makes_affine_win_over_proportional():
    energy = np.tile([10.0, 20, 30, 40], 50)
    assert choose(fit_candidates(series(energy), 100 + 2 * energy, ("proportional", "affine"))).form.name == "affine"


@pytest.mark.parametrize(
    ("errors", "chosen"),
    [
        ({"affine": 100, "ramp": 99.5}, "affine"),
        ({"affine": 100, "ramp": 98}, "ramp"),
        ({"affine": 100, "boosted": 99.5}, "boosted"),
        ({"affine": 100, "boosted": 100}, "affine"),
        ({"boosted": 100, "boosted_weather": 99.5}, "boosted"),
        ({"affine": 101, "boosted": 100, "boosted_weather": 98}, "boosted_weather"),
    ],
)
def test_trees_must_err_less_and_other_richer_forms_less_by_more_than_a_hair(errors, chosen):
    nothing = fit_candidates(series([10.0, 20] * 50), np.zeros(100), ("static_profile",))[0]
    candidates = [
        replace(nothing, form=FORMS[name], mean_absolute_error=float(error)) for name, error in errors.items()
    ]
    assert choose(candidates).form.name == chosen


def test_trees_that_lose_little_for_want_of_hours_are_judged_again_by_finer_blocks():
    hour = np.arange(1200)
    energy = 100.0 + hour // 10 + hour * 7 % 25  # the load moves on all year: a quarter of it is a range of its own
    affine, boosted = fit_candidates(series(energy), 3 * energy + 10 * (energy // 20 % 2), ("affine", "boosted"))
    assert affine.mean_absolute_error < boosted.mean_absolute_error < 1.1 * affine.mean_absolute_error
    assert boosted.finer_error < affine.finer_error
    assert choose([affine, boosted]) is boosted
    words = why_chosen(boosted, [affine, boosted])
    assert words.startswith("errs ")
    assert "less than affine, the best rung below, by 12 blocks, but " in words
    assert "less than boosted by 4 blocks, but more by 12" in why_not(affine, boosted)


@pytest.mark.parametrize(("hours", "seed"), [(45, 1852), (100, 36), (60, 1), (200, 2)])
def test_no_other_coefficients_of_a_ramp_that_rise_with_the_load_err_less(hours, seed):
    random = np.random.default_rng(seed)
    energy, begin = np.abs(random.normal(100, 30, hours)), 0
    while begin < hours:
        on, off = (int(random.integers(least, 12)) for least in (1, 0))
        energy[begin + on : begin + on + off] = 0
        begin += on + off + 1
    is_on, line = energy > 0, series(energy)
    made = np.maximum(is_on * (5 + 2 * energy) + random.normal(0, 20, hours) * is_on - 60 * np.roll(is_on, 1), 0)
    design, rising = LINEAR["start"](line, np.empty(0))
    scaled = design / np.maximum(np.abs(design).max(axis=0), 1e-12)
    ridge = np.sqrt(RIDGE_SHARE * hours) * np.eye(design.shape[1])
    least = np.where(np.arange(design.shape[1]) < rising, 0.0, -np.inf)
    other = lsq_linear(
        np.vstack([scaled, ridge]), np.concatenate([made, np.zeros(len(ridge))]), bounds=(least, np.inf), method="bvls"
    )
    found = np.asarray(SIMPLE_FORMS["start"].fitted(line, made)["coefficients"])
    assert ((design @ found - made) ** 2).sum() <= 2 * other.cost * (1 + 1e-6)


def test_a_line_that_never_ran_has_no_candidates():
    assert fit_candidates(series([0] * 50), np.zeros(50), tuple(FORMS)) == []


def test_a_form_that_needs_more_hours_than_there_are_does_not_compete():
    names = {c.form.name for c in fit_candidates(series([10, 20] * 5), np.arange(10.0), tuple(FORMS))}
    assert names == {"static_profile", "proportional"}


def test_about_nine_of_ten_new_hours_lie_in_the_interval():
    rng = np.random.default_rng(2)
    energy = rng.uniform(10, 100, 4000)
    heat = 3 * energy + rng.normal(0, 5, 4000)
    model = choose(fit_candidates(series(energy[:2000]), heat[:2000], ("affine",))).parameters
    found = estimate(model, series(energy[2000:]))
    inside = ((heat[2000:] >= found.p05) & (heat[2000:] <= found.p95)).mean()
    assert 0.87 < inside < 0.95


def test_hours_without_the_load_of_another_line_have_an_interval_of_their_own_that_covers_as_much():
    rng = np.random.default_rng(3)
    load, noise = rng.uniform(0, 100, 4000), rng.normal(0, 1, 4000)
    heat = 100 + load / 2 + noise
    hours = beside(load, 4000, "sibling_energy_kwh:b")
    candidate = fit_candidates(hours.where(np.arange(4000) < 2000), heat[:2000], ("boosted",))[0]
    later = hours.where(np.arange(4000) >= 2000)
    told, untold = (estimate(candidate.parameters, of) for of in (later, replace(later, covariates={})))
    inside = [((heat[2000:] >= found.p05) & (heat[2000:] <= found.p95)).mean() for found in (told, untold)]
    assert inside == pytest.approx([0.9, 0.9], abs=0.05)
    assert (untold.p95 - untold.p05).mean() > 5 * (told.p95 - told.p05).mean()


def test_a_form_that_asks_for_nothing_beside_has_one_interval():
    energy = np.tile([10.0, 20, 30, 40], 50)
    assert "interval_alone" not in choose(fit_candidates(series(energy), 2 * energy, ("affine", "boosted"))).parameters


def test_the_estimate_lies_in_its_interval_and_idle_hours_are_certain():
    energy = np.tile([0.0, 0, 0, 0, 10, 20, 30, 40], 30)
    model = choose(fit_candidates(series(energy), energy**1.5, tuple(FORMS))).parameters
    found = estimate(json.loads(json.dumps(model)), series(energy))
    assert (found.p05 <= found.activity).all()
    assert (found.activity <= found.p95).all()
    assert found.p95[0] == 0


def test_an_hour_unlike_all_that_taught_a_form_stays_near_what_was_seen():
    energy = [10.0, 20, 30, 40] * 20
    form = FORMS["affine"]
    taught = form.fitted(series(energy), np.array([e**2 for e in energy]))
    estimated = evaluate(form, {**taught, "coefficients": [0, 1000.0]}, series([40.0, 80.0]))
    assert estimated == pytest.approx([1.1 * 1600, 2 * 1.1 * 1600])


def test_hours_near_those_asked_for_set_the_level_of_a_form_that_drifts():
    energy = np.tile([10.0, 20, 30, 40], 2190)
    hours = series(energy)
    heat = energy * np.where(np.arange(8760) < 4380, 1.0, 1.2)
    form = FORMS["boosted"]
    early, late = (evaluate(form, form.fitted(hours, heat, about_hour=at), hours).mean() for at in (0.0, 8760.0))
    assert early < late
    assert late == pytest.approx(1.2 * 25, rel=0.05)


def test_boosted_is_the_mean_of_its_parts_of_which_the_ramp_form_drifts():
    energy = np.tile([10.0, 20, 30, 40], 1095)
    heat = energy * np.where(np.arange(4380) < 2190, 1.0, 1.2)
    parts = {part["form"]: part["base"] for part in FORMS["boosted"].fitted(series(energy), heat)["parts"]}
    assert list(parts) == ["piecewise", "ramp", "proportional"]
    assert evaluate(FORMS["piecewise"], parts["piecewise"], series(energy)).mean() == pytest.approx(1.1 * 25, rel=0.01)
    assert evaluate(FORMS["ramp"], parts["ramp"], series(energy)).mean() > 1.1 * 25


def test_parts_that_ask_for_nothing_beside_the_line_speak_alone_where_that_is_not_known():
    hours, unknown = (
        beside(np.full(240, 5.0), name="sibling_energy_kwh:b"),
        beside(np.full(240, np.nan), name="sibling_energy_kwh:b"),
    )
    base = {"activity_per_kwh": 1.0}, {"activity_per_kwh": 3.0}
    none = {"nodes": "", "threshold": [], "leaf_millionths": []}
    parts = [
        {"form": "proportional", "base": of, "asks_beside": asks, "trees": none}
        for of, asks in zip(base, (False, True), strict=True)
    ]
    model = {
        "parts": parts,
        "scale": 1.0,
        "covariates": {"sibling_energy_kwh:b": 5.0},
        "features": [*FEATURES, "sibling_energy_kwh:b"],
    }
    assert [evaluate(FORMS["boosted"], model, of)[0] for of in (hours, unknown)] == [100, 50]
