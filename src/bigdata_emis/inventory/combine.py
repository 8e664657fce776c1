"""The inventory by source: industry, road links and areas in one table.

Belongs here: bringing the parts to one grain. Does not: any part's own arithmetic.
"""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from bigdata_emis.columns import exact_sum
from bigdata_emis.equations import uncertainty

COLUMNS = (
    "source_id", "sector_code", "pollutant_code", "hour_utc", "emission_g", "emission_g_p05", "emission_g_p95", "method_code",
)  # fmt: skip
LINK_RATING = "C"
LINK_SECTOR = "mobile"


def combine(emission_industry_hourly: DataFrame, emission_link_hourly: DataFrame, emission_area_hourly: DataFrame, uncertainty_rating: DataFrame) -> DataFrame:
    """Every source's emission by pollutant and hour: industry and areas as they are, links summed over class, fuel and stage.

    Links are modelled; their interval is that of rating C (speed-flow traffic with factors of a guide), whose error is shared by
    all links, so that it does not shrink in the sum over classes.
    """
    parts = (emission_industry_hourly, _links(emission_link_hourly, uncertainty_rating), emission_area_hourly)
    first, *others = (part.select(*COLUMNS) for part in parts)
    for other in others:
        first = first.unionByName(other)
    return first


def _links(emission_link_hourly: DataFrame, uncertainty_rating: DataFrame) -> DataFrame:
    by_link = emission_link_hourly.groupBy("link_id", "pollutant_code", "hour_utc").agg(exact_sum(F.col("emission_g")).alias("emission_g"))
    rating = uncertainty_rating.where(F.col("rating_code") == LINK_RATING).select("relative_sd_share")  # one row
    emission_g, relative_sd_share = F.col("emission_g"), F.col("relative_sd_share")
    # The one row on the left: the embedded engine makes a batch of every row of a cross join's left side.
    return F.broadcast(rating).crossJoin(by_link).select(
        F.col("link_id").alias("source_id"), F.lit(LINK_SECTOR).alias("sector_code"), "pollutant_code", "hour_utc", "emission_g",
        uncertainty.emission_g_p05(emission_g, relative_sd_share).alias("emission_g_p05"),
        uncertainty.emission_g_p95(emission_g, relative_sd_share).alias("emission_g_p95"),
        F.lit("modelled").alias("method_code"),
    )  # fmt: skip
