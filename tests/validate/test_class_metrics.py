"""Scores of class probabilities, their calibration, and prediction sets."""

import numpy as np
import pytest

from bigdata_emis.validate.class_metrics import (
    apply_temperature,
    conformal_limit,
    fit_temperature,
    is_in_set,
    reliability_bins,
    score_all_classes,
    score_classes,
)


def test_scores_of_four_rows_by_hand():
    probability, label = np.array([[0.8, 0.2], [0.6, 0.4], [0.3, 0.7], [0.6, 0.4]]), np.array([0, 0, 1, 1])
    inside = np.array([True, True, True, False])
    first, second = score_classes(probability, label, names=("a", "b"), inside=inside, model="m")
    assert (first["id"], first["model"], first["n"]) == ("a", "m", 2)
    assert first["nmb"] == pytest.approx((2.3 - 2) / 2)
    assert (first["precision"], first["recall"], second["f1"]) == pytest.approx((2 / 3, 1, 2 / 3))
    assert first["r2"] == pytest.approx(1 - (0.04 + 0.16 + 0.09 + 0.36) / 1)
    assert (first["coverage_90"], second["coverage_90"]) == (1, 0.5)
    assert score_all_classes(probability, label, [first, second])["accuracy"] == 0.75


def test_a_class_that_does_not_occur_has_no_row():
    rows = score_classes(np.full((2, 2), 0.5), np.array([1, 1]), names=("a", "b"), inside=np.ones(2, bool), model="m")
    assert [row["id"] for row in rows] == ["b"]


def test_a_prediction_set_holds_the_likeliest_class_and_all_above_its_limit():
    probability, label = np.array([[0.5, 0.3, 0.2], [0.5, 0.3, 0.2]]), np.array([1, 2])
    assert is_in_set(probability, label, 0.25).tolist() == [True, False]
    assert is_in_set(probability, np.array([0, 0]), 0.9).tolist() == [True, True]


def test_the_limit_is_the_probability_that_nine_of_ten_labels_reach():
    probability = np.array([[0.9, 0.1]] * 9 + [[0.4, 0.6]])
    assert conformal_limit(probability, np.zeros(10, dtype=int)) == pytest.approx(0.4)


def test_a_reliability_bin_compares_confidence_with_the_share_that_was_right():
    assert reliability_bins(np.array([0.81, 0.83]), np.array([True, False])) == [
        {"said": pytest.approx(0.82), "came": 0.5, "n": 2}
    ]


def test_an_exponent_below_one_lowers_the_confidence():
    assert apply_temperature(np.array([[0.8, 0.2]]), 0.5)[0].tolist() == pytest.approx([2 / 3, 1 / 3])


def test_probabilities_that_are_too_sure_get_an_exponent_below_one():
    # 0.9 was right three times of four: 0.75 / 0.25 = (0.9 / 0.1) ** exponent, so the exponent is one half.
    probability = np.array([[0.9, 0.1]] * 4)
    assert fit_temperature(probability, np.array([0, 0, 0, 1])) == pytest.approx(0.5, abs=1e-3)
