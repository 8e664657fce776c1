"""Hourly emission of area sources: annual totals spread by profile and moved by the activity index.

Belongs here: the calendar, the choice of profile and the index. Does not: the arithmetic (equations), the weights (reference).
"""

from datetime import timedelta

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from bigdata_emis.context import Context
from bigdata_emis.engine.columns import exact_sum
from bigdata_emis.equations import area as equations
from bigdata_emis.equations import uncertainty
from bigdata_emis.window import Window, day_window

DIMENSIONS = ("month", "weekday", "hour")
PROFILE = ["profile_sector_code", "profile_industry_code"]
CALENDAR = pa.schema(
    [
        ("hour_utc", pa.timestamp("us", tz="UTC")),
        ("month", pa.int64()),
        ("weekday", pa.int64()),
        ("hour", pa.int64()),
        ("month_start", pa.string()),
        ("is_wanted", pa.bool_()),
    ]
)


def emit_area(
    activity_area: DataFrame,
    area_emission_annual: DataFrame,
    area_activity_hourly: DataFrame,
    area_temporal_profile: DataFrame,
    *,
    context: Context,
) -> DataFrame:
    """The emission of each area source in each hour: its share of the year's total, times the activity index where there is one.

    The profile of an area is that of its sector and industry, or the default of its sector. The hours of a calendar year add up
    to the annual total while the index is 1. An hour with an index is 'modelled', one without is 'profile' (index taken as 1).
    An area whose sector has no profile has no emission value, which conform refuses.
    """
    areas = _with_profile(activity_area, area_temporal_profile)
    shares = _hour_shares(area_temporal_profile, context)
    by_hour = areas.join(area_emission_annual, "activity_area_id").join(
        shares, PROFILE, "left"
    )  # one area to many pollutants, hours
    index = area_activity_hourly.select("activity_area_id", "hour_utc", "activity_index")
    emission = by_hour.join(index, ["activity_area_id", "hour_utc"], "left")  # at most one index an area and hour
    share_index = F.coalesce("activity_index", F.lit(1.0))
    emission_g = equations.emission_g(F.col("annual_emission_t"), F.col("hour_share"), share_index)
    return emission.select(
        F.col("activity_area_id").alias("source_id"),
        "sector_code",
        "pollutant_code",
        "hour_utc",
        emission_g.alias("emission_g"),
        uncertainty.emission_g_p05(emission_g, F.col("relative_sd_share")).alias("emission_g_p05"),
        uncertainty.emission_g_p95(emission_g, F.col("relative_sd_share")).alias("emission_g_p95"),
        F.when(F.col("activity_index").isNull(), "profile").otherwise("modelled").alias("method_code"),
    )


def _with_profile(activity_area: DataFrame, area_temporal_profile: DataFrame) -> DataFrame:
    """Each area with the names of its profile: one row an area."""
    known = (
        area_temporal_profile.where(F.col("industry_code").isNotNull())
        .select("sector_code", "industry_code")
        .distinct()
    )
    own = known.withColumn("profile_industry_code", F.col("industry_code"))
    areas = activity_area.select("activity_area_id", "sector_code", "industry_code").join(
        own, ["sector_code", "industry_code"], "left"
    )
    return areas.select(
        "activity_area_id",
        "sector_code",
        F.col("sector_code").alias(PROFILE[0]),
        F.coalesce(PROFILE[1], F.lit("")).alias(PROFILE[1]),
    )


def _hour_shares(area_temporal_profile: DataFrame, context: Context) -> DataFrame:
    """The share of the year that each profile puts into each hour of the window.

    A month's share of the year is its weight among the twelve; an hour's share of its month is its weekday and hour weight among
    all hours of that month, so that neither the number of weekends nor a change of the clock gains or loses mass.
    """
    profile = area_temporal_profile.withColumnsRenamed({"sector_code": PROFILE[0]}).withColumn(
        PROFILE[1], F.coalesce("industry_code", F.lit(""))
    )
    weights = {dimension: _weights(profile, dimension) for dimension in DIMENSIONS}
    year = weights["month"].groupBy(*PROFILE).agg(exact_sum(F.col("month_weight")).alias("year_weight"))
    hours = profile.sparkSession.createDataFrame(_calendar(context.window, context.region.time_zone))
    weighed = (
        hours.join(weights["month"], "month")
        .join(weights["weekday"], ["weekday", *PROFILE])
        .join(weights["hour"], ["hour", *PROFILE])
    )
    weighed = weighed.withColumn("in_month", F.col("weekday_weight") * F.col("hour_weight"))
    month = weighed.groupBy("month_start", *PROFILE).agg(exact_sum(F.col("in_month")).alias("month_total"))
    shares = weighed.where("is_wanted").join(month, ["month_start", *PROFILE]).join(year, PROFILE)
    share = equations.hour_share(F.col("month_weight") / F.col("year_weight"), F.col("in_month") / F.col("month_total"))
    return shares.select(*PROFILE, "hour_utc", share.alias("hour_share"))


def _weights(profile: DataFrame, dimension: str) -> DataFrame:
    chosen = profile.where(F.col("profile_dimension_code") == dimension)
    return chosen.select(
        *PROFILE, F.col("profile_index").alias(dimension), F.col("profile_weight").alias(f"{dimension}_weight")
    )


def _calendar(window: Window, time_zone: str) -> pa.Table:
    """Every hour of the local months that the window touches, and whether the window wants it."""
    wanted = window.whole_days(time_zone)
    days = wanted.days(time_zone)
    first = day_window(days[0].replace(day=1), time_zone).from_utc
    after = (days[-1].replace(day=28) + timedelta(days=4)).replace(
        day=1
    )  # the 28th and four days lie in the next month
    months = Window(first, day_window(after, time_zone).from_utc)
    rows = [
        {
            "hour_utc": hour,
            "month": local.month,
            "weekday": local.isoweekday(),
            "hour": local.hour,
            "month_start": f"{local:%Y-%m}",
            "is_wanted": wanted.from_utc <= hour < wanted.to_utc,
        }
        for hour, local in months.local_hours(time_zone)
    ]
    return pa.Table.from_pylist(rows, CALENDAR)
