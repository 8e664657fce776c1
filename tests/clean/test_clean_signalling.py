"""Phone signalling: counts that nobody can be recognised by."""

from bigdata_emis.clean.clean_signalling import clean_signalling, clean_signalling_rows
from bigdata_emis.clean.readings.rules import compile_rules
from bigdata_emis.clean.readings.thresholds import CleaningOptions
from tests.clean.reading_frames import checked, context, frame, grid, hour, table


def record(h, present, moving, *flags):
    return {
        "cell_id": "r1c1",
        "hour_utc": hour(h),
        "present_device_count": present,
        "moving_device_count": moving,
        "flag_codes": list(flags),
    }


def clean(*records):
    rules = compile_rules("signalling_reading", registered={}, filled=())
    rows = table("signalling_reading", list(records))
    results = clean_signalling_rows(rows, rules=rules, grid=grid(), options=CleaningOptions())
    return checked(dict(zip(("signalling_hourly", "signalling_quarantine"), results, strict=True)), len(records))


def counts(hourly):
    return [(r["present_device_count"], r["moving_device_count"], r["is_suppressed"], r["flag_codes"]) for r in hourly]


def test_an_hour_with_a_count_below_the_threshold_is_emptied_with_its_smaller_neighbour():
    day = [record(h, 40 + h if h < 5 else 80 - h, 10) for h in range(24)]
    day[5] = record(5, 45, 9)
    hourly, _ = clean(*day)
    assert counts(hourly)[3:7] == [
        (43, 10, False, []),
        (None, None, True, ["privacy"]),
        (None, None, True, ["privacy"]),
        (74, 10, False, []),
    ]
    assert sum(row["is_suppressed"] for row in hourly) == 2


def test_a_cell_that_is_small_for_a_quarter_of_a_day_is_emptied_on_that_day():
    hourly, _ = clean(*(record(h, 40, 9 if h < 6 else 10) for h in range(24)))
    assert counts(hourly) == [(None, None, True, ["privacy"])] * 24


def test_a_count_that_was_suppressed_before_is_no_fault_but_a_missing_one_is():
    hourly, quarantined = clean(record(0, None, None, "privacy"), record(1, None, 20))
    assert counts(hourly) == [(None, None, True, ["privacy"])]
    assert [row["reason_codes"] for row in quarantined] == [["not_a_number"]]


def test_more_moving_than_present_devices_are_quarantined_without_their_counts():
    hourly, quarantined = clean(record(0, 20, 30))
    assert hourly == []
    assert [row["reason_codes"] for row in quarantined] == [["out_of_bounds"]]
    assert set(quarantined[0]) == {"cell_id", "hour_utc", "record_number", "reason_codes"}


def test_missing_hours_stay_missing():
    hourly, _ = clean(record(0, 40, 20), record(2, 40, 20))
    assert [row["hour_utc"] for row in hourly] == [hour(0), hour(2)]


def test_the_stage_stores_no_small_count_anywhere(spark):
    rows = [record(0, 40, 9), record(1, 9, -1), record(2, None, None, "privacy")]
    hourly, quarantined = checked(clean_signalling(frame(spark, "signalling_reading", rows), context=context()), 3)
    assert [row[:3] for row in counts(hourly)] == [(None, None, True), (None, None, True)]
    assert [row["reason_codes"] for row in quarantined] == [["negative"]]
