"""The stage that combines industry, road links and areas in one inventory by source.

Belongs here: bringing the parts to one grain, and the interval of road links. Does not: the emission of any part.
"""

from functools import reduce

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from bigdata_emis.codes import FlowMethod, Method, Rating, Sector
from bigdata_emis.equations import uncertainty

COLUMNS = (
    "source_id",
    "sector_code",
    "pollutant_code",
    "hour_utc",
    "emission_g",
    "emission_g_p05",
    "emission_g_p95",
    "emission_typical_g",
    "method_code",
    "emission_before_audit_g",
)
RATING_OF_FLOW = {
    FlowMethod.MEASURED: Rating.C,
    FlowMethod.SPEED_FLOW: Rating.C,
    FlowMethod.SPEED_FLOW_PHONES: Rating.C,
    FlowMethod.SPEED_FLOW_TRUCKS: Rating.C,
    FlowMethod.FREE_FLOW: Rating.E,
    FlowMethod.FREE_FLOW_PHONES: Rating.E,
    FlowMethod.FREE_FLOW_TRUCKS: Rating.E,
}
"""A flow that is only the usual volume of a road class at free speed is a rough estimate."""


def combine(
    emission_industry_hourly: DataFrame,
    emission_road_hourly: DataFrame,
    emission_area_hourly: DataFrame,
    uncertainty_rating: DataFrame,
) -> DataFrame:
    """Emission of every source by pollutant and hour; links have one row for all their vehicles.

    Links are modelled. Their interval is that of rating C (speed-flow traffic with factors of a guide), or E where
    the flow is only the usual volume of the road class at free speed. All vehicles of a link share the error, so
    their sum has it too. `emission_g` is the mean of each source: every total, cell and share is a sum of it.
    `emission_typical_g` is its median, the number for the source itself.
    """
    unaudited = (_rate_links(emission_road_hourly, uncertainty_rating), emission_area_hourly)
    parts = (
        emission_industry_hourly,
        *(part.withColumn("emission_before_audit_g", F.lit(None).cast("double")) for part in unaudited),
    )
    return reduce(DataFrame.unionByName, (_with_typical(part).select(*COLUMNS) for part in parts))


def _with_typical(part: DataFrame) -> DataFrame:
    """The part with the typical emission of each source: its median, or what was measured."""
    median = uncertainty.emission_typical_g(F.col("emission_g"), F.col("emission_g_p05"), F.col("emission_g_p95"))
    is_measured = F.col("method_code") == Method.MEASURED
    return part.withColumn("emission_typical_g", F.when(is_measured, F.col("emission_g")).otherwise(median))


def _rate_links(emission_road_hourly: DataFrame, uncertainty_rating: DataFrame) -> DataFrame:
    """Links as sources, with the interval of the method that gave their flow."""
    rated = [
        uncertainty_rating.where(F.col("rating_code") == rating).withColumn("flow_method_code", F.lit(method))
        for method, rating in RATING_OF_FLOW.items()
    ]
    by_method = reduce(DataFrame.unionByName, rated).select("flow_method_code", "relative_sd_share")  # one row a method
    emission_g, relative_sd_share = F.col("emission_g"), F.col("relative_sd_share")
    return emission_road_hourly.join(F.broadcast(by_method), "flow_method_code").select(
        F.col("link_id").alias("source_id"),
        F.lit(Sector.MOBILE).alias("sector_code"),
        "pollutant_code",
        "hour_utc",
        "emission_g",
        uncertainty.emission_g_p05(emission_g, relative_sd_share).alias("emission_g_p05"),
        uncertainty.emission_g_p95(emission_g, relative_sd_share).alias("emission_g_p95"),
        F.lit(Method.MODELLED).alias("method_code"),
    )
