"""Charts of the gas turbine."""

import numpy as np

from bigdata_emis.validate.gas_turbine.data import TurbineRows
from bigdata_emis.validate.gas_turbine.models import CHAMPION, DAY_H, TurbineEstimate
from bigdata_emis.validate.gas_turbine.plots import FORTNIGHT_ROWS, turbine_charts

COUNT = 3 * FORTNIGHT_ROWS
SCORES = {"24": {"NOx": {"r2": {CHAMPION: {"NOx 2012": 0.9, "NOx 2012 Q1": 0.8, "NOx 2012 Q2": -7.0}}}}}


def charts():
    truth = np.zeros(COUNT)
    truth[FORTNIGHT_ROWS : 2 * FORTNIGHT_ROWS] = 10.0
    truth[2 * FORTNIGHT_ROWS :] = 1.0
    hours = np.arange(COUNT)
    rows = TurbineRows(np.full(COUNT, 2012), hours, np.zeros((COUNT, 5)), {"NOx": truth})
    estimate = TurbineEstimate(np.zeros(COUNT), np.zeros(COUNT), np.zeros(COUNT))
    return turbine_charts(rows, {DAY_H: {CHAMPION: estimate}}, SCORES, score=(2012,), pollutant="NOx")


def test_quarters_are_shown_without_the_year_and_a_very_low_score_at_minus_one():
    bars = charts()[0]["series"][0]
    assert (bars["x"], bars["y"]) == (["NOx 2012 Q1", "NOx 2012 Q2"], [0.8, -1.0])


def test_fortnights_are_in_order_of_error_and_the_median_one_is_last():
    titles = [chart["title_en"] for chart in charts() if chart["kind"] == "line"]
    assert titles == [
        "NOx, worst fortnight (rows 2012, 336–671)",
        "NOx, worst fortnight (rows 2012, 672–1007)",
        "NOx, worst fortnight (rows 2012, 0–335)",
        "NOx, median fortnight (rows 2012, 672–1007)",
    ]
