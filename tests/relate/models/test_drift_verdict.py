"""The daily verdict: steady, recalibrated, replaced by a simpler form, or drifting."""

import numpy as np
import pytest

from bigdata_emis.relate.models.drift_verdict import judge_champion
from bigdata_emis.relate.models.model_rules import ModelRules
from bigdata_emis.relate.models.trial_models import StoredModel
from tests.relate.models.plants import WIDE, alternate, build_series, proportional

RULES = ModelRules()


def champion(factor=0.1, daily_error=1.0):
    return StoredModel("c", "affine", proportional(factor), {"daily_error_p90": daily_error})


def test_too_few_days_of_truth_give_a_steady_verdict():
    series = build_series(4)
    verdict = judge_champion(champion(), [], series, 0.9 * series.energy_kwh, rules=RULES)
    assert (verdict.status, verdict.days, verdict.measures) == ("steady", 4, {})


def test_a_champion_within_its_promise_is_steady():
    """A tenth of the hours misses the interval of ± 5, as promised."""
    series = build_series(20)
    error = np.where(series.hour_number % 10 == 0, 9.0, 2.0) * alternate(series)
    verdict = judge_champion(champion(daily_error=4.0), [], series, 0.1 * series.energy_kwh + error, rules=RULES)
    assert (verdict.status, verdict.reason, verdict.activity_correction) == ("steady", "none", 1.0)
    assert verdict.measures["coverage_90_share"] == pytest.approx(0.9)
    assert verdict.measures["sample_count"] == 480


def test_a_constant_bias_is_corrected_without_drift():
    series = build_series(20)
    error = np.where(series.hour_number % 10 == 0, 9.0, 0.5) * alternate(series)
    verdict = judge_champion(champion(daily_error=9.0), [], series, 0.12 * series.energy_kwh + error, rules=RULES)
    assert (verdict.status, verdict.reason) == ("recalibrated", "bias")
    assert verdict.activity_correction == pytest.approx(1.2, rel=0.02)
    assert verdict.interval_correction > 1.1
    assert verdict.note.startswith("20 days: corrected by the ratio of the first half")


def test_a_champion_without_any_error_is_steady_and_needs_no_correction():
    series = build_series(20)
    verdict = judge_champion(champion(), [], series, 0.1 * series.energy_kwh, rules=ModelRules(watch_capital=1e9))
    assert (verdict.status, verdict.reason, verdict.activity_correction) == ("steady", "none", 1.0)


def test_a_champion_without_any_error_keeps_its_place_when_its_interval_is_too_wide():
    series = build_series(60)
    verdict = judge_champion(champion(), [champion()], series, 0.1 * series.energy_kwh, rules=RULES)
    assert (verdict.model.version_id, verdict.activity_correction) == ("c", 1.0)


def test_after_drift_a_reserve_with_a_smaller_error_estimates():
    series = build_series(20)
    profile = {"form": "static_profile", "mean_by_hour_of_week": [30.0] * 168, "interval": WIDE}
    reserve = StoredModel("r", "static_profile", profile)
    verdict = judge_champion(champion(), [reserve], series, np.full(len(series.energy_kwh), 30.0), rules=RULES)
    assert (verdict.status, verdict.reason, verdict.model.version_id) == ("fallen_back", "error", "r")
    assert verdict.evidence >= RULES.watch_capital
    assert verdict.note == "error of static_profile 100% smaller than of affine"


def test_drift_that_nothing_reduces_grows_the_interval():
    """Errors of ± 12 need 12 / 5 of the interval of ± 5."""
    series = build_series(20)
    verdict = judge_champion(champion(), [], series, 0.1 * series.energy_kwh + 12.0 * alternate(series), rules=RULES)
    assert verdict.status == "drifting"
    assert verdict.interval_correction == pytest.approx(12 / 5, rel=0.02)


def test_an_interval_that_is_too_wide_gets_narrower():
    series = build_series(28)
    truth = 0.1 * series.energy_kwh + 1.0 * alternate(series)
    verdict = judge_champion(champion(daily_error=2.0), [], series, truth, rules=ModelRules(watch_capital=5))
    assert (verdict.status, verdict.reason) == ("recalibrated", "coverage")
    assert verdict.interval_correction == pytest.approx(1 / 5**0.5, rel=0.02)


def test_a_correction_is_bounded():
    series = build_series(20)
    verdict = judge_champion(champion(), [], series, 0.9 * series.energy_kwh, rules=RULES)
    assert (verdict.status, verdict.activity_correction) == ("recalibrated", RULES.watch_correction_limit)


def test_a_blend_with_the_challenger_estimates_where_it_errs_least():
    """Truth is half way between both laws (0.1 and 0.12), and corrections are ruled out."""
    series = build_series(20)
    truth = 0.11 * series.energy_kwh + 0.5 * alternate(series)
    challenger = StoredModel("n", "affine", proportional(0.12))
    rules = ModelRules(watch_correction_limit=1.0000001, watch_capital=1e9)
    verdict = judge_champion(champion(), [], series, truth, rules=rules, challenger=challenger)
    assert (verdict.status, verdict.model.version_id, verdict.blend_version_id) == ("recalibrated", "c", "n")
    assert verdict.blend_share == pytest.approx(0.5, abs=0.01)
    assert verdict.note.startswith("20 days: blended with the challenger")


def test_a_challenger_that_knows_the_truth_has_no_say_until_enough_days_are_new_to_it():
    series = build_series(20)
    truth = 0.11 * series.energy_kwh + 0.5 * alternate(series)
    challenger = StoredModel("n", "affine", proportional(0.11), fitted_to_hour=16 * 24)
    verdict = judge_champion(champion(), [], series, truth, rules=RULES, challenger=challenger)
    assert (verdict.blend_version_id, verdict.activity_correction) == ("", pytest.approx(1.1, rel=0.01))


def test_only_the_last_days_before_the_end_of_the_truth_count():
    """Of 60 days the first 30 need a factor of 1.2 and the others none; the window holds 28 of the others."""
    series = build_series(60)
    factor = np.where(series.hour_number < 30 * 24, 0.12, 0.1)
    truth = factor * series.energy_kwh + np.where(series.hour_number % 10 == 0, 9.0, 2.0) * alternate(series)
    verdict = judge_champion(champion(daily_error=4.0), [], series, truth, rules=RULES)
    assert (verdict.status, verdict.days, verdict.level_to_hour) == ("steady", 28, 60 * 24)
