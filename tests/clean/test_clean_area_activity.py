"""Activity of areas: a complete series of indices where something supports it, and counts as they were counted."""

import pyarrow as pa

from bigdata_emis import reference
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
        spark.createDataFrame(reference.read("input_limit")),
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
    """Two ships at hour 1, none at hour 2, nothing known of the hours after; a twentyfold burst is no outlier."""
    counts = [(h, 1.0) for h in range(-48, 1)] + [(1, 20.0), (2, 0.0)]
    rows = [{"activity_area_id": "quay", "hour_utc": hour(h), "counted_activity": value} for h, value in counts]
    rows += [{"activity_area_id": "x", "hour_utc": hour(h), "activity_index": 1.5} for h in range(24)]
    hourly, quarantined = cleaned(spark, rows, "quay", "x", reading_count=3 + 24)
    assert quarantined == []
    of_quay = [row for row in hourly if row["activity_area_id"] == "quay"]
    assert [(row["counted_activity"], row["activity_index"], row["imputation_code"]) for row in of_quay] == [
        (1.0, None, "none"),
        (20.0, None, "none"),
        (0.0, None, "none"),
    ]
    assert {(r["activity_index"], r["counted_activity"]) for r in hourly if r["activity_area_id"] == "x"} == {
        (1.5, None)
    }


def test_counts_that_cannot_be_are_quarantined(spark):
    """21 mean hours, an index where a count belongs, a negative one; 9 of 10 fires of a year may burn in an hour."""
    rows = [
        {"activity_area_id": "quay", "hour_utc": hour(0), "counted_activity": 21.1},
        {"activity_area_id": "quay", "hour_utc": hour(1), "activity_index": 1.0},
        {"activity_area_id": "quay", "hour_utc": hour(2), "counted_activity": -1.0},
        {"activity_area_id": "quay", "hour_utc": hour(3), "counted_activity": 21.0},
        {"activity_area_id": "fields", "hour_utc": hour(5), "counted_activity": 9.0},
    ]
    hourly, quarantined = cleaned(spark, rows, "quay", "fields", reading_count=5)
    assert [(row["hour_utc"], row["reason_codes"]) for row in quarantined] == [
        (hour(0), ["above_capacity"]),
        (hour(1), ["not_a_number"]),
        (hour(2), ["negative"]),
    ]
    assert {row["activity_area_id"]: row["counted_activity"] for row in hourly} == {"quay": 21.0, "fields": 9.0}


def test_a_running_total_sent_as_hours_is_quarantined_for_its_day(spark):
    """One ship at the quay all day, added up to 24: 300 berth hours of a day, of which 5 days have 120, and 24 more."""
    rows = [{"activity_area_id": "quay", "hour_utc": hour(h), "counted_activity": h + 1.0} for h in range(24)]
    hourly, quarantined = cleaned(spark, rows, "quay", reading_count=24)
    assert hourly == []
    assert {tuple(row["reason_codes"]) for row in quarantined} == {("above_capacity",)}
    rows = [{"activity_area_id": "quay", "hour_utc": hour(h), "counted_activity": 5.0} for h in range(24)]
    assert cleaned(spark, rows, "quay", reading_count=24)[1] == []


def test_as_many_fires_in_a_day_as_in_the_year_are_quarantined(spark):
    rows = [{"activity_area_id": "fields", "hour_utc": hour(h), "counted_activity": 5.0} for h in (2, 5)]
    hourly, quarantined = cleaned(spark, rows, "fields", reading_count=2)
    assert hourly == []
    assert [row["reason_codes"] for row in quarantined] == [["above_capacity"]] * 2
