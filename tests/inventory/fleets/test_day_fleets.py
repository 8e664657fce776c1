"""Fleet of a road in an hour: cars and trucks in equal parts unless a place or time has its own."""

from datetime import UTC, date, datetime

import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.inventory.fleets.day_fleets import fleet_label
from bigdata_emis.reference.fleet_places import FleetPlace
from bigdata_emis.reference.work_calendar import WorkCalendar
from tests.inventory.fleets.fleet_frames import fleets_of

CAR = {"vehicle_class_code": "LPV_mini_small", "fuel_code": "gasoline", "emission_stage_code": "IV"}
TRUCK = {"vehicle_class_code": "HeavyT", "fuel_code": "diesel", "emission_stage_code": "III"}
NOON = datetime(2015, 12, 21, 4, tzinfo=UTC)  # Monday, 12:00 in Shanghai
NIGHT = datetime(2015, 12, 20, 18, tzinfo=UTC)  # Monday, 02:00
SUNDAY = datetime(2015, 12, 20, 4, tzinfo=UTC)
CITY, COUNTY = FleetPlace("唐山"), FleetPlace("唐山", "130203")
MIX = [
    {**vehicle, "road_class_code": "primary", "local_hour": hour, "fleet_share": 0.5}
    for vehicle in (CAR, TRUCK)
    for hour in range(24)
]


def own(name, trucks, **selectors):
    """An own fleet with this share of trucks."""
    shares = ((CAR, 1 - trucks), (TRUCK, trucks))
    return [{**vehicle, "local_fleet_id": name, "fleet_share": share, **selectors} for vehicle, share in shares]


def fleet(*local, place=COUNTY, hour=NOON, restrictions=(), calendar=None):
    """Share of trucks, their restricted share and the source of the fleet on primary roads of a place."""
    rows = [row for one in local for row in one]
    fleets = fleets_of(
        MIX, hours=[hour], links=[("primary", place)], local=rows, restrictions=restrictions, calendar=calendar
    )
    at, truck = fleets.places.index(place.code), fleets.vehicles.index(tuple(TRUCK.values()))
    assert fleets.shares.sum(axis=2) == pytest.approx(1)
    return fleets.shares[at, 0, truck], fleets.restricted[at, 0, truck], fleets.sources[at, 0]


def trucks(*local, **given):
    return fleet(*local, **given)[0]


def test_without_an_own_fleet_the_usual_one_of_the_road_class_holds():
    assert fleet() == (0.5, 0.0, "usual")


def test_the_fleet_of_the_county_wins_over_city_and_region():
    region, city, county = own("r", 0.1), own("c", 0.2, city_name="唐山"), own("d", 0.3, county_id="130203")
    assert fleet(region, city, county) == (0.3, 0.0, "own_county")
    assert fleet(region, city, county, place=CITY) == (0.2, 0.0, "own_city")
    assert fleet(region, city, county, place=FleetPlace()) == (0.1, 0.0, "own_region")


def test_a_place_outweighs_road_class_day_and_hour_and_each_of_these_the_next():
    day = {"fleet_day_code": "monday"}
    hours = {"from_local_hour": 10, "to_local_hour": 14}
    road = {"road_class_code": "primary"}
    place = {"city_name": "唐山"}
    assert trucks(own("a", 0.1, **place), own("b", 0.2, **road, **day, **hours)) == 0.1
    assert trucks(own("a", 0.1, **road), own("b", 0.2, **day, **hours)) == 0.1
    assert trucks(own("a", 0.1, **day), own("b", 0.2, **hours)) == 0.1
    assert trucks(own("a", 0.1, fleet_day_code="workday"), own("b", 0.2, **day)) == 0.2
    assert trucks(own("a", 0.1), own("b", 0.2, **hours)) == 0.2


