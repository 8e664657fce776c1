"""The weather that the models of lines are given."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from bigdata_emis.activity_model.inputs.weather import weather_of


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
    found = weather_of(spark.createDataFrame(table))
    assert np.diff(found.hour_number).tolist() == [1]
    assert found.values["air_temperature_degc"] == pytest.approx([15, np.nan], nan_ok=True)
    assert found.values["relative_humidity_share"] == pytest.approx([0.5, np.nan], nan_ok=True)
