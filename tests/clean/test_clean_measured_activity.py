"""Measured activity: only what was measured, and plausible."""

import pyarrow as pa
import pytest

from bigdata_emis.clean.clean_measured_activity import clean_measured_activity
from tests.clean.reading_frames import checked, context, frame, hour


@pytest.fixture
def clean(spark):
    lines = pa.table(
        {
            "production_line_id": ["u", "v"],
            "activity_unit_code": ["GJ", "GJ"],
            "capacity_per_h": pa.array([10.0, None], pa.float64()),
        }
    )

    def run(*readings):
        """Readings of line, hour, activity and unit."""
        rows = [
            {"production_line_id": line, "hour_utc": hour(h), "activity": activity, "activity_unit_code": unit}
            for line, h, activity, unit in readings
        ]
        readings_frame = frame(spark, "measured_activity_reading", rows)
        result = clean_measured_activity(readings_frame, spark.createDataFrame(lines), context=context())
        return checked(result, len(rows))

    return run


def test_activity_far_above_the_capacity_of_its_line_is_quarantined(clean):
    """Capacity 10 GJ/h, so 50 GJ at most; tonnes and a line without capacity are not compared."""
    hourly, quarantined = clean(("u", 0, 50.0, "GJ"), ("u", 1, 51.0, "GJ"), ("u", 2, 51.0, "t"), ("v", 3, 9e9, "GJ"))
    assert [(r["activity"], r["activity_unit_code"]) for r in hourly] == [(50.0, "GJ"), (51.0, "t"), (9e9, "GJ")]
    assert [(r["activity"], r["reason_codes"]) for r in quarantined] == [(51.0, ["above_capacity"])]


def test_two_units_under_one_identifier_leave_one_measured_activity_an_hour(clean):
    hourly, quarantined = clean(("u", 0, 3.0, "GJ"), ("u", 0, 4.0, "GJ"))
    assert [(r["activity"], r["record_number"], r["reading_count"]) for r in hourly] == [(4.0, 2, 1)]
    assert [(r["activity"], r["reason_codes"]) for r in quarantined] == [(3.0, ["duplicate"])]


def test_nothing_is_imputed_and_a_unit_that_is_missing_quarantines(clean):
    hourly, quarantined = clean(("u", 0, 3.0, "GJ"), ("u", 2, 3.0, "GJ"), ("u", 4, 3.0, None))
    assert [row["hour_utc"] for row in hourly] == [hour(0), hour(2)]
    assert [row["reason_codes"] for row in quarantined] == [["unknown_id", "not_a_number"]]
