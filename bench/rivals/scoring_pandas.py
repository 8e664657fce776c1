"""A day of lines scored as a plain loop in pandas over one line after another; a model is evaluated by the code that the stage uses.

So the ratio tells what the engine costs or saves, not how a model is evaluated. What lies around a model, loads beyond those that
taught it, is written anew. The meters of this workload are so sure that doubt about energy widens nothing, which the stage looks into and this does not.
"""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from bench.sizes import TIME_ZONE
from bigdata_emis.activity_model.cross_validation import Estimate, estimate
from bigdata_emis.activity_model.inputs.line_rows import hour_numbers, hours_of_week, sibling_covariate
from bigdata_emis.activity_model.inputs.line_series import LineSeries, line_series

BEYOND_REACH = 1.6448536269514722 * 0.2
"""In units of the part of an estimate that lies beyond the loads taught: the 95th percentile of a normal error of a fifth."""


Evaluation = Callable[[dict[str, Any], LineSeries], Estimate]


def run(inputs: Path, results: Path) -> None:
    score(inputs, results, estimate)


def score(inputs: Path, results: Path, evaluation: Evaluation) -> None:
    told = json.loads((inputs / "window.json").read_text())
    start = datetime.fromisoformat(told["from_utc"])
    columns = ["production_line_id", "hour_utc", "energy_kwh"]
    table = ds.dataset(inputs / "line_energy_hourly", format="parquet").to_table(columns=columns)
    hours = (
        table.to_pandas().assign(number=hour_numbers(table["hour_utc"])).sort_values(["production_line_id", "number"])
    )
    models = (
        pq.read_table(inputs / "model_version.parquet", columns=["source_id", "parameters_json"])
        .to_pandas()
        .set_index("source_id")["parameters_json"]
    )
    related, load = siblings(inputs), hours.set_index(["production_line_id", "number"])["energy_kwh"]
    parts = []
    for name, line in hours.groupby("production_line_id"):
        beside = {
            sibling_covariate(other): load[other].reindex(line["number"]).to_numpy() for other in related.get(name, ())
        }
        activity, least, most = scored(line, json.loads(models[name]), beside, evaluation)
        parts.append(line.assign(source_id=name, activity=activity, activity_p05=least, activity_p95=most))
    whole = pd.concat(parts)
    day = whole[(whole["hour_utc"] >= start) & (whole["hour_utc"] < start + timedelta(hours=told["hours"]))]
    (results / "activity_hourly").mkdir(parents=True)
    kept = ["source_id", "hour_utc", "activity", "activity_p05", "activity_p95"]
    day[kept].assign(imputation_code="none").to_parquet(results / "activity_hourly" / "part.parquet")


def siblings(inputs: Path) -> dict[str, list[str]]:
    lines = pq.read_table(
        inputs / "production_line.parquet", columns=["production_line_id", "enterprise_id"]
    ).to_pandas()
    return {
        name: [n for n in group if n != name]
        for _, group in lines.groupby("enterprise_id")["production_line_id"]
        for name in group
    }


def scored(
    line: pd.DataFrame, model: dict[str, Any], beside: dict[str, np.ndarray], evaluation: Evaluation
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The estimate at a load within those taught, in proportion to the energy beyond them, where it is less sure."""
    number, energy = line["number"].to_numpy(), line["energy_kwh"].to_numpy(dtype=np.float64)
    inside = np.where(energy > 0, energy.clip(*model.get("taught_kwh", (0.0, np.inf))), energy)
    found = evaluation(model, line_series(number, hours_of_week(number, TIME_ZONE), inside, covariates=beside))
    scale = np.where(inside > 0, energy / np.where(inside > 0, inside, 1.0), 1.0)
    activity, least, most = found.activity * scale, found.p05 * scale, found.p95 * scale
    beyond = BEYOND_REACH * np.abs(scale - 1) * activity
    below, above = np.sqrt((activity - least) ** 2 + beyond**2), np.sqrt((most - activity) ** 2 + beyond**2)
    return activity, np.maximum(activity - below, 0.0), activity + above
