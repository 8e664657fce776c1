"""Rules of counted machines and vehicles: machines and vehicles are in areas for them, and machines have a factor.

Belongs here: refusals at registration. Does not: the emission (inventory/areas/counted_units).
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from bigdata_emis import reference
from bigdata_emis.codes import Industry
from bigdata_emis.collect.registry.csv_text import row_place
from bigdata_emis.errors import InputError, shorten

OF_MACHINES = (
    Industry.NONROAD_MACHINERY,
    Industry.AGRICULTURAL_MACHINERY,
    Industry.PORT,
    Industry.AIRPORT,
    Industry.RAIL,
)
"""Area sources of engines alone: counted machines replace the totals of an area, and would remove its dust or coal."""
LARGEST_WORK_KWH = 7.5e11
"""Of all machines of a registry in a year; own judgement: about the diesel of China, 160 Mt at 0.22 kg a kWh."""
Row = Mapping[str, Any]


def check_units(frames: Mapping[str, pa.Table], region_folder: Path) -> None:
    """Raise InputError, with file, row and column, for the first machine or vehicle that cannot be used.

    Machines and vehicles are refused in areas of other sources, machines without a factor or a load, and machines that
    together work more than those of a country.
    """
    area = frames["activity_area"]
    industries = dict(zip(area["activity_area_id"].to_pylist(), area["industry_code"].to_pylist(), strict=True))
    _check_vehicles(frames["vehicle_stock"].to_pylist(), industries, region_folder)
    _check_machines(frames["machine"].to_pylist(), industries, region_folder)


def _check_vehicles(vehicle_stock: Sequence[Row], industries: Mapping[str, str], region_folder: Path) -> None:
    for stock in vehicle_stock:
        industry = industries[stock["activity_area_id"]]
        if industry != Industry.PARKED_VEHICLES:
            key = {n: stock[n] for n in ("activity_area_id", "vehicle_class_code", "fuel_code", "emission_stage_code")}
            raise InputError(
                f"{row_place(region_folder / 'registry', 'vehicle_stock', key)}, column activity_area_id: "
                f"'{shorten(stock['activity_area_id'])}' is an area of {industry}; expected {Industry.PARKED_VEHICLES}",
                f"add an area of sector mobile and industry {Industry.PARKED_VEHICLES}, such as a district",
            )


def _check_machines(machines: Sequence[Row], industries: Mapping[str, str], region_folder: Path) -> None:
    factors = reference.read("nonroad_emission_factor", region_folder).to_pylist()
    rows = reference.read("machine_load", region_folder).to_pylist()
    loads = {row["industry_code"]: row["load_factor_share"] for row in rows}
    for group in machines:
        _check_area(group, industries[group["activity_area_id"]], loads, region_folder)
        _check_factor(group, factors, region_folder)
    _check_work(machines, industries, loads, region_folder)


def _check_area(group: Row, industry: str, loads: Mapping[str, float], region_folder: Path) -> None:
    """Refuse a machine in an area of another source, and one without load where its industry has none."""
    if industry not in OF_MACHINES:
        raise InputError(
            f"{_place(group, region_folder)}, column activity_area_id: '{shorten(group['activity_area_id'])}' "
            f"is an area of {industry}; expected one of {', '.join(OF_MACHINES)}",
            f"name an area of machines, or add one of industry {Industry.NONROAD_MACHINERY} to activity_area.csv",
        )
    if group["load_factor_share"] is None and industry not in loads:
        raise InputError(
            f"{_place(group, region_folder)}, column load_factor_share: it is empty; expected a value, because the "
            f"area of machine_group_id {shorten(group['machine_group_id'])} is of {industry}",
            f"give it; only {', '.join(sorted(loads))} have one in reference/machine_load.csv",
        )


def _check_factor(group: Row, factors: Sequence[Row], region_folder: Path) -> None:
    """Refuse a machine whose stage and power have no emission factor."""
    stage, power = group["emission_stage_code"], group["rated_power_kw"]
    edges = [(row["lower_power_kw"], row["upper_power_kw"]) for row in factors if row["emission_stage_code"] == stage]
    if not any(low <= power < high for low, high in edges):
        listed = ", ".join(f"{low:g} to {high:g}" for low, high in dict.fromkeys(edges)) or "none"
        raise InputError(
            f"{_place(group, region_folder)}, column rated_power_kw: stage {stage} with {power:g} kW has no emission "
            f"factor; powers of the stage in kW: {listed}",
            "correct the row, or give the region its own reference/nonroad_emission_factor.csv",
        )


def _check_work(
    machines: Iterable[Row], industries: Mapping[str, str], loads: Mapping[str, float], region_folder: Path
) -> None:
    """Refuse machines that together work more than those of a country: a number, a power or hours are wrong."""
    work_kwh = {
        group["machine_group_id"]: group["machine_count"]
        * group["rated_power_kw"]
        * _load(group, loads, industries)
        * group["working_h"]
        for group in machines
    }
    total_kwh = sum(work_kwh.values())
    if total_kwh > LARGEST_WORK_KWH:
        largest = max(machines, key=lambda group: work_kwh[group["machine_group_id"]])
        raise InputError(
            f"{_place(largest, region_folder)}, column machine_count: {largest['machine_count']:g} machines of "
            f"{largest['rated_power_kw']:g} kW at {largest['working_h']:g} h a year; all machines of the registry work "
            f"{total_kwh:.2g} kWh, expected less than those of a country, {LARGEST_WORK_KWH:.2g} kWh",
            "check the number, the power in kW and the hours of one machine",
        )


def _load(group: Row, loads: Mapping[str, float], industries: Mapping[str, str]) -> float:
    stated = group["load_factor_share"]
    return float(loads[industries[group["activity_area_id"]]] if stated is None else stated)


def _place(group: Row, region_folder: Path) -> str:
    return row_place(region_folder / "registry", "machine", {"machine_group_id": group["machine_group_id"]})
