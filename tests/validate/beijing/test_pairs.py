"""Rank correlations of pollutants with weather and between stations."""

import numpy as np
import pytest

from bigdata_emis.validate.beijing.data import read_stations
from bigdata_emis.validate.beijing.pairs import correlate_stations, correlate_weather
from tests.validate.beijing.station_files import station_table, write_stations

DAYS = 100


@pytest.fixture(scope="module")
def stations(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pairs")
    first = station_table("a", 1, 24 * DAYS)
    second = first.set_column(first.column_names.index("station"), "station", [["b"] * first.num_rows])
    write_stations(folder, first, second)
    return read_stations(folder)


def test_wind_is_correlated_with_fine_particles_and_random_weather_is_not(stations):
    rows = correlate_weather(stations, np.ones(24 * DAYS, bool))
    by_pair = {(row["indicator"], row["target"]): row for row in rows}
    assert by_pair["wind_speed", "PM2.5"]["strength"] < -0.9
    assert by_pair["wind_speed", "PM2.5"]["q_value"] < 1e-6 < by_pair["pressure", "PM2.5"]["q_value"]
    assert ("PM2.5", "PM2.5") not in by_pair


def test_two_stations_with_equal_values_are_perfectly_correlated(stations):
    (row, *_) = correlate_stations(stations, np.ones(24 * DAYS, bool))
    assert (row["pollutant"], row["pairs"], row["significant"]) == ("PM2.5", 1, 1)
    assert row["least"] == row["median"] == row["largest"] == pytest.approx(1)


def test_with_fewer_than_sixty_days_there_is_no_correlation(stations):
    used = np.arange(24 * DAYS) < 24 * 50
    assert correlate_stations(stations, used) == []
