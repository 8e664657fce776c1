"""Checks of power readings in Polars."""

import polars as pl

from bench.rivals.power_polars_readings import find_outliers


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
