"""The power day by the stages of the flow.

Belongs here: the order of the stages, and which tables are written between them. Does not: any computation.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

from pyspark.sql import functions as F

from bench.stage_runs import BenchLake
from bigdata_emis import schema
from bigdata_emis.clean.clean_power import clean_power
from bigdata_emis.clean.reconcile_energy import reconcile_energy
from bigdata_emis.codes import FactorSource
from bigdata_emis.context import Context
from bigdata_emis.flow import stage
from bigdata_emis.inventory.combine import combine
from bigdata_emis.inventory.emit_industry import emit_industry
from bigdata_emis.inventory.estimate_activity import estimate_activity

RECONCILE_READS = (
    "meter",
    "meter_share",
    "production_line",
    "enterprise",
    "district_energy_hourly",
    "energy_reconciliation",
)
FACTOR_TABLES = (
    "emission_factor",
    "derived_factor",
    "class_factor",
    "abatement_device",
    "stack",
    "industrial_emission_factor",
    "control_efficiency",
    "particle_size_share",
    "condensable_pm",
    "abatement_rule",
    "uncertainty_rating",
    "pollutant_part",
)


def run_power(inputs: Path, results: Path, context: Context) -> dict[str, float]:
    """Readings to hourly energy, to activity, to emission, to the grid; seconds by step."""
    lake = BenchLake(inputs, results)
    with lake.timed("clean"):
        cleaned = clean_power(
            lake.read("power_reading"),
            lake.read("meter"),
            lake.read("production_line"),
            lake.read("meter_share"),
            lake.read("enterprise"),
            lake.read("district_energy_hourly"),
            context=_in_stage(context, "clean_power"),
        )
    with lake.timed("write hours"):
        for name, frame in cleaned.items():
            lake.write(name, frame)
    with lake.timed("energy of lines"):
        tables = [lake.table(name) for name in ("power_hourly", *RECONCILE_READS)]
        energy = lake.write(
            "line_energy_hourly",
            reconcile_energy(*tables, context=_in_stage(context, "reconcile_energy"))["line_energy_hourly"],
        )
    with lake.timed("emission"):
        industry = _industry_emission(lake, energy, context)
        roads, areas = lake.empty("emission_road_hourly"), lake.empty("emission_area_hourly")
        lake.write_days("emission_hourly", combine(industry, roads, areas, lake.read("uncertainty_rating")), context)
    with lake.timed("grid"):
        lake.write_gridded()
    return lake.seconds


def _industry_emission(lake: BenchLake, energy: Any, context: Context) -> Any:
    """Energy of lines to activity, without models, and to emission as `combine` reads it.

    The plain scripts use the factors of the registry only, not those by industry and process.
    """
    models, watch, weather = (lake.empty(name) for name in ("model_version", "model_watch", "weather_hourly"))
    rating, parameter, lines = (
        lake.read(name) for name in ("uncertainty_rating", "activity_parameter", "production_line")
    )
    activity = estimate_activity(energy, lines, models, watch, rating, weather, parameter, context=context)
    emission = emit_industry(activity, lines, energy, *(lake.read(name) for name in FACTOR_TABLES), context=context)
    without_audit = {
        "is_anchored": F.lit(False),
        "is_reconciled": F.lit(False),
        "emission_before_audit_g": F.lit(None).cast("double"),
    }
    of_registry = emission.where(F.col("factor_source_code") == FactorSource.SOURCE_SPECIFIC)
    return of_registry.withColumns(without_audit).select(*schema.table("emission_industry_hourly").names)


def _in_stage(context: Context, name: str) -> Context:
    """The context as `run_stage` hands it to this stage."""
    return replace(context, lookback_days=stage(name).lookback_days)
