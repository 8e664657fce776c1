"""The place whose fleet a road has: county, city or region, whichever the registry names."""

import pytest

from bigdata_emis.reference.fleet_places import FleetPlace, fleet_places, minor_road_areas, minor_road_class
from tests.inventory.fleets.fleet_frames import frame

LINKS = frame(
    "road_link",
    [
        {"link_id": "a", "city_name": "唐山", "county_id": "130203"},
        {"link_id": "b", "city_name": "唐山", "county_id": "130204"},
        {"link_id": "c"},
    ],
)


def codes(fleets=(), restrictions=()):
    given = frame("local_fleet", list(fleets)), frame("traffic_restriction", list(restrictions))
    return [place.code for place in fleet_places(LINKS, *given)]


def test_a_region_without_own_fleets_and_restrictions_has_one_place():
    assert codes() == ["region", "region", "region"]


def test_a_county_is_a_place_where_it_is_named_and_else_its_city():
    assert codes(fleets=[{"city_name": "唐山"}]) == ["city:唐山", "city:唐山", "region"]
    named = [{"city_name": "唐山"}, {"county_id": "130203"}]
    assert codes(fleets=named[:1], restrictions=named[1:]) == ["county:130203", "city:唐山", "region"]


@pytest.mark.parametrize(
    ("city", "county", "is_within"),
    [("", "", True), (None, None, True), ("唐山", "", True), ("唐山", "130203", True), ("天津", "", False)],
)
def test_what_is_stated_for_a_city_holds_in_its_counties(city, county, is_within):
    assert FleetPlace("唐山", "130203").is_within(city, county) is is_within


def test_what_is_stated_for_a_county_does_not_hold_in_the_rest_of_its_city():
    assert not FleetPlace("唐山").is_within("唐山", "130203")


def test_roads_without_a_link_are_areas_of_one_industry():
    areas = frame(
        "activity_area",
        [
            {"activity_area_id": "lanes", "industry_code": "minor_road"},
            {"activity_area_id": "dust", "industry_code": "road_dust"},
        ],
    )
    assert minor_road_areas(areas)["activity_area_id"].to_pylist() == ["lanes"]


def test_they_have_the_lowest_road_class_of_the_fleet():
    assert minor_road_class(["secondary", "motorway", "primary"]) == "secondary"
    assert minor_road_class(["primary", "trunk"]) == "primary"
    assert minor_road_class([]) is None
