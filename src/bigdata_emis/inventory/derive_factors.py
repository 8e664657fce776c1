"""The stage that derives emission factors from stack monitors and activity, once a week.

Belongs here: the factor of a monitored line, and how far an hour deviates from it. Does not: which factor applies
(industry/emission_factor).
"""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from bigdata_emis.context import Context
from bigdata_emis.engine.columns import exact_sum
from bigdata_emis.equations.functions import maximum, minimum
from bigdata_emis.errors import InputError
from bigdata_emis.inventory.fuse_monitors import sum_monitors_by_line

MIN_HOURS_PARAMETER = "least_factor_h"
MAX_RELATIVE_SD_SHARE = 5.0
"""Bound of the field relative_sd_share."""


def derive_factors(
    cems_hourly: DataFrame,
    stack: DataFrame,
    activity_hourly: DataFrame,
    fusion_parameter: DataFrame,
    *,
    context: Context,
) -> DataFrame:
    """Factor of each monitored line and pollutant: measured emission over activity.

        EF = Σ G ÷ Σ A,   relative sd = √(mean (G − EF × A)²) ÷ mean G

    over valid hours that have an activity, so the spread is that of one hour. A line with too few such hours gets no
    factor. The activity is the estimate (the expected one) with which the factor will be used, so that a constant error
    of that estimate cancels.

    Raises:
        InputError: fusion_parameter does not say how many hours are enough.
    """
    min_hours = _min_hours(fusion_parameter)
    measured = sum_monitors_by_line(cems_hourly, stack)
    hours = measured.join(
        activity_hourly.select(
            "source_id", "hour_utc", F.coalesce("expected_activity", "activity").alias("activity")
        ).where(F.col("activity") > 0),
        ["source_id", "hour_utc"],
    )
    emission, activity = F.col("measured_emission_g"), F.col("activity")
    sums = hours.groupBy("source_id", "pollutant_code").agg(
        exact_sum(emission).alias("e"),
        exact_sum(activity).alias("a"),
        exact_sum(emission * emission).alias("ee"),
        exact_sum(emission * activity).alias("ea"),
        exact_sum(activity * activity).alias("aa"),
        F.count("*").alias("sample_count"),
        F.min("hour_utc").alias("from_utc"),
        F.max("hour_utc").alias("last_utc"),
    )
    factor = F.col("e") / F.col("a")
    enough = sums.where((F.col("sample_count") >= min_hours) & (F.col("e") > 0)).withColumn("factor", factor)
    # Not `greatest` with a literal: the embedded engine types that as a column that is never null.
    square = maximum(
        F.col("ee") - 2 * F.col("factor") * F.col("ea") + F.col("factor") * F.col("factor") * F.col("aa"), 0.0
    )
    relative_sd = F.sqrt(square / F.col("sample_count")) / (F.col("e") / F.col("sample_count"))
    return enough.select(
        "source_id",
        "pollutant_code",
        F.col("factor").alias("emission_factor_g_per_unit"),
        minimum(relative_sd, MAX_RELATIVE_SD_SHARE).alias("relative_sd_share"),
        "sample_count",
        "from_utc",
        (F.col("last_utc") + F.expr("INTERVAL 1 HOUR")).alias("to_utc"),
        F.lit(context.known_utc).alias("known_utc"),
    )


def _min_hours(fusion_parameter: DataFrame) -> float:
    is_wanted = F.col("parameter_name") == MIN_HOURS_PARAMETER
    row = fusion_parameter.where(is_wanted).select("parameter_value").first()
    if row is None:
        raise InputError(
            f"reference table fusion_parameter has no row {MIN_HOURS_PARAMETER}",
            "add the row; the table of the project has it",
        )
    return float(row[0])
