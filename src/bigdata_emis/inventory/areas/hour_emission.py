"""The rows of hourly emission of area sources, with the method that moved each hour and its interval.

Belongs here: which of count, index, proxy, traffic, weather and profile an hour has. Does not: where they are from
(emit_area), the arithmetic (equations/area).
"""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from bigdata_emis.codes import Method, Rating
from bigdata_emis.equations import area as equations
from bigdata_emis.equations import uncertainty
from bigdata_emis.inventory.areas.counted_hours import OF_CALENDAR, OF_DAY, OF_HOUR

INDEX_RATING, COURSE_RATING, FIRE_RATING = Rating.B, Rating.C, Rating.D
"""Error of an hour within its year: measured activity of the area itself, the usual course of its kind, whatever scales
its days, or the fires that a satellite saw in the day (own judgement). It comes on top of that of the annual total."""


def hour_emission(emission: DataFrame, uncertainty_rating: DataFrame) -> DataFrame:
    """Rows of table emission_area_hourly, from all that an hour of an area has: null where it has it not."""
    spread = uncertainty.relative_sd_share(F.col("relative_sd_share"), _hour_spread(uncertainty_rating))
    is_counted = F.col("counted_of").isNotNull()
    weather_ratio, traffic_ratio = (F.when(~is_counted, F.col(n)) for n in ("weather_ratio", "traffic_ratio"))
    by_profile = equations.emission_g(
        F.col("annual_emission_t"),
        F.col("hour_share"),
        F.coalesce("activity_index", "proxy_index", F.lit(1.0)),
        weather_ratio=F.coalesce("weather_ratio", F.lit(1.0)),
        traffic_ratio=F.coalesce("traffic_ratio", F.lit(1.0)),
    )
    in_hour = F.when(F.col("counted_of") == OF_HOUR, F.lit(1.0)).otherwise(F.col("hour_in_day_share"))
    share_of_count = equations.hour_share_of_count(F.col("counted_share"), in_hour)
    by_count = equations.emission_g(F.col("annual_emission_t"), share_of_count, F.lit(1.0))
    emission_g = F.when(is_counted, by_count).otherwise(by_profile)
    method = (
        F.when(F.col("counted_of").isin(OF_HOUR, OF_DAY), Method.COUNTED)
        .when(F.col("counted_of") == OF_CALENDAR, Method.PROFILE)
        .when(F.col("activity_index").isNotNull(), Method.MODELLED)
        .when(F.col("proxy_index").isNotNull(), Method.PROXY_SCALED)
        .when(F.col("traffic_ratio").isNotNull(), Method.TRAFFIC_SCALED)
        .when(F.col("weather_ratio").isNotNull(), Method.WEATHER_SCALED)
        .otherwise(Method.PROFILE)
    )
    return emission.select(
        F.col("activity_area_id").alias("source_id"),
        "sector_code",
        "pollutant_code",
        "hour_utc",
        emission_g.alias("emission_g"),
        uncertainty.emission_g_p05(emission_g, spread).alias("emission_g_p05"),
        uncertainty.emission_g_p95(emission_g, spread).alias("emission_g_p95"),
        method.alias("method_code"),
        "annual_source_code",
        weather_ratio.alias("weather_ratio"),
        traffic_ratio.alias("traffic_ratio"),
        "profile_source_code",
        "day_type_code",
        "calendar_basis_code",
    )


def _hour_spread(uncertainty_rating: DataFrame) -> Column:
    """Relative standard deviation of an hour within its year, by whether the area has an index or a count."""
    rows = uncertainty_rating.toArrow().to_pylist()
    by_rating = {row["rating_code"]: row["relative_sd_share"] for row in rows}
    of_fires, is_observed = F.col("counted_of") == OF_DAY, F.col("counted_of") == OF_HOUR
    return (
        F.when(of_fires, F.lit(by_rating[FIRE_RATING]))
        .when(is_observed | F.col("activity_index").isNotNull(), F.lit(by_rating[INDEX_RATING]))
        .otherwise(F.lit(by_rating[COURSE_RATING]))
    )
