"""The stage that turns activity into the emission of production lines, and lets a stack monitor rule where there is one.

Belongs here: which of the two counts, and the uncertainty of each. Does not: activity (activity), gaps of monitors (clean).
"""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from bigdata_emis.equations import industry, uncertainty
from bigdata_emis.errors import RefusedError

MEASURED, MODELLED = "measured", "modelled"
MONITOR_RATING, SUBSTITUTED_RATING = "A", "B"
KEY = ["source_id", "pollutant_code", "hour_utc"]
VALUES = ["emission_g", "emission_g_p05", "emission_g_p95", "method_code"]


def emit_industry(
    activity_hourly: DataFrame, production_line: DataFrame, emission_factor: DataFrame, cems_hourly: DataFrame, stack: DataFrame,
    uncertainty_rating: DataFrame,
) -> DataFrame:  # fmt: skip
    """Emission of every line, pollutant and hour: by its stack monitors where all of them speak, else activity × factor.

    The monitors of a line rule in an hour in which each has a best estimate of the pollutant: "measured" when all are valid,
    "modelled" when one was filled. The legal series, whose gaps are filled with maxima, is not used here.

    Raises:
        RefusedError: a line has activity but no emission factor and no monitor, so that its emission would be missing.
    """
    monitored = _monitored(cems_hourly, stack, uncertainty_rating)
    _check_factors(activity_hourly, emission_factor, stack)
    modelled = _modelled(activity_hourly, emission_factor)
    # One row a key on both sides: measured takes the place of modelled, and neither is lost where the other is absent.
    joined = modelled.join(monitored, KEY, "full")
    rules = F.col("measured_emission_g").isNotNull()
    chosen = [F.when(rules, F.col(f"measured_{name}")).otherwise(F.col(name)).alias(name) for name in VALUES]
    sector = production_line.select(F.col("production_line_id").alias("source_id"), "sector_code")
    return joined.select(*KEY, *chosen).join(F.broadcast(sector), "source_id").select("source_id", "sector_code", *KEY[1:], *VALUES)


def _check_factors(activity_hourly: DataFrame, emission_factor: DataFrame, stack: DataFrame) -> None:
    known = emission_factor.select("production_line_id").unionByName(stack.select("production_line_id")).distinct()
    active = activity_hourly.select(F.col("source_id").alias("production_line_id")).distinct()
    found = active.join(known, "production_line_id", "left_anti").select(F.min("production_line_id"), F.count("*")).toArrow()
    first, count = found.column(0)[0].as_py(), found.column(1)[0].as_py()
    if count:
        raise RefusedError(
            f"table emission_factor: {count} lines with activity have neither a factor nor a monitor, first {first}",
            "add their rows to registry/emission_factor",
        )


def _modelled(activity_hourly: DataFrame, emission_factor: DataFrame) -> DataFrame:
    """E = A × EF × (1 − removal), lognormal with the spreads of activity and factor together.

    The interval is never narrower than that of the activity alone: where the activity is small beside its own interval, or
    zero, a lognormal about the mean would be.
    """
    column = F.col
    factor = emission_factor.select(
        column("production_line_id").alias("source_id"), "pollutant_code", "emission_factor_g_per_unit", "removal_share",
        column("relative_sd_share").alias("factor_relative_sd_share"),
    )  # fmt: skip
    activity = activity_hourly.select("source_id", "hour_utc", "activity", "activity_p05", "activity_p95")
    # Many hours to many pollutants of one line: (production_line_id, pollutant_code) is the key of the registry table.
    hours = activity.join(F.broadcast(factor), "source_id")
    amount = industry.emission_g(column("activity"), column("emission_factor_g_per_unit"), removal_share=column("removal_share"))
    least, most = (
        industry.emission_g(column(bound), column("emission_factor_g_per_unit"), removal_share=column("removal_share"))
        for bound in ("activity_p05", "activity_p95")
    )
    width = (column("activity_p95") - column("activity_p05")) / (2 * uncertainty.NINETY_FIFTH)
    runs = column("activity") > 0
    spread = F.when(runs, width / F.when(runs, column("activity"))).otherwise(F.lit(0.0))
    both = uncertainty.relative_sd_share(spread, column("factor_relative_sd_share"))
    stated = hours.withColumn("emission_g", amount).withColumn("relative_sd_share", both)
    lower = uncertainty.emission_g_p05(column("emission_g"), column("relative_sd_share"))
    upper = uncertainty.emission_g_p95(column("emission_g"), column("relative_sd_share"))
    return stated.select(
        *KEY, "emission_g", F.least(lower, least).alias("emission_g_p05"), F.greatest(upper, most).alias("emission_g_p95"),
        F.lit(MODELLED).alias("method_code"),
    )  # fmt: skip


def _monitored(cems_hourly: DataFrame, stack: DataFrame, uncertainty_rating: DataFrame) -> DataFrame:
    """Best estimates summed over the stacks of a line, in hours in which every one of its stacks has one."""
    column = F.col
    per_line = stack.groupBy("production_line_id").agg(F.count("*").alias("stack_count"))
    stacks = stack.select("stack_id", "production_line_id").join(per_line, "production_line_id")
    best = cems_hourly.select("stack_id", "pollutant_code", "hour_utc", "best_emission_g", "is_valid").where(column("best_emission_g").isNotNull())
    summed = best.join(F.broadcast(stacks), "stack_id").groupBy(column("production_line_id").alias("source_id"), "pollutant_code", "hour_utc").agg(
        F.sum("best_emission_g").alias("emission_g"), F.count("*").alias("speaking_count"), F.max("stack_count").alias("stack_count"),
        F.min(F.when(column("is_valid"), 1).otherwise(0)).alias("all_valid"),
    )  # fmt: skip
    rating = F.when(column("all_valid") == 1, MONITOR_RATING).otherwise(SUBSTITUTED_RATING)
    spread = uncertainty_rating.select("rating_code", "relative_sd_share")
    whole = summed.where(column("speaking_count") == column("stack_count")).withColumn("rating_code", rating).join(F.broadcast(spread), "rating_code")
    amount, deviation = column("emission_g"), column("relative_sd_share")
    return whole.select(
        *KEY, amount.alias("measured_emission_g"), uncertainty.emission_g_p05(amount, deviation).alias("measured_emission_g_p05"),
        uncertainty.emission_g_p95(amount, deviation).alias("measured_emission_g_p95"),
        F.when(column("all_valid") == 1, MEASURED).otherwise(MODELLED).alias("measured_method_code"),
    )  # fmt: skip
