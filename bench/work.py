"""One run of one workload by one contender, in a process of its own: `python -m bench.work WORKLOAD CONTENDER SIZE`.

Belongs here: choosing what runs. Does not: how it is measured (measure) or what it computes (ours, rivals).
"""

import importlib
import json
import os
import shutil
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pyarrow.parquet as pq

from bench.generate import inputs
from bench.sizes import LEARNING, SIZES, TRAINING_ALL, Size, context, scratch

ENGINES = ("sail", "spark")
RIVALS = ("polars", "duckdb")
PLAIN = "pandas"
"""The plain script beside the workloads of the models: a loop over lines."""
FLOOR = "read+write"
READINGS = {"power": "power_reading", "traffic": "traffic_hourly"}


def rivals(workload: str) -> tuple[str, ...]:
    """The plain scripts beside a workload; nobody else climbs the whole ladder of forms."""
    if workload == TRAINING_ALL:
        return ()
    return (PLAIN,) if workload in LEARNING else RIVALS


def results_of(workload: str, contender: str, size: Size) -> Path:
    """Where a contender writes its tables."""
    return scratch() / f"results-{workload}-{size.name}" / contender


def perform(workload: str, contender: str, size: Size) -> dict[str, float]:
    """Run it; seconds by step."""
    folder, results = inputs(size, workload), results_of(workload, contender, size)
    shutil.rmtree(results, ignore_errors=True)
    began = time.perf_counter()
    run = prepared(workload, contender, size)
    started = time.perf_counter()
    steps = run(folder, results) or {}
    return {"start": started - began, **steps, "work": time.perf_counter() - started}


def prepared(workload: str, contender: str, size: Size) -> Callable[[Path, Path], dict[str, float] | None]:
    """What runs it, imported and with its engine started, which is timed apart."""
    if contender == FLOOR:
        return partial(rewrite, READINGS[workload])
    if contender in rivals(workload):
        run: Callable[[Path, Path], None] = importlib.import_module(f"bench.rivals.{workload}_{contender}").run
        return run
    os.environ["EMIS_ENGINE"] = contender
    from bench.ours import WORK
    from bigdata_emis.engine.spark_session import session

    session()
    return partial(WORK[workload], context=context(size, workload))


def rewrite(table: str, inputs: Path, results: Path) -> None:
    """The floor: the readings read and the same bytes written, nothing done to them."""
    for path in sorted((inputs / table).rglob("*.parquet")):
        target = results / path.relative_to(inputs)
        target.parent.mkdir(parents=True)
        pq.write_table(pq.ParquetFile(path).read(), target, compression="zstd")


if __name__ == "__main__":
    print(json.dumps(perform(sys.argv[1], sys.argv[2], SIZES[sys.argv[3]])))
