"""Boosted air quality: a level that halves is followed where the last fit year shows it."""

from datetime import UTC, datetime, timedelta

import numpy as np

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
