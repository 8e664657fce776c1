"""The forecast as 24-hour indices: running means, gaps, issues and standards."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from bigdata_emis.control.alert.forecast_index import AHEAD_H, DAY_H, compute_index_series
from bigdata_emis.errors import InputError

NOW = datetime(2015, 12, 18, tzinfo=UTC)
HOUR = timedelta(hours=1)


def forecast(values, *, pollutant="PM2.5", start=NOW, issued=NOW):
    instant = pa.timestamp("us", tz="UTC")
    return pa.table(
        {
            "issued_utc": pa.array([issued] * len(values), instant),
            "pollutant_code": [pollutant] * len(values),
            "hour_utc": pa.array([start + n * HOUR for n in range(len(values))], instant),
            "concentration_ug_per_m3": pa.array(values, pa.float64()),
        }
    )


def test_a_constant_concentration_has_a_constant_index_from_the_first_complete_day() -> None:
    """75 ug/m3 of PM2.5 is an index of 100 (HJ 633-2012); 20 hours of a day are enough."""
    series = compute_index_series(forecast([75.0] * 96), at_utc=NOW)
    assert len(series.hours) == DAY_H - 1 + AHEAD_H
    assert np.isnan(series.aqi[: DAY_H - 1 + 19]).all()
    assert set(series.aqi[DAY_H - 1 + 19 :]) == {100.0}
    assert series.primary[-1] == ("PM2.5",)


def test_reach_and_gaps_count_the_hours_ahead() -> None:
    series = compute_index_series(forecast([75.0] * 10 + [None] * 2 + [75.0] * 12), at_utc=NOW)
    assert (series.hours_ahead, series.gap_hours) == (24, 2)


def test_pollutants_without_a_forecast_are_listed() -> None:
    series = compute_index_series(forecast([75.0] * 24), at_utc=NOW)
    assert set(series.missing_pollutants) == {"SO2", "NO2", "CO", "O3", "PM10"}


def test_a_later_issue_replaces_an_earlier_one_hour_by_hour() -> None:
    earlier = forecast([75.0] * 48, issued=NOW - HOUR)
    later = forecast([150.0] * 24)
    series = compute_index_series(pa.concat_tables([later, earlier]), at_utc=NOW)
    assert series.aqi[DAY_H - 1 + 23] == 200
    assert series.aqi[DAY_H - 1 + 47] == 100


def test_days_end_by_the_local_calendar_and_counted_from_now() -> None:
    local, from_now = compute_index_series(forecast([75.0] * 96), at_utc=NOW, time_zone="Asia/Shanghai").day_ends
    assert [(NOW + (k - DAY_H + 1) * HOUR).hour for k in local] == [15] * 4
    assert [k - DAY_H + 1 for k in from_now] == [23, 47, 71, 95]


def test_a_forecast_that_ends_before_now_is_refused() -> None:
    with pytest.raises(InputError, match="no value for the hours ahead"):
        compute_index_series(forecast([75.0] * 24, start=NOW - 24 * HOUR), at_utc=NOW)
