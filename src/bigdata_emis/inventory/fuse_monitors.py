"""The stage that uses valid stack monitors in place of the model, and corrects the model in their gaps.

Belongs here: joining the frames of monitors, model and energy. Does not: the rows of one line (monitors/fuse_lines),
filling a gap (monitors/gap_filling), which hours are valid (clean).
"""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from bigdata_emis.codes import Imputation, Rating
from bigdata_emis.context import Context
from bigdata_emis.engine.columns import MICROGRAMS_PER_GRAM, whole_sum
from bigdata_emis.errors import InputError
from bigdata_emis.inventory.monitors.fuse_lines import MODEL, ROW, make_line_fuser
from bigdata_emis.inventory.monitors.monitor_model_ratio import FusionRule
from bigdata_emis.reference.pollutant_hierarchy import Containment

KEY = ("source_id", "pollutant_code", "hour_utc")
MONITOR_RATING = Rating.A
BATCHES = 16
"""Groups of lines: fitting the states of some at once costs a fifth of one by one, and a group must fit in memory."""


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
    """Emission by line, pollutant and hour: measured where all stacks are valid, else modelled.

    In a gap of a monitor the model is "corrected" by the ratio of measured to modelled in hours of the same operating
    state (from the line's energy, else one state), and by the deviation at both ends of the gap. A monitored
    pollutant without a factor is the level measured in that state ("profile"). Size fractions of a monitored
    pollutant (PM2.5 of PM10) are "corrected" by the ratio of their total. A line without a monitor keeps the numbers
    of the model. The interval of a measured hour is that of rating A, that of a corrected one the spread of past
    errors of the correction.

    Raises:
        InputError: fusion_parameter lacks a row, or uncertainty_rating the rating of monitors.
    """
    rule, sd_share = read_fusion_rule(fusion_parameter), _monitor_sd_share(uncertainty_rating)
    monitored = stack.select(F.col("production_line_id").alias("source_id")).distinct()
    window = context.window.whole_days(context.region.time_zone)
    is_in_window = (F.col("hour_utc") >= F.lit(window.from_utc)) & (F.col("hour_utc") < F.lit(window.to_utc))
    in_window = emission_modelled_hourly.where(is_in_window)
    without_monitor = in_window.join(F.broadcast(monitored), "source_id", "left_anti")
    inputs = _join_inputs(emission_modelled_hourly, cems_hourly, stack, line_energy_hourly, monitored)
    reach = window.widened(days_before=context.lookback_days, time_zone=context.region.time_zone)
    fuse_lines = make_line_fuser(
        rule,
        sd_share,
        Containment(pollutant_part.toArrow()),
        first=reach.from_utc,
        start=window.from_utc,
        end=window.to_utc,
    )
    batch = (F.crc32("source_id") % BATCHES).alias("batch_number")
    fused = inputs.groupBy(batch).applyInArrow(fuse_lines, ROW)
    sector = production_line.select(F.col("production_line_id").alias("source_id"), "sector_code")
    columns = (*KEY, *MODEL, "monitor_ratio")
    modelled = without_monitor.withColumn("monitor_ratio", F.lit(None).cast("double"))
    every_line = modelled.select(*columns).unionByName(fused.select(*columns))
    return every_line.join(F.broadcast(sector), "source_id")  # many hours to one line


def read_fusion_rule(fusion_parameter: DataFrame) -> FusionRule:
    """The parameters of gap filling.

    Raises:
        InputError: fusion_parameter lacks one of them.
    """
    values = {
        row["parameter_name"]: row["parameter_value"]
        for row in fusion_parameter.select("parameter_name", "parameter_value").collect()
    }
    try:
        return FusionRule(**{name: float(values[name]) for name in FusionRule.__dataclass_fields__})
    except KeyError as missing:
        raise InputError(
            f"reference table fusion_parameter has no row {missing}", "add the row; the table of the project has it"
        ) from None


def _monitor_sd_share(uncertainty_rating: DataFrame) -> float:
    rated = uncertainty_rating.where(F.col("rating_code") == MONITOR_RATING).select("relative_sd_share").first()
    if rated is None:
        what = f"reference table uncertainty_rating has no row {MONITOR_RATING}"
        raise InputError(what, "add the row; the table of the project has it")
    return float(rated[0])


def sum_monitors_by_line(cems_hourly: DataFrame, stack: DataFrame) -> DataFrame:
    """Measured emission by line, pollutant and hour, where every stack of the line is valid.

    Only valid hours that nothing doubts count: neither the substitutes of the legal series, which are maxima, nor gaps
    and doubted hours that cleaning interpolated.
    """
    per_line = stack.groupBy("production_line_id").agg(F.count("*").alias("stack_count"))
    stacks = stack.select("stack_id", "production_line_id").join(per_line, "production_line_id")
    is_read = F.col("is_valid") & (F.col("imputation_code") == Imputation.NONE)
    valid = cems_hourly.where(is_read & F.col("best_emission_g").isNotNull()).select(
        "stack_id", "pollutant_code", "hour_utc", "best_emission_g"
    )
    by_line = valid.join(F.broadcast(stacks), "stack_id").groupBy(
        F.col("production_line_id").alias("source_id"), "pollutant_code", "hour_utc"
    )
    summed = by_line.agg(
        whole_sum(F.col("best_emission_g"), per_unit=MICROGRAMS_PER_GRAM).alias("measured_emission_g"),
        F.count("*").alias("valid_count"),
        F.max("stack_count").alias("stack_count"),
    )
    return summed.where(F.col("valid_count") == F.col("stack_count")).select(*KEY, "measured_emission_g")


def _join_inputs(
    emission_modelled_hourly: DataFrame,
    cems_hourly: DataFrame,
    stack: DataFrame,
    line_energy_hourly: DataFrame,
    monitored: DataFrame,
) -> DataFrame:
    """Modelled and measured emission and energy of the monitored lines by hour; one row a key on each side."""
    modelled = emission_modelled_hourly.join(F.broadcast(monitored), "source_id", "left_semi").select(*KEY, *MODEL)
    emission = modelled.join(sum_monitors_by_line(cems_hourly, stack), list(KEY), "full")
    energy = line_energy_hourly.select(F.col("production_line_id").alias("source_id"), "hour_utc", "energy_kwh")
    of_monitored = energy.join(F.broadcast(monitored), "source_id", "left_semi")
    return emission.join(of_monitored, ["source_id", "hour_utc"], "left").select(
        *KEY, *MODEL, "measured_emission_g", "energy_kwh"
    )
