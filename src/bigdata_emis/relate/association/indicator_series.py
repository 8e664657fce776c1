"""The hourly series that are compared: indicators, targets, own monitors, weather.

Belongs here: which values a series sums or averages, and its name.
Does not: any comparison (association/pairs, association/methods).
"""

import math
from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from bigdata_emis.codes import MeterRole, Sector
from bigdata_emis.engine.columns import EXACT, exact_mean, exact_sum
from bigdata_emis.relate.association.deweather import SECTORS

WEATHER = ("air_temperature_degc", "dew_point_degc", "pressure_hpa", "precipitation_mm", "wind_speed_m_per_s")


def power_series(
    power_hourly: DataFrame, meter: DataFrame, production_line: DataFrame, enterprise: DataFrame
) -> DataFrame:
    """Energy in total and by industry, fuel, district and enterprise, without abatement."""
    meters = meter.where(F.col("meter_role_code") != MeterRole.ABATEMENT).select("meter_id", "production_line_id")
    lines = production_line.select("production_line_id", "enterprise_id", "industry_code", "fuel_name")
    owners = enterprise.select("enterprise_id", "county_id")
    # Many meters to one line, many lines to one owner.
    meter_classes = meters.join(lines, "production_line_id").join(owners, "enterprise_id", "left")
    classes = ("enterprise_id", "county_id", "industry_code", "fuel_name", "hour_utc")
    by_class = (
        power_hourly.join(meter_classes, "meter_id")  # many hours to one meter
        .groupBy(*classes)
        .agg(F.sum(F.col("energy_kwh").cast(EXACT)).alias("energy_kwh"))
    )
    names = F.array(
        F.lit("power:total"),
        _series_name("power", "industry_code"),
        _series_name("power_fuel", "fuel_name"),
        _series_name("power_district", "county_id"),
        _series_name("power_enterprise", "enterprise_id"),
    )
    exploded = by_class.select("hour_utc", "energy_kwh", F.explode(names).alias("series")).where(
        F.col("series").isNotNull()
    )
    return _aggregate(exploded, "indicator", F.col("series"), exact_sum(F.col("energy_kwh")))


def activity_series(
    traffic_hourly: DataFrame, signalling_hourly: DataFrame, area_activity_hourly: DataFrame, activity_area: DataFrame
) -> DataFrame:
    """Mean speed and flow, phones present and moving, mean activity index (also by industry)."""
    industries = activity_area.select("activity_area_id", "industry_code")
    indices = area_activity_hourly.where(F.col("activity_index").isNotNull())
    areas = indices.join(industries, "activity_area_id", "left")  # many hours to one area
    in_industry = areas.where(F.col("industry_code").isNotNull())
    index = exact_mean(F.col("activity_index"))
    return _union(
        _aggregate(traffic_hourly, "indicator", F.lit("traffic:speed"), exact_mean(F.col("speed_km_per_h"))),
        _aggregate(traffic_hourly, "indicator", F.lit("traffic:flow"), exact_mean(F.col("flow_veh_per_h"))),
        _aggregate(signalling_hourly, "indicator", F.lit("signalling:moving"), exact_sum(F.col("moving_device_count"))),
        _aggregate(
            signalling_hourly, "indicator", F.lit("signalling:present"), exact_sum(F.col("present_device_count"))
        ),
        _aggregate(indices, "indicator", F.lit("area_activity:index"), index),
        _aggregate(in_industry, "indicator", _series_name("area_activity", "industry_code"), index),
    )


def target_series(air_quality_hourly: DataFrame, cems_hourly: DataFrame, emission_total_hourly: DataFrame) -> DataFrame:
    """Targets by pollutant: mean air quality, sum of stack monitors, inventory of all sectors."""
    inventory = emission_total_hourly.where(F.col("sector_code") == Sector.ALL)
    concentration = exact_mean(F.col("concentration_ug_per_m3"))
    return _union(
        _aggregate(air_quality_hourly, "target", _series_name("air_quality", "pollutant_code"), concentration),
        _aggregate(cems_hourly, "target", _series_name("stack", "pollutant_code"), exact_sum(F.col("best_emission_g"))),
        _aggregate(inventory, "target", _series_name("inventory", "pollutant_code"), exact_sum(F.col("emission_g"))),
    )


def own_series(
    cems_hourly: DataFrame, stack: DataFrame, production_line: DataFrame, enterprise: DataFrame
) -> DataFrame:
    """Emission measured at the stacks of each enterprise and district, to match its power."""
    lines = production_line.select("production_line_id", "enterprise_id")
    owners = enterprise.select("enterprise_id", "county_id")
    # Many stacks to one line, many lines to one owner.
    stack_owners = stack.join(lines, "production_line_id").join(owners, "enterprise_id", "left")
    # Many hours to one stack.
    emission = cems_hourly.join(stack_owners.select("stack_id", "enterprise_id", "county_id"), "stack_id")
    in_district = emission.where(F.col("county_id").isNotNull())
    target, value = F.concat(F.lit("own_stack:"), F.col("pollutant_code")), exact_sum(F.col("best_emission_g"))
    return _union(
        _aggregate(emission, "own", _series_name("power_enterprise", "enterprise_id"), value, target=target),
        _aggregate(in_district, "own", _series_name("power_district", "county_id"), value, target=target),
    )


def weather_series(weather_hourly: DataFrame) -> DataFrame:
    """Station means of each weather variable, and of the wind from the east and the north."""
    angle = reduce(
        lambda chosen, place: F.when(F.col("wind_direction_code") == place[1], F.lit(place[0])).otherwise(chosen),
        enumerate(SECTORS),
        F.lit(None),
    ).cast("double") * (2 * math.pi / len(SECTORS))
    speed = F.col("wind_speed_m_per_s")
    parts = {
        **{name: F.col(name) for name in WEATHER},
        "wind_east": F.sin(angle) * speed,
        "wind_north": F.cos(angle) * speed,
    }
    means = weather_hourly.groupBy("hour_utc").agg(*(exact_mean(value).alias(name) for name, value in parts.items()))
    pairs = F.array(*(F.struct(F.lit(name).alias("series"), F.col(name).alias("value")) for name in parts))
    long = means.select("hour_utc", F.explode(pairs).alias("pair"))
    return long.select(
        F.lit("weather").alias("role"), "pair.series", F.lit("").alias("target"), "hour_utc", "pair.value"
    )


def _series_name(kind: str, column: str) -> Column:
    """The name of a series, `kind:value`; null where the column is null."""
    return F.concat(F.lit(f"{kind}:"), F.col(column))


def _aggregate(frame: DataFrame, role: str, name: Column, value: Column, *, target: Column | None = None) -> DataFrame:
    """One row for each series (and own target) and hour that has rows."""
    named = frame.withColumn("series", name).withColumn("target", F.lit("") if target is None else target)
    grouped = named.groupBy("series", "target", "hour_utc").agg(value.alias("value"))
    return grouped.select(F.lit(role).alias("role"), "series", "target", "hour_utc", "value")


def _union(*frames: DataFrame) -> DataFrame:
    return reduce(DataFrame.unionByName, frames)
