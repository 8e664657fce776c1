"""The stage that computes the hourly emission of area sources from annual totals and what moves them in an hour.

Belongs here: the calendar, the choice of profile, index, weather and traffic. Does not: the rows of the result
(areas/hour_emission), the weights of profiles (reference).
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from bigdata_emis.codes import AnnualSource, ProfileDimension, ProfileSource
from bigdata_emis.context import Context
from bigdata_emis.engine.columns import exact_mean, exact_sum
from bigdata_emis.equations import area as equations
from bigdata_emis.inventory.areas.area_totals import annual_totals, totals_that_follow
from bigdata_emis.inventory.areas.counted_hours import COUNTED_HOURS, counted_hours, firework_areas
from bigdata_emis.inventory.areas.counted_units import CountedEmission, UnitTables, counted_emission, counted_on_days
from bigdata_emis.inventory.areas.day_weather import DayWeather, day_weather, usual_weather, weather_ratio
from bigdata_emis.inventory.areas.day_wetness import HourWetness, hour_wetness
from bigdata_emis.inventory.areas.followed_traffic import (
    PROFILE,
    PROFILE_INDUSTRY,
    PROFILE_SECTOR,
    kept_emissions,
    restricted_roads,
    rows_as_frame,
    traffic_ratio_rows,
)
from bigdata_emis.inventory.areas.hour_emission import hour_emission
from bigdata_emis.inventory.fleets.day_fleets import FleetTables
from bigdata_emis.reference.pollutant_hierarchy import Containment
from bigdata_emis.reference.work_calendar import WorkCalendar, work_calendar
from bigdata_emis.schema.row_times import INSTANT
from bigdata_emis.window import Window, day_window

WEATHER = ("air_temperature_degc", "wind_speed_m_per_s", "precipitation_mm")
STATES = ("wet_factor", "dry_factor", "lower_quantile", "upper_quantile")
RATIOS = pa.schema(
    [
        ("industry_code", pa.string()),
        ("hour_utc", INSTANT),
        *((name, pa.float64()) for name in ("weather_ratio", "wet_probability_share", *STATES)),
    ]
)
HOURS = pa.schema(
    [
        ("hour_utc", INSTANT),
        ("month", pa.int64()),
        ("weekday", pa.int64()),
        ("hour", pa.int64()),
        ("local_day", pa.string()),
        ("month_start", pa.string()),
        ("is_wanted", pa.bool_()),
        ("day_type_code", pa.string()),
        ("calendar_basis_code", pa.string()),
    ]
)


def emit_area(
    activity_area: DataFrame,
    area_emission_annual: DataFrame,
    machine: DataFrame,
    vehicle_stock: DataFrame,
    counted_area: DataFrame,
    area_activity_hourly: DataFrame,
    area_temporal_profile: DataFrame,
    calendar_period: DataFrame,
    weather_hourly: DataFrame,
    area_weather_response: DataFrame,
    climate_normal: DataFrame,
    traffic_hourly: DataFrame,
    road_link: DataFrame,
    area_traffic_response: DataFrame,
    area_index_proxy: DataFrame,
    nonroad_emission_factor: DataFrame,
    machine_load: DataFrame,
    road_evaporation_factor: DataFrame,
    nonroad_fuel_emission_factor: DataFrame,
    uncertainty_rating: DataFrame,
    fleet_mix: DataFrame,
    local_fleet: DataFrame,
    traffic_restriction: DataFrame,
    road_emission_factor_hourly: DataFrame,
    pollutant_part: DataFrame,
    *,
    context: Context,
) -> dict[str, DataFrame | pa.Table]:
    """Hourly emission of each area source: share of the annual emission times activity index; and what was counted.

    The annual emission is that of counted machines, vehicles and movers (areas/counted_units), else the total of the
    register, which follows a counted pollutant that contains it or is in it (areas/area_totals);
    `annual_source_code` says which.
    The profile of an area is that of its industry: in its own sector, else in the first sector that has one. Only an
    industry without any profile gets the default of its sector. `profile_source_code` says which. The hours of a
    calendar year sum to the annual total while the index is 1 and the weather is usual. An hour with an index is
    'modelled'; without one it is 'weather_scaled' where the industry follows the weather and the day has it against the
    normals of the region, else 'profile'. A source that follows traffic is 'traffic_scaled' on a day whose links were
    observed: the counted links give its hours, and its days against those before. One without an index that works
    where another industry does (area_index_proxy) is 'proxy_scaled' by the mean index of that industry in its county.
    An hour whose activity was counted is 'counted': it has its part of the activity of the annual total, without
    profile, index, weather or traffic; a day of fires has its part, and the hours of the profile. Fireworks share their
    total among the days of Spring Festival, still 'profile'.
    Restrictions in force cut the vehicles of roads without a link (areas/restricted_roads): `kept_emission_share` is
    what they leave; the traffic that such roads follow is then that of the links without restrictions.
    A public holiday weighs as a Sunday and a workday at a weekend as a Wednesday where the region names its calendar;
    else each day weighs by its weekday, and `calendar_basis_code` says so. An area
    without any of these profiles has no emission value, and the checks of the table refuse it.
    The interval has the error of the annual total and that of the hour within it (areas/hour_emission), and for dust of
    a day with rain reaches both states of the surface (areas/day_wetness).
    """
    areas = _with_profile(activity_area, area_temporal_profile)
    of_units = (machine, vehicle_stock, counted_area, activity_area.select("activity_area_id", "industry_code"))
    of_factors = (nonroad_emission_factor, machine_load, road_evaporation_factor, nonroad_fuel_emission_factor)
    tables = (table.toArrow() for table in (*of_units, *of_factors, uncertainty_rating))
    counted, annual = _annual_totals(area_emission_annual, UnitTables(*tables), pollutant_part)
    calendar = work_calendar(calendar_period.toArrow(), context.region.options.get("calendar_areas", ()))
    shares = _hour_shares(area_temporal_profile, _hours(context.window, context.region.time_zone, calendar))
    counts = _counted_shares(area_activity_hourly, counted_area, activity_area, calendar, context)
    has_index = F.col("activity_index").isNotNull()
    index = area_activity_hourly.where(has_index).select("activity_area_id", "hour_utc", "activity_index")
    proxies = _proxy_indices(index, activity_area, area_index_proxy)
    ratios = _weather_ratios(weather_hourly, area_weather_response.toArrow(), climate_normal.toArrow(), context)
    followers = area_traffic_response.toArrow()["industry_code"].to_pylist()
    profiles = area_temporal_profile.where(F.col("industry_code").isin(followers)).toArrow()
    fleets = FleetTables(fleet_mix.toArrow(), local_fleet.toArrow(), traffic_restriction.toArrow())
    roads = restricted_roads(road_link, activity_area, fleets, calendar, context)
    by_traffic = traffic_ratio_rows(traffic_hourly, road_link, profiles, roads, calendar, context)
    kept = kept_emissions(roads, road_emission_factor_hourly)
    emission = (
        areas.join(annual, "activity_area_id")  # one area to many pollutants
        .join(shares, PROFILE, "left")  # and to many hours
        .join(index, ["activity_area_id", "hour_utc"], "left")  # at most one index an area and hour
        .join(counts, ["activity_area_id", "hour_utc"], "left")  # at most one share an area and hour
        .join(proxies, ["industry_code", "county_id", "hour_utc"], "left")  # at most one an industry, county and hour
        .join(ratios, ["industry_code", "hour_utc"], "left")  # at most one ratio an industry and hour
        .join(by_traffic, [*PROFILE, "hour_utc"], "left")  # at most one ratio a profile and hour
        .join(
            kept, ["activity_area_id", "pollutant_code", "hour_utc"], "left"
        )  # at most one an area, pollutant and hour
    )
    zone = context.region.time_zone
    starts = [day_window(day, zone).from_utc for day in context.window.days(zone)]
    return {
        "emission_area_hourly": hour_emission(emission, uncertainty_rating),
        "counted_emission": counted_on_days(counted, starts),
    }


def _annual_totals(
    area_emission_annual: DataFrame, units: UnitTables, pollutant_part: DataFrame
) -> tuple[list[CountedEmission], DataFrame]:
    """What was counted or follows it, and the annual emission by area and pollutant, one row each.

    A region that counts nothing stays in the engine.
    """
    counted = counted_emission(units)
    if not counted:
        source = F.lit(str(AnnualSource.REGISTERED_TOTAL))
        return [], area_emission_annual.withColumn("annual_source_code", source)
    register = area_emission_annual.toArrow()
    counted += totals_that_follow(register, counted, Containment(pollutant_part.toArrow()))
    totals = annual_totals(register, counted)
    return counted, area_emission_annual.sparkSession.createDataFrame(totals)


def _counted_shares(
    area_activity_hourly: DataFrame,
    counted_area: DataFrame,
    activity_area: DataFrame,
    calendar: WorkCalendar,
    context: Context,
) -> DataFrame:
    """What was counted of each area as a share of its year, one row for each area and hour."""
    counts = area_activity_hourly.select("activity_area_id", "hour_utc", "counted_activity")
    time_zone = context.region.time_zone
    shares = counted_hours(
        counts.where(F.col("counted_activity").isNotNull()).toArrow().to_pylist(),
        counted_area.toArrow().to_pylist(),
        firework_areas(activity_area.select("activity_area_id", "industry_code").toArrow().to_pylist()),
        days=context.window.whole_days(time_zone).days(time_zone),
        calendar=calendar,
        time_zone=time_zone,
    )
    return rows_as_frame(activity_area.sparkSession, shares.to_pylist(), COUNTED_HOURS)


def _with_profile(activity_area: DataFrame, area_temporal_profile: DataFrame) -> DataFrame:
    """Each area with the codes of its profile and why this one: one row for each area."""
    of_industries = area_temporal_profile.where(F.col("industry_code").isNotNull())
    own = of_industries.select("sector_code", "industry_code").distinct().withColumn("own_sector", F.col("sector_code"))
    any_sector = of_industries.groupBy("industry_code").agg(F.min("sector_code").alias("any_sector"))
    areas = (
        activity_area.select("activity_area_id", "sector_code", "industry_code", "county_id")
        .join(own, ["sector_code", "industry_code"], "left")  # one profile for each sector and industry
        .join(any_sector, "industry_code", "left")
    )
    is_own, is_elsewhere = F.col("own_sector").isNotNull(), F.col("any_sector").isNotNull()
    source = F.when(is_own, ProfileSource.OWN).when(is_elsewhere, ProfileSource.OTHER_SECTOR)
    return areas.select(
        "activity_area_id",
        "sector_code",
        "industry_code",
        "county_id",
        F.coalesce("own_sector", "any_sector", "sector_code").alias(PROFILE_SECTOR),
        F.when(is_elsewhere, F.col("industry_code")).otherwise("").alias(PROFILE_INDUSTRY),
        source.otherwise(ProfileSource.SECTOR_DEFAULT).alias("profile_source_code"),
    )


def _proxy_indices(index: DataFrame, activity_area: DataFrame, area_index_proxy: DataFrame) -> DataFrame:
    """The index of an industry by its proxy, one row for each industry, county and hour with an index."""
    proxies = area_index_proxy.select("industry_code", "proxy_industry_code", "proxy_share")
    watched = activity_area.where(F.col("county_id").isNotNull()).select(
        "activity_area_id", "county_id", F.col("industry_code").alias("proxy_industry_code")
    )
    return (
        index.join(watched, "activity_area_id")  # many hours to one area
        .join(proxies, "proxy_industry_code")  # one proxy to the industries that follow it
        .groupBy("industry_code", "county_id", "hour_utc", "proxy_share")
        .agg(exact_mean(F.col("activity_index")).alias("mean_index"))
        .withColumn("proxy_index", equations.proxy_index(F.col("mean_index"), F.col("proxy_share")))
        .drop("mean_index", "proxy_share")
    )


def _weather_ratios(weather_hourly: DataFrame, responses: pa.Table, normals: pa.Table, context: Context) -> DataFrame:
    """The ratio of each industry that follows the weather, one row for each hour of the days with weather."""
    time_zone = context.region.time_zone
    means = [exact_mean(F.col(name)).alias(name) for name in WEATHER]
    by_hour = weather_hourly.groupBy("hour_utc").agg(*means).toArrow()
    of_days = day_weather(by_hour, time_zone)
    usual = usual_weather(normals, context.region.options.get("calendar_areas", ()))
    rows = [
        row
        for day in context.window.whole_days(time_zone).days(time_zone)
        if day in of_days and day.month in usual
        for response in responses.to_pylist()
        for row in _day_ratios(of_days[day], usual[day.month], response, day_window(day, time_zone))
    ]
    return rows_as_frame(weather_hourly.sparkSession, rows, RATIOS)


def _day_ratios(
    weather: DayWeather, usual: Mapping[str, Any], response: Mapping[str, Any], day: Window
) -> list[dict[str, Any]]:
    """The rows of one industry for the hours of a day; none where weather that it follows is missing."""
    hours, ratio = list(day.hour_starts_utc()), weather_ratio(weather, usual, response)
    follows_rain = response["wet_remaining_share"] is not None
    if ratio is None or (follows_rain and weather.rain_mm is None):
        return []
    rain = weather.rain_mm or {}
    wetness = (
        hour_wetness([rain.get(hour) for hour in hours], usual, response)
        if follows_rain
        else [HourWetness(1.0)] * len(hours)
    )
    return [
        {
            **vars(of_hour),
            "industry_code": response["industry_code"],
            "hour_utc": hour,
            "weather_ratio": ratio * of_hour.ratio,
        }
        for hour, of_hour in zip(hours, wetness, strict=True)
    ]


def _hour_shares(area_temporal_profile: DataFrame, hours: pa.Table) -> DataFrame:
    """The share of the year that each profile gives to each hour of the window.

    The share of a month in the year is its weight among the twelve. The share of an hour in its month is its weekday
    and hour weight among all hours of that month, so that neither the number of weekends nor a clock change alters
    the total.
    """
    profile = area_temporal_profile.withColumnsRenamed({"sector_code": PROFILE_SECTOR}).withColumn(
        PROFILE_INDUSTRY, F.coalesce("industry_code", F.lit(""))
    )
    weights = {dimension: _weights(profile, dimension) for dimension in ProfileDimension}
    year = weights[ProfileDimension.MONTH].groupBy(*PROFILE).agg(exact_sum(F.col("month_weight")).alias("year_weight"))
    weighted = (
        profile.sparkSession.createDataFrame(hours)
        .join(weights[ProfileDimension.MONTH], "month")
        .join(weights[ProfileDimension.WEEKDAY], ["weekday", *PROFILE])
        .join(weights[ProfileDimension.HOUR], ["hour", *PROFILE])
        .withColumn("weight_in_month", F.col("weekday_weight") * F.col("hour_weight"))
    )
    month = weighted.groupBy("month_start", *PROFILE).agg(exact_sum(F.col("weight_in_month")).alias("month_total"))
    day = weighted.groupBy("local_day", *PROFILE).agg(exact_sum(F.col("hour_weight")).alias("day_weight"))
    shares = (
        weighted.where("is_wanted")
        .join(month, ["month_start", *PROFILE])
        .join(day, ["local_day", *PROFILE])
        .join(year, PROFILE)
    )
    share = equations.hour_share(
        F.col("month_weight") / F.col("year_weight"), F.col("weight_in_month") / F.col("month_total")
    )
    in_day = F.col("hour_weight") / F.nullif(F.col("day_weight"), F.lit(0.0))
    return shares.select(
        *PROFILE,
        "hour_utc",
        share.alias("hour_share"),
        in_day.alias("hour_in_day_share"),
        "day_type_code",
        "calendar_basis_code",
    )


def _weights(profile: DataFrame, dimension: ProfileDimension) -> DataFrame:
    of_dimension = profile.where(F.col("profile_dimension_code") == dimension)
    return of_dimension.select(
        *PROFILE, F.col("profile_index").alias(dimension), F.col("profile_weight").alias(f"{dimension}_weight")
    )


def _hours(window: Window, time_zone: str, calendar: WorkCalendar) -> pa.Table:
    """Every hour of the local months that the window touches, and whether it is in the window."""
    wanted = window.whole_days(time_zone)
    days = wanted.days(time_zone)
    first = day_window(days[0].replace(day=1), time_zone).from_utc
    # The 28th plus four days is in the next month.
    next_month = (days[-1].replace(day=28) + timedelta(days=4)).replace(day=1)
    months = Window(first, day_window(next_month, time_zone).from_utc)
    rows = [
        {
            "hour_utc": hour,
            "month": local.month,
            "weekday": calendar.profile_weekday(local.date()),
            "hour": local.hour,
            "local_day": f"{local:%Y-%m-%d}",
            "month_start": f"{local:%Y-%m}",
            "is_wanted": wanted.from_utc <= hour < wanted.to_utc,
            "day_type_code": calendar.day_type(local.date()),
            "calendar_basis_code": calendar.basis(local.date()),
        }
        for hour, local in months.local_hours(time_zone)
    ]
    return pa.Table.from_pylist(rows, HOURS)
