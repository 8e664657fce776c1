"""Hours in which a line produces while its abatement stands still, told from the power of both.

Belongs here: the test by power. Does not: what such an hour emits (industry), or how power comes to a line.
"""

from datetime import timedelta

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F  # noqa: N812

RULE = ("abatement_power_share", "production_power_share", "duration_h", "normal_rank_share")
HOUR_S = int(timedelta(hours=1).total_seconds())


def hours_without_abatement(
    line_energy_hourly: DataFrame, production_line: DataFrame, abatement_rule: DataFrame
) -> DataFrame:
    """Source and hour where abatement draws less than its share of normal while production draws more than its own, long enough.

    Normal production is the line's reference energy; normal abatement is a rank among the hours looked back on in which the line
    produced and its abatement was metered. A line without an abatement meter is never judged, nor one whose abatement never drew
    power: nothing tells then what normal is. An hour in which the abatement meter was not read is not judged.

    Source: reference/abatement_rule.csv.
    """
    rule = abatement_rule.select(*RULE).first()
    if rule is None:
        return _none_of(line_energy_hourly)
    both = _metered(line_energy_hourly, production_line, rank=float(rule["normal_rank_share"]))
    produces = F.col("energy_kwh") > F.col("normal_energy_kwh") * rule["production_power_share"]
    normal = (
        both.where(produces)
        .groupBy("source_id")
        .agg(_at_rank("abatement_energy_kwh", float(rule["normal_rank_share"])).alias("normal_abatement_kwh"))
    )
    judged = both.where(produces).join(
        normal.where(F.col("normal_abatement_kwh") > 0), "source_id"
    )  # many hours to one line
    off = judged.where(F.col("abatement_energy_kwh") < F.col("normal_abatement_kwh") * rule["abatement_power_share"])
    return _lasting(off.select("source_id", "hour_utc"), int(rule["duration_h"]))


def _metered(line_energy_hourly: DataFrame, production_line: DataFrame, *, rank: float) -> DataFrame:
    """The hours in which the abatement of a line was metered, with the line's normal energy."""
    told = production_line.select("production_line_id", "reference_energy_kwh")
    hours = line_energy_hourly.where(F.col("abatement_energy_kwh").isNotNull()).select(
        "production_line_id", "hour_utc", "energy_kwh", "abatement_energy_kwh"
    )
    usual = hours.groupBy("production_line_id").agg(_at_rank("energy_kwh", rank).alias("usual_energy_kwh"))
    known = hours.join(usual, "production_line_id").join(told, "production_line_id")  # many hours to one line
    normal = F.coalesce("reference_energy_kwh", "usual_energy_kwh").alias("normal_energy_kwh")
    return known.select(
        F.col("production_line_id").alias("source_id"), "hour_utc", "energy_kwh", "abatement_energy_kwh", normal
    )


def _at_rank(name: str, rank: float) -> Column:
    return F.percentile(F.col(name), F.lit(rank))


def _lasting(hours: DataFrame, duration_h: int) -> DataFrame:
    """The hours that belong to a run of so many on end: in a run, hour less place among the hours stays the same."""
    if duration_h <= 1:
        return hours
    number = (F.col("hour_utc").cast("double") / HOUR_S).cast("bigint")
    place = F.row_number().over(Window.partitionBy("source_id").orderBy("hour_utc"))
    runs = hours.withColumn("hour_number", number).withColumn("run", F.col("hour_number") - place)
    lasting = runs.groupBy("source_id", "run").agg(F.count("*").alias("hours")).where(F.col("hours") >= duration_h)
    return runs.join(lasting, ["source_id", "run"]).select("source_id", "hour_utc")


def _none_of(line_energy_hourly: DataFrame) -> DataFrame:
    return line_energy_hourly.select(F.col("production_line_id").alias("source_id"), "hour_utc").limit(0)
