"""The most that a meter or a line can show in an hour."""

import numpy as np
import pyarrow as pa
import pytest

from bigdata_emis import reference
from bigdata_emis.clean.readings.judged_readings import judge_readings
from bigdata_emis.clean.readings.plausible_maximum import (
    CountLimits,
    compute_count_limits,
    compute_load_bounds_kwh,
    compute_maximum_activity,
    compute_maximum_energy_kwh,
    exceeds_count_limits,
    exceeds_maximum_activity,
    exceeds_maximum_energy,
)
from bigdata_emis.reference.named_values import Parameters
from tests.clean.reading_frames import grid, hour, table

LINES = pa.table(
    {
        "production_line_id": ["l1", "l2", "l3"],
        "enterprise_id": ["e", "e", "f"],
        "reference_energy_kwh": pa.array([60.0, 40.0, None], pa.float64()),
        "base_load_share": pa.array([0.1, 0.25, None], pa.float64()),
        "activity_unit_code": ["t", "GJ", "t"],
        "capacity_per_h": pa.array([10.0, 0.0, None], pa.float64()),
    }
)


def judge(name, rows):
    return judge_readings(table(name, rows), (), reading_table=name, grid=grid())


def test_the_maximum_of_a_meter_is_a_multiple_of_what_the_lines_of_its_enterprise_use():
    meters = pa.table({"meter_id": ["a", "b", "c"], "production_line_id": ["l1", "l3", "gone"]})
    assert compute_maximum_energy_kwh(meters, LINES, factor=5.0) == {"a": 500.0, "b": float("inf")}


def test_a_meter_has_the_bounds_of_its_line_unless_something_else_is_read():
    """A tenth of 60 kWh at base; l2 generates itself, so that it may buy nothing; of c nothing is known."""
    roles = {"a": "production", "b": "production", "c": "production", "d": "abatement", "e": "self_generation"}
    lines = ["l1", "l2", "l3", "l1", "l2"]
    meters = pa.table({"meter_id": list(roles), "production_line_id": lines, "meter_role_code": list(roles.values())})
    bounds = compute_load_bounds_kwh(meters, LINES)
    assert (bounds["a"], bounds["b"][1], set(bounds)) == ((6.0, 60.0), 40.0, {"a", "b", "c"})
    assert np.isnan([bounds["b"][0], *bounds["c"]]).all()


def test_the_maximum_of_a_line_is_a_multiple_of_a_capacity_that_is_stated():
    assert compute_maximum_activity(LINES, factor=5.0) == {("l1", "t"): 50.0}


def test_a_reading_of_a_quarter_of_an_hour_may_have_a_quarter_of_the_maximum():
    rows = [
        {"meter_id": meter, "interval_start_utc": hour(n / 4), "energy_kwh": energy, "interval_min": 15.0}
        for n, (meter, energy) in enumerate([("a", 125.0), ("a", 125.1), ("b", 1e6), ("zero", 1e6)])
    ]
    is_above = exceeds_maximum_energy(judge("power_reading", rows), {"a": 500.0, "zero": 0.0}, np.full(3, 15.0))
    assert is_above.tolist() == [False, True, False, False]


def test_activity_in_another_unit_than_the_line_s_is_not_compared():
    rows = [
        {"production_line_id": "l1", "hour_utc": hour(n), "activity": activity, "activity_unit_code": unit}
        for n, (activity, unit) in enumerate([(50.0, "t"), (51.0, "t"), (51.0, "GJ")])
    ]
    is_above = exceeds_maximum_activity(judge("measured_activity_reading", rows), {("l1", "t"): 50.0})
    assert is_above.tolist() == [False, True, False]


