"""Cleaning of the feeds other than power: stacks, roads, phones, areas, stations, weather and measured activity."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from bigdata_emis import reference, schema
from bigdata_emis.clean.clean_air_quality import clean_air_quality
from bigdata_emis.clean.clean_area_activity import clean_area_activity
from bigdata_emis.clean.clean_cems import clean_cems
from bigdata_emis.clean.clean_district_energy import clean_district_energy
from bigdata_emis.clean.clean_measured_activity import clean_measured_activity
from bigdata_emis.clean.clean_signalling import clean_signalling
from bigdata_emis.clean.clean_traffic import clean_traffic
from bigdata_emis.clean.clean_weather import clean_weather
from bigdata_emis.clean.readings.thresholds import options_of
from bigdata_emis.context import Context
from bigdata_emis.errors import InputError
from bigdata_emis.region import Grid, Region
from bigdata_emis.schema.arrow import arrow_schema, conform
from bigdata_emis.window import day_window

ZONE = "Asia/Shanghai"
DAY = dt.date(2015, 12, 10)
START = day_window(DAY, ZONE).from_utc


def context(**options: Any) -> Context:
    region = Region("r", Path(), "r", "r", ZONE, True, Grid("EPSG:32650", 3000, 0, 0, 1, 1), {}, options, {})
    return Context(region, day_window(DAY, ZONE), dt.datetime(2015, 12, 22, tzinfo=dt.UTC), "run")


def frame(spark, name: str, rows: list[dict]) -> Any:
    table = schema.table(name)
    filled = [{"record_number": n + 1, "flag_codes": [], **row} for n, row in enumerate(rows)]
    return spark.createDataFrame(
        pa.Table.from_pylist(filled, pa.schema([(f.name, f.type) for f in arrow_schema(table)]))
    )


def hour(number: float) -> dt.datetime:
    return START + dt.timedelta(hours=number)


def checked(result: dict[str, pa.Table], reads: int) -> tuple[list[dict], list[dict]]:
    """Both tables as their declarations demand them, with every reading either used or set aside."""
    hourly, aside = (conform(rows, schema.table(name)).to_pylist() for name, rows in result.items())
    assert sum(row["reading_count"] for row in hourly) + len(aside) == reads
    return hourly, aside


@pytest.fixture
def stacks(spark) -> Callable[[list[dict]], tuple[list[dict], list[dict]]]:
    def clean(rows: list[dict]) -> tuple[list[dict], list[dict]]:
        stack = spark.createDataFrame(pa.table({"stack_id": ["s1"], "production_line_id": ["l1"]}))
        base = {"stack_id": "s1", "pollutant_code": "NOx"}
        return checked(
            clean_cems(frame(spark, "cems_reading", [{**base, **row} for row in rows]), stack, context=context()),
            len(rows),
        )

    return clean


def test_stack_emission_is_concentration_times_flow(stacks):
    hourly, _ = stacks([{"hour_utc": hour(0), "concentration_mg_per_m3": 50.0, "flow_m3_per_h": 2000.0}])
    assert (hourly[0]["emission_g"], hourly[0]["best_emission_g"], hourly[0]["is_valid"]) == (100.0, 100.0, True)


def test_a_concentration_or_flow_that_no_stack_can_have_is_set_aside(stacks):
    rows = [
        {"hour_utc": hour(h), "concentration_mg_per_m3": c, "flow_m3_per_h": f}
        for h, c, f in ((0, 1e300, 1e3), (1, 50.0, 1e300), (2, 1e6, 1e8))
    ]
    hourly, aside = stacks(rows)
    assert [row["reason_codes"] for row in aside] == [["out_of_bounds"]] * 2
    assert hourly[2]["emission_g"] == 1e11


def test_an_invalid_stack_hour_has_a_best_estimate_but_no_legal_emission(stacks):
    rows = [
        {"hour_utc": hour(h), "concentration_mg_per_m3": c, "flow_m3_per_h": 1000.0}
        for h, c in ((0, 100.0), (1, -1.0), (2, 300.0))
    ]
    hourly, aside = stacks(rows)
    assert [(r["emission_g"], r["best_emission_g"], r["is_valid"], r["imputation_code"]) for r in hourly[:3]] == [
        (100.0, 100.0, True, "none"),
        (None, 200.0, False, "interpolated"),
        (300.0, 300.0, True, "none"),
    ]
    assert aside[0]["reason_codes"] == ["negative"]


def test_every_hour_of_a_reporting_stack_has_a_row_and_a_long_gap_stays_empty(stacks):
    hourly, _ = stacks(
        [{"hour_utc": hour(h), "concentration_mg_per_m3": 100.0, "flow_m3_per_h": 1000.0} for h in (0, 7)]
    )
    assert len(hourly) == 24
    assert [r["best_emission_g"] for r in hourly[1:7]] == [None] * 6


def traffic(spark, rows: list[dict], links: list[dict], **options: Any) -> tuple[list[dict], list[dict]]:
    road = {
        "road_class_code": "primary",
        "length_km": 1.0,
        "free_speed_km_per_h": 60.0,
        "jam_density_veh_per_km": 100.0,
        "geometry_wkt": "",
    }
    register = pa.Table.from_pylist([road | link for link in links])
    usual = spark.createDataFrame(reference.read("free_flow_volume"))
    return checked(
        clean_traffic(
            frame(spark, "traffic_reading", rows), spark.createDataFrame(register), usual, context=context(**options)
        ),
        len(rows),
    )


def test_hourly_speed_is_distance_over_time_of_all_vehicles(spark):
    rows = [
        {"link_id": "a", "interval_start_utc": hour(0), "speed_km_per_h": 60.0, "flow_veh_per_h": 300.0},
        {"link_id": "a", "interval_start_utc": hour(0.5), "speed_km_per_h": 20.0, "flow_veh_per_h": 100.0},
    ]
    first = traffic(spark, rows, [{"link_id": "a"}])[0][0]
    assert (first["speed_km_per_h"], first["flow_veh_per_h"], first["flow_method_code"]) == (40.0, 200.0, "measured")


def test_uncounted_flow_follows_from_speed_scaled_to_the_counters_of_the_class(spark):
    half = 60.0 / 2.718281828459045
    base = {"interval_start_utc": hour(0), "speed_km_per_h": half}
    rows = [{**base, "link_id": "a", "flow_veh_per_h": 200.0 * half}, {**base, "link_id": "b", "flow_veh_per_h": None}]
    hourly, _ = traffic(spark, rows, [{"link_id": "a"}, {"link_id": "b"}], counters_least=1)
    uncounted = next(r for r in hourly if r["link_id"] == "b")
    assert uncounted["flow_method_code"] == "speed_flow"
    assert uncounted["flow_veh_per_h"] == pytest.approx(200.0 * half)


CAPACITY = 100.0 * 60.0 / 2.718281828459045  # of the test's links: k v_f / e


@pytest.mark.parametrize(("local_hour", "share"), [(3, 0.05), (12, 0.15), (23, 0.1)], ids=["night", "day", "evening"])
def test_link_at_free_speed_carries_the_usual_share_of_its_capacity_where_nobody_counts(spark, local_hour, share):
    rows = [{"link_id": "a", "interval_start_utc": hour(local_hour), "speed_km_per_h": 65.0}]
    first = next(r for r in traffic(spark, rows, [{"link_id": "a"}])[0] if r["reading_count"])
    assert (first["flow_method_code"], first["flow_veh_per_h"]) == ("free_flow", pytest.approx(share * CAPACITY))


def test_link_near_free_speed_carries_no_less_than_one_at_it_and_a_jammed_link_as_little_as_it_is_slow(spark):
    """At 59 km/h the relation gives 100 x 59 x ln(60/59) = 99 vehicles an hour; in the jam, at 5 km/h, 100 x 5 x ln 12 = 1,242 of 2,207."""
    rows = [
        {"link_id": name, "interval_start_utc": hour(12), "speed_km_per_h": speed}
        for name, speed in (("a", 59.0), ("b", 5.0), ("c", 0.01))
    ]
    found = {r["link_id"]: r for r in traffic(spark, rows, [{"link_id": n} for n in "abc"])[0]}
    assert (found["a"]["flow_method_code"], found["a"]["flow_veh_per_h"]) == (
        "free_flow",
        pytest.approx(0.15 * CAPACITY),
    )
    assert (found["b"]["flow_method_code"], found["b"]["flow_veh_per_h"]) == (
        "speed_flow",
        pytest.approx(1242.45, rel=1e-4),
    )
    assert found["c"]["flow_method_code"] == "speed_flow"


def test_flow_at_free_speed_is_what_counters_of_the_class_see_there(spark):
    """Two counted links at free speed carry 300 and 500 of a capacity of 2,207 each: a third one carries their mean."""
    rows = [
        {"link_id": n, "interval_start_utc": hour(12), "speed_km_per_h": 62.0, "flow_veh_per_h": q}
        for n, q in (("a", 300.0), ("b", 500.0), ("c", None))
    ]
    found = {r["link_id"]: r for r in traffic(spark, rows, [{"link_id": n} for n in "abc"], counters_least=2)[0]}
    assert (found["a"]["flow_method_code"], found["a"]["flow_veh_per_h"]) == ("measured", 300.0)
    assert (found["c"]["flow_method_code"], found["c"]["flow_veh_per_h"]) == ("free_flow", pytest.approx(400.0))
    other = [{"link_id": "a"}, {"link_id": "b"}, {"link_id": "c", "road_class_code": "trunk"}]
    pooled = {r["link_id"]: r for r in traffic(spark, rows, other, counters_least=2)[0]}
    assert pooled["c"]["flow_veh_per_h"] == pytest.approx(400.0)
    few = {r["link_id"]: r for r in traffic(spark, rows, [{"link_id": n} for n in "abc"], counters_least=3)[0]}
    assert few["c"]["flow_veh_per_h"] == pytest.approx(0.15 * CAPACITY)


def test_an_impossible_speed_is_set_aside(spark):
    rows = [
        {"link_id": "a", "interval_start_utc": hour(h), "speed_km_per_h": v}
        for h, v in ((0, 30.0), (1, 250.0), (2, None))
    ]
    _, aside = traffic(spark, rows, [{"link_id": "a"}])
    assert [row["reason_codes"] for row in aside] == [["out_of_bounds"], ["not_a_number"]]


def test_counts_below_the_threshold_are_stored_nowhere(spark):
    rows = [
        {"cell_id": "r1c1", "hour_utc": hour(0), "present_device_count": 40, "moving_device_count": 9},
        {"cell_id": "r1c1", "hour_utc": hour(1), "present_device_count": 9, "moving_device_count": -1},
        {
            "cell_id": "r1c1",
            "hour_utc": hour(2),
            "present_device_count": None,
            "moving_device_count": None,
            "flag_codes": ["privacy"],
        },
    ]
    hourly, aside = checked(clean_signalling(frame(spark, "signalling_reading", rows), context=context()), 3)
    assert [(r["present_device_count"], r["moving_device_count"], r["is_suppressed"]) for r in hourly] == [
        (40, None, True),
        (None, None, True),
    ]
    assert [set(row) for row in aside] == [{"cell_id", "hour_utc", "record_number", "reason_codes"}]


def test_a_region_cannot_lower_the_anonymity_threshold():
    with pytest.raises(InputError, match="anonymity_count is 3"):
        options_of(context(anonymity_count=3))


@pytest.mark.parametrize("value", ["ten", -1, float("nan"), float("inf"), True])
def test_an_option_that_is_no_finite_number_is_refused(value):
    with pytest.raises(InputError, match=f"outlier_neighbours is '{value}'"):
        options_of(context(outlier_neighbours=value))


def test_area_gaps_are_interpolated_and_marked(spark):
    areas = spark.createDataFrame(pa.table({"activity_area_id": ["x"]}))
    rows = [{"activity_area_id": "x", "hour_utc": hour(h), "activity_index": v} for h, v in ((0, 1.0), (2, 2.0))]
    hourly, _ = checked(clean_area_activity(frame(spark, "area_activity_reading", rows), areas, context=context()), 2)
    assert [(r["activity_index"], r["imputation_code"]) for r in hourly] == [
        (1.0, "none"),
        (1.5, "interpolated"),
        (2.0, "none"),
    ]


def test_totals_of_a_district_are_interpolated_over_short_gaps_and_never_taken_from_a_profile(spark):
    base = {"district_id": "130102", "industry_code": "foundry"}
    told = [(0, 100.0), (2, 300.0), (2, 200.0), (7, 200.0), (8, -5.0), (9, None)]
    rows = [{**base, "hour_utc": hour(h), "district_energy_kwh": v} for h, v in told]
    rows.append({**base, "industry_code": "alchemy", "hour_utc": hour(0), "district_energy_kwh": 1.0})
    hourly, aside = checked(clean_district_energy(frame(spark, "district_energy_reading", rows), context=context()), 7)
    found = [(r["hour_utc"], r["district_energy_kwh"], r["imputation_code"]) for r in hourly]
    assert found == [
        (hour(0), 100.0, "none"),
        (hour(1), 150.0, "interpolated"),
        (hour(2), 200.0, "none"),
        (hour(7), 200.0, "none"),
    ]
    assert sorted(r["reason_codes"][0] for r in aside) == ["duplicate", "negative", "not_a_number", "unknown_id"]


def test_missing_air_quality_stays_missing(spark):
    stations = spark.createDataFrame(pa.table({"station_id": ["p"]}))
    base = {"station_id": "p", "pollutant_code": "PM2.5"}
    rows = [
        {**base, "hour_utc": hour(0), "concentration_ug_per_m3": 500.0},
        {**base, "hour_utc": hour(2), "concentration_ug_per_m3": None},
    ]
    rows.append({"station_id": "p", "pollutant_code": "Xe", "hour_utc": hour(0), "concentration_ug_per_m3": 1.0})
    hourly, aside = checked(
        clean_air_quality(frame(spark, "air_quality_reading", rows), stations, context=context()), 3
    )
    assert [r["concentration_ug_per_m3"] for r in hourly] == [500.0]
    assert sorted(r["reason_codes"][0] for r in aside) == ["not_a_number", "unknown_id"]


def test_relative_humidity_comes_from_the_dew_point(spark):
    stations = spark.createDataFrame(pa.table({"station_id": ["p"]}))
    rows = [
        {
            "station_id": "p",
            "hour_utc": hour(0),
            "air_temperature_degc": 10.0,
            "dew_point_degc": 10.0,
            "wind_direction_code": "NE",
        },
        {"station_id": "p", "hour_utc": hour(2), "air_temperature_degc": 20.0, "relative_humidity_share": 0.5},
        {"station_id": "p", "hour_utc": hour(3), "air_temperature_degc": 99.0},
    ]
    hourly, aside = checked(clean_weather(frame(spark, "weather_reading", rows), stations, context=context()), 3)
    assert [(r["air_temperature_degc"], r["relative_humidity_share"], r["wind_direction_code"]) for r in hourly] == [
        (10.0, 1.0, "NE"),
        (15.0, None, None),
        (20.0, 0.5, None),
    ]
    assert aside[0]["reason_codes"] == ["out_of_bounds"]


LINES = pa.table(
    {
        "production_line_id": ["u", "v"],
        "activity_unit_code": ["GJ", "GJ"],
        "capacity_per_h": pa.array([10.0, None], pa.float64()),
    }
)


def test_activity_far_above_the_capacity_of_its_line_is_set_aside(spark):
    given = [("u", 50.0, "GJ"), ("u", 51.0, "GJ"), ("u", 51.0, "t"), ("v", 9e9, "GJ")]
    rows = [
        {"production_line_id": u, "hour_utc": hour(n), "activity": a, "activity_unit_code": c}
        for n, (u, a, c) in enumerate(given)
    ]
    hourly, aside = checked(
        clean_measured_activity(
            frame(spark, "measured_activity_reading", rows), spark.createDataFrame(LINES), context=context()
        ),
        4,
    )
    assert [(r["activity"], r["activity_unit_code"]) for r in hourly] == [(50.0, "GJ"), (51.0, "t"), (9e9, "GJ")]
    assert [(r["activity"], r["reason_codes"]) for r in aside] == [(51.0, ["above_capacity"])]


def test_two_units_under_one_identifier_leave_one_measured_activity_an_hour(spark):
    lines = spark.createDataFrame(LINES)
    rows = [
        {"production_line_id": "u", "hour_utc": hour(0), "activity": a, "activity_unit_code": "GJ"} for a in (3.0, 4.0)
    ]
    hourly, aside = checked(
        clean_measured_activity(frame(spark, "measured_activity_reading", rows), lines, context=context()), 2
    )
    assert [r["activity"] for r in hourly] == [4.0]
    assert [(r["activity"], r["reason_codes"]) for r in aside] == [(3.0, ["duplicate"])]
