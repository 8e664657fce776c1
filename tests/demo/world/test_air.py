"""Measured air and weather in our units, and forecasts simulated from them."""

from datetime import date

import numpy as np
import pytest

from bigdata_emis.demo.plan import day_start_us
from bigdata_emis.demo.world.air import (
    day_air_quality,
    day_weather,
    draw_forecasts,
    read_measurements,
    read_stations,
    regional_weather,
    relative_humidity_share,
)
from bigdata_emis.window import HOUR_US

DAY = date(2015, 12, 20)


def test_beijing_time_of_the_source_becomes_utc():
    assert read_measurements()["hour_us"].min() == day_start_us(date(2015, 12, 13))


def test_humidity_is_one_at_the_dew_point_and_about_half_eleven_degrees_above():
    share = relative_humidity_share(np.array([10.0, 21.0]), np.array([10.0, 10.0]))
    assert share[0] == 1
    assert share[1] == pytest.approx(0.49, abs=0.01)


def test_weather_of_a_day_is_24_hours_at_twelve_stations():
    frame = day_weather(DAY)
    assert len(frame) == 24 * 12
    assert set(frame["station_id"]) == set(read_stations()["station_id"])
    assert frame["relative_humidity_share"].between(0, 1).all()


def test_regional_weather_is_the_mean_over_the_stations():
    weather = day_weather(DAY)
    at_midnight = weather[weather["hour_us"] == day_start_us(DAY)]
    regional = regional_weather(DAY)
    assert regional["local_hour"].tolist() == list(range(24))
    assert regional["air_temperature_degc"][0] == pytest.approx(at_midnight["air_temperature_degc"].mean())


def test_air_quality_has_no_row_where_nothing_was_measured():
    frame = day_air_quality(DAY)
    assert not frame["concentration_ug_per_m3"].isna().any()
    assert not frame.duplicated(["station_id", "hour_us", "pollutant_code"]).any()


def test_forecasts_reach_96_hours_beyond_each_issue():
    frame = draw_forecasts(1)
    lead_h = (frame["hour_us"] - frame["issued_us"]) / HOUR_US
    assert (lead_h.min(), lead_h.max()) == (1, 96)
    assert frame["issued_us"].nunique() == 10
    assert not frame["concentration_ug_per_m3"].isna().any()


def test_the_error_of_a_forecast_grows_with_the_hours_ahead():
    frame = draw_forecasts(1)
    measured = read_measurements().groupby("hour_us")["PM2.5"].mean().interpolate()
    fine = frame[frame["pollutant_code"] == "PM2.5"]
    error = np.abs(np.log(fine["concentration_ug_per_m3"] / fine["hour_us"].map(measured)))
    lead_h = (fine["hour_us"] - fine["issued_us"]) / HOUR_US
    assert error[lead_h > 72].mean() > 2 * error[lead_h <= 24].mean()
