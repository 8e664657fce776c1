"""The energy of a production line: which of its meters count, summed by hour.

Belongs here: the rule of meter roles. Does not: models, or readings of single meters (clean).
"""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

PRODUCING_ROLES = ("production", "generation")
SITE_ROLE = "whole_site"
IMPUTATION_BY_RANK = ("none", "interpolated", "profile")


def line_energy(power_hourly: DataFrame, meter: DataFrame) -> DataFrame:
    """Energy by line and hour: its production and generation meters add up; a whole-site meter counts where there is no other.

    Abatement meters never count: their power says that emission is treated, not that something is made. An hour is as
    imputed as its worst meter. Columns: production_line_id, hour_utc, energy_kwh, imputation_code.
    """
    counted = _counted_meters(meter)
    readings = power_hourly.select("meter_id", "hour_utc", "energy_kwh", "imputation_code").where(F.col("energy_kwh").isNotNull())
    rank = F.when(F.col("imputation_code") == "profile", 2).when(F.col("imputation_code") == "interpolated", 1).otherwise(0)
    # Many readings to one meter: meter_id is the key of the registry table.
    summed = (
        readings.join(F.broadcast(counted), "meter_id")
        .groupBy("production_line_id", "hour_utc")
        .agg(F.sum("energy_kwh").alias("energy_kwh"), F.max(rank).alias("rank"))
    )
    none, interpolated, profile = (F.lit(code) for code in IMPUTATION_BY_RANK)
    worst = F.when(F.col("rank") == 2, profile).when(F.col("rank") == 1, interpolated).otherwise(none)
    return summed.select("production_line_id", "hour_utc", "energy_kwh", worst.alias("imputation_code"))


def _counted_meters(meter: DataFrame) -> DataFrame:
    producing = meter.where(F.col("meter_role_code").isin(*PRODUCING_ROLES)).select("meter_id", "production_line_id")
    site = meter.where(F.col("meter_role_code") == SITE_ROLE).select("meter_id", "production_line_id")
    alone = site.join(producing.select("production_line_id").distinct(), "production_line_id", "left_anti")
    return producing.unionByName(alone)