def test_a_day_of_which_most_readings_are_too_high_is_too_high_as_a_whole():
    register = [900.0, 910.0, 920.0, 930.0, 3.0, 13.0]
    rows = [
        {"meter_id": meter, "interval_start_utc": hour(n), "energy_kwh": energy, "interval_min": 60.0}
        for meter, energies in (("a", register), ("b", [900.0, *[10.0] * 5]), ("c", register[:5]))
        for n, energy in enumerate(energies)
    ]
    judged = judge("power_reading", rows)
    is_above = exceeds_maximum_energy(judged, dict.fromkeys("abc", 500.0), np.full(3, 60.0))
    assert is_above.tolist() == [True] * 6 + [True] + [False] * 5 + [True] * 4 + [False]


LIMIT = Parameters("input_limit", reference.read("input_limit"))


def counted(area, unit, year):
    return {"activity_area_id": area, "activity_unit_code": unit, "annual_activity": year}


def test_an_hour_and_a_day_of_a_counted_area_have_a_part_of_its_year():
    """20 of 10 landings an hour and one more, 5 days of 240 and 24 more; fires have the year."""
    rows = [counted("apron", "lto", 87_600.0), counted("track", "t", 1000.0), counted("fields", "fire", 300.0)]
    limits = compute_count_limits(pa.Table.from_pylist(rows), LIMIT)
    assert limits == {
        "apron": CountLimits(hour=201.0, day=1224.0),
        "track": CountLimits(hour=pytest.approx(1 + 20_000 / 8760), day=pytest.approx(24 + 5000 / 365)),
        "fields": CountLimits(hour=300.0, day=300.0),
    }


@pytest.mark.parametrize(("unit", "year"), [("lto", 1.0), ("lto", 2.0), ("fire", 1.0), ("berth_h", 0.5), ("t", 12.0)])
def test_the_smallest_areas_count_one_or_two_units_in_an_hour(unit, year):
    """An airport with one landing a year: that landing is an hour of 1 and a day of 1, and reaches no limit."""
    (limit,) = compute_count_limits(pa.Table.from_pylist([counted("quay", unit, year)]), LIMIT).values()
    assert limit == CountLimits(hour=3.0, day=max(3.0, year))
    assert counts_above([(0, 1.0), (1, 1.0)], hour=limit.hour, day=limit.day) == []
    assert counts_above([(0, 3.0)], hour=limit.hour, day=limit.day) == [3.0]


def counts_above(counts, **limit):
    """The counts that are above these limits of the quay, from (hour, count) in order of arrival."""
    rows = [
        {"activity_area_id": "quay", "hour_utc": hour(n), "counted_activity": count, "record_number": number}
        for number, (n, count) in enumerate(counts)
    ]
    judged = judge("area_activity_reading", rows)
    is_above = exceeds_count_limits(judged, limits={"quay": CountLimits(**limit)})
    return judged.rows["counted_activity"].filter(pa.array(is_above)).to_pylist()


def test_a_count_that_reaches_the_limit_of_an_hour_takes_no_other_hour_with_it():
    assert counts_above([(0, 9.9), (1, 10.0), (2, 99.0), (3, None), (4, 0.0)], hour=10.0, day=12.0) == [10.0, 99.0]


def test_all_counts_of_a_local_day_whose_sum_reaches_its_limit_are_above():
    """Three hours of 4 are 12; the day before has 8, and a corrected count is not counted twice."""
    counts = [(-2, 4.0), (-1, 4.0), (0, 4.0), (1, 4.0), (2, 4.0)]
    assert counts_above(counts, hour=10.0, day=12.0) == [4.0, 4.0, 4.0]
    assert counts_above([(0, 4.0), (0, 5.0), (1, 4.0)], hour=10.0, day=12.0) == []
    assert counts_above([(0, 4.0), (0, 8.0), (1, 4.0)], hour=10.0, day=12.0) == [4.0, 8.0, 4.0]


def test_an_area_that_is_not_counted_has_no_limit():
    judged = judge("area_activity_reading", [{"activity_area_id": "x", "hour_utc": hour(0), "counted_activity": 9e9}])
    assert exceeds_count_limits(judged, limits={}).tolist() == [False]
