"""The temperature and humidity corrections of road emission factors by hour, vehicle class and fuel.

Belongs here: the mean weather of the region, and the bin of the guide that it is in. Does not: emission factors
(emit_traffic).
"""

from collections.abc import Sequence

import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from bigdata_emis.context import Context
from bigdata_emis.engine.columns import exact_mean, pollutant_column, pollutants_as_columns
from bigdata_emis.equations.traffic import REFERENCE_HUMIDITY_SHARE, REFERENCE_TEMPERATURE_DEGC, WEATHER_DECIMALS

HOURS = pa.schema([("hour_utc", pa.timestamp("us", tz="UTC")), ("local_hour", pa.int64())])
TEMPERATURE, HUMIDITY = "air_temperature_degc", "relative_humidity_share"
TEMPERATURE_EDGES = ["lower_temperature_degc", "upper_temperature_degc"]
HUMIDITY_EDGES = ["lower_humidity_share", "upper_humidity_share"]


def mean_weather_by_hour(weather_hourly: DataFrame, context: Context) -> DataFrame:
    """Every hour of the window with its local hour and the mean weather of the stations.

    The weather is null where no station has it.
    """
    time_zone = context.region.time_zone
    window = context.window.whole_days(time_zone)
    rows = [{"hour_utc": hour, "local_hour": local.hour} for hour, local in window.local_hours(time_zone)]
    hours = weather_hourly.sparkSession.createDataFrame(pa.Table.from_pylist(rows, HOURS))
    # Rounded, because a mean of 24.000000000001 would be on the other side of a bin edge.
    means = [F.round(exact_mean(F.col(name)), WEATHER_DECIMALS).alias(name) for name in (TEMPERATURE, HUMIDITY)]
    return hours.join(weather_hourly.groupBy("hour_utc").agg(*means), "hour_utc", "left")  # one to one


def weather_corrections(
    hours: DataFrame,
    vehicles: DataFrame,
    road_temperature_correction: DataFrame,
    road_humidity_correction: DataFrame,
    pollutants: Sequence[str],
) -> DataFrame:
    """The corrections of each pollutant, one row for each hour, vehicle class and fuel.

    One temperature row and one humidity row apply; the humidity row is that up to 24 °C or that above, never both.
    Where the weather is unknown, or humidity is exactly the reference, the correction is 1; is_reference_state marks
    hours without weather.
    """
    key = ["vehicle_class_code", "fuel_code"]
    edges = [*TEMPERATURE_EDGES, *HUMIDITY_EDGES]
    by_temperature = pollutants_as_columns(
        road_temperature_correction, [*key, *TEMPERATURE_EDGES], ["temperature_correction"], pollutants
    )
    by_humidity = pollutants_as_columns(
        road_humidity_correction, ["fuel_code", *edges], ["humidity_correction"], pollutants
    )
    is_temperature_bin = _is_in_bin(TEMPERATURE, TEMPERATURE_EDGES, REFERENCE_TEMPERATURE_DEGC)
    is_both_bins = is_temperature_bin & _is_in_bin(HUMIDITY, HUMIDITY_EDGES, REFERENCE_HUMIDITY_SHARE)
    pairs = vehicles.select(*key).distinct().crossJoin(hours)
    pairs = _join_bin(pairs, by_temperature, key, is_temperature_bin, TEMPERATURE_EDGES)
    pairs = _join_bin(pairs, by_humidity, ["fuel_code"], is_both_bins, edges)
    no_temperature = F.col(TEMPERATURE).isNull()
    no_humidity = no_temperature | F.col(HUMIDITY).isNull()
    at_reference = no_humidity | (F.col(HUMIDITY) == REFERENCE_HUMIDITY_SHARE)
    return pairs.select(
        "hour_utc",
        "local_hour",
        *key,
        no_humidity.alias("is_reference_state"),
        *(_correction_or_one(no_temperature, "temperature_correction", p) for p in pollutants),
        *(_correction_or_one(at_reference, "humidity_correction", p) for p in pollutants),
    )


def _is_in_bin(value: str, edges: Sequence[str], reference: float) -> Column:
    """Whether a value is in a bin; an edge is in the bin nearer the reference state, as in the guide (24 °C, 25 °C)."""
    lower, upper = edges
    above = F.when(F.col(lower) >= reference, F.col(value) > F.col(lower)).otherwise(F.col(value) >= F.col(lower))
    below = F.when(F.col(upper) > reference, F.col(value) <= F.col(upper)).otherwise(F.col(value) < F.col(upper))
    return above & below


def _join_bin(
    pairs: DataFrame, bins: DataFrame, key: Sequence[str], is_in_bin: Column, edges: Sequence[str]
) -> DataFrame:
    """Each pair with the one row of its bin, or with none."""
    renamed = bins.withColumnsRenamed({name: f"bin_{name}" for name in key})
    condition = is_in_bin
    for name in key:
        condition = condition & (F.col(name) == F.col(f"bin_{name}"))
    return pairs.join(renamed, condition, "left").drop(*edges, *(f"bin_{name}" for name in key))


def _correction_or_one(is_missing: Column, name: str, pollutant: str) -> Column:
    column = pollutant_column(name, pollutant)
    return F.when(is_missing, F.lit(1.0)).otherwise(F.col(column)).alias(column)
