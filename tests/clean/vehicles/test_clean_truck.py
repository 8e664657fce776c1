"""Trucks of links: counted hours, hours below the threshold, and positions that are not counted."""

import pytest

from bigdata_emis.clean.readings.rules import compile_rules
from bigdata_emis.clean.vehicles.clean_truck import clean_truck, clean_truck_rows
from tests.clean.reading_frames import checked, context, frame, grid, hour, ids, table


def record(h, count=5, link="R1", *flags, fault="none", speed=40.0):
    return {
        "link_id": link,
        "hour_utc": hour(h),
        "edge_fault_code": fault,
        "truck_count": count,
        "position_count": count,
        "speed_km_per_h": speed,
        "flag_codes": list(flags),
    }


def clean(*records):
    rules = compile_rules("truck_reading", registered={}, filled=())
    results = clean_truck_rows(table("truck_reading", list(records)), link_ids=["R1"], rules=rules, grid=grid())
    return checked(dict(zip(("truck_hourly", "truck_quarantine"), results, strict=True)), len(records))


def test_an_hour_has_its_trucks_and_one_below_the_threshold_is_marked():
    hourly, quarantined = clean(record(0), record(1, None, "R1", "privacy", speed=None))
    assert [(r["truck_count"], r["is_suppressed"], r["flag_codes"]) for r in hourly] == [
        (5, False, []),
        (None, True, ["privacy"]),
    ]
    assert quarantined == []


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("no_vehicle", "unknown_id"),
        ("bad_place", "out_of_bounds"),
        ("off_road", "unknown_id"),
        ("bad_speed", "out_of_bounds"),
        ("standing", "zero"),
    ],
)
def test_positions_that_are_not_counted_are_quarantined_with_their_reason(fault, reason):
    hourly, quarantined = clean(record(0, link="", fault=fault))
    assert hourly == []
    assert [(row["reason_codes"], row["position_count"]) for row in quarantined] == [([reason], 5)]


def test_a_link_that_is_not_registered_is_quarantined():
    assert [row["reason_codes"] for row in clean(record(0, link="R2"))[1]] == [["unknown_id"]]


def test_a_count_that_is_missing_without_a_threshold_is_quarantined():
    assert [row["reason_codes"] for row in clean(record(0, None))[1]] == [["not_a_number"]]


def test_the_last_of_two_records_of_an_hour_is_used():
    hourly, quarantined = clean(record(0, 5), record(0, 7))
    assert [row["truck_count"] for row in hourly] == [7]
    assert [row["reason_codes"] for row in quarantined] == [["duplicate"]]


def test_records_of_the_future_are_quarantined():
    hourly, quarantined = clean(record(0, 5, "R1", "future"))
    assert (hourly, [row["reason_codes"] for row in quarantined]) == ([], [["future"]])


def test_the_stage_balances(spark):
    rows = [record(0), record(1, link="", fault="off_road"), record(2, link="R9")]
    result = clean_truck(frame(spark, "truck_reading", rows), ids(spark, "link_id", "R1"), context=context())
    hourly, quarantined = checked(result, 3)
    assert ([row["link_id"] for row in hourly], len(quarantined)) == (["R1"], 2)
