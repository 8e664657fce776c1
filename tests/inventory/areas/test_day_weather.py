"""Weather of a local day: means over enough hours, and the product of the effects of an industry."""

from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pytest

from bigdata_emis import reference
from bigdata_emis.inventory.areas.day_weather import DayWeather, day_weather, usual_weather, weather_ratio

DAY = date(2015, 12, 21)
NORMALS = usual_weather(reference.read("climate_normal"), ["china", "north"])
RESPONSES = {row["industry_code"]: row for row in reference.read("area_weather_response").to_pylist()}


def hourly(hours: int, *, degc=1.0, wind=2.0, rain=0.1) -> pa.Table:
    midnight = datetime(2015, 12, 20, 16, tzinfo=UTC)  # in Beijing
    names = ("hour_utc", "air_temperature_degc", "wind_speed_m_per_s", "precipitation_mm")
    rows = [dict(zip(names, (midnight + timedelta(hours=n), degc, wind, rain), strict=True)) for n in range(hours)]
    types = (pa.timestamp("us", tz="UTC"), *[pa.float64()] * 3)
    return pa.Table.from_pylist(rows, pa.schema(list(zip(names, types, strict=True))))


def test_temperature_and_wind_are_means_and_rain_is_that_of_each_hour_of_the_local_day():
    weather = day_weather(hourly(30), "Asia/Shanghai")[DAY]
    assert (weather.air_temperature_degc, weather.wind_speed_m_per_s) == (pytest.approx(1.0), pytest.approx(2.0))
    midnight = datetime(2015, 12, 20, 16, tzinfo=UTC)
    assert weather.rain_mm == {midnight + timedelta(hours=n): 0.1 for n in range(24)}


def test_less_than_18_hours_are_no_day():
    assert day_weather(hourly(17), "Asia/Shanghai")[DAY] == DayWeather(None, None, None)
    assert day_weather(hourly(18), "Asia/Shanghai")[DAY].air_temperature_degc == pytest.approx(1.0)


def test_normals_are_those_of_the_first_area_that_has_any():
    normals = reference.read("climate_normal")
    assert usual_weather(normals, ["china", "north"])[1]["usual_temperature_degc"] == -3.1
    assert usual_weather(normals, ["north_east"]) == {}
    assert usual_weather(normals, []) == {}


@pytest.mark.parametrize("industry", sorted(RESPONSES))
def test_usual_weather_on_a_dry_day_changes_little(industry):
    usual = NORMALS[12]
    weather = DayWeather(usual["usual_temperature_degc"], usual["usual_wind_speed_m_per_s"], {})
    assert weather_ratio(weather, usual, RESPONSES[industry]) == pytest.approx(1.0, abs=0.4)


def test_effects_multiply():
    warm_and_windy = DayWeather(-0.9 + 44.8, 2.4 + 23.9, {})
    assert weather_ratio(warm_and_windy, NORMALS[12], RESPONSES["livestock"]) == pytest.approx(2.718281828**2)


@pytest.mark.parametrize(
    ("industry", "weather"),
    [
        ("residential_coal", DayWeather(None, 2.0, {})),
        ("bare_soil", DayWeather(1.0, None, {})),
        ("livestock", DayWeather(1.0, None, {})),
        ("livestock", DayWeather(None, 1.0, {})),
    ],
)
def test_an_effect_whose_weather_is_missing_gives_no_ratio(industry, weather):
    assert weather_ratio(weather, NORMALS[12], RESPONSES[industry]) is None
