"""The inventory by source: industry, road links and areas in one table.

Belongs here: bringing the parts to one grain. Does not: any part's own arithmetic.
"""

from functools import reduce

from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from bigdata_emis.engine.columns import exact_sum
from bigdata_emis.equations import uncertainty

COLUMNS = (
    "source_id",
    "sector_code",
    "pollutant_code",
    "hour_utc",
    "emission_g",
    "emission_g_p05",
    "emission_g_p95",
    "method_code",
    "emission_before_audit_g",
)
# A flow that only says what a class carries at free speed is a guess.
RATINGS = {"measured": "C", "speed_flow": "C", "free_flow": "E"}
LINK_SECTOR = "mobile"


def combine(
    emission_industry_hourly: DataFrame,
    emission_link_hourly: DataFrame,
    emission_area_hourly: DataFrame,
    uncertainty_rating: DataFrame,
) -> DataFrame:
    """Every source's emission by pollutant and hour: industry and areas as they are, links summed over class, fuel and stage.

    Links are modelled; their interval is that of rating C (speed-flow traffic with factors of a guide), or E where even the flow is
    but what the class carries at free speed. The error is shared by all vehicles of a link, so that it does not shrink in the sum.
    """
    unaudited = (_links(emission_link_hourly, uncertainty_rating), emission_area_hourly)
    parts = (
        emission_industry_hourly,
        *(part.withColumn("emission_before_audit_g", F.lit(None).cast("double")) for part in unaudited),
    )
    first, *others = (part.select(*COLUMNS) for part in parts)
    for other in others:
        first = first.unionByName(other)
    return first


def _links(emission_link_hourly: DataFrame, uncertainty_rating: DataFrame) -> DataFrame:
    key = ["link_id", "pollutant_code", "hour_utc", "flow_method_code"]  # a link has one method an hour
    by_link = emission_link_hourly.groupBy(*key).agg(exact_sum(F.col("emission_g")).alias("emission_g"))
    rated = [
        uncertainty_rating.where(F.col("rating_code") == code).withColumn("flow_method_code", F.lit(method))
        for method, code in RATINGS.items()
    ]
    by_method = reduce(DataFrame.unionByName, rated).select("flow_method_code", "relative_sd_share")  # one row a method
    emission_g, relative_sd_share = F.col("emission_g"), F.col("relative_sd_share")
    return by_link.join(F.broadcast(by_method), "flow_method_code").select(
        F.col("link_id").alias("source_id"),
        F.lit(LINK_SECTOR).alias("sector_code"),
        "pollutant_code",
        "hour_utc",
        "emission_g",
        uncertainty.emission_g_p05(emission_g, relative_sd_share).alias("emission_g_p05"),
        uncertainty.emission_g_p95(emission_g, relative_sd_share).alias("emission_g_p95"),
        F.lit("modelled").alias("method_code"),
    )
