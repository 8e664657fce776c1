"""Score of the measured day, on numbers that can be added up on paper."""

from datetime import UTC, date, datetime

import pyarrow as pa
import pytest

from bigdata_emis.demo.nys.nys_day import has_models, score_running_hours, show_nys
from bigdata_emis.region import load_region

HOURS = pa.array([datetime(2019, 7, 20, hour, tzinfo=UTC) for hour in range(4)], pa.timestamp("us", tz="UTC"))


def estimated() -> pa.Table:
    return pa.table(
        {
            "source_id": ["u"] * 4,
            "hour_utc": HOURS,
            "activity": [2.0, 4.0, 6.0, 9.0],
            "activity_p05": [0.0, 0, 5.5, 0],
            "activity_p95": [9.0] * 4,
        }
    )


def test_only_running_hours_are_scored_and_an_estimate_that_is_too_high_has_a_positive_bias():
    measured = pa.table({"source_id": ["u"] * 4, "hour_utc": HOURS, "measured": [1.0, 3.0, 5.0, 0.0]})
    score = score_running_hours(estimated(), measured)
    assert score == pytest.approx({"unit_hours": 3, "r2": 1 - 3 / 8, "nmb": 3 / 9, "coverage_90": 2 / 3})


def test_hours_without_a_measurement_are_not_scored():
    measured = pa.table({"source_id": ["u"], "hour_utc": HOURS[:1], "measured": [1.0]})
    assert score_running_hours(estimated(), measured)["unit_hours"] == 1


def test_a_new_home_has_no_models(home):
    assert not has_models(load_region("nys"))


def test_the_day_and_its_training_days_are_keys_of_the_region():
    options = load_region("nys").options
    assert date.fromisoformat(options["demo_day"]) == date(2019, 7, 20)
    assert options["training_days"] == 60
    assert callable(show_nys)
