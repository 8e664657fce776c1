"""The workloads run by the stages of the flow, from Parquet to Parquet, on the engine that EMIS_ENGINE names.

Belongs here: which stage follows which and what is written between. Does not: any computation.
"""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import functions as F  # noqa: N812

from bigdata_emis import schema
from bigdata_emis.clean.power import clean_power
from bigdata_emis.context import Context
from bigdata_emis.engine import session
from bigdata_emis.inventory.activity import estimate_activity
from bigdata_emis.inventory.allocate import allocate
from bigdata_emis.inventory.combine import combine
from bigdata_emis.inventory.industry import emit_industry
from bigdata_emis.inventory.traffic import emit_traffic
from bigdata_emis.schema.arrow import arrow_schema

CORRECTIONS = ("road_base_emission_factor", "road_speed_correction", "road_temperature_correction", "road_humidity_correction")


class Lake:
    """Frames of the engine from the input folder, and results beside each other in the output folder."""

    def __init__(self, inputs: Path, results: Path) -> None:
        self.inputs, self.results = inputs, results
        self.seconds: dict[str, float] = {}
        shutil.rmtree(results, ignore_errors=True)
        results.mkdir(parents=True)

    def read(self, name: str, folder: Path | None = None) -> Any:
        """A table by day through the engine's own reader, a registry table handed over, a table that is not there empty."""
        paths = sorted(str(path) for path in ((folder or self.inputs) / name).rglob("*.parquet"))
        if paths:
            return session().read.parquet(*paths).select(*schema.table(name).names)
        file = self.inputs / f"{name}.parquet"
        return session().createDataFrame(pq.read_table(file)) if file.is_file() else self.empty(name)

    def empty(self, name: str) -> Any:
        """A declared table without rows."""
        from pyspark.sql.pandas.types import from_arrow_schema

        return session().createDataFrame([], schema=from_arrow_schema(arrow_schema(schema.table(name))))

    def write(self, name: str, frame: Any) -> Any:
        """The frame written, and read again as the next stage does."""
        if isinstance(frame, pa.Table):
            (self.results / name).mkdir()
            pq.write_table(frame, self.results / name / f"{name}.parquet", compression="zstd")
        else:
            frame.write.parquet(str(self.results / name))
        return self.read(name, self.results)

    def write_days(self, name: str, frame: Any) -> None:
        """The frame written by day, as the lake has it."""
        day = F.to_date(F.col(schema.table(name).time))
        frame.withColumn("day", day).write.partitionBy("day").parquet(str(self.results / name))

    def write_gridded(self) -> None:
        """Emission onto the grid, a day at a time as the flow does."""
        weights = pq.read_table(self.inputs / "grid_weight.parquet")
        results = self.results / "emission_gridded_hourly"
        results.mkdir()
        for day in sorted((self.results / "emission_hourly").glob("day=*")):
            emission = pq.read_table(day, columns=["source_id", "sector_code", "pollutant_code", "hour_utc", "emission_g"], partitioning=None)
            pq.write_table(allocate(emission, weights), results / f"{day.name}.parquet", compression="zstd")

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        """Seconds of one step, for the profile."""
        began = time.perf_counter()
        yield
        self.seconds[step] = time.perf_counter() - began


def run_power(inputs: Path, results: Path, context: Context) -> dict[str, float]:
    """Readings to hourly energy, to activity, to emission, to the grid; seconds by step."""
    lake = Lake(inputs, results)
    with lake.timed("clean"):
        cleaned = clean_power(lake.read("power_reading"), lake.read("meter"), lake.read("production_line"), context=context)
    with lake.timed("write hours"):
        power_hourly = [lake.write(name, frame) for name, frame in cleaned.items()][0]
    rating, lines = lake.read("uncertainty_rating"), lake.read("production_line")
    with lake.timed("emission"):
        activity = estimate_activity(power_hourly, lake.read("meter"), lines, lake.empty("model_version"), rating, context=context)
        industry = emit_industry(activity, lines, lake.read("emission_factor"), lake.empty("cems_hourly"), lake.empty("stack"), rating)
        lake.write_days("emission_hourly", combine(industry, lake.empty("emission_link_hourly"), lake.empty("emission_area_hourly"), rating))
    with lake.timed("grid"):
        lake.write_gridded()
    return lake.seconds


def run_traffic(inputs: Path, results: Path, context: Context) -> dict[str, float]:
    """Flow and speed to the emission of links, to the inventory, to the grid; seconds by step."""
    lake = Lake(inputs, results)
    with lake.timed("emission"):
        names = ("traffic_hourly", "road_link", "fleet_mix", "weather_hourly", *CORRECTIONS)
        links = emit_traffic(*(lake.read(name) for name in names), context=context)
    with lake.timed("sum and write"):
        industry, areas = lake.empty("emission_industry_hourly"), lake.empty("emission_area_hourly")
        lake.write_days("emission_hourly", combine(industry, links, areas, lake.read("uncertainty_rating")))
    with lake.timed("grid"):
        lake.write_gridded()
    return lake.seconds


WORK: dict[str, Callable[..., dict[str, float]]] = {"power": run_power, "traffic": run_traffic}
