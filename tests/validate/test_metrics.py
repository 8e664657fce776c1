"""Scores of a series, and their summary over units."""

import numpy as np
import pytest

from bigdata_emis.validate.metrics import score_series, summarise_units, unit_scores


def test_scores_of_three_hours_by_hand():
    scores = score_series(
        np.array([1.0, 2, 6]), np.array([1.0, 3, 5]), p05=np.array([0.0, 0, 6]), p95=np.array([2.0, 4, 7])
    )
    assert scores == pytest.approx({"r2": 1 - 2 / 8, "nmb": 0, "mae": 2 / 3, "nmae": 2 / 9, "coverage_90": 2 / 3})


def test_an_estimate_ten_percent_too_high_has_a_bias_of_ten_percent():
    measured = np.array([10.0, 20, 30])
    scores = score_series(1.1 * measured, measured, measured, measured)
    assert (scores["nmb"], scores["nmae"]) == pytest.approx((0.1, 0.1))


def test_a_unit_row_holds_scores_only():
    row = {"r2": 0.9, "nmb": 0.1, "mae": 2.0, "nmae": 0.2, "coverage_90": 0.88, "form": "affine"}
    assert unit_scores("One", "selected", row, 24) == {
        "id": "One",
        "model": "selected",
        "r2": 0.9,
        "nmb": 0.1,
        "mae": 2.0,
        "nmae": 0.2,
        "coverage_90": 0.88,
        "n": 24,
    }


def test_a_summary_takes_medians_over_units_and_weights_coverage_by_hours():
    common = {"mae": 1.0, "nmae": 0.1}
    rows = [
        {"r2": 0.7, "nmb": -0.2, "coverage_90": 0.8, "n": 100, **common},
        {"r2": 0.8, "nmb": 0.1, "coverage_90": 0.9, "n": 300, **common},
    ]
    summary = summarise_units(rows)
    assert (summary["n"], summary["median_r2"], summary["share_r2_ge_075"]) == (2, pytest.approx(0.75), 0.5)
    assert summary["median_abs_nmb"] == pytest.approx(0.15)
    assert summary["coverage_90"] == pytest.approx((80 + 270) / 400)


def test_a_summary_of_no_units_has_no_scores():
    assert summarise_units([])["median_r2"] is None
    assert summarise_units([])["n"] == 0
