"""One run of one workload by one contender.

`python -m bench.run_once WORKLOAD CONTENDER SIZE`.

Belongs here: which code a contender runs. Does not: how it is measured (measure), or what it computes (stage_runs,
rivals).
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

from bench.generate import make_inputs
from bench.sizes import MODEL_WORKLOADS, SIZES, TRAINING_ALL, Size, make_context, scratch_folder

ENGINES = ("sail", "spark")
RIVALS = ("polars", "duckdb")
PLAIN = "pandas"
"""The plain script for the workloads of the models: a loop over lines."""
FLOOR = "read+write"
READINGS = {"power": "power_reading", "traffic": "traffic_hourly"}


def rivals(workload: str) -> tuple[str, ...]:
    """The plain scripts of a workload; training of all model forms has none."""
    if workload == TRAINING_ALL:
        return ()
    return (PLAIN,) if workload in MODEL_WORKLOADS else RIVALS


def results_folder(workload: str, contender: str, size: Size) -> Path:
    """The folder into which a contender writes its tables."""
    return scratch_folder() / f"results-{workload}-{size.name}" / contender


def run_once(workload: str, contender: str, size: Size) -> dict[str, float]:
    """Run a workload once; seconds by step, start of the engine apart from the work."""
    folder, results = make_inputs(size, workload), results_folder(workload, contender, size)
    shutil.rmtree(results, ignore_errors=True)
    began = time.perf_counter()
    run = prepare_run(workload, contender, size)
    started = time.perf_counter()
    steps = run(folder, results) or {}
    return {"start": started - began, **steps, "work": time.perf_counter() - started}


def prepare_run(workload: str, contender: str, size: Size) -> Callable[[Path, Path], dict[str, float] | None]:
    """The function of a contender, imported and with its engine started, which is timed apart."""
    if contender == FLOOR:
        return partial(copy_readings, READINGS[workload])
    if contender in rivals(workload):
        run: Callable[[Path, Path], None] = importlib.import_module(f"bench.rivals.{workload}_{contender}").run
        return run
    os.environ["EMIS_ENGINE"] = contender
    from bench.stage_runs import stage_run
    from bigdata_emis.engine.spark_session import session

    session()
    return partial(stage_run(workload), context=make_context(size, workload))


def copy_readings(table: str, inputs: Path, results: Path) -> None:
    """The floor: readings are read and written again unchanged."""
    for path in sorted((inputs / table).rglob("*.parquet")):
        target = results / path.relative_to(inputs)
        target.parent.mkdir(parents=True)
        pq.write_table(pq.ParquetFile(path).read(), target, compression="zstd")


if __name__ == "__main__":
    print(json.dumps(run_once(sys.argv[1], sys.argv[2], SIZES[sys.argv[3]])))
