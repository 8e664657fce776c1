"""Which value of which issue applies to an hour, and how far a value of a longer step applies."""

from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pytest

from bigdata_emis.control.alert.forecast_values import read_hourly
from tests.control.alert.forecasts import HOUR, series, table

NOW = datetime(2024, 12, 18, tzinfo=UTC)
HOURS = tuple(NOW + k * HOUR for k in range(24))


def read(forecast: pa.Table, at: datetime = NOW):
    return read_hourly(forecast, HOURS, at_utc=at)


def at_hours(hours: dict[int, float]) -> pa.Table:
    return table([(NOW, "PM2.5", NOW + k * HOUR, value) for k, value in hours.items()])


def missing(forecast: pa.Table) -> list[int]:
    return np.flatnonzero(np.isnan(read(forecast).concentrations["PM2.5"])).tolist()


@pytest.mark.parametrize("step", [1, 2, 3, 6])
def test_a_value_applies_to_all_hours_of_its_step(step: int) -> None:
    values = read(at_hours({k: float(k) for k in range(0, 24, step)})).concentrations["PM2.5"]
    assert values.tolist() == [float(k - k % step) for k in range(24)]


def test_the_step_may_change_within_an_issue() -> None:
    assert missing(at_hours(dict.fromkeys([*range(12), 12, 15, 18, 21], 5.0))) == []


def test_a_missing_value_of_a_longer_step_leaves_its_hours_missing() -> None:
    assert missing(at_hours(dict.fromkeys([0, 3, 6, 12, 15, 18, 21], 5.0))) == [9, 10, 11]


def test_missing_hours_of_an_hourly_issue_stay_missing() -> None:
    present = [k for k in range(24) if k not in (5, 11, 12, 13)]
    assert missing(at_hours(dict.fromkeys(present, 5.0))) == [5, 11, 12, 13]


def test_three_daily_values_apply_to_their_days() -> None:
    assert missing(at_hours({-24: 5.0, 0: 6.0, 24: 7.0})) == []


def test_two_daily_values_apply_to_their_days() -> None:
    assert missing(at_hours({-24: 5.0, 0: 6.0})) == []


def test_two_values_at_another_distance_leave_the_hours_between_missing() -> None:
    assert missing(at_hours({0: 5.0, 5: 6.0})) == [k for k in range(24) if k not in (0, 5)]


def test_hours_that_begin_at_half_past_belong_to_the_hour_of_the_clock() -> None:
    """Hours of a zone such as +05:30 begin at half past in UTC; two values within an hour are its mean."""
    half_past = series([10.0] * 24, start=NOW + HOUR / 2, issued=NOW)
    assert read(half_past).concentrations["PM2.5"].tolist() == [10.0] * 24
    both = pa.concat_tables([half_past, series([20.0] * 24, start=NOW, issued=NOW)])
    assert read(both).concentrations["PM2.5"].tolist() == [15.0] * 24


def test_the_newest_issue_with_a_value_applies() -> None:
    old = series([10.0] * 24, start=NOW, issued=NOW - 6 * HOUR)
    new = series([20.0] * 6 + [None] * 6, start=NOW, issued=NOW)
    found = read(pa.concat_tables([new, old]))
    assert found.concentrations["PM2.5"].tolist() == [20.0] * 6 + [10.0] * 18
    assert (found.issued_utc, found.older_utc) == (NOW, {"PM2.5": NOW - 6 * HOUR})


def test_an_issue_that_is_not_known_yet_does_not_count() -> None:
    later = series([20.0] * 24, start=NOW, issued=NOW + HOUR)
    assert read(pa.concat_tables([later, series([10.0] * 24, start=NOW, issued=NOW)])).concentrations["PM2.5"][0] == 10
    assert read(later).concentrations == {}


def test_values_that_are_no_numbers_are_missing() -> None:
    assert missing(at_hours({**dict.fromkeys(range(24), 5.0), 3: float("nan"), 4: float("inf")})) == [3, 4]


def test_wind_is_that_of_the_newest_issue() -> None:
    rows = [(NOW, "PM2.5", NOW + k * HOUR, 5.0) for k in range(24)]
    with_wind = table(rows, wind_speed_m_per_s=pa.array([3.0] * 24))
    assert read(with_wind).wind_m_per_s.tolist() == [3.0] * 24
    assert np.isnan(read(table(rows)).wind_m_per_s).all()
