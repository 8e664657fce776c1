"""Scores, backtest and words of a model card."""

from dataclasses import replace

import numpy as np
import pytest

from bigdata_emis.activity_model.cross_validation import choose_candidate, fit_candidates
from bigdata_emis.activity_model.early_stopping import DominatedCandidate
from bigdata_emis.activity_model.forms.candidate_forms import FORMS
from bigdata_emis.relate.models.model_card import (
    backtest_form,
    block_scores,
    build_model_card,
    explain_choice,
    explain_early_stop,
    explain_rejection,
    score_hours,
)
from tests.relate.models.plants import build_series


@pytest.fixture(scope="module")
def line():
    """20 days of activity = 10 + energy ÷ 10."""
    series = build_series(20)
    return series, 10 + series.energy_kwh / 10


@pytest.fixture(scope="module")
def candidates(line):
    return fit_candidates(*line, ("proportional", "affine"))


def with_error(candidate, form, error):
    return replace(candidate, form=FORMS[form], mean_absolute_error=error)


def test_scores_on_paper():
    """Estimates 1 2 6 of 1 3 5: Σe² = 2 of Σ(m − 3)² = 8, Σ|e| = 2 of 9, Σe = 0; the unscored hour does not count."""
    is_scored = np.array([True, True, True, False])
    scores = score_hours(np.array([1.0, 2.0, 6.0, 0.0]), np.array([1.0, 3.0, 5.0, 99.0]), is_scored)
    assert scores == {"r2": 0.75, "nmae": pytest.approx(2 / 9), "nmb": 0.0}


def test_without_variation_there_is_no_r2_and_without_activity_no_relative_error():
    assert score_hours(np.ones(2), np.zeros(2), np.ones(2, bool)) == {"r2": None, "nmae": None, "nmb": None}


def test_the_card_of_a_perfect_form(line, candidates):
    best = choose_candidate(candidates)
    card = build_model_card(best, candidates, *line, origins=2)
    assert (card["form"], card["hours"], card["running_hours"]) == ("affine", 480, 480)
    assert card["cross_validation"]["r2"] == pytest.approx(1, abs=1e-4)
    assert set(card["baselines"]) == {"proportional", "affine"}
    assert card["baselines"]["proportional"] == block_scores(candidates[0].out_of_block)
    assert card["daily_error_p90"] == pytest.approx(0, abs=0.01)


def test_the_backtest_scores_the_second_half(line):
    backtest = backtest_form("affine", *line, origins=2)
    assert (backtest["origins"], backtest["hours"]) == (2, 240)
    assert backtest["r2"] == pytest.approx(1, abs=1e-3)


def test_a_backtest_without_enough_hours_has_no_scores(line):
    series, activity = line
    few = np.arange(len(activity)) < 10
    assert backtest_form("ramp", series.where(few), activity[few], origins=2) == {
        "origins": 0,
        "hours": 0,
        "coverage_90": None,
        "r2": None,
        "nmae": None,
        "nmb": None,
    }


def test_a_choice_is_explained_by_the_best_simpler_form_and_the_richer_ones(candidates):
    errors = {"static_profile": 4.0, "proportional": 2.0, "affine": 1.0, "ramp": 1.0}
    compared = [with_error(candidates[0], form, error) for form, error in errors.items()]
    assert explain_choice(compared[2], compared) == (
        "error 50.0% smaller than that of proportional, the best simpler form; "
        "no richer form reduces the error by 1% (ramp)"
    )
    assert explain_choice(compared[0], compared[:1]) == "the only form for so few hours"


def test_a_rejection_is_explained_by_the_error(candidates):
    best, worse, slightly_better = (
        with_error(candidates[0], form, error)
        for form, error in (("affine", 1.0), ("proportional", 1.5), ("ramp", 0.995))
    )
    assert explain_rejection(best, best) == "chosen"
    assert explain_rejection(worse, best) == "error 50.0% larger than that of affine"
    assert explain_rejection(slightly_better, best) == "richer than affine, error only 0.5% smaller"


def test_an_early_stop_is_explained_by_the_trial_blocks():
    tried = DominatedCandidate(FORMS["boosted"], FORMS["affine"], 3, 0.05)
    assert explain_early_stop(tried) == (
        "stopped after 3 of 12 blocks: error 1% smaller than that of affine in none of them, +5.0% in all"
    )
    assert explain_early_stop(replace(tried, block_count=0)) == (
        "not tried: the residuals of affine do not depend on the weather"
    )
