"""The weather that the models of lines are given."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from bigdata_emis.activity_model.inputs.weather import (
    NO_WEATHER,
    Weather,
    drop_weather,
    has_weather,
    read_region_weather,
)
from tests.activity_model.builders import series


def test_the_weather_of_a_region_is_the_mean_of_its_stations(spark):
    start = datetime(2019, 1, 1, tzinfo=UTC)
    rows = [("a", 0, 10.0, 0.5), ("b", 0, 20.0, None), ("a", 1, None, None)]
    table = pa.table(
        {
            "station_id": [row[0] for row in rows],
            "hour_utc": pa.array([start + timedelta(hours=row[1]) for row in rows], pa.timestamp("us", "UTC")),
            "air_temperature_degc": [row[2] for row in rows],
            "relative_humidity_share": [row[3] for row in rows],
        }
    )
    weather = read_region_weather(spark.createDataFrame(table))
    assert np.diff(weather.hour_number).tolist() == [1]
    assert weather.values["air_temperature_degc"] == pytest.approx([15, np.nan], nan_ok=True)
    assert weather.values["relative_humidity_share"] == pytest.approx([0.5, np.nan], nan_ok=True)


def test_weather_is_added_to_its_own_hours_and_unknown_in_others():
    weather = Weather(np.array([1, 3]), {"air_temperature_degc": np.array([30.0, 50.0])})
    hours = weather.add_to(series([1.0] * 4, other=np.zeros(4)))
    assert hours.covariates["air_temperature_degc"] == pytest.approx([np.nan, 30, np.nan, 50], nan_ok=True)
    assert list(hours.covariates) == ["other", "air_temperature_degc"]


def test_no_weather_adds_no_covariate():
    assert NO_WEATHER.add_to(series([1.0])).covariates == {}


def test_a_series_has_weather_if_one_hour_has_one_value():
    assert has_weather(series([1.0, 1.0], air_temperature_degc=np.array([np.nan, 3.0])))
    assert not has_weather(series([1.0], air_temperature_degc=np.array([np.nan])))
    assert not has_weather(series([1.0], other=np.array([1.0])))


def test_dropping_the_weather_keeps_the_other_covariates():
    hours = series([1.0], air_temperature_degc=np.array([3.0]), other=np.array([1.0]))
    assert list(drop_weather(hours).covariates) == ["other"]
