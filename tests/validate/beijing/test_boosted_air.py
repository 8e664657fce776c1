"""Boosted air quality: a level that halves is followed where the last fit year shows it."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from bigdata_emis.relate.association.deweather import clock_columns
from bigdata_emis.validate.beijing.boosted_air import boosting_inputs, choose_trends, estimate_boosted
from bigdata_emis.validate.beijing.data import POLLUTANTS, Stations

HOURS = 4 * 8766
STEP_H = 3


def falling_stations():
    """Every third hour of four years: SO2 falls by 30 % a year, PM2.5 does not; both follow the wind speed."""
    local = [datetime(2013, 1, 1, tzinfo=UTC) + timedelta(hours=STEP_H * n) for n in range(HOURS // STEP_H)]
    wind = np.random.default_rng(2).uniform(0.5, 5.0, len(local))
    weather = np.full((1, len(local), 7), np.nan)
    weather[0, :, 4] = wind
    measured = np.full((1, len(POLLUTANTS), len(local)), np.nan)
    years = np.arange(len(local)) * STEP_H / 8766
    measured[0, POLLUTANTS.index("PM2.5")] = 100 / wind
    measured[0, POLLUTANTS.index("SO2")] = 100 / wind * 0.7**years
    return Stations(("a",), local, clock_columns(local), measured, weather)


def test_a_trend_is_chosen_where_it_explains_the_last_fit_year_and_carried_on():
    stations = falling_stations()
    in_fit = stations.years < 2016
    trends = choose_trends(stations, in_fit)
    assert (trends["SO2"], trends["O3"]) == (True, False)
    series = stations.measured[0, POLLUTANTS.index("SO2")]
    inputs = boosting_inputs(stations, stations.weather[0])
    later = stations.years == 2016
    bias = [
        estimate_boosted(stations, series, inputs, in_fit, has_trend=has).value[later].mean() / series[later].mean() - 1
        for has in (False, True)
    ]
    assert bias[0] > 0.5
    assert abs(bias[1]) < 0.1


def test_with_two_fit_years_no_trend_is_tried():
    stations = falling_stations()
    assert not any(choose_trends(stations, stations.years < 2015).values())


def test_the_season_is_a_wave_and_the_heating_season_and_weather_is_that_of_station_and_city():
    """1 January is heated and at the top of the cosine; two stations with wind 1 and 3 have 2 on average."""
    local = [datetime(2013, month, 1, 5, tzinfo=UTC) for month in (1, 7)]
    weather = np.full((2, 2, 7), np.nan)
    weather[0, :, 4], weather[1, :, 4] = 1.0, 3.0
    stations = Stations(("a", "b"), local, clock_columns(local), np.full((2, len(POLLUTANTS), 2), np.nan), weather)
    inputs = boosting_inputs(stations, weather[1])
    assert inputs[0, :5].tolist() == [pytest.approx(0, abs=0.02), pytest.approx(1, abs=0.001), 1.0, 2.0, 5.0]
    assert inputs[1, :3].tolist() == [pytest.approx(0, abs=0.05), pytest.approx(-1, abs=0.001), 0.0]
    assert inputs.shape == (2, 5 + 2 * 7 * 7)
    assert (inputs[0, 5 + 4], inputs[0, 5 + 49 + 4]) == (2.0, 3.0)
