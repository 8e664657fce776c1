"""Choice of a form by blocked cross-validation: which blocks predict which, and when a richer form wins."""

import json
from dataclasses import replace

import numpy as np
import pytest

from bigdata_emis.activity_model.cross_validation import (
    choose_candidate,
    eligible_forms,
    fit_candidates,
    predict_activity,
    predict_out_of_block,
    split_into_blocks,
)
from bigdata_emis.activity_model.forms.candidate_forms import FORMS
from tests.activity_model.builders import series, steady_hours

FOUR_LOADS = np.tile([10.0, 20, 30, 40], 50)


def covered_share(truth, estimate):
    return float(((truth >= estimate.p05) & (truth <= estimate.p95)).mean())


def test_blocks_are_contiguous_and_each_is_predicted_from_the_others():
    """Proportional: the activity per kWh of the other three blocks, 1 in the first half and 3 in the second."""
    activity = 10.0 * np.repeat([1.0, 1.0, 3.0, 3.0], 5)
    blocks = split_into_blocks(series([10.0] * 20), activity)
    assert blocks.block.tolist() == [0] * 5 + [1] * 5 + [2] * 5 + [3] * 5
    value = predict_out_of_block(FORMS["proportional"], blocks).value
    assert value[[0, 19]] == pytest.approx([10 * 7 / 3, 10 * 5 / 3])


def test_only_the_asked_folds_are_predicted():
    blocks = split_into_blocks(series([10.0] * 20), np.full(20, 30.0))
    value = predict_out_of_block(FORMS["proportional"], blocks, (1,)).value
    assert value.tolist() == [0.0] * 5 + [30.0] * 5 + [0.0] * 10


def test_idle_hours_without_activity_are_left_out_of_the_blocks():
    blocks = split_into_blocks(series([0.0] * 10 + [5.0] * 8), np.zeros(18))
    assert len(blocks.activity) == 10, "eight running hours, and two before the start"


def test_a_block_outside_which_nothing_runs_is_not_predicted():
    energy = np.array([5.0] * 5 + [0.0] * 15)
    blocks = split_into_blocks(series(energy), np.ones(20))
    assert [fold.is_held_out.nonzero()[0][0] for fold in blocks.folds] == [5, 10, 15]


def test_forms_without_enough_running_hours_or_weather_are_not_eligible():
    def names(hours):
        return {form.name for form in eligible_forms(split_into_blocks(hours, np.ones(120)), tuple(FORMS))}

    assert names(series([5.0] * 30 + [0.0] * 90)) == {"static_profile", "proportional", "affine", "start"}
    assert "boosted_weather" not in names(steady_hours(120))
    assert "boosted_weather" in names(steady_hours(120, air_temperature_degc=np.ones(120)))


def test_the_same_hours_give_the_same_model():
    rng = np.random.default_rng(1)
    energy = rng.uniform(10, 100, 400)
    heat = 3 * energy + rng.normal(0, 2, 400)
    first, second = (choose_candidate(fit_candidates(series(energy), heat, tuple(FORMS))).parameters for _ in range(2))
    assert json.dumps(first) == json.dumps(second)


def test_the_simplest_form_is_chosen_when_a_richer_one_gains_nothing():
    candidates = fit_candidates(series(FOUR_LOADS), 2 * FOUR_LOADS, ("static_profile", "proportional", "affine"))
    assert choose_candidate(candidates).form.name == "proportional"


def test_a_no_load_part_makes_affine_win_over_proportional():
    candidates = fit_candidates(series(FOUR_LOADS), 100 + 2 * FOUR_LOADS, ("proportional", "affine"))
    assert choose_candidate(candidates).form.name == "affine"


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
def test_trees_need_less_error_and_other_richer_forms_one_per_cent_less(errors, chosen):
    any_candidate = fit_candidates(series([10.0, 20] * 50), np.zeros(100), ("static_profile",))[0]
    candidates = [
        replace(any_candidate, form=FORMS[name], mean_absolute_error=float(error)) for name, error in errors.items()
    ]
    assert choose_candidate(candidates).form.name == chosen


def test_trees_that_lose_little_for_lack_of_hours_are_judged_again_with_finer_blocks():
    hour = np.arange(1200)
    energy = 100.0 + hour // 10 + hour * 7 % 25  # the load rises all year: a quarter of it is a range of its own
    affine, boosted = fit_candidates(series(energy), 3 * energy + 10 * (energy // 20 % 2), ("affine", "boosted"))
    assert affine.mean_absolute_error < boosted.mean_absolute_error < 1.1 * affine.mean_absolute_error
    assert boosted.finer_error < affine.finer_error
    assert choose_candidate([affine, boosted]) is boosted


def test_a_line_that_never_ran_has_no_candidates():
    assert fit_candidates(series([0] * 50), np.zeros(50), tuple(FORMS)) == []


def test_about_nine_of_ten_new_hours_lie_in_the_interval():
    rng = np.random.default_rng(2)
    energy = rng.uniform(10, 100, 4000)
    heat = 3 * energy + rng.normal(0, 5, 4000)
    model = choose_candidate(fit_candidates(series(energy[:2000]), heat[:2000], ("affine",))).parameters
    assert 0.87 < covered_share(heat[2000:], predict_activity(model, series(energy[2000:]))) < 0.95


def test_hours_without_the_load_of_a_sibling_have_a_wider_interval_that_covers_as_much():
    rng = np.random.default_rng(3)
    load, noise = rng.uniform(0, 100, 4000), rng.normal(0, 1, 4000)
    heat = 100 + load / 2 + noise
    hours = steady_hours(4000, **{"sibling_energy_kwh:b": load})
    fitted = fit_candidates(hours.where(np.arange(4000) < 2000), heat[:2000], ("boosted",))[0].parameters
    model = {**fitted, "level_drift": {"drift_share": 0.0, "latest_hour": 0}}  # this plant never drifts
    later = hours.where(np.arange(4000) >= 2000)
    complete, incomplete = (predict_activity(model, part) for part in (later, replace(later, covariates={})))
    covered = [covered_share(heat[2000:], estimate) for estimate in (complete, incomplete)]
    assert covered == pytest.approx([0.9, 0.9], abs=0.05)
    assert (incomplete.p95 - incomplete.p05).mean() > 5 * (complete.p95 - complete.p05).mean()


def test_a_form_without_covariates_has_one_interval():
    candidates = fit_candidates(series(FOUR_LOADS), 2 * FOUR_LOADS, ("affine", "boosted"))
    assert "interval_alone" not in choose_candidate(candidates).parameters


def test_the_parameters_name_the_range_of_training_loads():
    energy = np.concatenate([FOUR_LOADS, [90.0]])
    activity = np.concatenate([2 * FOUR_LOADS, [0.0]])
    candidate = fit_candidates(series(energy), activity, ("affine",))[0]
    assert candidate.parameters["taught_kwh"] == [10.0, 40.0], "an hour without activity does not count"


def test_the_estimate_lies_in_its_interval_and_idle_hours_are_certain():
    energy = np.tile([0.0, 0, 0, 0, 10, 20, 30, 40], 30)
    model = choose_candidate(fit_candidates(series(energy), energy**1.5, tuple(FORMS))).parameters
    estimate = predict_activity(json.loads(json.dumps(model)), series(energy))
    assert (estimate.p05 <= estimate.activity).all()
    assert (estimate.activity <= estimate.p95).all()
    assert estimate.p95[0] == 0
