"""Reasons why the estimate of a unit is weak."""

import numpy as np
import pytest

from bigdata_emis.activity_model.inputs.line_series import build_line_series
from bigdata_emis.validate.weak_units import describe_hours, explain_weakness, list_unknown_minutes


@pytest.mark.parametrize(
    ("nmb", "traits", "reason"),
    [
        (0.2, {"edge_share": 0.1, "variation_share": 0.5, "r2_at_level": 0.9}, "level shift"),
        (0.0, {"edge_share": 0.8, "variation_share": 0.5, "r2_at_level": 0.3}, "short runs: 80%"),
        (0.0, {"edge_share": 0.1, "variation_share": 0.1, "r2_at_level": 0.3}, "steady"),
        (0.0, {"edge_share": 0.1, "variation_share": 0.5, "r2_at_level": 0.3}, "load does not determine"),
        (0.0, {"edge_share": 0.8, "variation_share": 0.5, "r2_at_level": 0.3, "most_r2": 0.25}, "more than R² 0.25"),
    ],
    ids=["level", "short runs", "steady", "other", "minutes"],
)
def test_a_weak_unit_is_explained_by_its_hours(nmb, traits, reason):
    assert reason in explain_weakness({"id": "One", "r2": 0.3, "nmb": nmb, "nmae": 0.1}, traits)["why"]


def test_several_reasons_are_all_reported():
    traits = {"edge_share": 0.8, "variation_share": 0.1, "r2_at_level": 0.9}
    why = explain_weakness({"id": "One", "r2": 0.3, "nmb": 0.2, "nmae": 0.1}, traits)["why"]
    assert why.count(";") >= 3


def test_an_estimate_that_is_only_at_the_wrong_level_is_perfect_at_the_right_one():
    hours = np.arange(4)
    series = build_line_series(hours, hours, np.array([1.0, 2, 3, 4]))
    measured = np.array([10.0, 20, 30, 40])
    traits = describe_hours(series, 2 * measured, measured)
    assert traits["r2_at_level"] == pytest.approx(1)
    assert traits["variation_share"] == pytest.approx(np.sqrt(125) / 25)


def test_units_whose_minutes_no_load_shows_are_listed_with_their_bound():
    traits = [{"edge_share": 0.8, "most_r2": most} for most in (0.2, 0.9, None)]
    units = [{"id": name, "r2": 0.1} for name in ("one", "two", "three")]
    assert list_unknown_minutes(zip(units, traits, strict=True)) == [
        {"id": "one", "r2": 0.1, "most_r2": 0.2, "edge_share": 0.8}
    ]
