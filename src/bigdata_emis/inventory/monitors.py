"""What the stack monitors of a line measured.

Belongs here: bringing stacks to lines. Does not: validity of readings (clean), or what fills the gaps (fuse).
"""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from bigdata_emis.columns import exact_sum

KEY = ("source_id", "pollutant_code", "hour_utc")


def measured_by_line(cems_hourly: DataFrame, stack: DataFrame) -> DataFrame:
    """Measured emission of a line where every one of its stacks has a valid hour of the pollutant: one row a line, pollutant, hour.

    Only valid hours count: neither the legal series' substitutes, which are maxima, nor gaps that cleaning interpolated.
    """
    per_line = stack.groupBy("production_line_id").agg(F.count("*").alias("stack_count"))
    stacks = stack.select("stack_id", "production_line_id").join(per_line, "production_line_id")
    valid = cems_hourly.where(F.col("is_valid") & F.col("best_emission_g").isNotNull()).select("stack_id", "pollutant_code", "hour_utc", "best_emission_g")
    by_line = valid.join(F.broadcast(stacks), "stack_id").groupBy(F.col("production_line_id").alias("source_id"), "pollutant_code", "hour_utc")
    summed = by_line.agg(
        exact_sum(F.col("best_emission_g")).alias("measured_emission_g"), F.count("*").alias("speaking_count"), F.max("stack_count").alias("stack_count"),
    )  # fmt: skip
    return summed.where(F.col("speaking_count") == F.col("stack_count")).select(*KEY, "measured_emission_g")
