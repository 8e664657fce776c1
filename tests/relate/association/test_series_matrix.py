"""Long series become matrices over the hours of a period."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from bigdata_emis.relate.association.series_matrix import (
    INSTANT,
    NamedSeries,
    add_energy_shares,
    build_matrix,
    build_period_series,
    series_kind,
)

START = datetime(2015, 12, 1, tzinfo=UTC)
PERIOD = (START, START + timedelta(hours=3))


def long(*rows):
    """Each row: role, series, target, hour, value."""
    return pa.table(
        {
            "role": [row[0] for row in rows],
            "series": [row[1] for row in rows],
            "target": [row[2] for row in rows],
            "hour_utc": pa.array([START + timedelta(hours=row[3]) for row in rows], INSTANT),
            "value": pa.array([row[4] for row in rows], pa.float64()),
        }
    )


def test_series_are_rows_in_order_of_name_with_nan_where_there_is_no_value():
    matrix = build_matrix(long(("own", "b", "t", 0, 1.0), ("own", "a", "t", 2, 5.0), ("own", "a", "t", 3, 9.0)), PERIOD)
    assert (matrix.names, matrix.targets) == (("a", "b"), ("t", "t"))
    assert matrix.values.tolist() == [
        pytest.approx([np.nan, np.nan, 5.0], nan_ok=True),
        pytest.approx([1.0, np.nan, np.nan], nan_ok=True),
    ]


def test_an_industry_without_energy_in_an_hour_has_the_share_zero():
    energy = NamedSeries(
        ("power:cement", "power:total", "power_fuel:coal"), np.array([[1.0, np.nan], [4.0, 2.0], [3.0, 2.0]])
    )
    shares = add_energy_shares(energy)
    assert shares.names == ("energy_share:cement", "energy_share_fuel:coal", "power:cement", "power:total")
    assert shares.values[:2].tolist() == [[0.25, 0.0], [0.75, 1.0]]


def test_an_hour_without_energy_has_no_shares():
    energy = NamedSeries(("power:cement", "power:total"), np.array([[0.0], [0.0]]))
    assert np.isnan(add_energy_shares(energy).values[0, 0])


def test_without_a_total_nothing_is_added():
    speed = NamedSeries(("traffic:speed",), np.array([[40.0]]))
    assert add_energy_shares(speed) is speed


def test_the_history_begins_with_the_first_air_quality():
    rows = long(
        ("target", "air_quality:CO", "", -5, 1.0),
        ("target", "air_quality:CO", "", 1, 2.0),
        ("target", "stack:NOx", "", 1, 3.0),
        ("weather", "air_temperature_degc", "", 0, 10.0),
        ("indicator", "traffic:speed", "", 0, 40.0),
    )
    history = (START - timedelta(hours=100), PERIOD[1])
    series = build_period_series(rows, PERIOD, history, time_zone="Asia/Shanghai")
    assert series.history.names == ("air_quality:CO",)
    assert (series.history.values.shape, series.history_weather.shape, series.weather.shape) == ((1, 8), (8, 1), (3, 1))
    assert series.history_local[0].hour == 3  # 19:00 UTC
    assert (series.targets.names, series.indicators.names) == (("air_quality:CO", "stack:NOx"), ("traffic:speed",))


def test_the_kind_of_a_series_is_before_the_colon():
    assert series_kind("energy_share:cement") == "energy_share"
