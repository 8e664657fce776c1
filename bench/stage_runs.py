"""Tables of a workload that is run by the stages of the flow, from Parquet to Parquet, on EMIS_ENGINE.

Belongs here: reading and writing tables between stages, and where the stages of a workload are. Does not: their order
(power_stages, traffic_stages, model_stages).
"""

import importlib
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import functions as F

from bigdata_emis import reference, schema
from bigdata_emis.context import Context
from bigdata_emis.engine.spark_session import session
from bigdata_emis.inventory.allocate import allocate
from bigdata_emis.schema.arrow import arrow_schema, empty


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


STAGES = {
    "power": ("power_stages", "run_power"),
    "traffic": ("traffic_stages", "run_traffic"),
    "training": ("model_stages", "run_training"),
    "scoring": ("model_stages", "run_scoring"),
    "training_all": ("model_stages", "run_training"),
    "scoring_boosted": ("model_stages", "run_scoring"),
}
"""Module and function of each workload."""


def stage_run(workload: str) -> Callable[..., dict[str, float]]:
    """The function of a workload; as a stage of the flow, it imports no module of another one."""
    module, name = STAGES[workload]
    run: Callable[..., dict[str, float]] = getattr(importlib.import_module(f"bench.{module}"), name)
    return run
