"""Adaptive intervals, and models that walk forward with truth that comes late."""

import numpy as np
import pytest

from bigdata_emis.activity_model.cross_validation import choose, fit_candidates
from bigdata_emis.activity_model.inputs.line_series import line_series
from bigdata_emis.validate.online.adaptive_conformal import AdaptiveRule, adaptive_interval, known_count, refreshes
from bigdata_emis.validate.online.walk_forward_line import Walk, walk_forward

HOURS = np.arange(6000)


def series(energy_kwh):
    count = len(energy_kwh)
    return line_series(np.arange(count), np.arange(count) % 168, np.array(energy_kwh, dtype=float))


def coverage(measured, late_h=24, **rule):
    lower, upper = adaptive_interval(
        np.zeros(6000), measured, hour_number=HOURS, late_h=late_h, rule=AdaptiveRule(**rule)
    )
    judged = np.isfinite(lower)
    return ((measured >= lower) & (measured <= upper))[judged].mean()


def test_nine_of_ten_hours_lie_inside_even_where_the_error_grows():
    noise = np.random.default_rng(3).normal(0, 1, 6000)
    assert coverage(noise) == pytest.approx(0.9, abs=0.02)
    assert coverage(noise * np.linspace(1, 4, 6000)) == pytest.approx(0.9, abs=0.02)


def test_hours_of_six_and_of_thirty_are_told_by_their_own_scale():
    scale = np.where(HOURS % 2, 30.0, 6.0)
    measured = np.random.default_rng(4).normal(0, 1, 6000) * scale
    lower, upper = adaptive_interval(np.zeros(6000), measured, hour_number=HOURS, late_h=24, scale=scale)
    inside = (measured >= lower) & (measured <= upper)
    assert inside[1000::2].mean() == pytest.approx(0.9, abs=0.03)
    assert inside[1001::2].mean() == pytest.approx(0.9, abs=0.03)


def test_truth_that_is_not_known_yet_moves_nothing():
    noise = np.random.default_rng(5).normal(0, 1, 6000)
    changed = np.where(HOURS >= 3000, 50.0, noise)
    before, after = (adaptive_interval(np.zeros(6000), m, hour_number=HOURS, late_h=720) for m in (noise, changed))
    known_by_then = 3000 + 720
    assert np.array_equal(before[0][:known_by_then], after[0][:known_by_then], equal_nan=True)
    assert after[1][-1] > before[1][-1]


def test_without_known_truth_there_is_no_interval():
    lower, _ = adaptive_interval(np.zeros(50), np.zeros(50), hour_number=np.arange(50), late_h=720)
    assert np.isnan(lower).all()


def test_a_truth_is_known_late_hours_after_its_hour():
    assert [known_count(np.array([0, 1, 2, 5]), now, 2) for now in (1, 2, 4, 7)] == [0, 1, 3, 4]


def test_rows_are_refreshed_together_when_they_lie_in_one_period():
    assert refreshes(np.array([0, 5, 23, 24, 60]), 24) == [(0, 3), (3, 4), (4, 5)]


def drifting():
    rng = np.random.default_rng(6)
    energy = rng.uniform(50, 100, 4800)
    heat = energy * np.where(np.arange(4800) < 2400, 10.0, 12.0) + rng.normal(0, 5, 4800)
    hours = series(energy)
    begins = np.arange(4800) < 2000
    return hours, heat, choose(fit_candidates(hours.where(begins), heat[begins], ("proportional", "affine", "boosted")))


def test_a_walking_model_follows_a_level_that_moved_once_its_truth_is_known():
    hours, heat, start = drifting()
    found = walk_forward(start, hours, heat, first=2000, walk=Walk(late_h=240, refit_h=240))
    assert found.activity[600:640].mean() == pytest.approx(10 * hours.energy_kwh[2600:2640].mean(), rel=0.02)
    assert found.activity[-200:].mean() == pytest.approx(heat[-200:].mean(), rel=0.05)


def test_the_interval_of_a_walking_model_keeps_its_promise_after_the_move():
    hours, heat, start = drifting()
    found = walk_forward(start, hours, heat, first=2000, walk=Walk(late_h=24, refit_h=240))
    inside = (heat[2000:] >= found.p05) & (heat[2000:] <= found.p95)
    assert inside[1200:].mean() > 0.85


def test_truth_of_the_last_hours_changes_no_estimate_of_a_walk():
    hours, heat, start = drifting()
    wild = np.where(np.arange(4800) >= 4560, 0.0, heat)
    one, other = (
        walk_forward(start, hours, truth, first=2000, walk=Walk(late_h=240, refit_h=240)) for truth in (heat, wild)
    )
    assert np.array_equal(one.activity, other.activity)
    assert np.array_equal(one.p95, other.p95)


def test_loads_to_come_move_no_interval_of_a_walk():
    """Small loads are told without error, large ones to 400: from row 3000 on one line has large ones alone, the other goes on as before."""
    energy = np.tile([1.0, 10.0, 100.0], 1600)
    heat = 10 * energy + np.tile([0, 1, 400, 0, -1, -400], 800)
    much = np.where(np.arange(4800) < 3000, energy, 100.0)
    begins, known = np.arange(4800) < 2400, np.where(np.arange(4800) < 2900, heat, np.nan)
    start = fit_candidates(series(energy).where(begins), heat[begins], ("proportional",))[0]
    one, other = (
        walk_forward(start, series(each), known, first=2400, walk=Walk(late_h=24, refit_h=240))
        for each in (energy, much)
    )
    for name in ("p05", "p95"):
        assert np.array_equal(getattr(one, name)[:590], getattr(other, name)[:590])


def test_the_first_interval_of_a_walk_knows_nothing_that_its_rehearsal_was_taught():
    """At half of 320 hours 60 are known, too few for trees: trees that were taught by the rehearsal's hours would tell them all too well."""
    rng = np.random.default_rng(1)
    energy = rng.uniform(50, 100, 900)
    hours, heat = series(energy), 10 * energy + rng.normal(0, 30, 900)
    begins = np.arange(900) < 320
    start = fit_candidates(hours.where(begins), heat[begins], ("boosted",))[0]
    found = walk_forward(start, hours, heat, first=320, walk=Walk(late_h=100, refit_h=240))
    inside = (heat[320:] >= found.p05) & (heat[320:] <= found.p95)
    assert inside[:160].mean() == pytest.approx(0.9, abs=0.05)


def test_a_line_that_stopped_reporting_has_no_estimates_to_walk_through():
    hours, heat, start = drifting()
    assert len(walk_forward(start, hours, heat, first=len(heat), walk=Walk(late_h=24)).activity) == 0


def test_a_walking_model_stays_with_its_start_until_later_truth_is_known_and_does_not_overshoot_it():
    energy = np.full(3000, 10.0)
    hours, heat = series(energy), energy * np.where(np.arange(3000) < 1900, 10.0, 12.0)
    begins = np.arange(3000) < 1500
    start = choose(fit_candidates(hours.where(begins), heat[begins], ("proportional",)))
    known_late = np.where((np.arange(3000) < 1500) | (np.arange(3000) > 2200), heat, np.nan)
    before = walk_forward(start, hours, known_late, first=1500, walk=Walk(late_h=240, refit_h=240))
    after = walk_forward(start, hours, heat, first=1500, walk=Walk(late_h=240, refit_h=240))
    assert before.activity[:700] == pytest.approx(np.full(700, 100.0), rel=1e-3)
    assert after.activity[-100:].mean() > before.activity[:700].mean()
    assert after.activity.max() <= 120 * 1.001
