"""Forecasts of which an hour has several values."""

import datetime as dt
import logging

import pyarrow as pa

from bigdata_emis.collect.doubts.several_forecasts import warn_of_several
from bigdata_emis.collect.feed_config import Feed
from tests.collect.feed_builders import power_feed

ISSUED = dt.datetime.fromisoformat("2015-12-19T08:00")


def forecast_feed() -> Feed:
    return power_feed().model_copy(update={"table_name": "air_quality_forecast", "feed_id": "forecast"})


def forecast(*values: tuple[int, float | None], city: str | None = None) -> pa.Table:
    return pa.table(
        {
            "issued_utc": [ISSUED] * len(values),
            "hour_utc": [ISSUED + dt.timedelta(hours=hour) for hour, _ in values],
            "pollutant_code": ["PM2.5"] * len(values),
            "city_name": pa.array([city] * len(values), pa.string()),
            "concentration_ug_per_m3": pa.array([value for _, value in values], pa.float64()),
        }
    )


def test_several_values_of_an_hour_are_logged_with_the_fields_that_would_tell_them_apart(caplog):
    rows = forecast(*((hour, value) for value in (500.0, 60.0) for hour in range(24)), (30, 60.0))
    with caplog.at_level(logging.WARNING):
        warn_of_several(rows, forecast_feed(), "here")
    assert "here: 24 of 25 hours of an issue and pollutant have several values, of which the last counts" in caplog.text
    assert (
        "map the column that says so to city_name, provider_name or member_id below [forecast.columns]" in caplog.text
    )


def test_cities_with_a_name_equal_repeats_and_other_tables_pass(caplog):
    named = [forecast(*((hour, value) for hour in range(24)), city=city) for city, value in (("A", 500.0), ("B", 60.0))]
    warn_of_several(pa.concat_tables(named), forecast_feed(), "here")
    warn_of_several(forecast((0, 60.0), (0, 60.0), (0, None)), forecast_feed(), "here")
    warn_of_several(forecast((0, 60.0), (0, 500.0)), power_feed(), "here")
    warn_of_several(forecast(), forecast_feed(), "here")
    assert not caplog.records
