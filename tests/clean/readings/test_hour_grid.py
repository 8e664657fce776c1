"""Numbers of hours and days, of the window and before it."""

import datetime as dt
from dataclasses import replace

import pyarrow as pa

from bigdata_emis.clean.readings.hour_grid import build_hour_grid, to_microseconds
from tests.clean.reading_frames import START, context, grid, hour


def test_the_grid_has_the_hours_of_the_window_and_of_the_days_looked_back_on():
    hours = grid(lookback_days=7)
    assert (hours.hour_count, hours.first_own_day, list(hours.own_days)) == (8 * 24, 7, [7])
    assert hours.is_own.tolist() == [False] * 7 * 24 + [True] * 24
    assert hours.local_hour[:25].tolist() == [*range(24), 0]


def test_the_offset_from_utc_is_that_of_the_zone_in_whole_hours():
    hours = grid(lookback_days=2)
    assert hours.utc_offset_h == 8
    west = replace(hours, local_hour=(hours.local_hour - 13) % 24)
    assert west.utc_offset_h == -5


def test_weekends_are_saturday_and_sunday_of_the_local_calendar():
    """10 December 2015 was a Thursday; the two days before the window were Tuesday and Wednesday."""
    hours = grid(lookback_days=2, days=4)
    assert hours.is_weekend[::24].tolist() == [False, False, False, False, True, True]


def test_an_instant_has_the_number_of_its_hour_and_minus_one_outside():
    hours = grid(lookback_days=1)
    times = pa.array([hour(-25), hour(-24), hour(0.99), hour(23), hour(24)], pa.timestamp("us", tz="UTC"))
    assert hours.number_hours(to_microseconds(times)).tolist() == [-1, 0, 24, 47, -1]
    assert hours.hour_starts(hours.number_hours(to_microseconds(times[3:4]))).to_pylist() == [hour(23)]


def test_a_window_within_a_day_is_widened_to_the_whole_local_day():
    part = context()
    window = type(part.window)(START + dt.timedelta(hours=5), START + dt.timedelta(hours=6))
    inner = type(part)(part.region, window, part.known_utc, part.run_id, part.store)
    assert build_hour_grid(inner).hour_count == 24


def test_only_hours_that_have_ended_at_the_known_time_are_written():
    noon = replace(context(lookback_days=1), known_utc=START + dt.timedelta(hours=12, minutes=59))
    assert build_hour_grid(noon).is_written.tolist() == [False] * 24 + [True] * 12 + [False] * 12
    before = replace(noon, known_utc=START - dt.timedelta(days=9))
    assert not build_hour_grid(before).is_written.any()
