"""Activity of areas: a complete series of indices where something supports it, and counts as they were counted."""

import pyarrow as pa

from bigdata_emis.clean.clean_area_activity import clean_area_activity
from tests.clean.reading_frames import checked, context, frame, hour, ids

COUNTED = pa.schema(
    [("activity_area_id", pa.string()), ("activity_unit_code", pa.string()), ("annual_activity", pa.float64())]
)
COUNTS = (("quay", "berth_h", 8784.0), ("fields", "fire", 10.0))


def cleaned(spark, rows, *areas, reading_count):
    """The hours and quarantined readings of these areas, of which quay and fields are counted."""
    counted = pa.Table.from_pylist([dict(zip(COUNTED.names, row, strict=True)) for row in COUNTS], COUNTED)
    readings = frame(spark, "area_activity_reading", rows)
    result = clean_area_activity(
        readings,
        ids(spark, "activity_area_id", *areas),
        spark.createDataFrame(counted),
        context=context(lookback_days=7),
    )
    return checked(result, reading_count)


def test_short_gaps_are_interpolated_and_long_ones_come_from_the_profile(spark):
    index = [(h, 3.0) for h in range(-24, 0)] + [(0, 1.0), (2, 2.0)]
    rows = [{"activity_area_id": "x", "hour_utc": hour(h), "activity_index": value} for h, value in index]
    hourly, quarantined = cleaned(spark, rows, "x", reading_count=2)
    assert quarantined == []
    assert [(row["activity_index"], row["imputation_code"], row["flag_codes"]) for row in hourly[:4]] == [
        (1.0, "none", []),
        (1.5, "interpolated", ["gap"]),
        (2.0, "none", []),
        (3.0, "profile", ["gap"]),
    ]
    assert len(hourly) == 24


def test_counts_are_neither_filled_nor_outliers_and_other_areas_have_their_index(spark):
    """Two ships at hour 1, none at hour 2, nothing known of the hours after; a hundredfold burst is no outlier."""
    counts = [(h, 1.0) for h in range(-48, 1)] + [(1, 100.0), (2, 0.0)]
    rows = [{"activity_area_id": "quay", "hour_utc": hour(h), "counted_activity": value} for h, value in counts]
    rows += [{"activity_area_id": "x", "hour_utc": hour(h), "activity_index": 1.5} for h in range(24)]
    hourly, quarantined = cleaned(spark, rows, "quay", "x", reading_count=3 + 24)
    assert quarantined == []
    of_quay = [row for row in hourly if row["activity_area_id"] == "quay"]
    assert [(row["counted_activity"], row["activity_index"], row["imputation_code"]) for row in of_quay] == [
        (1.0, None, "none"),
        (100.0, None, "none"),
        (0.0, None, "none"),
    ]
    assert {(r["activity_index"], r["counted_activity"]) for r in hourly if r["activity_area_id"] == "x"} == {
        (1.5, None)
    }


def test_counts_that_cannot_be_are_quarantined(spark):
    """More berth hours than in the year, an index where a count belongs, a negative one; fires have no such limit."""
    rows = [
        {"activity_area_id": "quay", "hour_utc": hour(0), "counted_activity": 8785.0},
        {"activity_area_id": "quay", "hour_utc": hour(1), "activity_index": 1.0},
        {"activity_area_id": "quay", "hour_utc": hour(2), "counted_activity": -1.0},
        {"activity_area_id": "fields", "hour_utc": hour(5), "counted_activity": 30.0},
    ]
    hourly, quarantined = cleaned(spark, rows, "quay", "fields", reading_count=4)
    assert [(row["hour_utc"], row["reason_codes"]) for row in quarantined] == [
        (hour(0), ["above_capacity"]),
        (hour(1), ["not_a_number"]),
        (hour(2), ["negative"]),
    ]
    assert [(row["activity_area_id"], row["counted_activity"]) for row in hourly] == [("fields", 30.0)]
