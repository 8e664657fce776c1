"""Charts of the traffic page."""

import numpy as np

from bigdata_emis.validate.traffic.plots import SHOWN, traffic_charts
from bigdata_emis.validate.traffic.scores import Estimates

TRUTH = np.arange(400.0)
MODELS = {"champion": Estimates(TRUTH + 1, TRUTH - 1, TRUTH + 3), "plain": Estimates(TRUTH + 4, TRUTH, TRUTH + 8)}
TIMES = [f"2012-03-01T{number:04d}" for number in range(400)]


def test_errors_of_every_model_and_a_stretch_of_the_first():
    error, stretch = traffic_charts(MODELS, TRUTH, TIMES, unit="mph")
    assert [series["name"] for series in error["series"]] == ["champion", "plain"]
    assert set(error["series"][1]["x"]) == {4.0}
    assert stretch["series"][0]["y"][:2] == [1.0, 2.0]
    assert len(stretch["series"][1]["x"]) == SHOWN


def test_unknown_truth_is_a_gap_and_no_error():
    error, stretch = traffic_charts(MODELS, np.full(400, np.nan), TIMES, unit="mph")
    assert error["series"] == []
    assert stretch["series"][1]["y"][0] is None
