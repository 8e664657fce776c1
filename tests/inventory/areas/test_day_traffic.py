"""Traffic of local days: which days count, and what a day is compared with."""

from datetime import date, timedelta

import pyarrow as pa
import pytest

from bigdata_emis.inventory.areas.day_traffic import (
    HourTraffic,
    ProfileWeights,
    profile_weights,
    traffic_by_hour,
    traffic_ratios,
)
from bigdata_emis.reference.work_calendar import WorkCalendar
from bigdata_emis.window import day_window

MONDAY = date(2015, 12, 21)
ZONE = "Asia/Shanghai"
FLAT = ProfileWeights(dict.fromkeys(range(1, 8), 1.0), dict.fromkeys(range(24), 1.0))
HALF_ON_SUNDAY = ProfileWeights({**FLAT.weekday, 7: 0.5}, FLAT.hour)


def day_of(day, km, *, observed=1.0, hours=24):
    starts = list(day_window(day, ZONE).hour_starts_utc())[:hours]
    return {hour: HourTraffic(km, observed * km) for hour in starts}


def ratios(traffic, weights=FLAT):
    return list(
        traffic_ratios(traffic, weights, [MONDAY], lookback_days=7, calendar=WorkCalendar({}), time_zone=ZONE).values()
    )


def test_a_first_day_has_the_level_of_the_profile():
    assert ratios(day_of(MONDAY, 10.0)) == [pytest.approx(1.0)] * 24


def test_days_are_compared_after_the_weight_of_their_weekday():
    sunday = day_of(MONDAY - timedelta(days=1), 5.0)  # as much as a Monday with 10
    assert ratios({**sunday, **day_of(MONDAY, 10.0)}, HALF_ON_SUNDAY) == [pytest.approx(1.0)] * 24


@pytest.mark.parametrize(
    "traffic",
    [
        day_of(MONDAY, 10.0, hours=23),
        day_of(MONDAY, 10.0, observed=0.4),
        day_of(MONDAY, 0.0),
        {**day_of(MONDAY - timedelta(days=1), 1.0), **day_of(MONDAY, 10.0)},
    ],
    ids=["an hour is missing", "mostly not observed", "no traffic", "ten times the day before"],
)
def test_a_day_that_cannot_be_judged_has_no_ratio(traffic):
    assert ratios(traffic) == []


def test_days_beyond_the_week_before_are_not_compared():
    old = day_of(MONDAY - timedelta(days=8), 5.0)
    assert ratios({**old, **day_of(MONDAY, 10.0)}) == [pytest.approx(1.0)] * 24


def test_an_hour_without_a_sum_is_left_out_and_one_without_readings_is_not_observed():
    hours = list(day_window(MONDAY, ZONE).hour_starts_utc())[:2]
    rows = {
        "hour_utc": pa.array(hours, pa.timestamp("us", tz="UTC")),
        "vehicle_km": [None, 3.0],
        "observed_vehicle_km": [None, None],
    }
    assert traffic_by_hour(pa.table(rows)) == {hours[1]: HourTraffic(3.0, 0.0)}


def test_weights_are_read_by_profile():
    row = {"sector_code": "mobile", "industry_code": "minor_road", "profile_index": 3, "profile_weight": 2.0}
    table = pa.Table.from_pylist([{**row, "profile_dimension_code": name} for name in ("month", "weekday", "hour")])
    assert profile_weights(table) == {("mobile", "minor_road"): ProfileWeights({3: 2.0}, {3: 2.0})}