@pytest.mark.parametrize(
    ("selectors", "hour", "holds"),
    [
        ({"road_class_code": "trunk"}, NOON, False),
        ({"fleet_day_code": "monday"}, NOON, True),
        ({"fleet_day_code": "tuesday"}, NOON, False),
        ({"fleet_day_code": "workday"}, NOON, True),
        ({"fleet_day_code": "workday"}, SUNDAY, False),
        ({"fleet_day_code": "day_off"}, SUNDAY, True),
        ({"from_local_hour": 22, "to_local_hour": 6}, NIGHT, True),
        ({"from_local_hour": 22, "to_local_hour": 6}, NOON, False),
        ({"from_local_hour": 12, "to_local_hour": 24}, NOON, True),
        ({"from_local_hour": 6, "to_local_hour": 12}, NOON, False),
        ({"valid_from": date(2015, 12, 21)}, NOON, True),
        ({"valid_from": date(2015, 12, 22)}, NOON, False),
        ({"valid_to": date(2015, 12, 20)}, NOON, False),
        ({"valid_to": date(2015, 12, 21)}, NOON, True),
    ],
)
def test_an_own_fleet_holds_on_its_roads_days_and_hours(selectors, hour, holds):
    assert trucks(own("a", 0.9, **selectors), hour=hour) == (0.9 if holds else 0.5)


def test_a_public_holiday_is_a_day_off_and_no_monday():
    holiday = WorkCalendar({"holiday": ((date(2015, 12, 21), date(2015, 12, 21)),)})
    assert trucks(own("a", 0.9, fleet_day_code="day_off"), calendar=holiday) == 0.9
    assert trucks(own("a", 0.9, fleet_day_code="monday"), calendar=holiday) == 0.5


def test_a_restriction_leaves_the_rest_of_the_fleet_as_the_whole_flow():
    """Half of the trucks may not drive: 0.25 of 0.75 that is left."""
    ban = {"vehicle_class_code": "HeavyT", "banned_share": 0.5}
    assert fleet(restrictions=[ban]) == (pytest.approx(1 / 3), 0.5, "usual")


def test_who_does_not_obey_drives():
    """20 % of the trucks drive on: 0.1 of 0.6."""
    ban = {"vehicle_class_code": "HeavyT", "compliance_share": 0.8}
    assert fleet(restrictions=[ban])[:2] == (pytest.approx(1 / 6), pytest.approx(0.8))


def test_two_restrictions_of_the_same_vehicles_are_independent():
    """1 − 0.5 × 0.8 = 0.6."""
    bans = [{"fuel_code": "diesel", "banned_share": share} for share in (0.5, 0.2)]
    assert fleet(restrictions=bans)[1] == pytest.approx(0.6)


@pytest.mark.parametrize(
    ("selectors", "restricted"),
    [
        ({"stage_threshold_code": "III"}, 0.5),
        ({"stage_threshold_code": "II"}, 0.0),
        ({"fuel_code": "gasoline"}, 0.0),
        ({"vehicle_class_code": "BUS"}, 0.0),
        ({"city_name": "唐山"}, 0.5),
        ({"city_name": "天津"}, 0.0),
        ({"county_id": "130203"}, 0.5),
        ({"county_id": "130204"}, 0.0),
        ({"fleet_day_code": "day_off"}, 0.0),
        ({"from_local_hour": 13, "to_local_hour": 20}, 0.0),
        ({"valid_to": date(2015, 12, 20)}, 0.0),
    ],
)
def test_a_restriction_reaches_its_vehicles_in_its_place_and_time(selectors, restricted):
    assert fleet(restrictions=[{"banned_share": 0.5, **selectors}])[1] == restricted


def test_a_fleet_that_was_counted_under_restrictions_is_not_restricted_again():
    counted = own("a", 0.2, is_counted_on_road=True)
    assert fleet(counted, restrictions=[{"vehicle_class_code": "HeavyT"}]) == (0.2, 0.0, "own_region")


def test_a_restriction_of_every_vehicle_is_refused():
    with pytest.raises(InputError, match=r"no vehicle is left on primary roads of .*, 2015-12-21 12:00"):
        fleet(restrictions=[{}])


def test_a_link_finds_its_fleet_by_road_class_and_place():
    fleets = fleets_of(MIX, hours=[NOON], links=[("primary", CITY)], local=own("a", 0.2, city_name="唐山"))
    assert fleets.labels == [fleet_label("primary", "city:唐山"), fleet_label("primary", "region")]
    assert fleets.sources[:, 0].tolist() == ["own_city", "usual"]
