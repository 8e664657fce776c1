"""Temperature and humidity corrections by hour and vehicle."""

import pyarrow as pa
import pytest

from bigdata_emis.inventory.roads.weather_correction import mean_weather_by_hour, weather_corrections
from tests.inventory.industry_frames import context_of, hour

INSTANT = pa.timestamp("us", tz="UTC")
VEHICLES = pa.table({"vehicle_class_code": ["BUS"], "fuel_code": ["diesel"]})
TEMPERATURE = pa.table(
    {
        "vehicle_class_code": ["BUS"] * 2,
        "fuel_code": ["diesel"] * 2,
        "pollutant_code": ["NOx"] * 2,
        "lower_temperature_degc": [10.0, 25.0],
        "upper_temperature_degc": [25.0, 99.0],
        "temperature_correction": [1.0, 1.3],
    }
)
HUMIDITY = pa.table(
    {
        "fuel_code": ["diesel"] * 2,
        "pollutant_code": ["NOx"] * 2,
        "lower_temperature_degc": [-99.0] * 2,
        "upper_temperature_degc": [99.0] * 2,
        "lower_humidity_share": [0.0, 0.5],
        "upper_humidity_share": [0.5, 1.0],
        "humidity_correction": [1.1, 0.9],
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


def corrected(spark, *stations):
    hours = mean_weather_by_hour(spark.createDataFrame(weather(*stations)), context_of())
    frames = (spark.createDataFrame(table) for table in (VEHICLES, TEMPERATURE, HUMIDITY))
    rows = weather_corrections(hours, *frames, ["NOx"]).toArrow().to_pylist()
    assert len(rows) == 24
    (row,) = (row for row in rows if row["hour_utc"] == hour(0))
    return row["temperature_correction_NOx"], row["humidity_correction_NOx"], row["is_reference_state"]


def test_the_weather_of_an_hour_is_the_mean_of_the_stations(spark):
    rows = mean_weather_by_hour(spark.createDataFrame(weather((10.0, 0.2), (20.0, 0.4))), context_of())
    first, second = sorted(rows.toArrow().to_pylist(), key=lambda row: row["hour_utc"])[:2]
    assert (first["air_temperature_degc"], first["relative_humidity_share"]) == (15, pytest.approx(0.3))
    assert (first["local_hour"], second["local_hour"], second["air_temperature_degc"]) == (0, 1, None)


@pytest.mark.parametrize(
    ("station", "expected"),
    [
        ((15.0, 0.4), (1.0, 1.1, False)),
        ((25.0, 0.6), (1.0, 0.9, False)),
        ((26.0, 0.6), (1.3, 0.9, False)),
        ((26.0, 0.5), (1.3, 1.0, False)),
        ((26.0, None), (1.3, 1.0, True)),
        ((None, 0.4), (1.0, 1.0, True)),
    ],
    ids=["mild and dry", "25 °C is mild", "hot", "reference humidity", "no humidity", "no temperature"],
)
def test_one_bin_of_each_correction_applies(spark, station, expected):
    assert corrected(spark, station) == expected
