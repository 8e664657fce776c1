"""Rules of areas whose activity is counted: a unit that fits the industry, the fuel of berth hours, an annual total.

Belongs here: refusals at registration. Does not: the emission (inventory/areas/movements), single counts (clean).
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from bigdata_emis import reference
from bigdata_emis.codes import ActivityUnit, Industry
from bigdata_emis.collect.registry.csv_text import row_place
from bigdata_emis.equations import nonroad
from bigdata_emis.errors import InputError
from bigdata_emis.reference.named_values import Parameters
from bigdata_emis.schema.mass_units import KG_PER_T

BERTH_FIELDS = ("auxiliary_fuel_kg_per_h", "boiler_fuel_kg_per_h", "shore_power_share")
LARGEST_ACTIVITY = {
    ActivityUnit.LTO: "area_largest_lto",
    ActivityUnit.BERTH_H: "area_largest_berth_h",
    ActivityUnit.FIRE: "area_largest_fire",
}
"""The row of reference/input_limit.csv by unit; fuel is limited by its mass."""
Row = Mapping[str, Any]


def check_counted_areas(frames: Mapping[str, pa.Table], region_folder: Path) -> None:
    """Raise InputError, with file, row and column, for the first counted area that cannot be used."""
    area = frames["activity_area"]
    limit = Parameters("input_limit", reference.read("input_limit", region_folder))
    industries = dict(zip(area["activity_area_id"].to_pylist(), area["industry_code"].to_pylist(), strict=True))
    factors = reference.read("nonroad_fuel_emission_factor", region_folder).to_pylist()
    counted_otherwise = {
        area_id: name
        for name in ("machine", "vehicle_stock")
        for area_id in frames[name]["activity_area_id"].to_pylist()
    }
    with_total = set(frames["area_emission_annual"]["activity_area_id"].to_pylist())
    for row in frames["counted_area"].to_pylist():
        area_id = row["activity_area_id"]
        _check_unit(row, _units_of(industries[area_id], factors), industries[area_id], region_folder)
        _check_fuel(row, region_folder)
        _check_amount(row, limit, region_folder)
        _check_total(row, counted_otherwise.get(area_id), area_id in with_total, region_folder)


def _check_total(row: Row, counted_in: str | None, has_total: bool, region_folder: Path) -> None:
    """Refuse an area whose total is counted twice, and fires without a total that they share out."""
    if counted_in:
        raise InputError(
            f"{_place(row, region_folder)}, column activity_area_id: {counted_in}.csv counts the same area; expected "
            "one of them, because both would replace its annual total",
            "register the ships, aircraft or trains as an area of their own with the same geometry",
        )
    if row["activity_unit_code"] == ActivityUnit.FIRE and not has_total:
        raise InputError(
            f"{_place(row, region_folder)}, column activity_area_id: the area has no annual total; expected one, "
            "because fires only share it out among the days",
            "add the area to area_emission_annual.csv, or remove the row",
        )


def _units_of(industry: str, factors: list[Row]) -> list[str]:
    """The units in which the activity of an industry can be counted."""
    units = {factor["activity_unit_code"] for factor in factors if factor["industry_code"] == industry}
    units |= {ActivityUnit.BERTH_H.value} if industry == Industry.PORT and ActivityUnit.T in units else set()
    units |= {ActivityUnit.FIRE.value} if industry == Industry.OPEN_BURNING else set()
    return sorted(units)


def _check_unit(row: Row, units: list[str], industry: str, region_folder: Path) -> None:
    unit = row["activity_unit_code"]
    if unit not in units:
        expected = f"expected {' or '.join(units)}" if units else "it has no unit with a factor"
        raise InputError(
            f"{_place(row, region_folder)}, column activity_unit_code: '{unit}' for an area of {industry}; {expected}",
            "correct the unit or the industry of the area, or give the region its own "
            "reference/nonroad_fuel_emission_factor.csv",
        )
    if row["annual_activity"] <= 0:
        raise InputError(
            f"{_place(row, region_folder)}, column annual_activity: {row['annual_activity']:g}; expected more than 0, "
            "because counts are shares of it",
            "give the activity of the year of the annual total",
        )


def _check_fuel(row: Row, region_folder: Path) -> None:
    """Refuse berth hours without their fuel, and fuel of other units."""
    is_berth = row["activity_unit_code"] == ActivityUnit.BERTH_H
    for name in BERTH_FIELDS:
        if is_berth and row[name] is None:
            raise InputError(
                f"{_place(row, region_folder)}, column {name}: it is empty; expected a value, because there is no "
                "default with a source for berth hours",
                "give the mean of the ships of this area; write 0 where there is none",
            )
        if not is_berth and row[name] is not None:
            raise InputError(
                f"{_place(row, region_folder)}, column {name}: {row[name]:g} with unit {row['activity_unit_code']}; "
                f"expected it only for {ActivityUnit.BERTH_H}",
                "leave it empty, or count berth hours",
            )


def _check_amount(row: Row, limit: Parameters, region_folder: Path) -> None:
    """Refuse more activity or fuel than a country has, and as good as none, of which counts would be shares."""
    unit, activity = row["activity_unit_code"], row["annual_activity"]
    largest = limit[LARGEST_ACTIVITY[unit]] if unit in LARGEST_ACTIVITY else activity
    if unit in (ActivityUnit.BERTH_H, ActivityUnit.T):
        most_kg_per_h, fuel_kg_per_h = _berth_fuel_kg_per_h(row) if unit == ActivityUnit.BERTH_H else (KG_PER_T,) * 2
        fuel_t, most_t = nonroad.annual_fuel_t(activity, fuel_kg_per_h), nonroad.annual_fuel_t(activity, most_kg_per_h)
        if most_t > limit["area_largest_fuel"]:
            expected = f"less than a country burns, {limit['area_largest_fuel']:.2g} t"
            raise _wrong_amount(row, f" are {most_t:.2g} t of fuel a year", expected, region_folder)
        if fuel_t < limit["area_least_fuel"]:
            expected = f"at least {limit['area_least_fuel']:g} t, because counts are shares of it"
            raise _wrong_amount(row, f" are {fuel_t:.2g} t of fuel a year", expected, region_folder)
    if activity > largest:
        expected = f"no more than {largest:g} of one area"
        raise _wrong_amount(row, " a year", expected, region_folder)
    if activity < limit["area_least_activity"]:
        expected = f"at least {limit['area_least_activity']:g}, because counts are shares of it"
        raise _wrong_amount(row, " a year", expected, region_folder)


def _berth_fuel_kg_per_h(row: Row) -> tuple[float, float]:
    """Fuel of a berth hour without shore power and with it."""
    auxiliary, boiler, shore_power = (row[name] for name in BERTH_FIELDS)
    return auxiliary + boiler, nonroad.berth_fuel_kg_per_h(auxiliary, boiler, shore_power_share=shore_power)


def _wrong_amount(row: Row, amount: str, expected: str, region_folder: Path) -> InputError:
    return InputError(
        f"{_place(row, region_folder)}, column annual_activity: {row['annual_activity']:g} "
        f"{row['activity_unit_code']}{amount}; expected {expected}",
        "check the unit: hours of ships at berth, kilograms of fuel an hour, tonnes of fuel, landings, fires",
    )


def _place(row: Row, region_folder: Path) -> str:
    return row_place(region_folder / "registry", "counted_area", {"activity_area_id": row["activity_area_id"]})
