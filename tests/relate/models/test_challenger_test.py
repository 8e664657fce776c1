"""A challenger replaces its champion only on enough days of truth that neither was fitted on."""

import numpy as np
import pytest

from bigdata_emis.relate.models.challenger_test import judge_challenger
from bigdata_emis.relate.models.model_rules import ModelRules
from tests.relate.models.plants import build_series, proportional

RULES = ModelRules()


@pytest.mark.parametrize(
    ("days", "factor", "outcome"), [(6, 0.2, "open"), (7, 0.2, "won"), (7, 0.1, "open"), (28, 0.1, "lost")]
)
def test_a_challenger_wins_by_smaller_errors_on_enough_days(days, factor, outcome):
    series = build_series(days)
    result = judge_challenger(proportional(0.1), proportional(factor), series, 0.2 * series.energy_kwh, rules=RULES)
    assert (result.outcome, result.days) == (outcome, days)


def test_the_result_on_paper():
    """At 0.2 of the energy the champion (0.1) misses half of it, the challenger (0.2) nothing, on each of 7 days."""
    series = build_series(7)
    result = judge_challenger(proportional(0.1), proportional(0.2), series, 0.2 * series.energy_kwh, rules=RULES)
    assert result.champion_error == pytest.approx(0.1 * series.energy_kwh.mean())
    assert result.as_card_entry() == {
        "days": 7,
        "challenger_days": 7,
        "champion_error": result.champion_error,
        "challenger_error": 0.0,
        "chance": 1 / 2**7,
        "outcome": "won",
    }


def test_a_gain_within_the_margin_does_not_win():
    series = build_series(14)
    truth = 0.2 * series.energy_kwh
    almost_same = proportional(0.1 + 0.0005)  # an error 0.5 % smaller
    assert judge_challenger(proportional(0.1), almost_same, series, truth, rules=RULES).outcome == "open"


def test_hours_without_truth_are_left_out():
    series = build_series(8)
    truth = np.where(series.hour_number < 7 * 24, 0.2 * series.energy_kwh, np.nan)
    assert judge_challenger(proportional(0.1), proportional(0.2), series, truth, rules=RULES).days == 7


def test_without_truth_the_test_is_open():
    series = build_series(2)
    no_truth = np.full(len(series.energy_kwh), np.nan)
    result = judge_challenger(proportional(0.1), proportional(0.2), series, no_truth, rules=RULES)
    assert (result.outcome, result.days, result.champion_error) == ("open", 0, 0.0)
