"""What restrictions leave of roads without a link: cars emit 0.6 and trucks 0.4 g/km of an unrestricted flow."""

from datetime import date, timedelta

import pyarrow as pa
import pytest

from bigdata_emis.inventory.areas.restricted_roads import FACTORS, RestrictedRoads, kept_by_fleet
from bigdata_emis.inventory.fleets.day_fleets import FleetTables
from bigdata_emis.reference.work_calendar import WorkCalendar
from bigdata_emis.window import day_window
from tests.inventory.fleets.fleet_frames import ZONE, frame

CAR, TRUCK = ("LPV_mini_small", "gasoline", "IV"), ("HeavyT", "diesel", "III")
NAMES = ("vehicle_class_code", "fuel_code", "emission_stage_code")
DAY = day_window(date(2015, 12, 21), ZONE)
BAN = {"traffic_restriction_id": "b", "vehicle_class_code": CAR[0], "banned_share": 0.5, "compliance_share": 1.0}


def roads(**ban):
    """A primary link and minor roads in each of two cities; one day of restrictions."""
    mix = [
        {"road_class_code": road, "local_hour": hour, "fleet_share": share, **dict(zip(NAMES, vehicle, strict=True))}
        for road in ("primary", "secondary")
        for hour in range(24)
        for vehicle, share in ((CAR, 0.8), (TRUCK, 0.2))
    ]
    cities = ("唐山", "天津")
    links = [
        {"link_id": f"link {city}", "road_class_code": "primary", "length_km": 1.0, "city_name": city}
        for city in cities
    ]
    areas = [
        {"activity_area_id": f"lanes {city}", "industry_code": "minor_road", "city_name": city} for city in cities
    ] + [{"activity_area_id": "dust", "industry_code": "road_dust", "city_name": "唐山"}]
    tables = FleetTables(
        frame("fleet_mix", mix), frame("local_fleet", []), frame("traffic_restriction", [{**BAN, **ban}])
    )
    return RestrictedRoads.of_region(
        frame("road_link", links),
        frame("activity_area", areas),
        tables,
        hours=list(DAY.hour_starts_utc()),
        time_zone=ZONE,
        calendar=WorkCalendar({}),
    )


def factors(restricted, place="city:唐山", road="secondary", hours=range(24)):
    rows = [
        (road, place, "NOx", DAY.from_utc + timedelta(hours=hour), speed, share, grams)
        for hour in hours
        for speed, cars in ((30.0, 0.6), (60.0, 6.0))
        for grams, share in ((cars, restricted), (0.4, 0.0))
    ]
    return pa.table(
        [
            pa.array(column, pa.timestamp("us", "UTC")) if name == "hour_utc" else pa.array(column)
            for name, column in zip(FACTORS, zip(*rows, strict=True), strict=True)
        ],
        names=FACTORS,
    )


def test_the_share_left_is_that_of_the_factors_at_the_reference_speed():
    rows = kept_by_fleet(factors(0.5)).to_pylist()
    assert len(rows) == 24
    assert [row["kept_emission_share"] for row in rows] == [pytest.approx(0.7)] * 24


def test_roads_of_a_restricted_city_keep_a_part_of_emission_and_vehicles_and_others_all():
    restricted = roads(city_name="唐山")
    given = pa.concat_tables([factors(0.5), factors(0.0, place="region")])
    rows = restricted.kept_emissions(given).to_pylist()
    assert {row["activity_area_id"] for row in rows} == {"lanes 唐山"}
    assert [row["kept_emission_share"] for row in rows] == [pytest.approx(0.7)] * 24
    assert [row["kept_share"] for row in rows] == [pytest.approx(0.6)] * 24


def test_flows_are_left_as_restrictions_of_their_road_class_place_and_hour_say():
    rows = roads(city_name="唐山", from_local_hour=7, to_local_hour=9).kept_flows().to_pylist()
    assert {row["fleet_label"] for row in rows} == {"primary city:唐山", "secondary city:唐山"}
    assert {(row["hour_utc"] - DAY.from_utc) // timedelta(hours=1) for row in rows} == {7, 8}
    assert [row["kept_share"] for row in rows] == pytest.approx([0.6] * 4)
    of_links = roads(road_class_code="primary").kept_flows().to_pylist()
    assert {row["fleet_label"] for row in of_links} == {"primary region"}


def test_each_link_has_its_length_and_fleet():
    assert roads(city_name="唐山").links.to_pylist() == [
        {"link_id": "link 唐山", "length_km": 1.0, "fleet_label": "primary city:唐山"},
        {"link_id": "link 天津", "length_km": 1.0, "fleet_label": "primary region"},
    ]
