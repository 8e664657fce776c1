"""Hours in which a line produces while its abatement is off, inferred from the power of both.

Belongs here: the test by power. Does not: the emission of such an hour (emit_industry), the energy of a line (clean).
"""

from datetime import timedelta

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

RULE = ("abatement_power_share", "production_power_share", "duration_h", "normal_rank_share")
HOUR_S = int(timedelta(hours=1).total_seconds())


def find_hours_without_abatement(
    line_energy_hourly: DataFrame, production_line: DataFrame, abatement_rule: DataFrame
) -> DataFrame:
    """Source and hour of production while abatement draws too little power for long enough.

        E_production > share_production × E_reference   and   E_abatement < share_abatement × Q(E_abatement)

    The reference energy of production is that of the registry, else a quantile of the line's hours in the look-back.
    The reference Q of abatement is a quantile of the hours in which the line produced and its abatement was metered.
    A line without an abatement meter is not tested, nor one whose abatement never drew power, because its reference is
    unknown; an hour without a reading of the abatement meter is not tested either.

    Source: reference/abatement_rule.csv.
    """
    rule = abatement_rule.select(*RULE).first()
    if rule is None:
        return _no_hours(line_energy_hourly)
    quantile = float(rule["normal_rank_share"])
    metered = _metered_hours(line_energy_hourly, production_line, quantile=quantile)
    produces = F.col("energy_kwh") > F.col("reference_energy_kwh") * rule["production_power_share"]
    producing = metered.where(produces)
    reference = producing.groupBy("source_id").agg(
        _quantile("abatement_energy_kwh", quantile).alias("reference_abatement_kwh")
    )
    # Many hours to one line.
    tested = producing.join(reference.where(F.col("reference_abatement_kwh") > 0), "source_id")
    limit_kwh = F.col("reference_abatement_kwh") * rule["abatement_power_share"]
    off = tested.where(F.col("abatement_energy_kwh") < limit_kwh)
    return _keep_long_runs(off.select("source_id", "hour_utc"), int(rule["duration_h"]))


def _metered_hours(line_energy_hourly: DataFrame, production_line: DataFrame, *, quantile: float) -> DataFrame:
    """The hours in which the abatement of a line was metered, with the line's reference energy."""
    registered = production_line.select("production_line_id", "reference_energy_kwh")
    hours = line_energy_hourly.where(F.col("abatement_energy_kwh").isNotNull()).select(
        "production_line_id", "hour_utc", "energy_kwh", "abatement_energy_kwh"
    )
    observed = hours.groupBy("production_line_id").agg(_quantile("energy_kwh", quantile).alias("observed_energy_kwh"))
    # Many hours to one line.
    with_reference = hours.join(observed, "production_line_id").join(registered, "production_line_id")
    return with_reference.select(
        F.col("production_line_id").alias("source_id"),
        "hour_utc",
        "energy_kwh",
        "abatement_energy_kwh",
        F.coalesce("reference_energy_kwh", "observed_energy_kwh").alias("reference_energy_kwh"),
    )


def _quantile(column_name: str, quantile: float) -> Column:
    return F.percentile(F.col(column_name), F.lit(quantile))


def _keep_long_runs(hours: DataFrame, duration_h: int) -> DataFrame:
    """The hours that belong to an unbroken run of at least this length.

    Within a run the hour number minus the rank of the hour is constant.
    """
    if duration_h <= 1:
        return hours
    number = (F.col("hour_utc").cast("double") / HOUR_S).cast("bigint")
    rank = F.row_number().over(Window.partitionBy("source_id").orderBy("hour_utc"))
    runs = hours.withColumn("hour_number", number).withColumn("run", F.col("hour_number") - rank)
    long_runs = runs.groupBy("source_id", "run").agg(F.count("*").alias("hours")).where(F.col("hours") >= duration_h)
    return runs.join(long_runs, ["source_id", "run"]).select("source_id", "hour_utc")


def _no_hours(line_energy_hourly: DataFrame) -> DataFrame:
    return line_energy_hourly.select(F.col("production_line_id").alias("source_id"), "hour_utc").limit(0)
