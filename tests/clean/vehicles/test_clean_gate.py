"""Vehicles at gates of plants: counted hours, and what is no plant or no code."""

import pytest

from bigdata_emis.clean.readings.rules import compile_rules
from bigdata_emis.clean.vehicles.clean_gate import COUNTS, clean_gate, clean_gate_rows
from tests.clean.reading_frames import checked, context, frame, grid, hour, ids, table


def record(h, entries=3, *flags, **changed):
    row = {
        "enterprise_id": "E1",
        "hour_utc": hour(h),
        "vehicle_class_code": "HeavyT",
        "fuel_code": "diesel",
        "emission_stage_code": "IV",
        "entry_count": entries,
        "exit_count": 0,
        "flag_codes": list(flags),
    }
    return row | changed


def clean(*records):
    rules = compile_rules("gate_reading", registered={"enterprise_id": ["E1"]}, filled=COUNTS)
    results = clean_gate_rows(table("gate_reading", list(records)), rules=rules, grid=grid())
    return checked(dict(zip(("gate_hourly", "gate_quarantine"), results, strict=True)), len(records))


def test_stages_of_one_hour_are_apart():
    hourly, quarantined = clean(record(0), record(0, 2, emission_stage_code="V"))
    assert [(row["emission_stage_code"], row["entry_count"]) for row in hourly] == [("IV", 3), ("V", 2)]
    assert quarantined == []


@pytest.mark.parametrize(
    "changed", [{"enterprise_id": "E9"}, {"emission_stage_code": ""}, {"fuel_code": ""}, {"vehicle_class_code": "tank"}]
)
def test_an_unknown_plant_or_code_is_quarantined_with_its_counts(changed):
    hourly, quarantined = clean(record(0, **changed))
    assert hourly == []
    assert [(row["reason_codes"], row["entry_count"]) for row in quarantined] == [(["unknown_id"], 3)]


def test_a_record_without_a_direction_and_one_of_the_future_are_quarantined():
    _, quarantined = clean(record(0, 0, "not_a_number"), record(1, 1, "future"))
    assert [row["reason_codes"] for row in quarantined] == [["not_a_number"], ["future"]]


def test_the_stage_balances(spark):
    rows = [record(0), record(1), record(1, 4, enterprise_id="E9")]
    result = clean_gate(frame(spark, "gate_reading", rows), ids(spark, "enterprise_id", "E1"), context=context())
    hourly, quarantined = checked(result, 3)
    assert ([row["entry_count"] for row in hourly], len(quarantined)) == ([3, 3], 1)
