"""Charts of the New York units."""

import json

from bigdata_emis.validate.nys.plots import unit_charts


def unit(name, r2):
    sample = {"time": ["2002-01-01T00:00"], "estimated": [1.0], "measured": [1.0], "low": [0.0], "high": [2.0]}
    return {
        "model": "selected",
        "production_line_id": name,
        "r2": r2,
        "nmae": 0.1,
        "nmb": 0.0,
        "coverage_90": 0.9,
        "n": 100,
        "sample": json.dumps(sample),
    }


def test_the_six_worst_and_three_median_units_are_shown_hour_by_hour():
    charts = unit_charts([unit(f"unit {i:02}", i / 20) for i in range(20)], "selected")
    names = [chart["title_en"][:7] for chart in charts if chart["kind"] == "line"]
    assert names == [*(f"unit {i:02}" for i in range(6)), "unit 08", "unit 09", "unit 10"]


def test_a_score_below_the_axis_is_drawn_at_its_edge():
    (distribution, *_) = unit_charts([unit("bad", -7.0)], "selected")
    assert distribution["series"][0]["x"] == [distribution["x_min"]] == [-0.5]


def test_without_units_there_are_no_charts():
    assert unit_charts([], "selected") == []
