"""Which of count, index, proxy, traffic, weather and profile an hour of an area has."""

import pytest

from bigdata_emis import reference
from bigdata_emis.inventory.areas.hour_emission import hour_emission

HOUR = {
    "activity_area_id": "a",
    "sector_code": "mobile",
    "pollutant_code": "NOx",
    "hour_utc": "h",
    "annual_emission_t": 1.0,
    "relative_sd_share": 0.5,
    "annual_source_code": "registered_total",
    "hour_share": 1e-3,
    "hour_in_day_share": 0.5,
    "counted_share": None,
    "counted_of": None,
    "activity_index": None,
    "proxy_index": None,
    "weather_ratio": None,
    "traffic_ratio": None,
    "profile_source_code": "own",
    "day_type_code": "workday",
    "calendar_basis_code": "calendar",
}
NUMBERS = (
    "annual_emission_t",
    "relative_sd_share",
    "hour_share",
    "hour_in_day_share",
    "counted_share",
    "activity_index",
    "proxy_index",
    "weather_ratio",
    "traffic_ratio",
)
DECLARED = ", ".join(f"{name} {'double' if name in NUMBERS else 'string'}" for name in HOUR)


def result_of(spark, **changes):
    emission = spark.createDataFrame([tuple({**HOUR, **changes}.values())], DECLARED)
    (row,) = hour_emission(emission, spark.createDataFrame(reference.read("uncertainty_rating"))).toArrow().to_pylist()
    return row


@pytest.mark.parametrize(
    ("changes", "grams", "method"),
    [
        ({}, 1000.0, "profile"),
        ({"weather_ratio": 2.0}, 2000.0, "weather_scaled"),
        ({"weather_ratio": 2.0, "traffic_ratio": 3.0}, 6000.0, "traffic_scaled"),
        ({"proxy_index": 0.5, "weather_ratio": 2.0}, 1000.0, "proxy_scaled"),
        ({"activity_index": 4.0, "proxy_index": 0.5}, 4000.0, "modelled"),
        ({"counted_share": 1e-2, "counted_of": "hour", "proxy_index": 0.5, "weather_ratio": 2.0}, 10_000.0, "counted"),
        ({"counted_share": 1e-2, "counted_of": "day", "traffic_ratio": 3.0}, 5000.0, "counted"),
        ({"counted_share": 1e-2, "counted_of": "calendar"}, 5000.0, "profile"),
        ({"counted_share": 0.0, "counted_of": "day", "hour_in_day_share": None}, None, "counted"),
    ],
)
def test_a_count_comes_before_an_index_and_an_index_before_what_scales_the_profile(spark, changes, grams, method):
    row = result_of(spark, **changes)
    assert row["method_code"] == method
    assert row["emission_g"] == (None if grams is None else pytest.approx(grams))


def test_a_counted_hour_names_no_ratio_that_was_not_applied(spark):
    row = result_of(spark, counted_share=1e-2, counted_of="hour", weather_ratio=2.0, traffic_ratio=3.0)
    assert (row["weather_ratio"], row["traffic_ratio"]) == (None, None)
    assert result_of(spark, weather_ratio=2.0)["weather_ratio"] == 2.0


def test_fires_of_a_day_are_less_sure_than_a_course_and_that_than_a_count(spark):
    width = {
        kind: result_of(spark, counted_share=1e-3, counted_of=kind)["emission_g_p95"]
        / result_of(spark, counted_share=1e-3, counted_of=kind)["emission_g"]
        for kind in ("hour", "day", "calendar")
    }
    assert width["hour"] < width["calendar"] < width["day"]
