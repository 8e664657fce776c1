"""Activity indices of areas: a complete series where something supports it."""

from bigdata_emis.clean.clean_area_activity import clean_area_activity
from tests.clean.reading_frames import checked, context, frame, hour, ids


def test_short_gaps_are_interpolated_and_long_ones_come_from_the_profile(spark):
    index = [(h, 3.0) for h in range(-24, 0)] + [(0, 1.0), (2, 2.0)]
    rows = [{"activity_area_id": "x", "hour_utc": hour(h), "activity_index": value} for h, value in index]
    areas = ids(spark, "activity_area_id", "x")
    readings = frame(spark, "area_activity_reading", rows)
    result = clean_area_activity(readings, areas, context=context(lookback_days=7))
    hourly, quarantined = checked(result, 2)
    assert quarantined == []
    assert [(row["activity_index"], row["imputation_code"], row["flag_codes"]) for row in hourly[:4]] == [
        (1.0, "none", []),
        (1.5, "interpolated", ["gap"]),
        (2.0, "none", []),
        (3.0, "profile", ["gap"]),
    ]
    assert len(hourly) == 24
