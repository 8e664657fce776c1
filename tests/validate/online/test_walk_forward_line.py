"""Walk-forward recalibration of the activity model of a line."""

import numpy as np
import pytest

from bigdata_emis.activity_model.cross_validation import choose_candidate, fit_candidates
from bigdata_emis.activity_model.inputs.line_series import build_line_series
from bigdata_emis.validate.online.walk_forward_line import WalkForwardRule, walk_forward

HOURS = np.arange(6000)


def series(energy_kwh):
    count = len(energy_kwh)
    return build_line_series(np.arange(count), np.arange(count) % 168, np.array(energy_kwh, dtype=float))


def drifting():
    rng = np.random.default_rng(6)
    energy = rng.uniform(50, 100, 4800)
    heat = energy * np.where(np.arange(4800) < 2400, 10.0, 12.0) + rng.normal(0, 5, 4800)
    hours = series(energy)
    begins = np.arange(4800) < 2000
    return (
        hours,
        heat,
        choose_candidate(fit_candidates(hours.where(begins), heat[begins], ("proportional", "affine", "boosted"))),
    )


def test_the_estimate_follows_a_level_shift_once_its_truth_is_known():
    hours, heat, start = drifting()
    estimated = walk_forward(start, hours, heat, first=2000, walk=WalkForwardRule(late_h=240, refit_h=240))
    assert estimated.activity[600:640].mean() == pytest.approx(10 * hours.energy_kwh[2600:2640].mean(), rel=0.02)
    assert estimated.activity[-200:].mean() == pytest.approx(heat[-200:].mean(), rel=0.05)


def test_the_interval_has_its_coverage_again_after_a_level_shift():
    hours, heat, start = drifting()
    estimated = walk_forward(start, hours, heat, first=2000, walk=WalkForwardRule(late_h=24, refit_h=240))
    inside = (heat[2000:] >= estimated.p05) & (heat[2000:] <= estimated.p95)
    assert inside[1200:].mean() > 0.85


def test_truth_that_is_not_yet_known_changes_no_estimate():
    hours, heat, start = drifting()
    wild = np.where(np.arange(4800) >= 4560, 0.0, heat)
    unchanged, altered = (
        walk_forward(start, hours, truth, first=2000, walk=WalkForwardRule(late_h=240, refit_h=240))
        for truth in (heat, wild)
    )
    assert np.array_equal(unchanged.activity, altered.activity)
    assert np.array_equal(unchanged.p95, altered.p95)


def test_later_loads_change_no_earlier_interval():
    """Small loads have no error, large ones 400; from row 3000 on one of two lines has only large loads."""
    energy = np.tile([1.0, 10.0, 100.0], 1600)
    heat = 10 * energy + np.tile([0, 1, 400, 0, -1, -400], 800)
    much = np.where(np.arange(4800) < 3000, energy, 100.0)
    begins, known = np.arange(4800) < 2400, np.where(np.arange(4800) < 2900, heat, np.nan)
    start = fit_candidates(series(energy).where(begins), heat[begins], ("proportional",))[0]
    unchanged, altered = (
        walk_forward(start, series(each), known, first=2400, walk=WalkForwardRule(late_h=24, refit_h=240))
        for each in (energy, much)
    )
    for name in ("p05", "p95"):
        assert np.array_equal(getattr(unchanged, name)[:590], getattr(altered, name)[:590])


def test_the_first_interval_does_not_use_truth_that_the_start_was_fitted_to():
    """At half of 320 hours 60 are known, too few for trees; those fitted to the rehearsal would err too little."""
    rng = np.random.default_rng(1)
    energy = rng.uniform(50, 100, 900)
    hours, heat = series(energy), 10 * energy + rng.normal(0, 30, 900)
    begins = np.arange(900) < 320
    start = fit_candidates(hours.where(begins), heat[begins], ("boosted",))[0]
    estimated = walk_forward(start, hours, heat, first=320, walk=WalkForwardRule(late_h=100, refit_h=240))
    inside = (heat[320:] >= estimated.p05) & (heat[320:] <= estimated.p95)
    assert inside[:160].mean() == pytest.approx(0.9, abs=0.05)


def test_a_line_without_later_hours_has_no_estimates():
    hours, heat, start = drifting()
    assert len(walk_forward(start, hours, heat, first=len(heat), walk=WalkForwardRule(late_h=24)).activity) == 0


def test_the_estimate_is_that_of_the_start_until_later_truth_is_known_and_does_not_overshoot_it():
    energy = np.full(3000, 10.0)
    hours, heat = series(energy), energy * np.where(np.arange(3000) < 1900, 10.0, 12.0)
    begins = np.arange(3000) < 1500
    start = choose_candidate(fit_candidates(hours.where(begins), heat[begins], ("proportional",)))
    known_late = np.where((np.arange(3000) < 1500) | (np.arange(3000) > 2200), heat, np.nan)
    before = walk_forward(start, hours, known_late, first=1500, walk=WalkForwardRule(late_h=240, refit_h=240))
    after = walk_forward(start, hours, heat, first=1500, walk=WalkForwardRule(late_h=240, refit_h=240))
    assert before.activity[:700] == pytest.approx(np.full(700, 100.0), rel=1e-3)
    assert after.activity[-100:].mean() > before.activity[:700].mean()
    assert after.activity.max() <= 120 * 1.001
