"""Charts of the Beijing page."""

from bigdata_emis.validate.beijing.plots import beijing_charts

ROWS = {"forest": [{"r2": 0.8, "pollutant": "O3"}, {"r2": 0.6, "pollutant": "O3"}]}


def test_the_median_of_each_pollutant_is_shown():
    _, by_pollutant = beijing_charts(ROWS, [], {})
    bars = by_pollutant["series"][0]
    assert bars["y"][bars["x"].index("O3")] == 0.7


def test_alerts_and_their_series_have_charts_when_there_are_any():
    alert = {"alert": "2015-12-08", "pollutant": "O3", "note": "few days"}
    alert |= {f"{kind}_change_share": -0.1 for kind in ("raw", "normalised", "unexplained")}
    series = {"PM2.5": {"hours": ["2015-12-08T00:00"], "measured": [1.0], "normalised": [2.0], "expected": [3.0]}}
    charts = beijing_charts(ROWS, [alert], series)
    assert [chart["kind"] for chart in charts] == ["ecdf", "bar", "bar", "line"]
    assert charts[2]["note_en"] == "few days"
    assert charts[3]["series"][2] == {"name": "expected", "x": ["2015-12-08T00:00"], "y": [3.0]}
