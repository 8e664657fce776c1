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
from bigdata_emis.window import HOURS_PER_DAY

INDEX_RATING, COURSE_RATING, PROXY_RATING, FIRE_RATING = Rating.B, Rating.C, Rating.D, Rating.D
"""Error of an hour of mean weight within its year: measured activity of the area itself, the usual course of its kind,
whatever scales its days, the activity of other sources, or the fires that a satellite saw in the day (own
judgement). It comes on top of that of the annual total."""


def hour_emission(emission: DataFrame, uncertainty_rating: DataFrame) -> DataFrame:
    """Rows of table emission_area_hourly, from all that an hour of an area has: null where it has it not."""
    spread = uncertainty.relative_sd_share(F.col("relative_sd_share"), _hour_spread(uncertainty_rating))
    is_counted = F.col("counted_of").isNotNull()
    of_wet, of_dry = (_where_wet(name, 1.0) for name in ("wet_factor", "dry_factor"))
    below, above = (_where_wet(name, uncertainty.NINETY_FIFTH) for name in ("lower_quantile", "upper_quantile"))
    weather_ratio, traffic_ratio = (F.when(~is_counted, F.col(n)) for n in ("weather_ratio", "traffic_ratio"))
    by_profile = equations.emission_g(
        F.col("annual_emission_t"),
        F.col("hour_share"),
        F.coalesce("activity_index", "proxy_index", F.lit(1.0)),
        weather_ratio=F.coalesce("weather_ratio", F.lit(1.0)),
        traffic_ratio=F.coalesce("traffic_ratio", F.lit(1.0)),
        kept_emission_share=F.coalesce(_kept_emission(), F.lit(1.0)),
    )
    in_hour = F.when(F.col("counted_of") == OF_HOUR, F.lit(1.0)).otherwise(F.col("hour_in_day_share"))
    share_of_count = equations.hour_share_of_count(F.col("counted_share"), in_hour)
    by_count = equations.emission_g(F.col("annual_emission_t"), share_of_count, F.lit(1.0))
    emission_g = F.when(is_counted, by_count).otherwise(by_profile)
    upper = uncertainty.emission_g_p95(emission_g * of_dry, spread, standard_normal_quantile=above)
    return emission.select(
        F.col("activity_area_id").alias("source_id"),
        "sector_code",
        "pollutant_code",
        "hour_utc",
        emission_g.alias("emission_g"),
        uncertainty.emission_g_p05(emission_g * of_wet, spread, standard_normal_quantile=below).alias("emission_g_p05"),
        (upper + emission_g * of_dry * _above_small_weight(above)).alias("emission_g_p95"),
        _method().alias("method_code"),
        "annual_source_code",
        weather_ratio.alias("weather_ratio"),
        F.when(~is_counted, F.col("wet_probability_share")).alias("wet_probability_share"),
        traffic_ratio.alias("traffic_ratio"),
        F.when(~is_counted, F.col("kept_emission_share")).alias("kept_emission_share"),
        "profile_source_code",
        "day_type_code",
        "calendar_basis_code",
    )


def _kept_emission() -> Column:
    """What restrictions leave of an hour; in an index the vehicles are missing already, and only their kind counts."""
    share = F.col("kept_emission_share")
    return F.when(F.col("activity_index").isNull(), share).otherwise(share / F.col("kept_share"))


def _where_wet(name: str, otherwise: float) -> Column:
    """What rain does to the interval of an hour; nothing where the emission was counted or does not follow rain."""
    return F.coalesce(F.when(F.col("counted_of").isNull(), F.col(name)), F.lit(otherwise))


def _above_small_weight(quantile: Column) -> Column:
    """What the upper bound of an hour of small weight has beside the lognormal, over the emission."""
    weight = _weight()
    beyond = F.when(F.col("counted_of").isNull() & (weight > 0), equations.unheld_weight_ratio(weight))
    return F.coalesce(beyond, F.lit(0.0)) * F.greatest(quantile, F.lit(0.0))


def _weight() -> Column:
    """The weight of the hour against the mean of its day, as the profile and the traffic of the day have it."""
    traffic_ratio = F.when(F.col("counted_of").isNull(), F.col("traffic_ratio"))
    weight: Column = HOURS_PER_DAY * F.coalesce("hour_in_day_share", F.lit(0.0)) * F.coalesce(traffic_ratio, F.lit(1.0))
    return weight


def _method() -> Column:
    """What moved an hour: its count, its index, that of a related industry, traffic, weather, or nothing of the day."""
    return (
        F.when(F.col("counted_of").isin(OF_HOUR, OF_DAY), Method.COUNTED)
        .when(F.col("counted_of") == OF_CALENDAR, Method.PROFILE)
        .when(F.col("activity_index").isNotNull(), Method.MODELLED)
        .when(F.col("proxy_index").isNotNull(), Method.PROXY_SCALED)
        .when(F.col("traffic_ratio").isNotNull(), Method.TRAFFIC_SCALED)
        .when(F.col("weather_ratio").isNotNull(), Method.WEATHER_SCALED)
        .otherwise(Method.PROFILE)
    )


def _hour_spread(uncertainty_rating: DataFrame) -> Column:
    """Relative standard deviation of an hour within its year: that of its day, and that of its weight in the day.

    A rating is that of an hour of mean weight, so that the day has what it leaves beside the weight. An index says how
    active a day is and nothing of its hours; that of another industry, or the traffic of other roads, may move
    otherwise, most of all in an alert. What was counted in the hour itself has no weight.
    """
    rows = uncertainty_rating.toArrow().to_pylist()
    by_rating = {row["rating_code"]: row["relative_sd_share"] for row in rows}
    of_mean_hour = equations.course_relative_sd_share(1.0)
    course, proxy = (F.lit((by_rating[r] ** 2 - of_mean_hour**2) ** 0.5) for r in (COURSE_RATING, PROXY_RATING))
    has_count = F.col("counted_of").isNotNull()
    traffic_ratio = F.when(~has_count, F.col("traffic_ratio"))
    day = (
        F.when(has_count, course)
        .when(F.col("activity_index").isNotNull(), F.lit(by_rating[INDEX_RATING]))
        .when(F.col("proxy_index").isNotNull() | traffic_ratio.isNotNull(), proxy)
        .otherwise(course)
    )
    by_course = uncertainty.relative_sd_share(day, equations.course_relative_sd_share(_weight()))
    return (
        F.when(F.col("counted_of") == OF_DAY, F.lit(by_rating[FIRE_RATING]))
        .when(F.col("counted_of") == OF_HOUR, F.lit(by_rating[INDEX_RATING]))
        .otherwise(by_course)
    )
