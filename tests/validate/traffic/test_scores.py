"""Scores over all hidden values, and by unit."""

import numpy as np
import pytest

from bigdata_emis.validate.traffic.scores import Estimates, pooled_models, score_units

TRUTH = np.arange(48.0) + 10
IDS = np.array(["a"] * 24 + ["b"] * 24)
HIGH = Estimates(TRUTH + 2, TRUTH - 1, TRUTH + 5)


def test_units_and_pooled_scores_of_a_constant_error():
    units = {"high": score_units("high", HIGH, TRUTH, IDS)}
    summary = pooled_models({"high": HIGH}, TRUTH, units, per_hour=12)["high"]
    assert [unit["id"] for unit in units["high"]] == ["a", "b"]
    assert summary["pooled_mae"] == summary["hourly_mae"] == 2
    assert summary["pooled_nmae"] == pytest.approx(2 / 33.5)
    assert summary["coverage_90"] == 1


def test_errors_that_cancel_within_the_hour_vanish_from_the_hourly_score():
    swing = np.where(np.arange(48) % 2, 3.0, -3.0)
    model = Estimates(TRUTH + swing, TRUTH, TRUTH)
    summary = pooled_models({"m": model}, TRUTH, {"m": []}, per_hour=12)["m"]
    assert summary["pooled_mae"] == 3
    assert summary["hourly_mae"] == 0
    assert "hourly_mae" not in pooled_models({"m": model}, TRUTH, {"m": []}, per_hour=1)["m"]


def test_values_without_truth_are_not_scored():
    truth = np.where(IDS == "b", np.nan, TRUTH)
    assert [unit["id"] for unit in score_units("high", HIGH, truth, IDS)] == ["a"]
    unknown = np.full(48, np.nan)
    assert pooled_models({"high": HIGH}, unknown, {"high": []}, per_hour=1)["high"]["n"] == 0
