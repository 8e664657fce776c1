"""Annual emission of area sources from counted machines, vehicles and movers, by pollutant and emission stage.

Belongs here: which factor applies to a machine or a parked vehicle. Does not: movers (areas/movements), the arithmetic
(equations/nonroad, equations/traffic), totals of the register (areas/area_totals).
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from bigdata_emis import schema
from bigdata_emis.codes import AnnualSource, EmissionStage, EvaporationProcess, Pollutant, Rating
from bigdata_emis.equations import nonroad, traffic
from bigdata_emis.errors import InputError
from bigdata_emis.inventory.areas.movements import mover_emission
from bigdata_emis.schema.arrow import arrow_schema, empty

RATING = Rating.D
"""Rating of factors that are limits, or one value for every vehicle."""
Row = Mapping[str, Any]
_Key = tuple[str, str, str, str]
"""Area, pollutant, emission stage, and what was counted."""


@dataclass(frozen=True)
class UnitTables:
    """Counted machines, vehicles and movers of a region, and their factors; each under the name of its table."""

    machine: pa.Table
    vehicle_stock: pa.Table
    counted_area: pa.Table
    activity_area: pa.Table
    nonroad_emission_factor: pa.Table
    machine_load: pa.Table
    road_evaporation_factor: pa.Table
    nonroad_fuel_emission_factor: pa.Table
    uncertainty_rating: pa.Table


@dataclass(frozen=True)
class CountedEmission:
    """What the machines, parked vehicles or movers of one emission stage in one area emit of a pollutant in a year."""

    activity_area_id: str
    pollutant_code: str
    emission_stage_code: str
    annual_source_code: str
    annual_emission_t: float
    relative_sd_share: float
    confidence: float


def counted_emission(tables: UnitTables) -> list[CountedEmission]:
    """The emission of each area by pollutant and stage, in the order of these names.

    Machines: number × power × load × hours × factor of power and stage. Vehicles: petrol that evaporates from parked
    ones, alike at every stage; other fuels have none. Movers: berth hours, landings or fuel × factor, of all stages
    together. Confidence and error of a sum are those of its least certain part.

    Raises:
        InputError: a machine has no factor for its stage and power, or no load and its industry none either; a mover
            has no factor by its unit.
    """
    areas = tables.activity_area
    industries = dict(zip(areas["activity_area_id"].to_pylist(), areas["industry_code"].to_pylist(), strict=True))
    ratings = {row["rating_code"]: row["relative_sd_share"] for row in tables.uncertainty_rating.to_pylist()}
    sums: dict[_Key, list[_UnitEmission]] = defaultdict(list)
    for key, part in (*_machines(tables, industries), *_vehicles(tables), *_movers(tables, industries)):
        sums[key].append(part)
    return [
        CountedEmission(
            *key,
            sum(part.annual_emission_t for part in parts),
            max(ratings[part.rating_code] for part in parts),
            min(part.confidence for part in parts),
        )
        for key, parts in sorted(sums.items())
    ]


def counted_on_days(counted: Sequence[CountedEmission], day_starts: Sequence[datetime]) -> pa.Table:
    """Table counted_emission: the same on each day, stamped with its first hour."""
    table = schema.table("counted_emission")
    rows = [{**asdict(row), "hour_utc": start} for start in day_starts for row in counted]
    return pa.Table.from_pylist(rows, arrow_schema(table)) if rows else empty(table)


@dataclass(frozen=True)
class _UnitEmission:
    annual_emission_t: float
    confidence: float
    rating_code: str = RATING


def _machines(tables: UnitTables, industries: Mapping[str, str]) -> Iterator[tuple[_Key, _UnitEmission]]:
    loads = {row["industry_code"]: row for row in tables.machine_load.to_pylist()}
    factors = tables.nonroad_emission_factor.to_pylist()
    for group in tables.machine.to_pylist():
        load_share, confidence = _load(group, loads, industries[group["activity_area_id"]])
        for factor in _factors_of(group, factors):
            emission_t = nonroad.annual_emission_t(
                group["machine_count"],
                group["rated_power_kw"],
                load_factor_share=load_share,
                working_h=group["working_h"],
                emission_factor_g_per_kwh=factor["emission_factor_g_per_kwh"],
            )
            key = (group["activity_area_id"], factor["pollutant_code"], group["emission_stage_code"])
            yield (*key, AnnualSource.MACHINES), _UnitEmission(emission_t, min(confidence, factor["confidence"]))


def _load(group: Row, loads: Mapping[str, Row], industry: str) -> tuple[float, float]:
    """The load of a group and the confidence in it: what the register states, else that of its industry."""
    if group["load_factor_share"] is not None:
        return group["load_factor_share"], 1.0
    if industry in loads:
        return loads[industry]["load_factor_share"], loads[industry]["confidence"]
    raise InputError(
        f"machine {group['machine_group_id']}: load_factor_share is empty, and its area is not of "
        f"{' or '.join(sorted(loads))}, which have one",
        "give load_factor_share, such as 0.65",
    )


def _factors_of(group: Row, factors: Sequence[Row]) -> list[Row]:
    """The factors of the stage and power of a group, one for each pollutant."""
    stage, power = group["emission_stage_code"], group["rated_power_kw"]
    of_stage = [factor for factor in factors if factor["emission_stage_code"] == stage]
    fitting = [factor for factor in of_stage if factor["lower_power_kw"] <= power < factor["upper_power_kw"]]
    if fitting:
        return fitting
    edges = dict.fromkeys(f"{factor['lower_power_kw']:g} to {factor['upper_power_kw']:g}" for factor in of_stage)
    stages = dict.fromkeys(factor["emission_stage_code"] for factor in factors)
    raise InputError(
        f"machine {group['machine_group_id']}: stage {stage} with {power:g} kW has no factor, "
        + (f"the stage has {', '.join(edges)} kW" if edges else f"expected one of {', '.join(stages)}"),
        "correct the row, or give the region its own reference/nonroad_emission_factor.csv",
    )


def _vehicles(tables: UnitTables) -> Iterator[tuple[_Key, _UnitEmission]]:
    losses = tables.road_evaporation_factor.to_pylist()
    parked = {row["fuel_code"]: row for row in losses if row["evaporation_process_code"] == EvaporationProcess.PARKED}
    for row in tables.vehicle_stock.to_pylist():
        loss = parked.get(row["fuel_code"])
        if loss is not None:
            emission_t = traffic.annual_emission_t(row["vehicle_count"], loss["parked_loss_g_per_d"])
            key = (row["activity_area_id"], Pollutant.VOCS, row["emission_stage_code"])
            yield (*key, AnnualSource.PARKED_VEHICLES), _UnitEmission(emission_t, loss["confidence"])


def _movers(tables: UnitTables, industries: Mapping[str, str]) -> Iterator[tuple[_Key, _UnitEmission]]:
    factors = tables.nonroad_fuel_emission_factor.to_pylist()
    for one in mover_emission(tables.counted_area.to_pylist(), industries, factors):
        key = (one.activity_area_id, one.pollutant_code, str(EmissionStage.ALL))
        yield (*key, AnnualSource.MOVEMENTS), _UnitEmission(one.annual_emission_t, one.confidence, one.rating_code)
