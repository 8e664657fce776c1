"""Which of count, index, proxy, traffic, weather and profile an hour of an area has."""

import math

import pytest

from bigdata_emis import reference
from bigdata_emis.inventory.areas.hour_emission import hour_emission

WET = ("wet_probability_share", "wet_factor", "dry_factor", "lower_quantile", "upper_quantile")
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
    "kept_emission_share": None,
    "kept_share": None,
    **dict.fromkeys(WET),
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
    "kept_emission_share",
    "kept_share",
    *WET,
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
        ({"kept_emission_share": 0.7, "kept_share": 0.5}, 700.0, "profile"),
        ({"traffic_ratio": 2.0, "kept_emission_share": 0.7, "kept_share": 0.5}, 1400.0, "traffic_scaled"),
        ({"activity_index": 0.5, "kept_emission_share": 0.7, "kept_share": 0.5}, 700.0, "modelled"),
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


ROAD_AFTER_RAIN = {"weather_ratio": 0.5, **dict(zip(WET, (0.5, 0.0, 2.0, -1.2816, 1.2816), strict=True))}


def test_dust_that_may_be_wet_reaches_from_zero_to_a_dry_road(spark):
    """Half of 1 kg, and up to the 90 % of 1 kg; the weight of 12 mean hours adds 0.025 to the spread."""
    row = result_of(spark, **ROAD_AFTER_RAIN)
    variance = math.log(1 + 0.5**2 + 0.5**2 - 0.3**2 + 0.025**2)
    assert (row["emission_g"], row["emission_g_p05"], row["wet_probability_share"]) == (pytest.approx(500), 0.0, 0.5)
    assert row["emission_g_p95"] == pytest.approx(1000 * math.exp(1.2816 * variance**0.5 - variance / 2))


def test_what_was_counted_is_not_wet(spark):
    row = result_of(spark, counted_share=1e-2, counted_of="hour", **ROAD_AFTER_RAIN)
    assert row["emission_g_p05"] > 0
    assert row["wet_probability_share"] is None


def test_an_hour_of_little_weight_is_less_sure_whatever_its_index(spark):
    for index in (None, 1.0):
        rows = [result_of(spark, activity_index=index, hour_in_day_share=share) for share in (1 / 24, 0.1 / 24)]
        mean_hour, night = (math.log(row["emission_g_p95"] / row["emission_g_p05"]) for row in rows)
        assert night > mean_hour


def test_an_hour_of_little_weight_may_have_the_weight_of_its_error(spark):
    """A tenth of a mean hour: 1 kg with a spread of the whole, and 1.645 × 0.2 of the mean hour's 10 kg."""
    row = result_of(spark, hour_in_day_share=0.1 / 24)
    variance = math.log(1 + 0.5**2 + 0.5**2 - 0.3**2 + 1)
    lognormal = 1000 * math.exp(1.6448536 * variance**0.5 - variance / 2)
    assert row["emission_g_p95"] == pytest.approx(lognormal + 1.6448536 * 0.2 * 10_000)
    assert row["emission_g_p05"] == pytest.approx(1000 * math.exp(-1.6448536 * variance**0.5 - variance / 2))


def test_traffic_of_the_day_says_how_much_its_hour_weighs(spark):
    rows = [result_of(spark, hour_in_day_share=0.1 / 24, traffic_ratio=ratio) for ratio in (1.0, 10.0)]
    quiet, busy = (math.log(row["emission_g_p95"] / row["emission_g_p05"]) for row in rows)
    assert busy < quiet


@pytest.mark.parametrize("moved", [{"proxy_index": 1.0}, {"traffic_ratio": 1.0}])
def test_what_moves_with_other_sources_is_less_sure_than_a_course_and_that_than_an_index(spark, moved):
    rows = [result_of(spark, **index) for index in ({"activity_index": 1.0}, {}, moved)]
    own, course, proxy = (math.log(row["emission_g_p95"] / row["emission_g_p05"]) for row in rows)
    assert own < course < proxy
    assert proxy == pytest.approx(2 * 1.6448536 * math.log(1 + 0.5**2 + 0.8**2 - 0.3**2 + 0.025**2) ** 0.5)
