"""The series that are compared are sums and means of hourly rows."""

from datetime import UTC, datetime

import pyarrow as pa
import pytest

from bigdata_emis.relate.association import indicator_series

HOUR = datetime(2015, 12, 1, tzinfo=UTC)


def frame(spark, names, *rows):
    """A frame of one hour; names end in _count or hold a unit for numbers, all else is text."""
    columns = {name: [row[number] for row in rows] for number, name in enumerate(names.split())}
    return spark.createDataFrame(
        pa.table({**columns, "hour_utc": pa.array([HOUR] * len(rows), pa.timestamp("us", "UTC"))})
    )


def registry(spark, names, *rows):
    return frame(spark, names, *rows).drop("hour_utc")


def values(series):
    return {(row["series"], row["target"]): row["value"] for row in series.toArrow().to_pylist()}


@pytest.fixture(scope="module")
def plants(spark):
    lines = registry(
        spark,
        "production_line_id enterprise_id industry_code fuel_name",
        ("p", "E1", "coking", "coal"),
        ("q", "E2", "cement", None),
    )
    owners = registry(spark, "enterprise_id county_id", ("E1", "1"), ("E2", "1"))
    return lines, owners


def test_energy_is_summed_in_total_and_by_class_without_abatement_meters(spark, plants):
    meters = registry(
        spark,
        "meter_id production_line_id meter_role_code",
        ("m", "p", "production"),
        ("n", "q", "whole_site"),
        ("x", "p", "abatement"),
    )
    readings = frame(spark, "meter_id energy_kwh", ("m", 10.0), ("n", 5.0), ("x", 100.0))
    assert values(indicator_series.power_series(readings, meters, *plants)) == {
        ("power:total", ""): 15.0,
        ("power:coking", ""): 10.0,
        ("power:cement", ""): 5.0,
        ("power_fuel:coal", ""): 10.0,
        ("power_district:1", ""): 15.0,
        ("power_enterprise:E1", ""): 10.0,
        ("power_enterprise:E2", ""): 5.0,
    }


def test_speeds_are_averaged_and_devices_are_summed(spark):
    series = indicator_series.activity_series(
        frame(spark, "link_id speed_km_per_h flow_veh_per_h", ("l", 40.0, 100.0), ("k", 60.0, 300.0)),
        frame(spark, "cell_id moving_device_count present_device_count", ("c", 10, 50), ("d", 20, 70)),
        frame(spark, "activity_area_id activity_index", ("a", 1.0), ("b", 0.5)),
        registry(spark, "activity_area_id industry_code", ("a", "construction"), ("b", None)),
    )
    assert values(series) == {
        ("traffic:speed", ""): 50.0,
        ("traffic:flow", ""): 200.0,
        ("signalling:moving", ""): 30.0,
        ("signalling:present", ""): 120.0,
        ("area_activity:index", ""): 0.75,
        ("area_activity:construction", ""): 1.0,
    }


def test_targets_are_mean_air_quality_summed_monitors_and_the_inventory_of_all_sectors(spark):
    series = indicator_series.target_series(
        frame(spark, "pollutant_code concentration_ug_per_m3", ("CO", 10.0), ("CO", 20.0)),
        frame(spark, "stack_id pollutant_code best_emission_g", ("k", "NOx", 3.0), ("j", "NOx", 4.0)),
        frame(spark, "sector_code pollutant_code emission_g", ("all", "NOx", 9.0), ("mobile", "NOx", 2.0)),
    )
    assert values(series) == {("air_quality:CO", ""): 15.0, ("stack:NOx", ""): 7.0, ("inventory:NOx", ""): 9.0}


def test_own_monitors_are_summed_by_enterprise_and_district(spark, plants):
    series = indicator_series.own_series(
        frame(spark, "stack_id pollutant_code best_emission_g", ("k", "NOx", 3.0), ("j", "NOx", 4.0)),
        registry(spark, "stack_id production_line_id", ("k", "p"), ("j", "q")),
        *plants,
    )
    assert values(series) == {
        ("power_enterprise:E1", "own_stack:NOx"): 3.0,
        ("power_enterprise:E2", "own_stack:NOx"): 4.0,
        ("power_district:1", "own_stack:NOx"): 7.0,
    }


def test_wind_is_averaged_by_its_components(spark):
    names = "station_id wind_direction_code air_temperature_degc dew_point_degc pressure_hpa precipitation_mm"
    rows = (("s", "E", 10.0, 1.0, 1000.0, 0.0, 2.0), ("t", "N", 20.0, 3.0, 1010.0, 1.0, 4.0))
    series = values(indicator_series.weather_series(frame(spark, f"{names} wind_speed_m_per_s", *rows)))
    assert series[("air_temperature_degc", "")] == 15.0
    assert series[("wind_east", "")] == pytest.approx(1.0)
    assert series[("wind_north", "")] == pytest.approx(2.0)
