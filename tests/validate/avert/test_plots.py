"""Charts of unit emission factors."""

import numpy as np
import pytest

from bigdata_emis.validate.avert.plants import MODEL_NAMES, FactorEstimate, LeftOut
from bigdata_emis.validate.avert.plots import MAX_ERROR, avert_charts


def left_out(error_log: float) -> LeftOut:
    measured = np.log(np.array([1.0, 1.0]))
    middle = measured + np.array([0.0, error_log])
    estimates = {name: FactorEstimate(middle, middle, middle) for name in MODEL_NAMES}
    numbers = np.arange(2)
    return LeftOut(
        "Coal",
        "NOx",
        "per_kwh",
        numbers,
        numbers + 100,
        np.ones(2),
        np.ones(2),
        measured,
        estimates,
        estimates,
        [],
        np.ones(2),
        numbers,
    )


def test_errors_beyond_the_limit_are_drawn_at_the_limit():
    (errors, *_) = avert_charts([left_out(error_log=5.0)], {}, {})
    assert errors["series"][0]["x"] == [0.0, MAX_ERROR]


def test_the_worst_unit_is_first_with_its_plant_and_error_in_decades():
    charts = avert_charts([left_out(error_log=np.log(10))], {}, {})
    (worst,) = [chart for chart in charts if chart["kind"] == "bar"]
    assert worst["series"][0]["x"] == ["101 #1", "100 #2"]
    assert worst["series"][0]["y"] == pytest.approx([1.0, 0.0])


def test_without_units_there_are_no_charts():
    assert avert_charts([], {}, {}) == []
