"""The stage that computes the hourly exhaust emission of road links by vehicle class, fuel and stage.

Belongs here: joining flow, fleet and factors. Does not: the corrections (roads/speed_correction,
roads/weather_correction), the arithmetic (equations/traffic).
"""

from collections.abc import Sequence

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from bigdata_emis.codes import EmissionStage, Fuel, Imputation
from bigdata_emis.context import Context
from bigdata_emis.engine.columns import (
    exact_sum,
    pollutant_column,
    pollutants_as_columns,
    pollutants_as_rows,
    values_of,
)
from bigdata_emis.equations import traffic as equations
from bigdata_emis.errors import InputError
from bigdata_emis.inventory.roads.speed_correction import share_of_segment, speed_knots, speed_segment, speed_segments
from bigdata_emis.inventory.roads.weather_correction import mean_weather_by_hour, weather_corrections

VEHICLE = ["vehicle_class_code", "fuel_code", "emission_stage_code"]
KEY = ["link_id", *VEHICLE, "hour_utc"]
BASE = "base_emission_factor_g_per_km"
FACTOR = "emission_factor_g_per_km"
DETAIL_OPTION = "link_detail"
BY_VEHICLE, BY_LINK = "vehicle", "link"
WHOLE_FLEET = EmissionStage.ALL
"""Code of class, fuel and stage of a row of the whole fleet."""


def emit_traffic(
    traffic_hourly: DataFrame,
    road_link: DataFrame,
    fleet_mix: DataFrame,
    weather_hourly: DataFrame,
    road_base_emission_factor: DataFrame,
    road_speed_correction: DataFrame,
    road_temperature_correction: DataFrame,
    road_humidity_correction: DataFrame,
    *,
    context: Context,
) -> DataFrame:
    """Hourly exhaust emission of each link by vehicle class, fuel, stage and pollutant.

        E = flow × length × fleet share × base factor × speed × temperature × humidity correction

    The speed correction is linear between the bin centres and 1 at 30 km/h, because the steps of the guide would
    halve an emission at 40 km/h. Temperature and humidity are the mean of the stations of the region; an hour without
    them has correction 1 and "reference_state" as imputation_code, which otherwise is that of the traffic reading.
    Altitude, load, sulphur and deterioration remain at the reference state. The pollutants are those of the base
    factors: SO2 and CO2 would need fuel consumption, and the guide has no factors of BC, OC and NH3, so they have no
    rows. Electric vehicles have no exhaust and no row.

    The option link_detail = "link" of a region sums over the fleet before the join with links (class, fuel and stage
    'all'): the same emission in a twentieth of the rows, for regions of tens of thousands of links.

    Source: technical guide for on-road vehicle inventories, China 2014 (trial).

    Raises:
        InputError: a link is not in the registry, a road class has no fleet in some hour, a vehicle no factor, or the
        option is
            unknown.
    """
    pollutants, knots = values_of(road_base_emission_factor, "pollutant_code"), speed_knots(road_speed_correction)
    fleet = fleet_mix.where(F.col("fuel_code") != Fuel.ELECTRIC)
    _check_inputs(
        traffic_hourly, road_link, fleet_mix, fleet, road_base_emission_factor, road_speed_correction, pollutants
    )
    hours = mean_weather_by_hour(weather_hourly, context)
    corrections = weather_corrections(hours, fleet, road_temperature_correction, road_humidity_correction, pollutants)
    segments = speed_segments(road_speed_correction, pollutants, knots=knots)
    vehicles = _join_corrections(fleet, road_base_emission_factor, segments, corrections, pollutants)
    factors = _apply_link_detail(_emission_factors(vehicles, pollutants), pollutants, context)
    return _emission_rows(_join_links(traffic_hourly, road_link, factors, knots), pollutants)


def _join_corrections(
    fleet: DataFrame,
    road_base_emission_factor: DataFrame,
    segments: DataFrame,
    corrections: DataFrame,
    pollutants: Sequence[str],
) -> DataFrame:
    """Each vehicle of the fleet by road class, hour and speed segment, with its base factors and corrections."""
    base = pollutants_as_columns(road_base_emission_factor, VEHICLE, [BASE], pollutants)
    # Each vehicle to its few segments, then to the hours with its local hour.
    vehicles = fleet.join(base, VEHICLE).join(segments, ["fuel_code", "emission_stage_code"])
    return vehicles.join(corrections, ["vehicle_class_code", "fuel_code", "local_hour"])


