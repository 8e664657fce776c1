"""Checks of power readings in Polars."""

from datetime import UTC, datetime, timedelta

import polars as pl

from bench.rivals.power_polars_readings import find_outliers, is_of_such_day


def readings(spike_kwh: float) -> pl.DataFrame:
    energy = [10.0 + (n % 3) for n in range(96 * 3)]
    energy[96 + 40] = spike_kwh
    days = [n // 96 for n in range(len(energy))]
    frame = pl.DataFrame({"meter_id": ["a"] * len(energy), "day": days, "energy_kwh": energy})
    return frame.with_columns(pl.col("day").cast(pl.Int32)).with_row_index("row")


def test_a_spike_far_above_its_neighbours_is_an_outlier():
    assert find_outliers(readings(spike_kwh=500.0)).to_list() == [96 + 40]


def test_a_reading_within_the_usual_range_is_not():
    assert find_outliers(readings(spike_kwh=13.0)).to_list() == []


def test_a_day_on_which_most_readings_are_too_high_is_refused_whole():
    start = datetime(2015, 12, 19, 16, tzinfo=UTC)
    energy = [9.0, 9.0, 9.0, 9.0, 1.0, 1.0, 9.0, 9.0, 9.0, 1.0, 1.0, 1.0]  # four of six; then three of six
    times = [start + timedelta(hours=n) for n in range(6)]
    times += [start + timedelta(days=1, hours=n) for n in range(6)]
    frame = pl.DataFrame({"meter_id": ["a"] * 12, "interval_start_utc": times, "energy_kwh": energy})
    frame = frame.with_columns(pl.col("interval_start_utc").cast(pl.Datetime("us", "UTC")))
    assert frame.select(is_of_such_day(pl.col("energy_kwh") > 5)).to_series().to_list() == [True] * 6 + [False] * 6
