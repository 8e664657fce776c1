"""The stage that lets a valid stack monitor rule, and between its valid hours lets the model carry on, corrected by the monitor's past.

Belongs here: the frames that are brought together. Does not: one line's rows (fuse_line), filling a gap (monitor_gap), nor which
hours are valid (clean).
"""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from bigdata_emis.context import Context
from bigdata_emis.engine.columns import exact_sum
from bigdata_emis.errors import InputError
from bigdata_emis.flow import stage
from bigdata_emis.inventory.monitors.fuse_lines import MODEL, ROW, filler
from bigdata_emis.inventory.monitors.monitor_model_ratio import FusionRule
from bigdata_emis.reference.pollutant_hierarchy import Containment

MONITOR_RATING = "A"
PORTIONS = 16
"""Lines handed over together: fitting the states of some at once costs a fifth of one after another, and a portion must fit in memory."""


def fuse_monitors(
    emission_modelled_hourly: DataFrame,
    cems_hourly: DataFrame,
    stack: DataFrame,
    line_energy_hourly: DataFrame,
    production_line: DataFrame,
    uncertainty_rating: DataFrame,
    fusion_parameter: DataFrame,
    pollutant_part: DataFrame,
    *,
    context: Context,
) -> DataFrame:
    """Emission of every line, pollutant and hour: measured where all stacks of the line have a valid hour, else by the model.

    In a gap of a monitor the model is "corrected" by the ratio of measured to modelled in hours of the same operating state (told
    from the line's power, else one state), and by the deviation at both ends of the gap; a pollutant that is monitored but has no
    factor goes by what was measured in that state ("profile"). Pollutants that are part of a monitored one (PM2.5 of PM10) go with it,
    "corrected" by the ratio of the whole. A line without a monitor keeps the model's numbers. The interval of a measured hour is
    that of rating A, that of a corrected one the spread of what past corrections missed by.

    Raises InputError when fusion_parameter lacks a row or uncertainty_rating the rating.
    """
    rule = fusion_rule(fusion_parameter)
    rated = uncertainty_rating.where(F.col("rating_code") == MONITOR_RATING).select("relative_sd_share").first()
    if rated is None:
        raise InputError(
            f"reference table uncertainty_rating has no row {MONITOR_RATING}", "add it; the table that ships has it"
        )
    monitored = stack.select(F.col("production_line_id").alias("source_id")).distinct()
    window = context.window.whole_days(context.region.time_zone)
    of_window = (F.col("hour_utc") >= F.lit(window.from_utc)) & (F.col("hour_utc") < F.lit(window.to_utc))
    alone = emission_modelled_hourly.where(of_window).join(F.broadcast(monitored), "source_id", "left_anti")
    told = _told(emission_modelled_hourly, cems_hourly, stack, line_energy_hourly, monitored)
    reach = window.widened(days_before=stage("fuse_monitors").lookback_days, time_zone=context.region.time_zone)
    containment = Containment(pollutant_part.toArrow())
    work = filler(rule, float(rated[0]), containment, first=reach.from_utc, start=window.from_utc, end=window.to_utc)
    fused = told.groupBy((F.crc32("source_id") % PORTIONS).alias("portion_number")).applyInArrow(work, ROW)
    sector = production_line.select(F.col("production_line_id").alias("source_id"), "sector_code")
    columns = (*KEY, *MODEL, "monitor_ratio")
    every = (
        alone.withColumn("monitor_ratio", F.lit(None).cast("double"))
        .select(*columns)
        .unionByName(fused.select(*columns))
    )
    return every.join(F.broadcast(sector), "source_id")  # many hours to one line


def fusion_rule(fusion_parameter: DataFrame) -> FusionRule:
    """The parameters by name. Raises InputError when one is missing."""
    given = {
        row["parameter_name"]: row["parameter_value"]
        for row in fusion_parameter.select("parameter_name", "parameter_value").collect()
    }
    try:
        return FusionRule(**{name: float(given[name]) for name in FusionRule.__dataclass_fields__})
    except KeyError as missing:
        raise InputError(
            f"reference table fusion_parameter has no row {missing}", "add it; the table that ships has it"
        ) from None


def _told(
    emission_modelled_hourly: DataFrame,
    cems_hourly: DataFrame,
    stack: DataFrame,
    line_energy_hourly: DataFrame,
    monitored: DataFrame,
) -> DataFrame:
    """What model, monitor and meters say of each hour of the monitored lines; each side has one row a key."""
    modelled = emission_modelled_hourly.join(F.broadcast(monitored), "source_id", "left_semi").select(*KEY, *MODEL)
    both = modelled.join(measured_by_line(cems_hourly, stack), list(KEY), "full")
    energy = line_energy_hourly.select(F.col("production_line_id").alias("source_id"), "hour_utc", "energy_kwh")
    mine = energy.join(F.broadcast(monitored), "source_id", "left_semi")
    return both.join(mine, ["source_id", "hour_utc"], "left").select(*KEY, *MODEL, "measured_emission_g", "energy_kwh")


KEY = ("source_id", "pollutant_code", "hour_utc")


def measured_by_line(cems_hourly: DataFrame, stack: DataFrame) -> DataFrame:
    """Measured emission of a line where every one of its stacks has a valid hour of the pollutant: one row a line, pollutant, hour.

    Only valid hours count: neither the legal series' substitutes, which are maxima, nor gaps that cleaning interpolated.
    """
    per_line = stack.groupBy("production_line_id").agg(F.count("*").alias("stack_count"))
    stacks = stack.select("stack_id", "production_line_id").join(per_line, "production_line_id")
    valid = cems_hourly.where(F.col("is_valid") & F.col("best_emission_g").isNotNull()).select(
        "stack_id", "pollutant_code", "hour_utc", "best_emission_g"
    )
    by_line = valid.join(F.broadcast(stacks), "stack_id").groupBy(
        F.col("production_line_id").alias("source_id"), "pollutant_code", "hour_utc"
    )
    summed = by_line.agg(
        exact_sum(F.col("best_emission_g")).alias("measured_emission_g"),
        F.count("*").alias("speaking_count"),
        F.max("stack_count").alias("stack_count"),
    )
    return summed.where(F.col("speaking_count") == F.col("stack_count")).select(*KEY, "measured_emission_g")
