"""A line estimated week by week by the functions that the day runs."""

import numpy as np
import pytest

from bigdata_emis.activity_model.cross_validation import choose_candidate, fit_candidates
from bigdata_emis.activity_model.inputs.line_series import build_line_series
from bigdata_emis.relate.models.model_rules import ModelRules
from bigdata_emis.validate.nys.replay import ReplayedLine, replay_days

HOURS, FIRST = 4800, 2400


def series(energy_kwh):
    hours = np.arange(len(energy_kwh))
    return build_line_series(hours, hours % 168, np.array(energy_kwh, dtype=float))


def shifted_plant(at=FIRST + 480):
    """10 GJ per unit of energy, 12 from an hour on, ± 5 GJ of noise."""
    rng = np.random.default_rng(6)
    energy = rng.uniform(50, 100, HOURS)
    heat = energy * np.where(np.arange(HOURS) < at, 10.0, 12.0) + rng.normal(0, 5, HOURS)
    return series(energy), heat


def replay(hours, heat, *, late_h=24, fitted=None):
    begins = np.arange(len(heat)) < FIRST
    truth = heat if fitted is None else fitted
    start = choose_candidate(fit_candidates(hours.where(begins), truth[begins], ("proportional", "affine")))
    return replay_days(start, [], ReplayedLine(hours, heat, late_h, ModelRules()), first=FIRST)


def test_every_later_hour_is_estimated_once():
    hours, heat = shifted_plant()
    estimated = replay(hours, heat)
    assert all(len(part) == HOURS - FIRST for part in (estimated.activity, estimated.p05, estimated.p95))


def test_the_estimate_follows_a_shift_of_the_level_once_its_truth_is_known():
    hours, heat = shifted_plant()
    estimated = replay(hours, heat)
    before, after = slice(0, 480), slice(-336, None)
    assert estimated.activity[before].mean() == pytest.approx(heat[FIRST:][before].mean(), rel=0.01)
    assert estimated.activity[after].mean() == pytest.approx(heat[FIRST:][after].mean(), rel=0.02)


def test_the_interval_covers_again_after_a_shift_of_the_level():
    hours, heat = shifted_plant()
    estimated = replay(hours, heat)
    inside = (heat[FIRST:] >= estimated.p05) & (heat[FIRST:] <= estimated.p95)
    assert inside[-336:].mean() > 0.85


def test_truth_that_is_not_known_yet_changes_no_estimate():
    """Truth is ten days late, and the last week begins at hour 4752: the truth from hour 4513 on is not known then."""
    hours, heat = shifted_plant()
    wild = np.where(np.arange(HOURS) > 4512, 0.0, heat)
    unchanged, altered = (replay(hours, truth, late_h=240, fitted=heat) for truth in (heat, wild))
    for name in ("activity", "p05", "p95"):
        assert np.array_equal(getattr(unchanged, name), getattr(altered, name))


def test_truth_that_never_comes_leaves_the_first_model_as_it_was_fitted():
    """Its interval grows with the age of the last truth."""
    hours, heat = shifted_plant(at=HOURS)
    silent = np.where(np.arange(HOURS) < FIRST, heat, np.nan)
    estimated = replay(hours, silent)
    assert estimated.activity == pytest.approx(10 * hours.energy_kwh[FIRST:], rel=0.01)
    width = (estimated.p95 - estimated.p05) / estimated.activity
    assert width[-168:].mean() > 1.2 * width[:168].mean()


def test_a_line_without_later_hours_has_no_estimates():
    hours, heat = shifted_plant()
    begins = np.arange(HOURS) < FIRST
    start = choose_candidate(fit_candidates(hours.where(begins), heat[begins], ("proportional",)))
    line = ReplayedLine(hours, heat, 24, ModelRules())
    assert len(replay_days(start, [], line, first=HOURS).activity) == 0
