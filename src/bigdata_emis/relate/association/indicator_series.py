"""The hourly series that are compared, as one long frame: indicators, targets, each plant's own targets, and weather.

Belongs here: what a series sums or averages, and its name. Does not: any comparison (association).
"""

import math
from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812

from bigdata_emis.engine.columns import EXACT, exact_mean, exact_sum
from bigdata_emis.relate.association.deweather import SECTORS

NOT_PRODUCTION = "abatement"
ALL_SECTORS = "all"
WEATHER = ("air_temperature_degc", "dew_point_degc", "pressure_hpa", "precipitation_mm", "wind_speed_m_per_s")


def power_series(
    power_hourly: DataFrame, meter: DataFrame, production_line: DataFrame, enterprise: DataFrame
) -> DataFrame:
    """Energy in total and by industry, fuel, district and enterprise, of every meter but those of abatement."""
    meters = meter.where(F.col("meter_role_code") != NOT_PRODUCTION).select("meter_id", "production_line_id")
    lines = production_line.select("production_line_id", "enterprise_id", "industry_code", "fuel_name")
    owners = enterprise.select("enterprise_id", "county_id")
    about = meters.join(lines, "production_line_id").join(
        owners, "enterprise_id", "left"
    )  # many meters to one line, many lines to one owner
    kept = ("enterprise_id", "county_id", "industry_code", "fuel_name", "hour_utc")
    by_kind = (
        power_hourly.join(about, "meter_id")
        .groupBy(*kept)
        .agg(F.sum(F.col("energy_kwh").cast(EXACT)).alias("energy_kwh"))
    )
    names = F.array(
        F.lit("power:total"),
        _name("power", "industry_code"),
        _name("power_fuel", "fuel_name"),
        _name("power_district", "county_id"),
        _name("power_enterprise", "enterprise_id"),
    )
    exploded = by_kind.select("hour_utc", "energy_kwh", F.explode(names).alias("series")).where(
        F.col("series").isNotNull()
    )
    return _long(exploded, "indicator", F.col("series"), exact_sum(F.col("energy_kwh")))


def activity_series(
    traffic_hourly: DataFrame, signalling_hourly: DataFrame, area_activity_hourly: DataFrame, activity_area: DataFrame
) -> DataFrame:
    """Mean speed and flow, devices present and moving, and the mean index of activity areas, in all and by their class."""
    classes = activity_area.select("activity_area_id", "industry_code")
    areas = area_activity_hourly.join(classes, "activity_area_id", "left")  # many hours to one area
    index = exact_mean(F.col("activity_index"))
    return _together(
        _long(traffic_hourly, "indicator", F.lit("traffic:speed"), exact_mean(F.col("speed_km_per_h"))),
        _long(traffic_hourly, "indicator", F.lit("traffic:flow"), exact_mean(F.col("flow_veh_per_h"))),
        _long(signalling_hourly, "indicator", F.lit("signalling:moving"), exact_sum(F.col("moving_device_count"))),
        _long(signalling_hourly, "indicator", F.lit("signalling:present"), exact_sum(F.col("present_device_count"))),
        _long(area_activity_hourly, "indicator", F.lit("area_activity:index"), index),
        _long(
            areas.where(F.col("industry_code").isNotNull()), "indicator", _name("area_activity", "industry_code"), index
        ),
    )


def target_series(air_quality_hourly: DataFrame, cems_hourly: DataFrame, emission_total_hourly: DataFrame) -> DataFrame:
    """Mean air quality over the stations, emission of all stack monitors (best estimate), and the inventory of all sectors, by pollutant."""
    whole = emission_total_hourly.where(F.col("sector_code") == ALL_SECTORS)
    return _together(
        _long(
            air_quality_hourly,
            "target",
            _name("air_quality", "pollutant_code"),
            exact_mean(F.col("concentration_ug_per_m3")),
        ),
        _long(cems_hourly, "target", _name("stack", "pollutant_code"), exact_sum(F.col("best_emission_g"))),
        _long(whole, "target", _name("inventory", "pollutant_code"), exact_sum(F.col("emission_g"))),
    )


def own_series(
    cems_hourly: DataFrame, stack: DataFrame, production_line: DataFrame, enterprise: DataFrame
) -> DataFrame:
    """What the monitors of an enterprise measured, and those of a district, to be compared with its own power."""
    lines = production_line.select("production_line_id", "enterprise_id")
    owners = enterprise.select("enterprise_id", "county_id")
    about = stack.join(lines, "production_line_id").join(
        owners, "enterprise_id", "left"
    )  # many stacks to one line, many lines to one owner
    emission = cems_hourly.join(
        about.select("stack_id", "enterprise_id", "county_id"), "stack_id"
    )  # many hours to one stack
    target, value = F.concat(F.lit("own_stack:"), F.col("pollutant_code")), exact_sum(F.col("best_emission_g"))
    return _together(
        _long(emission, "own", _name("power_enterprise", "enterprise_id"), value, target=target),
        _long(
            emission.where(F.col("county_id").isNotNull()),
            "own",
            _name("power_district", "county_id"),
            value,
            target=target,
        ),
    )


def weather_series(weather_hourly: DataFrame) -> DataFrame:
    """The mean of each weather variable over the stations, and of the wind by its parts from the east and from the north."""
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


def _name(kind: str, column: str) -> Column:
    """The name of a series; missing where the column is."""
    return F.concat(F.lit(f"{kind}:"), F.col(column))


def _long(frame: DataFrame, role: str, name: Column, value: Column, *, target: Column | None = None) -> DataFrame:
    """One hourly series a name (and target); hours without a value stay away."""
    named = frame.withColumn("series", name).withColumn("target", F.lit("") if target is None else target)
    grouped = named.groupBy("series", "target", "hour_utc").agg(value.alias("value"))
    return grouped.select(F.lit(role).alias("role"), "series", "target", "hour_utc", "value")


def _together(*frames: DataFrame) -> DataFrame:
    return reduce(DataFrame.unionByName, frames)
