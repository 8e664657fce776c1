"""Evidence against a promise: the bet, the sign test, and the contest that rests on it."""

from dataclasses import dataclass

import numpy as np
import pytest

from bigdata_emis.activity_model.inputs.line_rows import hours_of_week
from bigdata_emis.activity_model.inputs.line_series import line_series
from bigdata_emis.activity_model.sequential_tests import betting_capital, chance_of_wins, daily_means
from bigdata_emis.errors import InputError
from bigdata_emis.relate.models.challenger_test import contest
from bigdata_emis.relate.models.drift_verdict import Stored, verdict
from bigdata_emis.relate.models.model_rules import ModelRules, model_rules

FAR = {"edges": [], "running": [[-5.0, 5.0]], "starting": [-5.0, 5.0]}
RULES = ModelRules()


@dataclass
class Place:
    """As much of a region as the rules ask for."""

    options: dict
    region_id: str = "test"


def proportional(factor):
    return {"form": "proportional", "activity_per_kwh": factor, "interval": FAR}


def days(count, load=100.0):
    hour = np.arange(24 * count, dtype=np.int64)
    return line_series(hour, hours_of_week(hour, "UTC"), np.full(len(hour), load) + hour % 7)


def signs(series):
    """Up for ten hours, then down for ten."""
    return np.where(series.hour_number // 10 % 2, 1, -1)


def made(series, factor):
    return factor * series.energy_kwh


def champion(factor=0.1, daily_error=1.0):
    return Stored("c", "affine", proportional(factor), {"daily_error_p90": daily_error})


def test_a_bet_grows_by_what_each_day_goes_beyond_the_promise():
    # One day that misses whole at a promise of one tenth: stakes of 0.5, 1, 2 and 4 each win 0.9 times themselves.
    assert betting_capital(np.array([1.0]), 0.1) == pytest.approx(1 + 0.9 * (0.5 + 1 + 2 + 4) / 4)


def test_a_kept_promise_wins_no_bet_and_no_days_are_no_evidence():
    assert betting_capital(np.full(100, 0.1), 0.1) == 1.0
    assert betting_capital(np.empty(0), 0.1) == 1.0


def test_a_bet_against_a_true_promise_seldom_wins():
    random = np.random.default_rng(1)
    won = [betting_capital((random.random(28) < 0.1).astype(float), 0.1) >= 20 for _ in range(2000)]
    assert np.mean(won) <= 0.05


@pytest.mark.parametrize(("wins", "of", "chance"), [(0, 0, 1.0), (0, 3, 1.0), (3, 3, 0.125), (6, 7, 8 / 128)])
def test_luck_explains_so_many_won_days(wins, of, chance):
    assert chance_of_wins(wins, of) == chance


def test_each_day_counts_once_however_many_hours_it_has():
    assert daily_means(np.array([1.0, 3.0, 10.0]), np.array([0, 5, 24])).tolist() == [2.0, 10.0]


@pytest.mark.parametrize(
    ("count", "factor", "outcome"), [(6, 0.2, "open"), (7, 0.2, "won"), (7, 0.1, "open"), (28, 0.1, "lost")]
)
def test_a_challenger_wins_only_by_being_better_on_enough_days(count, factor, outcome):
    series = days(count)
    told = contest(proportional(0.1), proportional(factor), series, made(series, 0.2), rules=RULES)
    assert (told.outcome, told.days) == (outcome, count)


def test_too_few_days_are_no_verdict():
    series = days(4)
    assert verdict(champion(), [], series, made(series, 0.9), rules=RULES).status == "steady"


def test_a_champion_that_keeps_its_promise_is_left_alone():
    series = days(20)
    wave = np.where(series.hour_number % 10 == 0, 9.0, 2.0) * signs(series)
    told = verdict(champion(daily_error=4.0), [], series, made(series, 0.1) + wave, rules=RULES)
    assert (told.status, told.reason, told.activity_correction) == ("steady", "none", 1.0)
    assert told.measures["coverage_90_share"] == pytest.approx(0.9)


def test_a_small_constant_bias_is_corrected_without_calling_it_drift():
    series = days(20)
    wave = np.where(series.hour_number % 10 == 0, 9.0, 0.5) * signs(series)
    told = verdict(champion(daily_error=9.0), [], series, made(series, 0.12) + wave, rules=RULES)
    assert (told.status, told.reason) == ("recalibrated", "bias")
    assert told.activity_correction == pytest.approx(1.2, rel=0.02)


def test_drift_falls_back_to_the_rung_below_that_errs_less_and_says_so():
    series = days(20)
    truth = np.full(len(series.energy_kwh), 30.0)
    below = Stored(
        "r", "static_profile", {"form": "static_profile", "mean_by_hour_of_week": [30.0] * 168, "interval": FAR}
    )
    told = verdict(champion(), [below], series, truth, rules=RULES)
    assert (told.status, told.reason, told.model.version_id) == ("fallen_back", "error", "r")
    assert told.evidence >= RULES.watch_capital
    assert "static_profile errs" in told.note


def test_drift_that_no_rung_mends_is_told_and_its_interval_grows():
    series = days(20)
    truth = made(series, 0.1) + 12.0 * signs(series)
    told = verdict(champion(), [], series, truth, rules=RULES)
    assert told.status == "drifting"
    assert told.interval_correction == pytest.approx(12 / 5, rel=0.02)


def test_an_interval_that_is_too_wide_is_drawn_in():
    series = days(28)
    wave = 1.0 * signs(series)
    told = verdict(champion(daily_error=2.0), [], series, made(series, 0.1) + wave, rules=ModelRules(watch_capital=5))
    assert (told.status, told.reason) == ("recalibrated", "coverage")
    assert told.interval_correction == pytest.approx(1 / 5, rel=0.02)


@pytest.mark.parametrize("value", [0, -1, "two", True])
def test_a_rule_that_is_no_positive_number_is_refused(value):
    with pytest.raises(InputError, match="contest_days"):
        model_rules(Place({"contest_days": value}))
