"""Runs of one value: doubted where the instrument reads finely otherwise, and of a day that they have reached."""

import datetime as dt

import numpy as np
import pyarrow as pa

from bigdata_emis.clean.faults.stuck_values import find_stuck
from bigdata_emis.clean.readings.judged_readings import judge_readings
from tests.clean.reading_frames import START, grid, table

DISTINCT = [100.0 + number for number in range(24)]


def stuck(values: list[float], *, least_count: int = 8, is_zero: bool = False, step_share: float = np.inf) -> list[int]:
    """The numbers of the stuck quarter hours."""
    rows = [
        {"meter_id": "m1", "interval_start_utc": START + dt.timedelta(minutes=15 * n), "energy_kwh": value}
        for n, value in enumerate(values)
    ]
    readings: pa.Table = table("power_reading", rows)
    judged = judge_readings(readings, (), reading_table="power_reading", grid=grid())
    is_stuck = find_stuck(judged, "energy_kwh", least_count=least_count, is_zero=is_zero, step_share=step_share)
    return np.flatnonzero(is_stuck).tolist()


def test_eight_equal_readings_among_others_are_stuck():
    assert stuck([*DISTINCT, *[7.0] * 8]) == list(range(24, 32))
    assert stuck([*DISTINCT, *[7.0] * 7]) == []


def test_a_meter_that_reads_in_coarse_steps_is_not_doubted():
    """24 readings of four values, fewer than a fifth; half are equal to the one before, and 24 × (13 ÷ 25)⁷ is 0.25."""
    assert stuck([*[1.0, 1.0, 2.0, 2.0, 3.0, 3.0, 4.0, 4.0] * 3, *[2.0] * 8]) == []


def test_an_instrument_of_few_values_that_repeats_them_seldom_is_doubted():
    """A speed by night between 34.1 and 34.4 km/h: of 24 readings none is equal to the one before."""
    assert stuck([*[34.1, 34.3, 34.2, 34.4] * 6, *[34.2] * 8]) == list(range(24, 32))


def test_three_equal_hours_of_few_values_are_no_proof():
    """24 × (1 ÷ 25)² is 0.04, more than a thousandth."""
    assert stuck([*[34.1, 34.3, 34.2, 34.4] * 6, *[34.2] * 3], least_count=3) == []


def test_a_meter_that_has_read_nothing_else_is_not_doubted():
    assert stuck([7.0] * 40) == []


def test_zeros_are_a_run_of_their_own():
    assert stuck([*DISTINCT, *[0.0] * 8]) == []
    assert stuck([*DISTINCT, *[0.0] * 8], is_zero=True) == list(range(24, 32))
    assert stuck([*DISTINCT, *[7.0] * 8], is_zero=True) == []


def test_a_steady_load_in_whole_megawatts_is_not_stuck():
    """The least step of 1 is more than a thousandth of 60, and no more than one of 1000."""
    assert stuck([*DISTINCT, *[60.0] * 8], step_share=0.001) == []
    assert stuck([*DISTINCT, *[1000.0] * 8], step_share=0.001) == list(range(24, 32))
    assert stuck([*DISTINCT, 60.01, *[60.0] * 8], step_share=0.001) == list(range(25, 33))
