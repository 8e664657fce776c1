"""The temperature and humidity corrections that hold in each hour for each vehicle class and fuel.

Belongs here: the region's mean weather and which bin of the guide it falls into. Does not: any emission factor (traffic).
"""

from collections.abc import Sequence

import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812

from bigdata_emis.context import Context
from bigdata_emis.engine.columns import exact_mean, pollutant_column, pollutants_as_columns
from bigdata_emis.equations.traffic import REFERENCE_HUMIDITY_SHARE, REFERENCE_TEMPERATURE_DEGC, WEATHER_DECIMALS

HOURS = pa.schema([("hour_utc", pa.timestamp("us", tz="UTC")), ("local_hour", pa.int64())])
TEMPERATURE, HUMIDITY = "air_temperature_degc", "relative_humidity_share"


def weather_of_hours(weather_hourly: DataFrame, context: Context) -> DataFrame:
    """Every hour of the window with its local hour and the mean weather of the region's stations, null where no station has it."""
    window = context.window.whole_days(context.region.time_zone)
    rows = [
        {"hour_utc": hour, "local_hour": local.hour} for hour, local in window.local_hours(context.region.time_zone)
    ]
    hours = weather_hourly.sparkSession.createDataFrame(pa.Table.from_pylist(rows, HOURS))
    # Rounded, because a mean of 24.000000000001 would fall on the other side of a step.
    means = [F.round(exact_mean(F.col(name)), WEATHER_DECIMALS).alias(name) for name in (TEMPERATURE, HUMIDITY)]
    return hours.join(weather_hourly.groupBy("hour_utc").agg(*means), "hour_utc", "left")  # one to one


def weather_corrections(
    hours: DataFrame,
    vehicles: DataFrame,
    road_temperature_correction: DataFrame,
    road_humidity_correction: DataFrame,
    pollutants: Sequence[str],
) -> DataFrame:
    """One row an hour, vehicle class and fuel: the corrections of each pollutant, and whether the reference state stood in.

    One temperature row and one humidity row hold; the humidity row is that up to 24 C or that above, never both. Where the weather
    is not known, or humidity is exactly the reference, the correction is 1.
    """
    damp_edges = ["lower_temperature_degc", "upper_temperature_degc", "lower_humidity_share", "upper_humidity_share"]
    warm = pollutants_as_columns(
        road_temperature_correction,
        ["vehicle_class_code", "fuel_code", *damp_edges[:2]],
        ["temperature_correction"],
        pollutants,
    )
    damp = pollutants_as_columns(
        road_humidity_correction, ["fuel_code", *damp_edges], ["humidity_correction"], pollutants
    )
    is_warm = _holds(TEMPERATURE, damp_edges[:2], REFERENCE_TEMPERATURE_DEGC)
    is_damp = is_warm & _holds(HUMIDITY, damp_edges[2:], REFERENCE_HUMIDITY_SHARE)
    pairs = vehicles.select("vehicle_class_code", "fuel_code").distinct().crossJoin(hours)
    pairs = _with_row(pairs, warm, ["vehicle_class_code", "fuel_code"], is_warm, damp_edges[:2])
    pairs = _with_row(pairs, damp, ["fuel_code"], is_damp, damp_edges)
    no_temperature = F.col(TEMPERATURE).isNull()
    no_humidity = no_temperature | F.col(HUMIDITY).isNull()
    at_reference = no_humidity | (F.col(HUMIDITY) == REFERENCE_HUMIDITY_SHARE)
    return pairs.select(
        "hour_utc",
        "local_hour",
        "vehicle_class_code",
        "fuel_code",
        no_humidity.alias("is_reference_state"),
        *(_or_one(no_temperature, "temperature_correction", p) for p in pollutants),
        *(_or_one(at_reference, "humidity_correction", p) for p in pollutants),
    )


def _holds(value: str, edges: Sequence[str], reference: float) -> Column:
    """Whether a value lies in a bin; an edge belongs to the bin nearer the reference state, as the guide has it (24 C, 25 C)."""
    lower, upper = edges
    above = F.when(F.col(lower) >= reference, F.col(value) > F.col(lower)).otherwise(F.col(value) >= F.col(lower))
    below = F.when(F.col(upper) > reference, F.col(value) <= F.col(upper)).otherwise(F.col(value) < F.col(upper))
    return above & below


def _with_row(pairs: DataFrame, bins: DataFrame, keys: Sequence[str], holds: Column, edges: Sequence[str]) -> DataFrame:
    """Each pair with the one row whose bin holds, or with none."""
    renamed = bins.withColumnsRenamed({key: f"of_{key}" for key in keys})
    condition = holds
    for key in keys:
        condition = condition & (F.col(key) == F.col(f"of_{key}"))
    return pairs.join(renamed, condition, "left").drop(*edges, *(f"of_{key}" for key in keys))


def _or_one(is_missing: Column, name: str, pollutant: str) -> Column:
    column = pollutant_column(name, pollutant)
    return F.when(is_missing, F.lit(1.0)).otherwise(F.col(column)).alias(column)
