"""Row rules: what each reading is quarantined for."""

import numpy as np
import pyarrow as pa
import pytest

from bigdata_emis.clean.readings.rules import (
    QuarantineReasons,
    apply_rules,
    compile_rules,
    compile_validity,
    has_flag,
    list_ids,
    mark_duplicates,
    select_quarantined,
)
from bigdata_emis.codes import Flag
from tests.clean.reading_frames import DAY, ZONE, hour, registered, table

RULES = compile_rules("air_quality_reading", registered={"station_id": ["p"]}, filled=("concentration_ug_per_m3",))
GOOD = {"station_id": "p", "pollutant_code": "SO2", "hour_utc": hour(0), "concentration_ug_per_m3": 5.0}


def reasons(**changes):
    rows = table("air_quality_reading", [GOOD | changes])
    return apply_rules(rows, RULES).reason_codes(np.array([0])).to_pylist()[0]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({}, [], id="good"),
        pytest.param({"station_id": "q"}, ["unknown_id"], id="station that is not registered"),
        pytest.param({"pollutant_code": "Xe"}, ["unknown_id"], id="code"),
        pytest.param({"concentration_ug_per_m3": None}, ["not_a_number"], id="missing value"),
        pytest.param({"concentration_ug_per_m3": -1.0}, ["negative"], id="below a minimum of zero"),
        pytest.param({"concentration_ug_per_m3": 1e9}, ["out_of_bounds"], id="above the maximum"),
        pytest.param({"flag_codes": ["invalid_status"]}, ["invalid_status"], id="flag of collecting"),
        pytest.param({"flag_codes": ["late"]}, [], id="flag that does not quarantine"),
        pytest.param({"station_id": "q", "concentration_ug_per_m3": -1.0}, ["unknown_id", "negative"], id="two"),
    ],
)
def test_a_reading_has_the_reasons_of_every_rule_that_it_breaks(changes, expected):
    assert reasons(**changes) == expected


def test_a_reading_outside_the_days_of_its_source_is_of_an_unknown_source():
    """Valid to the day of the readings (p), from it on (q), always (r); each with the hours before, in and after it."""
    entries = registered("station_id", {"p": (None, DAY), "q": (DAY, None), "r": (None, None)})
    rules = compile_validity(entries, "station_id", time_field="hour_utc", time_zone=ZONE)
    given = [GOOD | {"station_id": station, "hour_utc": hour(n)} for station in "pqr" for n in (-1, 0, 23, 24)]
    unknown = apply_rules(table("air_quality_reading", given), rules).has_reason.tolist()
    assert unknown == [False, False, False, True] + [True, False, False, False] + [False] * 4


def test_sources_without_days_of_validity_need_no_rule():
    entries = registered("station_id", {"p": (None, None)})
    assert compile_validity(entries, "station_id", time_field="hour_utc", time_zone=ZONE) == ()


def test_a_minimum_other_than_zero_is_a_bound_and_not_a_sign():
    rules = compile_rules("weather_reading", registered={}, filled=())
    cold = table("weather_reading", [{"station_id": "p", "hour_utc": hour(0), "air_temperature_degc": -200.0}])
    assert apply_rules(cold, rules).reason_codes(np.array([0])).to_pylist() == [["out_of_bounds"]]


def test_of_usable_readings_of_one_interval_the_last_to_arrive_is_used():
    given = QuarantineReasons(4)
    given.add(Flag.NEGATIVE, np.array([False, False, False, True]))
    source, time = np.array([0, 0, 1, 0]), np.array([7, 7, 7, 7])
    mark_duplicates(given, source, time, record_number=np.array([1, 2, 3, 9]))
    assert given.reason_codes(np.arange(4)).to_pylist() == [["duplicate"], [], [], ["negative"]]
    assert given.has_reason.tolist() == [True, False, False, True]


def test_the_quarantine_table_has_the_bad_rows_of_the_window_only():
    rows = table("air_quality_reading", [GOOD, GOOD | {"station_id": "q"}, GOOD | {"station_id": "r"}])
    quarantined = select_quarantined(
        rows, apply_rules(rows, RULES), "air_quality_quarantine", np.array([True, True, False])
    )
    assert quarantined.select(["station_id", "reason_codes"]).to_pylist() == [
        {"station_id": "q", "reason_codes": ["unknown_id"]}
    ]


def test_a_flag_is_looked_for_in_lists_of_any_length():
    lists = pa.chunked_array([[["gap", "late"], []], [["late"]]], pa.list_(pa.string()))
    assert has_flag(lists, Flag.GAP).tolist() == [True, False, False]
    assert has_flag(lists, Flag.LATE).tolist() == [True, False, True]


def test_identifiers_of_a_registry_frame_are_sorted(spark):
    assert list_ids(spark.createDataFrame(pa.table({"stack_id": ["b", "a"]})), "stack_id") == ["a", "b"]
