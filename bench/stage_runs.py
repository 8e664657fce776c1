"""The workloads run by the stages of the flow, from Parquet to Parquet, on EMIS_ENGINE.

Belongs here: the order of the stages, and which tables are written between them. Does not: any computation.
"""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import functions as F

from bigdata_emis import reference, schema
from bigdata_emis.clean.clean_power import clean_power
from bigdata_emis.clean.reconcile_energy import reconcile_energy
from bigdata_emis.codes import FactorSource
from bigdata_emis.context import Context
from bigdata_emis.engine.spark_session import session
from bigdata_emis.flow import stage
from bigdata_emis.inventory.allocate import allocate
from bigdata_emis.inventory.combine import combine
from bigdata_emis.inventory.emit_industry import emit_industry
from bigdata_emis.inventory.emit_traffic import emit_traffic
from bigdata_emis.inventory.estimate_activity import estimate_activity
from bigdata_emis.relate.train_activity import train_activity
from bigdata_emis.schema.arrow import arrow_schema, empty

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
FLEETS = ("fleet_mix", "local_fleet", "traffic_restriction", "calendar_period")
CORRECTIONS = (
    "road_base_emission_factor",
    "road_speed_correction",
    "road_temperature_correction",
    "road_humidity_correction",
    "road_sulphur_correction",
    "road_fuel_sulphur",
    "road_deterioration_correction",
    "road_load_correction",
    "road_altitude_correction",
    "road_evaporation_factor",
    "road_wear_factor",
    "road_wear_speed_correction",
    "road_carbon_share",
)


class BenchLake:
    """Tables of the input folder as frames of the engine, and results in one folder by table."""

    def __init__(self, inputs: Path, results: Path) -> None:
        self.inputs, self.results = inputs, results
        self.seconds: dict[str, float] = {}
        shutil.rmtree(results, ignore_errors=True)
        results.mkdir(parents=True)

    def read(self, name: str, folder: Path | None = None) -> Any:
        """A table through the reader of the engine; a declared table without file is empty."""
        paths = sorted(str(path) for path in ((folder or self.inputs) / name).rglob("*.parquet"))
        if paths:
            return session().read.parquet(*paths).select(*schema.table(name).names)
        file = self.inputs / f"{name}.parquet"
        if file.is_file():
            return session().read.parquet(str(file))
        return self.empty(name) if name in schema.tables() else session().createDataFrame(reference.read(name))

    def table(self, name: str) -> pa.Table:
        """A result, else an input, else a reference table of the package, as an Arrow table."""
        if name not in schema.tables():
            return reference.read(name)
        result, given = self.results / name, self.inputs / f"{name}.parquet"
        if result.is_dir():
            return pq.read_table(result, columns=list(schema.table(name).names), partitioning=None)
        return pq.read_table(given) if given.is_file() else empty(schema.table(name))

    def empty(self, name: str) -> Any:
        """A declared table without rows."""
        from pyspark.sql.pandas.types import from_arrow_schema

        return session().createDataFrame([], schema=from_arrow_schema(arrow_schema(schema.table(name))))

    def write(self, name: str, frame: Any) -> Any:
        """Write the frame, and return it as the next stage reads it."""
        if isinstance(frame, pa.Table):
            (self.results / name).mkdir()
            pq.write_table(frame, self.results / name / f"{name}.parquet", compression="zstd")
        else:
            frame.write.parquet(str(self.results / name))
        return self.read(name, self.results)

    def write_days(self, name: str, frame: Any, context: Context) -> None:
        """Write the frame by day.

        The lake takes the frame of a stage whole and divides it then. So a window of one day is written as it is; for
        longer ones the engine divides the rows.
        """
        zone = context.region.time_zone
        days = context.window.days(zone)
        if len(days) == 1:
            frame.write.parquet(str(self.results / name / f"day={days[0]}"))
            return
        day = F.to_date(F.col(schema.table(name).time))
        frame.withColumn("day", day).write.partitionBy("day").parquet(str(self.results / name))

    def write_gridded(self) -> None:
        """Allocate emission to grid cells, one day at a time as the flow does."""
        weights = pq.read_table(self.inputs / "grid_weight.parquet")
        results = self.results / "emission_gridded_hourly"
        results.mkdir()
        for day in sorted((self.results / "emission_hourly").glob("day=*")):
            emission = pq.read_table(
                day, columns=["source_id", "sector_code", "pollutant_code", "hour_utc", "emission_g"], partitioning=None
            )
            pq.write_table(allocate(emission, weights), results / f"{day.name}.parquet", compression="zstd")

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        """Store the seconds of one step."""
        began = time.perf_counter()
        yield
        self.seconds[step] = time.perf_counter() - began


def _in_stage(context: Context, name: str) -> Context:
    """The context as `run_stage` hands it to this stage."""
    return replace(context, lookback_days=stage(name).lookback_days)


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


def run_traffic(inputs: Path, results: Path, context: Context) -> dict[str, float]:
    """Flow and speed to the emission of links, to the inventory, to the grid; seconds by step."""
    lake = BenchLake(inputs, results)
    with lake.timed("emission"):
        names = ("traffic_hourly", "road_link", *FLEETS, "weather_hourly", *CORRECTIONS)
        tables = [*(lake.read(name) for name in names), lake.empty("activity_area")]
        links = emit_traffic(*tables, context=context)["emission_road_hourly"]
    with lake.timed("sum and write"):
        industry, areas = lake.empty("emission_industry_hourly"), lake.empty("emission_area_hourly")
        lake.write_days("emission_hourly", combine(industry, links, areas, lake.read("uncertainty_rating")), context)
    with lake.timed("grid"):
        lake.write_gridded()
    return lake.seconds


def run_training(inputs: Path, results: Path, context: Context) -> dict[str, float]:
    """A year of truth to champions and scores; seconds by step. Progress goes to stderr."""
    lake = BenchLake(inputs, results)
    names = ("line_energy_hourly", "production_line", "measured_activity_hourly", "model_version", "weather_hourly")
    with lake.timed("train"):
        trained = train_activity(*(lake.read(name) for name in names), context=context)
    with lake.timed("write"):
        for name, frame in trained.items():
            lake.write(name, frame)
    return lake.seconds


def run_scoring(inputs: Path, results: Path, context: Context) -> dict[str, float]:
    """The energy of a day, with the day before it, to the activity of the day; seconds by step."""
    lake = BenchLake(inputs, results)
    names = (
        "line_energy_hourly",
        "production_line",
        "model_version",
        "model_watch",
        "uncertainty_rating",
        "weather_hourly",
        "activity_parameter",
    )
    with lake.timed("estimate and write"):
        activity = estimate_activity(*(lake.read(name) for name in names), context=context)
        lake.write("activity_hourly", activity)
    return lake.seconds


STAGE_RUNS: dict[str, Callable[..., dict[str, float]]] = {
    "power": run_power,
    "traffic": run_traffic,
    "training": run_training,
    "scoring": run_scoring,
    "training_all": run_training,
    "scoring_boosted": run_scoring,
}
