"""Rules of counted machines and vehicles: each machine has a factor and a load, and vehicles park in areas for them.

Belongs here: refusals at registration. Does not: the emission (inventory/areas/counted_units).
"""

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa

from bigdata_emis import reference
from bigdata_emis.codes import Industry
from bigdata_emis.errors import InputError, shorten


def check_units(frames: Mapping[str, pa.Table], region_folder: Path) -> None:
    """Raise InputError for the first machine without factor or load, or vehicles in an area of another industry."""
    area = frames["activity_area"]
    industries = dict(zip(area["activity_area_id"].to_pylist(), area["industry_code"].to_pylist(), strict=True))
    _check_vehicles(frames["vehicle_stock"], industries)
    _check_machines(frames["machine"], industries, region_folder)


def _check_vehicles(vehicle_stock: pa.Table, industries: Mapping[str, str]) -> None:
    for area_id in vehicle_stock["activity_area_id"].to_pylist():
        if industries[area_id] != Industry.PARKED_VEHICLES:
            raise InputError(
                f"table vehicle_stock, activity_area_id {shorten(area_id)}: the area is of {industries[area_id]}; "
                f"expected {Industry.PARKED_VEHICLES}",
                f"add an area of sector mobile and industry {Industry.PARKED_VEHICLES}, such as a district",
            )


def _check_machines(machine: pa.Table, industries: Mapping[str, str], region_folder: Path) -> None:
    factors = reference.read("nonroad_emission_factor", region_folder).to_pylist()
    with_load = set(reference.read("machine_load", region_folder)["industry_code"].to_pylist())
    for group in machine.to_pylist():
        where = f"table machine, machine_group_id {shorten(group['machine_group_id'])}"
        industry, stage, power = (
            industries[group["activity_area_id"]],
            group["emission_stage_code"],
            group["rated_power_kw"],
        )
        if industry == Industry.PARKED_VEHICLES:
            raise InputError(f"{where}: its area is of {industry}", "name an area of non-road machines")
        if group["load_factor_share"] is None and industry not in with_load:
            raise InputError(
                f"{where}: load_factor_share is empty; expected a value, because its area is of {industry}",
                f"give it; only {', '.join(sorted(with_load))} have one in reference/machine_load.csv",
            )
        edges = [
            (row["lower_power_kw"], row["upper_power_kw"]) for row in factors if row["emission_stage_code"] == stage
        ]
        if not any(low <= power < high for low, high in edges):
            listed = ", ".join(f"{low:g} to {high:g}" for low, high in dict.fromkeys(edges)) or "none"
            raise InputError(
                f"{where}: stage {stage} with {power:g} kW has no emission factor; powers of the stage in kW: {listed}",
                "correct the row, or give the region its own reference/nonroad_emission_factor.csv",
            )
