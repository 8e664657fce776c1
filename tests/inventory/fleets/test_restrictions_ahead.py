"""Restrictions of the days after a day: odd plates on workdays in the daytime."""

from datetime import UTC, date, datetime

import pytest

from bigdata_emis.inventory.fleets.day_fleets import FleetTables
from bigdata_emis.inventory.fleets.restrictions_ahead import restricted_ahead
from bigdata_emis.reference.fleet_places import FleetPlace
from bigdata_emis.reference.work_calendar import WorkCalendar
from tests.inventory.fleets.fleet_frames import ZONE, frame

CAR = {"vehicle_class_code": "LPV_mini_small", "fuel_code": "gasoline", "emission_stage_code": "IV"}
TRUCK = {"vehicle_class_code": "HeavyT", "fuel_code": "diesel", "emission_stage_code": "III"}
MIX = [
    {**vehicle, "road_class_code": "primary", "local_hour": hour, "fleet_share": share}
    for vehicle, share in ((CAR, 0.8), (TRUCK, 0.2))
    for hour in range(24)
]
ODD_PLATES = {
    "traffic_restriction_id": "odd",
    "city_name": "唐山",
    "vehicle_class_code": CAR["vehicle_class_code"],
    "fleet_day_code": "workday",
    "from_local_hour": 7,
    "to_local_hour": 20,
    "banned_share": 0.5,
    "compliance_share": 0.9,
}
FRIDAY = date(2015, 12, 18)


def ahead(*restrictions, local=(), days=(FRIDAY,)):
    own = [{"is_counted_on_road": False, **row} for row in local]
    tables = FleetTables(
        frame("fleet_mix", MIX), frame("local_fleet", own), frame("traffic_restriction", list(restrictions))
    )
    fleets = [("primary", FleetPlace("唐山"))]
    return restricted_ahead(tables, fleets, days, time_zone=ZONE, calendar=WorkCalendar({})).to_pylist()


def test_without_restrictions_nothing_is_ahead():
    assert ahead() == []


def test_a_restriction_holds_in_its_hours_of_the_ten_days_to_come():
    """Saturday the 19th to Monday the 28th has six workdays of 13 hours."""
    rows = ahead(ODD_PLATES)
    assert len(rows) == 6 * 13
    assert {(row["fleet_place"], row["road_class_code"], row["emission_stage_code"]) for row in rows} == {
        ("city:唐山", "primary", "IV")
    }
    assert {row["hour_utc"] for row in rows} == {datetime(2015, 12, 17, 16, tzinfo=UTC)}
    assert min(row["restricted_hour_utc"] for row in rows) == datetime(2015, 12, 20, 23, tzinfo=UTC)  # Monday, 07:00
    assert [row["restricted_share"] for row in rows] == pytest.approx([0.45] * 78)
    assert [row["kept_share"] for row in rows] == pytest.approx([1 - 0.8 * 0.45] * 78)


def test_one_that_begins_or_ends_among_these_days_holds_on_its_own_days():
    rows = ahead({**ODD_PLATES, "valid_from": date(2015, 12, 22), "valid_to": date(2015, 12, 23)})
    assert len(rows) == 2 * 13


def test_each_day_of_a_window_has_its_own_days_to_come():
    rows = ahead(ODD_PLATES, days=(FRIDAY, date(2015, 12, 19)))
    assert len(rows) == (6 + 7) * 13  # until Tuesday the 29th


def test_a_fleet_that_was_counted_under_the_restriction_is_not_restricted_again():
    counted = [{"local_fleet_id": "c", "is_counted_on_road": True, "fleet_share": 1.0, **TRUCK}]
    assert ahead(ODD_PLATES, local=counted) == []