def _emission_factors(vehicles: DataFrame, pollutants: Sequence[str]) -> DataFrame:
    """The factors of each vehicle in each hour at both ends of each speed segment.

    A small table, whatever the number of links.
    """
    ends = [
        equations.emission_factor_g_per_km(
            F.col(pollutant_column(BASE, p)),
            temperature_correction=F.col(pollutant_column("temperature_correction", p)),
            humidity_correction=F.col(pollutant_column("humidity_correction", p)),
            speed_correction=F.col(pollutant_column(f"{side}_speed_correction", p)),
        ).alias(pollutant_column(f"{side}_{FACTOR}", p))
        for p in pollutants
        for side in ("lower", "upper")
    ]
    return vehicles.select(
        "road_class_code",
        "hour_utc",
        "segment",
        *VEHICLE,
        "fleet_share",
        "is_reference_state",
        "lower_speed_km_per_h",
        "upper_speed_km_per_h",
        *ends,
    )


def _join_links(
    traffic_hourly: DataFrame, road_link: DataFrame, factors: DataFrame, knots: Sequence[float]
) -> DataFrame:
    """Each link and hour with the factors of its fleet, and the position of its speed between them."""
    registered = road_link.select("link_id", "road_class_code", "length_km")
    links = traffic_hourly.join(registered, "link_id")  # many hours to one link
    links = links.withColumn("segment", speed_segment(F.col("speed_km_per_h"), knots))
    with_factors = links.join(factors, ["road_class_code", "hour_utc", "segment"])  # one link and hour to its fleet
    return with_factors.withColumn("share_of_segment", share_of_segment(F.col("speed_km_per_h"), knots))


def _apply_link_detail(factors: DataFrame, pollutants: Sequence[str], context: Context) -> DataFrame:
    """The factors by vehicle, or one of the whole fleet (sum of share times factor), by the option of the region."""
    detail = context.region.options.get(DETAIL_OPTION, BY_VEHICLE)
    if detail not in (BY_VEHICLE, BY_LINK):
        raise InputError(
            f"region.toml [options] {DETAIL_OPTION} = '{detail}': expected {BY_VEHICLE} or {BY_LINK}",
            "write one of the two",
        )
    if detail == BY_VEHICLE:
        return factors
    key = [
        "road_class_code",
        "hour_utc",
        "segment",
        "is_reference_state",
        "lower_speed_km_per_h",
        "upper_speed_km_per_h",
    ]
    names = [pollutant_column(f"{side}_{FACTOR}", p) for p in pollutants for side in ("lower", "upper")]
    sums = [exact_sum(F.col("fleet_share") * F.col(name)).alias(name) for name in names]
    whole_fleet = factors.groupBy(*key).agg(*sums)
    return whole_fleet.withColumns({"fleet_share": F.lit(1.0), **{name: F.lit(WHOLE_FLEET) for name in VEHICLE}})


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
    """The emission at the speed of the link; the factor is interpolated, being linear in the speed correction."""
    lower, upper = (F.col(pollutant_column(f"{side}_{FACTOR}", pollutant)) for side in ("lower", "upper"))
    factor = lower + (upper - lower) * F.col("share_of_segment")
    emission: Column = equations.emission_g(
        F.col("flow_veh_per_h"), F.col("fleet_share"), emission_factor_g_per_km=factor, length_km=F.col("length_km")
    )
    return emission


def _check_inputs(
    traffic_hourly: DataFrame,
    road_link: DataFrame,
    fleet_mix: DataFrame,
    fleet: DataFrame,
    road_base_emission_factor: DataFrame,
    road_speed_correction: DataFrame,
    pollutants: Sequence[str],
) -> None:
    """Refuse the inputs that the joins would drop without a message."""
    every_pollutant = F.explode(F.array(*(F.lit(p) for p in pollutants))).alias("pollutant_code")
    vehicles = fleet.select(*VEHICLE).distinct().select(*VEHICLE, every_pollutant)
    every_hour = F.explode(F.sequence(*(F.lit(end).cast("bigint") for end in (0, 23)))).alias("local_hour")
    class_hours = road_link.select("road_class_code").distinct().select("road_class_code", every_hour)
    _check_covered(traffic_hourly.select("link_id").distinct(), road_link, "table traffic_hourly", "road_link")
    _check_covered(class_hours, fleet_mix, "table road_link", "fleet_mix")
    _check_covered(vehicles, road_base_emission_factor, "table fleet_mix", "road_base_emission_factor")
    _check_covered(
        vehicles.drop("vehicle_class_code").distinct(),
        road_speed_correction,
        "table fleet_mix",
        "road_speed_correction",
    )


def _check_covered(wanted: DataFrame, available: DataFrame, wanted_by: str, table_name: str) -> None:
    missing = (
        wanted.join(available.select(*wanted.columns).distinct(), wanted.columns, "left_anti")
        .orderBy(*wanted.columns)
        .limit(1)
        .collect()
    )
    if missing:
        key = ", ".join(f"{name} {value}" for name, value in missing[0].asDict().items())
        raise InputError(f"{wanted_by}: {key} has no row in {table_name}", f"add the row to {table_name}")
