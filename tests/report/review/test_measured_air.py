"""Measured air beside its forecast over the same hours, and the cause of the pollution."""

import pytest

from bigdata_emis.codes import Cause
from bigdata_emis.reference.aqi import standard_on
from bigdata_emis.report.review.measured_air import compare_with_forecast, find_cause, measured_means
from tests.report.review.reviewed_town import DAY, HOUR, START, WINDOW, nothing
from tests.report.stores import declared_table

STANDARD = standard_on(START.date())


def measured(*values: tuple[str, int, float | None]):
    rows = [
        {"station_id": f"s{n}", "pollutant_code": p, "hour_utc": START + h * HOUR, "concentration_ug_per_m3": value}
        for n, (p, h, value) in enumerate(values)
    ]
    return declared_table("air_quality_hourly", [{**row, "reading_count": 1, "flag_codes": []} for row in rows])


def forecast(*values: tuple[int, int, float]):
    """Of PM2.5: hours before the start at which it was issued, hour, value."""
    rows = [
        {
            "issued_utc": START - before * HOUR,
            "pollutant_code": "PM2.5",
            "hour_utc": START + h * HOUR,
            "concentration_ug_per_m3": value,
            "record_number": n,
            "city_name": "",
            "provider_name": "",
            "member_id": "",
            "flag_codes": [],
        }
        for n, (before, h, value) in enumerate(values)
    ]
    return declared_table("air_quality_forecast", rows)


def test_stations_are_averaged_and_only_hours_of_the_window_count() -> None:
    table = measured(("PM2.5", 0, 100.0), ("PM2.5", 0, 300.0), ("PM2.5", 24, 900.0), ("PM2.5", 1, None))
    assert measured_means(table, WINDOW) == {"PM2.5": {START: 200.0}}


def test_the_last_forecast_before_the_start_is_compared_over_the_same_hours() -> None:
    means = {"PM2.5": {START: 200.0, START + HOUR: 100.0}}
    issues = forecast((30, 0, 999.0), (6, 0, 260.0), (6, 5, 10.0), (-1, 0, 1.0))
    (row,) = compare_with_forecast(means, issues, WINDOW)
    assert (row["hours"], row["measured_ug_per_m3"], row["forecast_ug_per_m3"]) == (1, 200.0, 260.0)
    assert row["forecast_issued_utc"] == START - 6 * HOUR


def test_without_a_forecast_the_measured_mean_is_alone() -> None:
    means = {"PM2.5": {START: 200.0, START + HOUR: 100.0}}
    (row,) = compare_with_forecast(means, nothing("air_quality_forecast"), WINDOW)
    assert (row["hours"], row["measured_ug_per_m3"], row["forecast_ug_per_m3"]) == (2, 150.0, None)


@pytest.mark.parametrize(
    ("means", "cause"),
    [
        ({"PM2.5": 250.0, "PM10": 300.0}, Cause.FINE_PARTICLES),
        ({"PM2.5": 60.0, "PM10": 500.0}, Cause.COARSE_PARTICLES),
        ({"PM2.5": 30.0, "O3": 400.0}, Cause.OZONE),
        ({"PM2.5": 20.0, "SO2": 1000.0}, Cause.GAS),
        ({"PM2.5": 10.0}, Cause.CLEAN),
        ({}, Cause.UNKNOWN),
    ],
)
def test_the_cause_is_the_pollutant_with_the_largest_sub_index(means, cause) -> None:
    assert find_cause({pollutant: {START: value} for pollutant, value in means.items()}, STANDARD) == cause


def test_one_hour_of_ozone_decides_and_one_hour_of_particles_does_not() -> None:
    hours = [START + n * HOUR for n in range(24)]
    ozone = {"O3": dict(zip(hours, [400.0] + [20.0] * 23, strict=True))}
    particles = {"PM2.5": dict(zip(hours, [400.0] + [10.0] * 23, strict=True))}
    assert find_cause({**ozone, **particles}, STANDARD) == Cause.OZONE
    assert DAY == 24 * HOUR
