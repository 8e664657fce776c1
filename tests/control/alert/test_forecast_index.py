"""The forecast as 24-hour indices: means, gaps, standards, and all pollutants beside those of the plan."""

from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pytest

from bigdata_emis.control.alert.forecast_index import AHEAD_H, compute_index_series, daily_values
from bigdata_emis.control.alert.plan_air import DAY_H
from bigdata_emis.errors import InputError
from bigdata_emis.reference.aqi import standard
from tests.control.alert.forecasts import HOUR, series, together

NOW = datetime(2015, 12, 18, tzinfo=UTC)


def forecast(values, *, pollutant="PM2.5", start=NOW, issued=NOW):
    return series(values, start=start, issued=issued, pollutant=pollutant)


def test_a_constant_concentration_has_a_constant_index_from_the_first_complete_day() -> None:
    """75 ug/m3 of PM2.5 is an index of 100 (HJ 633-2012); 18 hours of a day are enough."""
    found = compute_index_series(forecast([75.0] * 168), at_utc=NOW)
    assert len(found.hours) == DAY_H - 1 + AHEAD_H
    assert np.isnan(found.aqi[: DAY_H - 1 + 17]).all()
    assert set(found.aqi[DAY_H - 1 + 17 :]) == {100.0}
    assert found.primary[-1] == ("PM2.5",)


def test_reach_and_gaps_count_the_hours_ahead() -> None:
    found = compute_index_series(forecast([75.0] * 10 + [None] * 2 + [75.0] * 12), at_utc=NOW)
    assert (found.hours_ahead, found.gap_hours) == (24, 2)


def test_pollutants_without_a_forecast_are_listed() -> None:
    found = compute_index_series(forecast([75.0] * 24), at_utc=NOW)
    assert set(found.missing_pollutants) == {"SO2", "NO2", "CO", "O3", "PM10"}


def test_only_particles_count_for_the_plan() -> None:
    """NO2 of 200 ug/m3 is an index of 160; PM2.5 of 35 one of 50."""
    found = compute_index_series(together({"PM2.5": 35, "NO2": 200}, hours=48, start=NOW, issued=NOW), at_utc=NOW)
    assert (found.aqi[DAY_H - 1 + 30], found.all_aqi[DAY_H - 1 + 30]) == (50, 160)
    assert found.all_primary[DAY_H - 1 + 30] == ("NO2",)


def test_ozone_of_a_day_is_its_largest_mean_over_eight_hours() -> None:
    """Eight hours at 160 ug/m3 within a day of 40."""
    values = np.where((np.arange(24) >= 10) & (np.arange(24) < 18), 160.0, 40.0)
    daily = daily_values(standard("HJ633-2012"), ("O3", "8h"), values)
    assert daily[-1] == 160
    assert np.isnan(daily[:-1]).all()


def test_a_later_issue_replaces_an_earlier_one_hour_by_hour() -> None:
    both = pa.concat_tables([forecast([150.0] * 24), forecast([75.0] * 48, issued=NOW - HOUR)])
    found = compute_index_series(both, at_utc=NOW)
    assert found.aqi[DAY_H - 1 + 23] == 200
    assert found.aqi[DAY_H - 1 + 47] == 100
    assert found.older_utc == {"PM2.5": NOW - HOUR}


def test_new_index_counts_from_march_2026() -> None:
    """PM2.5 of 75 ug/m3 is an index of 100 before and 114 after."""
    at = datetime(2026, 2, 26, tzinfo=UTC)
    found = compute_index_series(forecast([75.0] * 168, start=at, issued=at), at_utc=at)
    assert found.aqi[DAY_H - 1 + 47] == 100
    assert found.aqi[-1] == 114


def test_a_forecast_that_ends_before_now_is_refused() -> None:
    with pytest.raises(InputError, match="no value for the hours ahead"):
        compute_index_series(forecast([75.0] * 24, start=NOW - 24 * HOUR), at_utc=NOW)
