"""The traffic that roads without a link and road dust follow, as frames of the engine.

Belongs here: counted traffic by hour, with and without restrictions, and the ratio of each profile. Does not: the ratio
of a day (day_traffic), what restrictions leave (restricted_roads).
"""

from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import from_arrow_schema

from bigdata_emis.codes import Industry
from bigdata_emis.context import Context
from bigdata_emis.engine.columns import whole_sum
from bigdata_emis.equations import area_traffic
from bigdata_emis.inventory.areas.day_traffic import HourTraffic, profile_weights, traffic_by_hour, traffic_ratios
from bigdata_emis.inventory.areas.restricted_roads import FACTORS, LABEL, OF_AREAS, OF_FLOWS, OF_LINKS, RestrictedRoads
from bigdata_emis.inventory.fleets.day_fleets import TYPICAL_FLOWS, FleetTables
from bigdata_emis.reference.work_calendar import WorkCalendar
from bigdata_emis.schema.row_times import INSTANT
from bigdata_emis.window import Window, day_window

PROFILE_SECTOR, PROFILE_INDUSTRY = PROFILE = ["profile_sector_code", "profile_industry_code"]
TRAFFIC_RATIOS = pa.schema(
    [
        (PROFILE_SECTOR, pa.string()),
        (PROFILE_INDUSTRY, pa.string()),
        ("hour_utc", INSTANT),
        ("traffic_ratio", pa.float64()),
    ]
)

M_PER_KM = 1e3


def restricted_roads(
    road_link: DataFrame, activity_area: DataFrame, tables: FleetTables, calendar: WorkCalendar, context: Context
) -> RestrictedRoads | None:
    """The fleets of roads from the first day that is looked back on; None in a region without restrictions."""
    if tables.traffic_restriction.num_rows == 0:
        return None
    time_zone = context.region.time_zone
    days = context.window.whole_days(time_zone)
    first = days.days(time_zone)[0] - timedelta(days=context.lookback_days)
    return RestrictedRoads.of_region(
        road_link.toArrow(),
        activity_area.toArrow(),
        tables,
        hours=list(Window(day_window(first, time_zone).from_utc, days.to_utc).hour_starts_utc()),
        time_zone=time_zone,
        calendar=calendar,
    )


def kept_emissions(roads: RestrictedRoads | None, road_emission_factor_hourly: DataFrame) -> DataFrame:
    """What restrictions leave of roads without a link, at most one row an area, pollutant and hour."""
    factors = road_emission_factor_hourly
    kept = roads.kept_emissions(factors.select(*FACTORS).toArrow()).to_pylist() if roads else []
    return rows_as_frame(factors.sparkSession, kept, OF_AREAS)


def traffic_ratio_rows(
    traffic_hourly: DataFrame,
    road_link: DataFrame,
    profiles: pa.Table,
    roads: RestrictedRoads | None,
    calendar: WorkCalendar,
    context: Context,
) -> DataFrame:
    """The ratio of each profile whose sources follow traffic, one row for each hour of the days with traffic."""
    of_links = traffic_hourly.join(road_link.select("link_id", "length_km"), "link_id")  # many hours to one link
    counted = _traffic_by_hour(of_links, F.lit(1.0))
    unrestricted = counted
    if roads is not None:
        session = traffic_hourly.sparkSession
        kept = rows_as_frame(session, roads.kept_flows().to_pylist(), OF_FLOWS)
        links = rows_as_frame(session, roads.links.to_pylist(), OF_LINKS)
        of_fleets = traffic_hourly.join(links, "link_id").join(kept, [LABEL, "hour_utc"], "left")  # at most one share
        unrestricted = _traffic_by_hour(of_fleets, F.coalesce("kept_share", F.lit(1.0)))
    time_zone = context.region.time_zone
    rows = [
        {PROFILE_SECTOR: sector, PROFILE_INDUSTRY: industry, "hour_utc": hour, "traffic_ratio": ratio}
        for (sector, industry), weights in profile_weights(profiles).items()
        for hour, ratio in traffic_ratios(
            unrestricted if industry == Industry.MINOR_ROAD else counted,
            weights,
            context.window.whole_days(time_zone).days(time_zone),
            lookback_days=context.lookback_days,
            calendar=calendar,
            time_zone=time_zone,
        ).items()
    ]
    return rows_as_frame(traffic_hourly.sparkSession, rows, TRAFFIC_RATIOS)


def _traffic_by_hour(traffic: DataFrame, kept_share: Column) -> dict[datetime, HourTraffic]:
    """The traffic of all links by hour; what was counted as it would be without restrictions, where a share is left."""
    of_link = area_traffic.vehicle_km(F.col("flow_veh_per_h"), F.col("length_km"))
    is_typical = F.col("flow_method_code").isin(*TYPICAL_FLOWS)
    of_link = F.when(is_typical, of_link).otherwise(area_traffic.unrestricted_vehicle_km(of_link, kept_share))
    by_hour = (
        traffic.select(
            "hour_utc", of_link.alias("vehicle_km"), F.when(~is_typical, of_link).alias("observed_vehicle_km")
        )
        .groupBy("hour_utc")
        .agg(*(whole_sum(F.col(n), per_unit=M_PER_KM).alias(n) for n in ("vehicle_km", "observed_vehicle_km")))
    )
    return traffic_by_hour(by_hour.toArrow())


def rows_as_frame(session: SparkSession, rows: list[dict[str, Any]], declared: pa.Schema) -> DataFrame:
    """Rows as a frame. PySpark takes the types of an empty table only from an explicit schema."""
    if not rows:
        return session.createDataFrame([], from_arrow_schema(declared))
    return session.createDataFrame(pa.Table.from_pylist(rows, declared))
