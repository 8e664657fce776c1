"""Stuck values, zeros and contradicting particles of air quality stations."""

import numpy as np
import pyarrow as pa
import pytest

from bigdata_emis import reference
from bigdata_emis.clean.readings.judged_readings import judge_readings
from bigdata_emis.clean.readings.rules import compile_rules
from bigdata_emis.clean.readings.station_rules import apply_station_rules, find_constant_runs, read_station_rules
from bigdata_emis.codes import Flag
from tests.clean.reading_frames import grid, hour, table

RULES = read_station_rules(reference.read("station_rule"))


def readings(pollutant: str, values: list[float], *, first_hour: int = 0, station: str = "p") -> list[dict]:
    plain = {"station_id": station, "pollutant_code": pollutant}
    return [
        {**plain, "hour_utc": hour(first_hour + n), "concentration_ug_per_m3": value} for n, value in enumerate(values)
    ]


def judged(rows: list[dict], **grid_options: int) -> tuple[list[list[str]], dict[str, list[int]]]:
    """The reasons of each reading, and by flag the numbers of the readings that are marked; in order of time."""
    rules = compile_rules("air_quality_reading", registered={}, filled=("concentration_ug_per_m3",))
    judged = judge_readings(
        table("air_quality_reading", rows), rules, reading_table="air_quality_reading", grid=grid(**grid_options)
    )
    marks = apply_station_rules(judged, RULES)
    reasons = judged.reasons.reason_codes(np.arange(len(rows))).to_pylist()
    return reasons, {str(flag): np.flatnonzero(is_marked).tolist() for flag, is_marked in marks.items()}


@pytest.mark.parametrize(
    ("values", "least", "expected"),
    [
        ([], 3, []),
        ([5, 5], 3, [False, False]),
        ([5, 5, 5], 3, [True, True, True]),
        ([1, 5, 5, 5, 2, 2], 3, [False, True, True, True, False, False]),
    ],
)
def test_a_run_is_constant_from_so_many_equal_values_on(values, least, expected):
    source = np.zeros(len(values), dtype=np.int64)
    assert find_constant_runs(values, source, least_count=least).tolist() == expected


def test_equal_values_of_two_sources_are_no_run():
    assert not find_constant_runs([5, 5, 5, 5], np.array([0, 0, 1, 1]), least_count=3).any()


def test_ozone_of_87_for_a_day_and_its_night_is_quarantined():
    reasons, _ = judged(readings("O3", [87.0] * 24))
    assert reasons == [["constant"]] * 24


def test_ozone_of_87_for_23_hours_and_low_values_that_repeat_are_used():
    assert judged(readings("O3", [87.0] * 23 + [88.0]))[0] == [[]] * 24
    assert judged(readings("SO2", [2.0] * 24))[0] == [[]] * 24


def test_a_run_over_midnight_counts_with_the_day_before_and_each_day_is_judged_without_later_ones():
    """Twelve hours before midnight and twelve after: known only on the second day."""
    rows = readings("O3", [87.0] * 24, first_hour=-12)
    assert judged(rows, lookback_days=1)[0] == [[]] * 12 + [["constant"]] * 12


def test_a_day_is_judged_alike_in_a_longer_window():
    """Six hours of the day looked back on, the day, and ten hours of the next one."""
    rows = readings("O3", [87.0] * 40, first_hour=-6)
    alone, together = judged(rows[:30], lookback_days=1)[0], judged(rows, days=2, lookback_days=1)[0]
    assert alone == together[:30] == [[]] * 6 + [["constant"]] * 24


def test_a_zero_is_used_and_marked():
    reasons, marks = judged(readings("SO2", [0.0, 3.0]))
    assert (reasons, marks[Flag.ZERO]) == ([[], []], [0])


def test_fine_particles_above_all_particles_mark_both_of_that_station_and_hour():
    rows = readings("PM10", [55.0, 90.0]) + readings("PM2.5", [88.0, 88.0]) + readings("PM2.5", [99.0], station="q")
    reasons, marks = judged(rows)
    assert (reasons, marks[Flag.PARTICLE_ORDER]) == ([[]] * 5, [0, 2])


def test_a_rule_of_a_region_may_quarantine_what_is_marked_by_default():
    rules = pa.Table.from_pylist(
        [{**row, "rule_action_code": "quarantine"} for row in reference.read("station_rule").to_pylist()]
    )
    assert all(rule.is_quarantining for rule in read_station_rules(rules))
