"""Orders on trucks: whom they are about, which trucks they keep out, and those of the city's list."""

import datetime as dt

import pytest

from bigdata_emis.control.emergency_list.import_list import import_workbook
from bigdata_emis.control.emergency_list.list_versions import store_version
from bigdata_emis.control.transport.truck_orders import TruckOrder, orders_of_items, orders_of_plant, read_orders
from bigdata_emis.storage import database
from tests.control.emergency_list.list_builders import DATA
from tests.control.transport.plants import plants_table, rows_of

NOW = dt.datetime(2026, 10, 1, 8, tzinfo=dt.UTC)
PLANT = {"enterprise_id": "E1", "industry_code": "cement_clinker", "grade_code": "B"}


def order(stage: str = "IV", level: str = "yellow", **selectors: str) -> TruckOrder:
    return TruckOrder(level, "HeavyT", stage, "notice", **selectors)


@pytest.mark.parametrize(
    ("selectors", "is_about"),
    [
        ({}, True),
        ({"enterprise_id": "E1"}, True),
        ({"enterprise_id": "E2"}, False),
        ({"industry_code": "cement_clinker", "grade_code": "B"}, True),
        ({"industry_code": "cement_clinker", "grade_code": "C"}, False),
    ],
)
def test_an_order_selects_plants(selectors, is_about):
    assert order(**selectors).is_about(PLANT) is is_about


def test_an_order_holds_at_its_level_and_is_not_about_a_plant_without_grade():
    orders = [order(level="red"), order(grade_code="B")]
    assert orders_of_plant(orders, PLANT, ["yellow"]) == orders[1:]
    assert orders_of_plant(orders, PLANT, ["yellow", "orange", "red"]) == orders
    assert not orders[1].is_about(PLANT | {"grade_code": None})


@pytest.mark.parametrize(
    ("truck", "is_banned"),
    [
        (("HeavyT", "diesel", "IV"), True),
        (("HeavyT", "gas", "III"), True),
        (("HeavyT", "diesel", "V"), False),
        (("MediumT", "diesel", "III"), False),
        (("HeavyT", "electric", "PRE"), False),
    ],
)
def test_trucks_of_the_stage_and_older_are_kept_out_and_electric_ones_are_not(truck, is_banned):
    assert order().bans(*truck) is is_banned


def test_no_haulage_by_road_keeps_every_truck_out():
    assert order("all").bans("HeavyT", "electric", "VI")


def test_the_orders_of_the_registry_and_of_the_newest_list_are_read(home):
    row = {
        "transport_order_id": "t",
        "alert_level_code": "red",
        "vehicle_class_code": "HeavyT",
        "stage_threshold_code": "V",
        "source": "notice",
    }
    database.migrate()
    plant = plants_table("91999999MA0000003W")
    database.replace({"enterprise": plant, "transport_order": rows_of("transport_order", [row])}, "nys")
    imported = import_workbook(DATA / "list_a_simple.xlsx")
    store_version("nys", imported, valid_from=None, valid_to=None, actor="Li", known_utc=NOW)
    orders = read_orders("nys")
    assert orders[0] == TruckOrder("red", "HeavyT", "V", "notice")
    assert {(one.enterprise_id, one.vehicle_class_code, one.stage_threshold_code) for one in orders[1:]} == {
        ("91999999MA0000003W", "HeavyT", "IV")
    }
    assert [one.alert_level_code for one in orders[1:]] == ["yellow", "orange", "red"]
    assert "国四及以下" in orders[1].source


@pytest.mark.parametrize(
    ("text", "hours", "exemption", "fuels", "local_hours"),
    [
        ("停止使用国四及以下重型载货车辆(含燃气)进行运输", None, None, (), None),
        ("国三及以下柴油货车禁行", "6-22", None, ("diesel",), (6, 22)),
        ("禁止国四及以下重型柴油、燃气货车", "22-06", "民生保障车辆", ("diesel", "gas"), (22, 6)),
    ],
)
def test_an_item_bans_the_fuels_and_hours_that_it_names_and_says_its_exemptions(
    text, hours, exemption, fuels, local_hours
):
    item = {
        "alert_level_code": "red",
        "stage_text": "IV",
        "sheet_name": "s",
        "excel_row_number": 7,
        "measure_text": text,
        "hours_text": hours,
        "exemption": exemption,
        "vehicle_class_codes": ["HeavyT"],
        "list_item_status_code": "accepted",
        "measure_kind_code": "vehicle_ban",
    }
    (found,) = orders_of_items([item], OnePlant())
    assert (found.fuel_codes, found.local_hours) == (fuels, local_hours)
    assert (exemption or text) in found.source
    assert not order(fuel_codes=("diesel",)).bans("HeavyT", "gas", "III")


class OnePlant:
    """A registry in which every item is of one plant."""

    def enterprise(self, item: dict) -> str:
        return "E1"
