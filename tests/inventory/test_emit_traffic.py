"""Emission of one link: 1,000 vehicles an hour over 2 km, one reading in each case."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import ANY

import pyarrow as pa
import pytest

from bigdata_emis import reference, schema
from bigdata_emis.context import Context
from bigdata_emis.errors import InputError
from bigdata_emis.inventory.emit_traffic import emit_traffic
from bigdata_emis.inventory.roads.guide_tables import GuideTables
from bigdata_emis.region import Grid, Region
from bigdata_emis.schema.arrow import conform
from bigdata_emis.window import Window
from tests.inventory.fleets.fleet_frames import frame, on_engine

INSTANT = pa.timestamp("us", tz="UTC")
NOON_UTC = datetime(2015, 12, 20, 4, tzinfo=UTC)  # 12:00 in Shanghai
DAY = Window(datetime(2015, 12, 19, 16, tzinfo=UTC), datetime(2015, 12, 20, 16, tzinfo=UTC))
CONTEXT = Context(
    Region("city", Path(), "city", "市", "Asia/Shanghai", True, Grid("EPSG:32650", 1000, 0, 0, 1, 1), {}, {}, {}),
    DAY,
    DAY.to_utc,
    "test",
    store=None,
)
CAR = ("LPV_mini_small", "gasoline", "IV")
TRUCK = ("HeavyT", "diesel", "III")
MILD = (15.0, 0.5)
REFERENCE_FUEL = {"gasoline_sulphur_ppm": 50, "diesel_sulphur_ppm": 350}


def emitted(
    spark,
    readings=((30.0, 1000.0),),
    fleet=((*CAR, 1.0),),
    weather=MILD,
    link="link",
    hour=NOON_UTC,
    mix_hours=range(24),
    options=None,
    table="emission_link_hourly",
    evaporation=True,
    wear=True,
    flow_method="free_flow",
    place=None,
    local_fleet=(),
    restrictions=(),
    areas=(),
):
    traffic = pa.table(
        {
            "link_id": [link] * len(readings),
            "hour_utc": pa.array([hour + timedelta(hours=n) for n in range(len(readings))], INSTANT),
            "speed_km_per_h": [r[0] for r in readings],
            "flow_veh_per_h": [r[1] for r in readings],
            "imputation_code": ["none"] * len(readings),
            "flow_method_code": [flow_method] * len(readings),
        }
    )
    road = frame("road_link", [{"link_id": "link", "road_class_code": "trunk", "length_km": 2.0, **(place or {})}])
    mix = [
        {
            "road_class_code": "trunk",
            "local_hour": h,
            "vehicle_class_code": v,
            "fuel_code": f,
            "emission_stage_code": s,
            "fleet_share": share,
        }
        for h in mix_hours
        for v, f, s, share in fleet
    ]
    hours = list(DAY.hour_starts_utc())
    station = pa.table(
        {
            "station_id": ["s"] * 24,
            "hour_utc": pa.array(hours, INSTANT),
            "air_temperature_degc": pa.array([weather[0]] * 24, pa.float64()),
            "relative_humidity_share": pa.array([weather[1]] * 24, pa.float64()),
        }
    )
    guide = {f.name: reference.read(f.name) for f in fields(GuideTables)}
    if not evaporation:
        none = guide["road_evaporation_factor"]
        guide["road_evaporation_factor"] = none.set_column(
            none.schema.get_field_index("running_loss_g_per_h"), "running_loss_g_per_h", pa.array([0.0] * none.num_rows)
        )
    if not wear:
        guide["road_wear_factor"] = guide["road_wear_factor"].slice(0, 0)
    own = [{"is_counted_on_road": False, "source": "test", **row} for row in local_fleet]
    ban = [{"compliance_share": 1.0, "source": "test", **row} for row in restrictions]
    registry = [frame("local_fleet", own), frame("traffic_restriction", ban), reference.read("calendar_period")]
    area = frame("activity_area", areas)
    frames = [traffic, road, pa.Table.from_pylist(mix), *registry, station, *guide.values(), area]
    context = replace(CONTEXT, region=replace(CONTEXT.region, options={**REFERENCE_FUEL, **(options or {})}))
    result = emit_traffic(*(on_engine(spark, given) for given in frames), context=context)
    if table == "road_emission_factor_hourly":
        return conform(result[table], schema.table(table)).to_pylist()
    written = result[table]
    return conform(written if isinstance(written, pa.Table) else written.toArrow(), schema.table(table)).to_pylist()


def grams(rows, pollutant="CO"):
    return [row["emission_g"] for row in rows if row["pollutant_code"] == pollutant]


def test_emission_at_the_reference_state_is_flow_times_length_times_base_factor(spark):
    rows = emitted(spark)
    assert {row["pollutant_code"] for row in rows} == {"CO", "VOCs", "NOx", "PM2.5", "PM10", "BC", "OC"}
    assert grams(rows) == [pytest.approx(1000 * 2 * 0.68)]
    assert grams(rows, "NOx") == [pytest.approx(1000 * 2 * 0.032)]
    assert {(row["imputation_code"], row["flow_method_code"]) for row in rows} == {("none", "free_flow")}


@pytest.mark.parametrize(
    ("speed", "correction"),
    [
        (5.0, 1.69),
        (10.0, 1.69),
        (17.5, (1.69 + 1.26) / 2),
        (25.0, 1.26),
        (30.0, 1.0),
        (32.5, (1 + 0.79) / 2),
        (35.0, 0.79),
        (47.5, (0.79 + 0.39) / 2),
        (60.0, 0.39),
        (75.0, (0.39 + 0.62) / 2),
        (90.0, 0.62),
        (120.0, 0.62),
    ],
)
def test_the_speed_correction_is_linear_between_bin_centres(spark, speed, correction):
    assert grams(emitted(spark, readings=((speed, 1000.0),))) == [pytest.approx(1360 * correction)]


@pytest.mark.parametrize(
    ("weather", "correction"),
    [
        ((9.0, 0.5), 1.15),
        ((10.0, 0.5), 1.0),
        ((25.0, 0.5), 1.0),
        ((26.0, 0.5), 1.31),
        ((20.0, 0.4), 1.06),
        ((24.0, 0.4), 1.06),
        ((24.5, 0.4), 1.13),
        ((20.0, 0.6), 0.92),
        ((26.0, 0.6), 1.31 * 0.87),
    ],
    ids=[
        "cold",
        "10 C is mild",
        "25 C is mild",
        "hot",
        "dry",
        "24 C is the cool row",
        "dry and warm",
        "damp",
        "hot and damp",
    ],
)
def test_one_temperature_row_and_one_humidity_row_apply(spark, weather, correction):
    assert grams(emitted(spark, weather=weather), "NOx") == [pytest.approx(64 * correction)]


def test_an_hour_without_weather_has_the_reference_state_and_its_code(spark):
    rows = emitted(spark, weather=(None, None))
    assert grams(rows) == [pytest.approx(1360)]
    assert {row["imputation_code"] for row in rows} == {"reference_state"}


def test_zero_flow_emits_nothing_and_more_flow_emits_more(spark):
    assert grams(emitted(spark, readings=((30.0, 0.0), (30.0, 500.0), (30.0, 1000.0)))) == [
        0.0,
        pytest.approx(680),
        pytest.approx(1360),
    ]


def test_fleet_is_split_by_share_and_electric_cars_have_wear_and_no_exhaust(spark):
    rows = emitted(spark, fleet=((*CAR, 0.5), (*TRUCK, 0.25), ("LPV_mini_small", "electric", "VI", 0.25)))
    electric = {row["pollutant_code"]: row["emission_g"] for row in rows if row["fuel_code"] == "electric"}
    assert electric == {"PM10": pytest.approx(0.25 * 57.3966), "PM2.5": pytest.approx(0.25 * 30.36282), "BC": ANY}
    assert {row["vehicle_class_code"]: row["emission_g"] for row in rows if row["pollutant_code"] == "CO"} == {
        "LPV_mini_small": pytest.approx(0.5 * 1360),
        "HeavyT": pytest.approx(0.25 * 2000 * 2.79),
    }


def test_the_total_of_a_link_is_the_sum_of_its_vehicles(spark):
    fleet, readings = ((*CAR, 0.6), (*TRUCK, 0.4)), ((22.0, 700.0), (71.0, 900.0), (5.0, 10.0), (130.0, 1.0))
    detailed = emitted(spark, readings, fleet, weather=(3.0, 0.7))
    whole = emitted(spark, readings, fleet, weather=(3.0, 0.7), table="emission_road_hourly")
    assert len(whole) == 4 * 7
    for row in whole:
        parts = [
            r["emission_g"]
            for r in detailed
            if (r["hour_utc"], r["pollutant_code"]) == (row["hour_utc"], row["pollutant_code"])
        ]
        assert row["emission_g"] == pytest.approx(sum(parts), rel=1e-12)


def test_wear_is_apart_by_process_and_a_part_of_the_total(spark):
    """1,000 cars over 2 km at 30 km/h, PM10: 0.00642 × 1.39 of tyres, 0.00735 × 1.67 of brakes, 0.0075 of the road."""
    rows = emitted(spark, table="emission_wear_hourly")
    by_process = {row["road_process_code"]: row["emission_g"] for row in rows if row["pollutant_code"] == "PM10"}
    assert by_process == {
        "tyre_wear": pytest.approx(17.8476),
        "brake_wear": pytest.approx(24.549),
        "road_surface_wear": pytest.approx(15.0),
    }
    with_wear, exhaust = (
        grams(emitted(spark, wear=worn, table="emission_road_hourly"), "PM10") for worn in (True, False)
    )
    assert with_wear == [pytest.approx(exhaust[0] + 57.3966)]


@pytest.mark.parametrize(
    ("speed", "tyre", "brake"), [(10.0, 1.39, 1.67), (80.0, 0.9996, 0.59), (95.0, 0.902, 0.185), (130.0, 0.902, 0.185)]
)
def test_wear_falls_with_speed_as_in_the_guidebook(spark, speed, tyre, brake):
    rows = emitted(spark, readings=((speed, 1000.0),), table="emission_wear_hourly")
    worn = {row["road_process_code"]: row["emission_g"] for row in rows if row["pollutant_code"] == "PM2.5"}
    assert worn["tyre_wear"] == pytest.approx(2000 * 0.004494 * tyre)
    assert worn["brake_wear"] == pytest.approx(2000 * 0.002925 * brake)
    assert worn["road_surface_wear"] == pytest.approx(2000 * 0.00405)


def test_without_factors_of_wear_there_are_no_rows_of_it(spark):
    assert emitted(spark, wear=False, table="emission_wear_hourly") == []
    assert emitted(spark, options={"link_detail": "link"}, table="emission_wear_hourly") == []


def test_a_region_can_do_without_the_rows_by_vehicle(spark):
    assert emitted(spark, options={"link_detail": "link"}) == []
    total = emitted(spark, options={"link_detail": "link"}, table="emission_road_hourly")
    assert grams(total) == [pytest.approx(1000 * 2 * 0.68)]


def test_the_total_does_not_depend_on_how_rows_are_divided(spark):
    readings = tuple((10.0 + 7 * n, 333.3 * n) for n in range(6))
    each = [row for r in range(6) for row in emitted(spark, readings[r : r + 1], table="emission_road_hourly")]
    whole = emitted(spark, readings, table="emission_road_hourly")
    assert sorted(row["emission_g"] for row in whole) == sorted(row["emission_g"] for row in each)


@pytest.mark.parametrize(
    ("options", "vehicle", "pollutant", "ratio"),
    [
        ({"diesel_sulphur_ppm": 10}, TRUCK, "PM2.5", 0.80),
        ({"gasoline_sulphur_ppm": 10}, CAR, "CO", 0.90),
        ({"truck_load_share": 1.0}, TRUCK, "NOx", 1.43),
        ({"truck_load_share": 1.0}, CAR, "NOx", 1.0),
        ({"altitude_m": 1800}, CAR, "NOx", 3.15),
        ({"altitude_m": 1500}, CAR, "NOx", 1.0),
    ],
)
def test_the_state_of_the_region_changes_the_emission_as_in_the_guide(spark, options, vehicle, pollutant, ratio):
    before, after = (
        grams(emitted(spark, fleet=((*vehicle, 1.0),), options=given, wear=False), pollutant) for given in ({}, options)
    )
    assert after == [pytest.approx(ratio * before[0])]


@pytest.mark.parametrize("speed", [10.0, 30.0, 90.0])
def test_the_emission_of_a_link_follows_from_the_table_of_factors(spark, speed):
    fleet = ((*CAR, 0.6), (*TRUCK, 0.4))
    given = {"readings": ((speed, 1000.0),), "fleet": fleet, "weather": (3.0, 0.7)}
    factors = {
        (row["vehicle_class_code"], row["pollutant_code"]): row["emission_factor_g_per_km"]
        for row in emitted(spark, **given, table="road_emission_factor_hourly")
        if (row["hour_utc"], row["speed_km_per_h"]) == (NOON_UTC, speed)
    }
    rows = emitted(spark, **given)
    assert len(rows) == len(factors) == 14
    for row in rows:
        factor = factors[row["vehicle_class_code"], row["pollutant_code"]]
        assert row["emission_g"] == pytest.approx(1000 * 2 * factor, rel=1e-12)


def test_the_factors_say_which_corrections_the_region_states(spark):
    rows = emitted(spark, fleet=((*TRUCK, 1.0),), options={"altitude_m": 40}, table="road_emission_factor_hourly")
    codes = {name: {row[f"{name}_source_code"] for row in rows} for name in ("sulphur", "load", "altitude", "weather")}
    assert codes == {
        "sulphur": {"region"},
        "load": {"reference_state"},
        "altitude": {"region"},
        "weather": {"measured"},
    }


def test_rerun_gives_the_same_bytes(spark):
    readings = tuple((10.0 + 7 * n, 333.3 * n) for n in range(6))
    assert emitted(spark, readings=readings, weather=(3.3, 0.7)) == emitted(
        spark, readings=readings, weather=(3.3, 0.7)
    )


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"link": "unknown"}, "link_id unknown has no row in road_link"),
        ({"mix_hours": range(23)}, "local_hour 23 has no row in fleet_mix"),
        ({"fleet": (("MOPED", "diesel", "V", 1.0),)}, "vehicle_class_code MOPED.*no row in road_base_emission_factor"),
        ({"options": {"link_detail": "some"}}, "link_detail = 'some'"),
    ],
    ids=["link", "hour of the fleet", "vehicle", "option"],
)
def test_a_row_that_a_join_would_drop_is_refused_by_name(spark, change, named):
    with pytest.raises(InputError, match=named):
        emitted(spark, **change)


@pytest.mark.parametrize(
    ("speed", "loss"),
    [(30.0, 11.6 / 30), (12.5, (1.16 + 11.6 / 15) / 2), (2.0, 2.32), (200.0, 11.6 / 120)],
    ids=["at a knot", "between knots", "slower than 5 km/h", "faster than 120 km/h"],
)
@pytest.mark.parametrize("table", ["emission_link_hourly", "emission_road_hourly"])
def test_vocs_have_the_petrol_that_evaporates_in_the_time_on_the_link(spark, speed, loss, table):
    """11.6 g for each hour of driving, linear between the knots; the exhaust is as it would be without."""
    burnt = emitted(spark, readings=((speed, 1000.0),), table=table, evaporation=False)
    (with_loss,) = grams(emitted(spark, readings=((speed, 1000.0),), table=table), "VOCs")
    assert with_loss - grams(burnt, "VOCs")[0] == pytest.approx(1000 * 2 * loss)


def test_diesel_trucks_do_not_evaporate_and_exhaust_is_as_before(spark):
    truck = ((*TRUCK, 1.0),)
    with_knots, without = (emitted(spark, fleet=truck, evaporation=added) for added in (True, False))
    assert [r["emission_g"] for r in with_knots] == [pytest.approx(r["emission_g"]) for r in without]
    assert grams(emitted(spark)) == [pytest.approx(g) for g in grams(emitted(spark, evaporation=False))]


def test_the_factor_table_has_exhaust_and_evaporation_and_says_how_much_evaporates(spark):
    rows = emitted(spark, table="road_emission_factor_hourly")
    of_noon = [r for r in rows if r["pollutant_code"] == "VOCs" and r["hour_utc"] == NOON_UTC]
    at_10 = next(r for r in of_noon if r["speed_km_per_h"] == 10.0)
    assert at_10["running_loss_g_per_km"] == pytest.approx(1.16)
    at_30 = next(r for r in of_noon if r["speed_km_per_h"] == 30.0)
    assert at_30["emission_factor_g_per_km"] == pytest.approx(0.075 + 11.6 / 30)
    assert {r["running_loss_g_per_km"] for r in rows if r["pollutant_code"] != "VOCs"} == {0.0}


def test_a_city_with_its_own_fleet_emits_with_it_and_others_with_the_usual_one(spark):
    """Trucks alone in the city: 1000 × 2 km × 2.2 g of CO a kilometre instead of cars."""
    truck = dict(zip(("vehicle_class_code", "fuel_code", "emission_stage_code"), TRUCK, strict=True))
    own = [{**truck, "local_fleet_id": "a", "city_name": "Beijing", "fleet_share": 1.0}]
    given = {"local_fleet": own, "table": "emission_road_hourly"}
    of_trucks = grams(emitted(spark, fleet=((*TRUCK, 1.0),), table="emission_road_hourly"))
    of_cars = grams(emitted(spark, table="emission_road_hourly"))
    assert of_trucks != of_cars
    assert grams(emitted(spark, place={"city_name": "Beijing"}, **given)) == of_trucks
    assert grams(emitted(spark, place={"city_name": "Tianjin"}, **given)) == of_cars
    assert grams(emitted(spark, **given)) == of_cars


@pytest.mark.parametrize("table", ["emission_link_hourly", "emission_road_hourly"])
def test_a_restriction_in_force_changes_the_fleet_of_the_day(spark, table):
    """Cars and trucks in equal parts; without trucks the whole flow of the day is cars."""
    ban = {"traffic_restriction_id": "b", "vehicle_class_code": "HeavyT", "banned_share": 1.0}
    both = ((*CAR, 0.5), (*TRUCK, 0.5))
    of_cars = sum(grams(emitted(spark, table=table)))
    held = [{**ban, "valid_from": DAY.from_utc.date()}]
    past = [{**ban, "valid_from": DAY.from_utc.date(), "valid_to": DAY.from_utc.date()}]  # the 19th

    def total(restrictions, flow_method):
        given = {"fleet": both, "restrictions": restrictions, "flow_method": flow_method, "table": table}
        return sum(grams(emitted(spark, **given)))

    assert total(held, "speed_flow") == pytest.approx(of_cars)
    assert total(past, "speed_flow") > of_cars


@pytest.mark.parametrize("method", ["free_flow", "free_flow_phones", "free_flow_trucks"])
@pytest.mark.parametrize("table", ["emission_link_hourly", "emission_road_hourly"])
def test_a_typical_flow_loses_the_vehicles_that_a_restriction_keeps_off_the_road(spark, table, method):
    """Cars and trucks in equal parts; without trucks half of a typical flow is left, all of it cars.

    Phones and trucks on the road say how a link differs from counted ones, and not that vehicles are missing.
    """
    ban = {"vehicle_class_code": "HeavyT", "banned_share": 1.0, "valid_from": DAY.from_utc.date()}
    both = ((*CAR, 0.5), (*TRUCK, 0.5))
    given = {"restrictions": [{**ban, "traffic_restriction_id": "b"}], "flow_method": method, "table": table}
    assert grams(emitted(spark, fleet=both, **given)) == [pytest.approx(680.0)]  # 1000 × 0.5 × 2 km × 0.68 g/km


def test_each_row_of_the_factors_says_where_its_fleet_is_from_and_what_is_restricted(spark):
    ban = {"traffic_restriction_id": "b", "fuel_code": "diesel", "banned_share": 0.5, "valid_from": DAY.from_utc.date()}
    both = ((*CAR, 0.5), (*TRUCK, 0.5))
    rows = emitted(spark, fleet=both, restrictions=[ban], table="road_emission_factor_hourly")
    assert {row["fleet_source_code"] for row in rows} == {"usual"}
    assert {(row["fuel_code"], row["restricted_share"]) for row in rows} == {("gasoline", 0.0), ("diesel", 0.5)}


def test_an_own_fleet_with_a_vehicle_without_factor_is_refused(spark):
    own = [
        {
            "local_fleet_id": "a",
            "vehicle_class_code": "MC",
            "fuel_code": "diesel",
            "emission_stage_code": "IV",
            "fleet_share": 1.0,
        }
    ]
    with pytest.raises(InputError, match="table local_fleet: vehicle_class_code MC, fuel_code diesel"):
        emitted(spark, local_fleet=own)


def test_vehicles_that_may_not_drive_at_all_are_among_the_factors_without_emission(spark):
    ban = {"traffic_restriction_id": "b", "fuel_code": "diesel", "banned_share": 1.0}
    both = ((*CAR, 0.5), (*TRUCK, 0.5))
    rows = emitted(spark, fleet=both, restrictions=[ban], table="road_emission_factor_hourly", evaporation=False)
    at_reference = [row for row in rows if (row["pollutant_code"], row["speed_km_per_h"]) == ("CO", 30.0)]
    given = {(r["fuel_code"], r["emission_factor_g_per_km"], r["restricted_share"]) for r in at_reference}
    assert given == {("gasoline", 0.68, 0.0), ("diesel", 0.0, 1.0)}
    cars, trucks = (
        {r["unrestricted_emission_factor_g_per_km"] for r in at_reference if r["fuel_code"] == fuel}
        for fuel in ("gasoline", "diesel")
    )
    assert list(cars) == [pytest.approx(0.34)]
    assert min(trucks) > 0


def test_the_factors_have_the_fleet_of_roads_without_a_link_in_a_restricted_city(spark):
    ban = {"traffic_restriction_id": "b", "city_name": "Beijing", "fuel_code": "diesel", "banned_share": 0.5}
    lanes = [{"activity_area_id": "lanes", "industry_code": "minor_road", "city_name": "Beijing"}]
    both = ((*CAR, 0.5), (*TRUCK, 0.5))
    given = {"fleet": both, "restrictions": [ban], "table": "road_emission_factor_hourly"}
    rows = emitted(spark, areas=lanes, **given)
    assert {(row["fleet_place"], row["fuel_code"], row["restricted_share"]) for row in rows} == {
        ("region", "gasoline", 0.0),
        ("region", "diesel", 0.0),
        ("city:Beijing", "gasoline", 0.0),
        ("city:Beijing", "diesel", 0.5),
    }
    assert {row["fleet_place"] for row in emitted(spark, **given)} == {"region"}


def test_restrictions_of_the_days_to_come_are_written_with_the_day(spark):
    after = DAY.from_utc.date() + timedelta(days=3)  # two days after the local day
    ban = {"traffic_restriction_id": "b", "fuel_code": "diesel", "banned_share": 0.5, "valid_from": after}
    given = {"fleet": ((*CAR, 0.5), (*TRUCK, 0.5)), "table": "traffic_restriction_ahead"}
    rows = emitted(spark, restrictions=[ban], **given)
    assert len(rows) == 9 * 24  # of ten days to come all but the first
    assert {(row["fuel_code"], row["restricted_share"], row["kept_share"]) for row in rows} == {("diesel", 0.5, 0.75)}
    assert {row["hour_utc"] for row in rows} == {DAY.from_utc}
    assert emitted(spark, **given) == []
