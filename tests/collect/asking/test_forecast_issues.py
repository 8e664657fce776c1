"""Forecasts of one issue, and values that no air can have."""

import datetime as dt

import pyarrow as pa
import pytest

from bigdata_emis import schema
from bigdata_emis.collect.asking.forecast_issues import select_latest_issue
from bigdata_emis.schema.arrow import arrow_schema

BOUNDS = {"PM2.5": 5000.0}
ISSUED = dt.datetime(2015, 12, 19, 12, tzinfo=dt.UTC)


def forecast(*rows: tuple) -> pa.Table:
    table = arrow_schema(schema.table("air_quality_forecast"))
    empty = {"city_name": "", "member_id": "", "wind_speed_m_per_s": None, "flag_codes": []}
    names = ("provider_name", "pollutant_code", "issued_utc", "hour_utc", "concentration_ug_per_m3")
    records = [empty | dict(zip(names, row, strict=True)) | {"record_number": n} for n, row in enumerate(rows)]
    return pa.Table.from_pylist(records, table)


def test_an_issue_of_ozone_alone_deletes_no_particles_and_providers_are_side_by_side():
    hour, later = ISSUED + dt.timedelta(hours=12), ISSUED + dt.timedelta(hours=6)
    rows = (
        ("a", "PM2.5", ISSUED, hour, 320.0),
        ("a", "O3", ISSUED, hour, 10.0),
        ("a", "O3", later, hour, 20.0),
        ("b", "PM2.5", ISSUED, hour, 90.0),
    )
    assert select_latest_issue(forecast(*rows), BOUNDS)["concentration_ug_per_m3"].to_pylist() == [
        320.0,
        10.0,
        20.0,
        90.0,
    ]


def test_of_one_issue_the_row_that_arrived_last_counts():
    rows = [("a", "PM2.5", ISSUED, ISSUED, value) for value in (100.0, 150.0)]
    assert select_latest_issue(forecast(*rows), BOUNDS)["concentration_ug_per_m3"].to_pylist() == [150.0]


@pytest.mark.parametrize(
    ("pollutant", "value", "expected"),
    [
        ("PM2.5", -1.0, None),
        ("PM2.5", 9999.0, None),
        ("PM2.5", 5000.0, 5000.0),
        ("PM10", 9999.0, 9999.0),
        ("PM10", 20000.5, None),
    ],
)
def test_a_value_that_no_air_has_is_emptied_and_flagged(pollutant, value, expected):
    row = select_latest_issue(forecast(("a", pollutant, ISSUED, ISSUED, value)), BOUNDS).to_pylist()[0]
    assert row["concentration_ug_per_m3"] == expected
    assert row["flag_codes"] == (["out_of_bounds"] if expected is None else [])


def test_a_wind_that_no_air_has_is_emptied_and_the_row_flagged(caplog):
    rows = forecast(("a", "PM2.5", ISSUED, ISSUED, 80.0))
    windy = rows.set_column(rows.column_names.index("wind_speed_m_per_s"), "wind_speed_m_per_s", pa.array([999.0]))
    row = select_latest_issue(windy, BOUNDS).to_pylist()[0]
    assert (row["wind_speed_m_per_s"], row["concentration_ug_per_m3"]) == (None, 80.0)
    assert row["flag_codes"] == ["out_of_bounds"]
    assert "1 rows of the forecast have a value that no air has, it is emptied: PM2.5 80.0 (wind 999)" in caplog.text


@pytest.mark.parametrize("later", [9999.0, None])
def test_a_fill_value_that_arrives_later_does_not_replace_a_good_value_of_its_issue(later):
    rows = [("a", "PM2.5", ISSUED, ISSUED, value) for value in (150.0, later)]
    assert select_latest_issue(forecast(*rows), BOUNDS)["concentration_ug_per_m3"].to_pylist() == [150.0]


def test_a_forecast_without_rows_has_no_issue():
    assert select_latest_issue(forecast(), BOUNDS).num_rows == 0
