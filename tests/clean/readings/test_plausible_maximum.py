"""The most that a meter or a line can show in an hour."""

import numpy as np
import pyarrow as pa

from bigdata_emis.clean.readings.judged_readings import judge_readings
from bigdata_emis.clean.readings.plausible_maximum import (
    compute_load_bounds_kwh,
    compute_maximum_activity,
    compute_maximum_energy_kwh,
    exceeds_annual_activity,
    exceeds_maximum_activity,
    exceeds_maximum_energy,
)
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


def test_an_hour_has_no_more_berth_hours_than_the_year_of_its_area():
    rows = [
        {"activity_area_id": area, "hour_utc": hour(n), "counted_activity": count}
        for n, (area, count) in enumerate((("quay", 10.0), ("quay", 10.5), ("other", 99.0), ("quay", None)))
    ]
    judged = judge("area_activity_reading", rows)
    is_above = exceeds_annual_activity(judged, annual={"quay": 10.0})
    assert judged.rows["counted_activity"].filter(pa.array(is_above)).to_pylist() == [10.5]
