"""Temperature and humidity corrections by hour and vehicle."""

import numpy as np
import pyarrow as pa
import pytest

from bigdata_emis.inventory.roads.weather_correction import (
    humidity_corrections,
    is_weather_known,
    mean_weather_by_hour,
    temperature_corrections,
)
from tests.inventory.industry_frames import hour

INSTANT = pa.timestamp("us", tz="UTC")
BUS = [("BUS", "diesel", "IV")]
TEMPERATURE = pa.table(
    {
        "vehicle_class_code": ["BUS"] * 2,
        "fuel_code": ["diesel"] * 2,
        "pollutant_code": ["NOx"] * 2,
        "lower_temperature_degc": [10.0, 25.0],
        "temperature_correction": [1.0, 1.3],
    }
)
HUMIDITY = pa.table(
    {
        "fuel_code": ["diesel"] * 4,
        "pollutant_code": ["NOx"] * 4,
        "lower_temperature_degc": [-99.0, -99.0, 24.0, 24.0],
        "upper_temperature_degc": [24.0, 24.0, 99.0, 99.0],
        "lower_humidity_share": [0.0, 0.5] * 2,
        "humidity_correction": [1.1, 0.9, 1.2, 0.8],
    }
)


def weather(*stations):
    """One hour of each station: temperature and humidity."""
    return pa.table(
        {
            "station_id": [f"s{n}" for n in range(len(stations))],
            "hour_utc": pa.array([hour(0)] * len(stations), INSTANT),
            "air_temperature_degc": pa.array([s[0] for s in stations], pa.float64()),
            "relative_humidity_share": pa.array([s[1] for s in stations], pa.float64()),
        }
    )


def test_the_weather_of_an_hour_is_the_mean_of_the_stations():
    degrees, damp = mean_weather_by_hour(weather((10.0, 0.2), (20.0, 0.4)), [hour(0), hour(1)])
    assert (degrees[0], damp[0]) == (15, pytest.approx(0.3))
    assert np.isnan(degrees[1])
    assert np.isnan(damp[1])


def test_the_mean_does_not_depend_on_the_order_of_the_stations():
    stations = [(0.1 * n, 0.013 * n) for n in range(40)]
    table = weather(*stations)
    mixed = table.take(np.random.default_rng(1).permutation(len(stations)))
    assert [v.tolist() for v in mean_weather_by_hour(table, [hour(0)])] == [
        v.tolist() for v in mean_weather_by_hour(mixed, [hour(0)])
    ]


@pytest.mark.parametrize(
    ("station", "expected"),
    [
        ((15.0, 0.4), (1.0, 1.1, True)),
        ((24.0, 0.4), (1.0, 1.1, True)),
        ((25.0, 0.6), (1.0, 0.8, True)),
        ((26.0, 0.6), (1.3, 0.8, True)),
        ((26.0, 0.5), (1.3, 1.0, True)),
        ((26.0, None), (1.3, 1.0, False)),
        ((None, 0.4), (1.0, 1.0, False)),
    ],
    ids=["mild and dry", "24 °C is the cool row", "25 °C is mild", "hot", "reference", "no humidity", "no temperature"],
)
def test_one_bin_of_each_correction_applies(station, expected):
    degrees, damp = mean_weather_by_hour(weather(station), [hour(0)])
    by_degrees = temperature_corrections(TEMPERATURE, BUS, ["NOx"], degrees)
    by_damp = humidity_corrections(HUMIDITY, BUS, ["NOx"], temperature_degc=degrees, humidity_share=damp)
    assert (by_degrees[0, 0, 0], by_damp[0, 0, 0], is_weather_known(degrees, damp)[0]) == expected
