"""Runs of one value: doubted where the instrument reads finely otherwise, and of a day that they have reached."""

import datetime as dt

import numpy as np
import pyarrow as pa

from bigdata_emis.clean.faults.stuck_values import find_stuck
from bigdata_emis.clean.readings.judged_readings import judge_readings
from tests.clean.reading_frames import START, grid, table

DISTINCT = [100.0 + number for number in range(24)]


def stuck(values: list[float], *, least_count: int = 8, is_zero: bool = False) -> list[int]:
    """The numbers of the stuck quarter hours."""
    rows = [
        {"meter_id": "m1", "interval_start_utc": START + dt.timedelta(minutes=15 * n), "energy_kwh": value}
        for n, value in enumerate(values)
    ]
    readings: pa.Table = table("power_reading", rows)
    judged = judge_readings(readings, (), reading_table="power_reading", grid=grid())
    return np.flatnonzero(find_stuck(judged, "energy_kwh", least_count=least_count, is_zero=is_zero)).tolist()


def test_eight_equal_readings_among_others_are_stuck():
    assert stuck([*DISTINCT, *[7.0] * 8]) == list(range(24, 32))
    assert stuck([*DISTINCT, *[7.0] * 7]) == []


def test_a_meter_that_reads_in_coarse_steps_is_not_doubted():
    """24 readings of four values: 4 ÷ 24 are fewer than a fifth."""
    assert stuck([*[1.0, 2.0, 3.0, 4.0] * 6, *[2.0] * 8]) == []


def test_a_meter_that_has_read_nothing_else_is_not_doubted():
    assert stuck([7.0] * 40) == []


def test_zeros_are_a_run_of_their_own():
    assert stuck([*DISTINCT, *[0.0] * 8]) == []
    assert stuck([*DISTINCT, *[0.0] * 8], is_zero=True) == list(range(24, 32))
    assert stuck([*DISTINCT, *[7.0] * 8], is_zero=True) == []
