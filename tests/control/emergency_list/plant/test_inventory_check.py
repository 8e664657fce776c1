"""A row of a list beside the inventory: alike, fifty times apart, zero on one side, not matched."""

from datetime import date
from typing import Any

from bigdata_emis.control.emergency_list.matching.list_registry import ListRegistry
from bigdata_emis.control.emergency_list.own_numbers.inventory_columns import InventoryBase
from bigdata_emis.control.emergency_list.plant.inventory_check import NO_INVENTORY, check_against_inventory
from tests.control.emergency_list.own_numbers.test_inventory_columns import CODE, kiln

__all__ = ["kiln"]
BASE = InventoryBase(date(2026, 10, 1), "v1", False, {"kiln-1": {"SO2": 48.0, "NOx": 24.0}})


def check(base: InventoryBase | None = BASE, *, code: str = CODE, **stated: float) -> tuple[str, str]:
    """One row of the kiln with the emission that the list states, in kg/d."""
    emissions = {name: {"emission_kg_per_d": kg, "cut_kg_per_d": None} for name, kg in stated.items()}
    item: dict[str, Any] = dict.fromkeys(
        ("line_name", "industry_code", "matched_line_ids", "measure_text", "vehicle_class_codes", "alert_level_code")
    )
    item |= {
        "credit_code": code,
        "enterprise_name": "示例石灰1厂",
        "industry_code": "lime_kiln",
        "emissions": emissions,
    }
    item |= {"sheet_name": "工业", "excel_row_number": 5, "county_name": "甲县", "list_item_status_code": "accepted"}
    return check_against_inventory([item], ListRegistry("nys", [item]), base)


def test_emissions_within_the_factor_need_no_warning(kiln: None) -> None:
    inventory, warning = check(SO2=60.0, NOx=100.0)
    assert inventory.startswith("2026-10-01 版本v1：SO2 48，NOx 24")
    assert warning == ""


def test_an_emission_fifty_times_that_of_the_inventory_is_flagged_with_both(kiln: None) -> None:
    _, warning = check(SO2=60.0, NOx=1200.0)
    assert warning == ("与排放清单相差超过5倍，请核对单位、生产线与工况：NOx 清单申报 1200，排放清单 24（50倍）")


def test_zero_on_one_side_alone_is_flagged_and_on_both_it_is_not(kiln: None) -> None:
    assert "SO2 清单申报 0，排放清单 48" in check(SO2=0.0)[1]
    assert check(VOCs=0.0)[1] == ""


def test_without_an_inventory_or_a_line_nothing_was_compared_and_that_is_said(kiln: None) -> None:
    assert check(None, SO2=60.0) == (NO_INVENTORY, "")
    inventory, warning = check(code="91999999MA0000009X", SO2=1.0)
    assert ("未核对" in inventory, warning) in ((True, ""), (False, warning))
