"""The stage that computes the hourly emission of road links by vehicle class, fuel and stage.

Belongs here: joining flow and factors. Does not: the factors and their corrections (roads/road_factors), the sum over
the fleet (roads/fleet_total), the arithmetic (equations/traffic).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from bigdata_emis import schema
from bigdata_emis.codes import Fuel, Imputation
from bigdata_emis.context import Context
from bigdata_emis.engine.columns import pollutant_column, pollutants_as_rows
from bigdata_emis.equations import traffic as equations
from bigdata_emis.errors import InputError
from bigdata_emis.inventory.fleets.day_fleets import TYPICAL_FLOWS, VEHICLE, FleetTables, day_fleets, fleet_label
from bigdata_emis.inventory.fleets.restrictions_ahead import restricted_ahead
from bigdata_emis.inventory.roads.fleet_total import FLEET_LABEL, total_emission_of_links, wear_of_links
from bigdata_emis.inventory.roads.guide_tables import GuideTables
from bigdata_emis.inventory.roads.parts.wear_factors import has_exhaust
from bigdata_emis.inventory.roads.road_factors import FACTOR, RoadFactors, compute_road_factors
from bigdata_emis.inventory.roads.speed_correction import share_of_segment, speed_segment
from bigdata_emis.reference.fleet_places import FleetPlace, fleet_places, minor_road_areas, minor_road_class
from bigdata_emis.reference.work_calendar import WorkCalendar, work_calendar
from bigdata_emis.schema.arrow import empty
from bigdata_emis.window import HOURS_PER_DAY

KEY = ["link_id", *VEHICLE, "hour_utc"]
ROAD = ("link_id", "road_class_code", "length_km", "city_name", "county_id")
DETAIL_OPTION = "link_detail"
BY_VEHICLE, BY_LINK = "vehicle", "link"
_NO_DETAIL = empty(schema.table("emission_link_hourly"))
_NO_WEAR = empty(schema.table("emission_wear_hourly"))


def emit_traffic(
    traffic_hourly: DataFrame,
    road_link: DataFrame,
    fleet_mix: DataFrame,
    local_fleet: DataFrame,
    traffic_restriction: DataFrame,
    calendar_period: DataFrame,
    weather_hourly: DataFrame,
    road_base_emission_factor: DataFrame,
    road_speed_correction: DataFrame,
    road_temperature_correction: DataFrame,
    road_humidity_correction: DataFrame,
    road_sulphur_correction: DataFrame,
    road_fuel_sulphur: DataFrame,
    road_deterioration_correction: DataFrame,
    road_load_correction: DataFrame,
    road_altitude_correction: DataFrame,
    road_evaporation_factor: DataFrame,
    road_wear_factor: DataFrame,
    road_wear_speed_correction: DataFrame,
    road_carbon_share: DataFrame,
    activity_area: DataFrame,
    *,
    context: Context,
) -> dict[str, DataFrame | pa.Table]:
    """Hourly emission of each link by pollutant, also by vehicle; the factors; restrictions of the days to come.

        E = flow × length × Σ over the fleet of share × (base factor × corrections of the guide + loss ÷ speed + wear)

    The speed correction is linear between the bin centres and 1 at 30 km/h, because the steps of the guide would
    halve an emission at 40 km/h. Temperature and humidity are the mean of the stations of the region; an hour without
    them has correction 1 and "reference_state" as imputation_code, which otherwise is that of the traffic reading.
    Fuel sulphur, deterioration, load and altitude are those of the region and the day (roads/state_correction); each
    row of the factors says where they are from. The loss is the petrol that evaporates in an hour of driving, a part of
    VOCs; parked vehicles are area sources (emit_area). Wear of tyres, brakes and the road surface is a part of PM10,
    PM2.5 and BC, by speed and load, and has its own rows in emission_wear_hourly; road dust is an area source. BC and
    OC of the exhaust are shares of its PM2.5. SO2 and CO2 would need fuel consumption, and there is no factor of NH3,
    so they have no rows. Electric vehicles have no exhaust, and rows of what wears only.

    The fleet of a link is the most specific one that holds in the hour (local_fleet, else fleet_mix), less what
    restrictions in force keep off the road (traffic_restriction; fleets/day_fleets). Each row of the factors says where
    its fleet is from and the share that is restricted. The factors have the fleets of roads without a link (area
    sources), too: that of the lowest road class in their place. traffic_restriction_ahead has what restrictions keep
    off the road in the days to come, as they are registered now: a projected day has these (decision 0012).

    The sum over the fleet is taken in the factors, before they meet the links: no sum depends on how rows are divided
    among workers. The option link_detail = "link" of a region leaves the rows by vehicle out, for regions of tens of
    thousands of links, in which they would be thousands of millions.

    Source: technical guide for on-road vehicle inventories, China 2014 (trial).

    Raises:
        InputError: a link is not in the registry, a road class has no fleet in some hour, a vehicle no factor, or the
            option is unknown.
    """
    by_vehicle = _is_by_vehicle(context.region.options)
    guide = GuideTables(
        road_base_emission_factor=road_base_emission_factor.toArrow(),
        road_speed_correction=road_speed_correction.toArrow(),
        road_temperature_correction=road_temperature_correction.toArrow(),
        road_humidity_correction=road_humidity_correction.toArrow(),
        road_sulphur_correction=road_sulphur_correction.toArrow(),
        road_fuel_sulphur=road_fuel_sulphur.toArrow(),
        road_deterioration_correction=road_deterioration_correction.toArrow(),
        road_load_correction=road_load_correction.toArrow(),
        road_altitude_correction=road_altitude_correction.toArrow(),
        road_evaporation_factor=road_evaporation_factor.toArrow(),
        road_wear_factor=road_wear_factor.toArrow(),
        road_wear_speed_correction=road_wear_speed_correction.toArrow(),
        road_carbon_share=road_carbon_share.toArrow(),
    )
    _check_links(traffic_hourly, road_link)
    time_zone = context.region.time_zone
    tables = FleetTables(fleet_mix.toArrow(), local_fleet.toArrow(), traffic_restriction.toArrow())
    links = _with_fleet(road_link.select(*ROAD).toArrow(), tables)
    _check_fleet(links["road_class_code"].unique().to_pylist(), tables, guide)
    fleets = {*_classes_and_places(links, tables), *_fleets_of_minor_roads(activity_area, tables)}
    weather = weather_hourly.select("station_id", "hour_utc", "air_temperature_degc", "relative_humidity_share")
    calendar = work_calendar(calendar_period.toArrow(), context.region.options.get("calendar_areas", ()))
    factors = _day_factors(fleets, tables, weather.toArrow(), guide, calendar=calendar, context=context)
    return {
        "emission_road_hourly": total_emission_of_links(traffic_hourly, links, factors),
        "emission_link_hourly": _emission_by_vehicle(traffic_hourly, links, factors) if by_vehicle else _NO_DETAIL,
        "emission_wear_hourly": wear_of_links(traffic_hourly, links, factors) if by_vehicle else _NO_WEAR,
        "road_emission_factor_hourly": factors.rows(),
        "traffic_restriction_ahead": restricted_ahead(
            tables, fleets, context.window.whole_days(time_zone).days(time_zone), time_zone=time_zone, calendar=calendar
        ),
    }


def _day_factors(
    fleets: Iterable[tuple[str, FleetPlace]],
    tables: FleetTables,
    weather_hourly: pa.Table,
    guide: GuideTables,
    *,
    calendar: WorkCalendar,
    context: Context,
) -> RoadFactors:
    """The factors of the fleets that hold on the days of the window."""
    time_zone = context.region.time_zone
    of_day = day_fleets(
        tables,
        fleets,
        hours=list(context.window.whole_days(time_zone).hour_starts_utc()),
        time_zone=time_zone,
        calendar=calendar,
    )
    return compute_road_factors(of_day, weather_hourly, guide, time_zone=time_zone, options=context.region.options)


def _classes_and_places(road_link: pa.Table, tables: FleetTables) -> list[tuple[str, FleetPlace]]:
    """The road class and place of each link."""
    places = fleet_places(road_link, tables.local_fleet, tables.traffic_restriction)
    return list(zip(road_link["road_class_code"].to_pylist(), places, strict=True))


def _fleets_of_minor_roads(activity_area: DataFrame, tables: FleetTables) -> list[tuple[str, FleetPlace]]:
    """The lowest road class in the place of each area that is roads without a link."""
    lowest = minor_road_class(tables.fleet_mix["road_class_code"].unique().to_pylist())
    areas = minor_road_areas(activity_area.select("industry_code", "city_name", "county_id").toArrow())
    places = fleet_places(areas, tables.local_fleet, tables.traffic_restriction)
    return [(lowest, place) for place in places if lowest is not None]


def _with_fleet(road_link: pa.Table, tables: FleetTables) -> pa.Table:
    """The links with their place and the label of their fleet."""
    fleets = [(road_class, place.code) for road_class, place in _classes_and_places(road_link, tables)]
    labels = [fleet_label(*fleet) for fleet in fleets]
    with_place = road_link.append_column("fleet_place", pa.array([place for _, place in fleets], pa.string()))
    return with_place.append_column(FLEET_LABEL, pa.array(labels, pa.string()))


def _emission_by_vehicle(traffic_hourly: DataFrame, links: pa.Table, factors: RoadFactors) -> DataFrame:
    session = traffic_hourly.sparkSession
    registered = session.createDataFrame(links.select(["link_id", "road_class_code", "fleet_place", "length_km"]))
    with_traffic = traffic_hourly.join(registered, "link_id")  # many hours to one link
    segments = session.createDataFrame(factors.segments())
    rows = _emission_rows(_join_factors(with_traffic, segments, factors.knots_km_per_h), factors.pollutants)
    wearing = [p for n, p in enumerate(factors.pollutants) if factors.wear_g_per_km[:, :, n].any()]
    return rows.where((F.col("fuel_code") != Fuel.ELECTRIC) | F.col("pollutant_code").isin(wearing))


def _join_factors(links: DataFrame, factors: DataFrame, knots: Sequence[float]) -> DataFrame:
    """Each link and hour with the factors of its fleet, and the position of its speed between them."""
    links = links.withColumn("segment", speed_segment(F.col("speed_km_per_h"), knots))
    fleet = ["road_class_code", "fleet_place", "hour_utc", "segment"]
    with_factors = links.join(factors, fleet)  # one link and hour to its fleet
    return with_factors.withColumn("share_of_segment", share_of_segment(F.col("speed_km_per_h"), knots))


def _is_by_vehicle(options: Mapping[str, Any]) -> bool:
    """Whether links have rows by vehicle or one of the whole fleet, by the option of the region."""
    detail = options.get(DETAIL_OPTION, BY_VEHICLE)
    if detail not in (BY_VEHICLE, BY_LINK):
        raise InputError(
            f"region.toml [options] {DETAIL_OPTION} = '{detail}': expected {BY_VEHICLE} or {BY_LINK}",
            "write one of the two",
        )
    return bool(detail == BY_VEHICLE)


def _emission_rows(links: DataFrame, pollutants: Sequence[str]) -> DataFrame:
    is_reference = F.col("is_reference_state")
    imputation = F.when(is_reference, Imputation.REFERENCE_STATE).otherwise(F.col("imputation_code"))
    return pollutants_as_rows(
        links.withColumn("imputation_code", imputation),
        [*KEY, "imputation_code", "flow_method_code"],
        "emission_g",
        {p: _emission_g(p) for p in pollutants},
    )


def _emission_g(pollutant: str) -> Column:
    """The emission at the speed of the link; the factor is interpolated, being linear in the speed correction.

    Of a typical flow, which no restriction has reduced, only what still drives is counted.
    """
    lower, upper = (F.col(pollutant_column(f"{side}_{FACTOR}", pollutant)) for side in ("lower", "upper"))
    factor = lower + (upper - lower) * F.col("share_of_segment")
    flow, is_typical = F.col("flow_veh_per_h"), F.col("flow_method_code").isin(*TYPICAL_FLOWS)
    driving = F.when(is_typical, flow * F.col("kept_share")).otherwise(flow)
    emission: Column = equations.emission_g(
        driving, F.col("fleet_share"), emission_factor_g_per_km=factor, length_km=F.col("length_km")
    )
    return emission


def _check_links(traffic_hourly: DataFrame, road_link: DataFrame) -> None:
    """Refuse traffic of an unregistered link, which the join would drop without a message."""
    listed = traffic_hourly.select("link_id").distinct()
    unknown = listed.join(road_link.select("link_id"), "link_id", "left_anti").orderBy("link_id").limit(1).collect()
    _refuse_missing([f"link_id {row[0]}" for row in unknown], "table traffic_hourly", "road_link")


def _check_fleet(road_classes: Sequence[str], tables: FleetTables, guide: GuideTables) -> None:
    """Refuse a road class without fleet in some hour, and a vehicle without base factor or speed correction."""
    class_hours = ("road_class_code", "local_hour")
    wanted = {(road, hour) for road in road_classes for hour in range(HOURS_PER_DAY)}
    _check_listed(wanted, tables.fleet_mix, class_hours, "table road_link", "fleet_mix")
    pollutants = set(guide.road_base_emission_factor["pollutant_code"].to_pylist())
    for name in ("fleet_mix", "local_fleet"):
        burning = {row for row in _distinct_rows(getattr(tables, name), VEHICLE) if has_exhaust(row[1])}
        vehicles = {(*row, p) for row in burning for p in pollutants}
        key = (*VEHICLE, "pollutant_code")
        _check_listed(vehicles, guide.road_base_emission_factor, key, f"table {name}", "road_base_emission_factor")
        technologies = {row[1:] for row in vehicles}
        _check_listed(technologies, guide.road_speed_correction, key[1:], f"table {name}", "road_speed_correction")


def _check_listed(
    wanted: set[tuple[Any, ...]], table: pa.Table, names: Sequence[str], wanted_by: str, table_name: str
) -> None:
    missing = sorted(wanted - _distinct_rows(table, names))
    texts = [", ".join(f"{name} {value}" for name, value in zip(names, row, strict=True)) for row in missing[:1]]
    _refuse_missing(texts, wanted_by, table_name)


def _refuse_missing(missing: Sequence[str], wanted_by: str, table_name: str) -> None:
    if missing:
        raise InputError(f"{wanted_by}: {missing[0]} has no row in {table_name}", f"add the row to {table_name}")


def _distinct_rows(table: pa.Table, names: Sequence[str]) -> set[tuple[Any, ...]]:
    return set(zip(*(table[name].to_pylist() for name in names), strict=True))
