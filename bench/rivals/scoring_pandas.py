"""One day of lines in a plain pandas loop, each model evaluated by the code of the stage.

The ratio therefore shows the cost of the engine, not of the models. Loads outside the training range are handled
here by a separate implementation. The uncertainty of energy, which the stage takes into account, is ignored: it is
too small in this workload to change an interval.
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
from bigdata_emis.activity_model.cross_validation import Estimate, predict_activity
from bigdata_emis.activity_model.inputs.line_rows import hour_numbers, hours_of_week, sibling_covariate_name
from bigdata_emis.activity_model.inputs.line_series import LineSeries, build_line_series

BEYOND_REACH = 1.6448536269514722 * 0.2
"""95th percentile of a normal error of 20 %, as a factor on the part of an estimate outside the training range."""
Evaluation = Callable[[dict[str, Any], LineSeries], Estimate]


def run(inputs: Path, results: Path) -> None:
    """Write the activity of the day."""
    score(inputs, results, predict_activity)


def score(inputs: Path, results: Path, evaluation: Evaluation) -> None:
    """Write the activity of the day, each model evaluated by the given function."""
    window = json.loads((inputs / "window.json").read_text())
    start = datetime.fromisoformat(window["from_utc"])
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
    siblings, load = list_siblings(inputs), hours.set_index(["production_line_id", "number"])["energy_kwh"]
    parts = []
    for name, line in hours.groupby("production_line_id"):
        sibling_kwh = {
            sibling_covariate_name(other): load[other].reindex(line["number"]).to_numpy()
            for other in siblings.get(name, ())
        }
        activity, low, high = evaluate_line(line, json.loads(models[name]), sibling_kwh, evaluation)
        parts.append(line.assign(source_id=name, activity=activity, activity_p05=low, activity_p95=high))
    whole = pd.concat(parts)
    day = whole[(whole["hour_utc"] >= start) & (whole["hour_utc"] < start + timedelta(hours=window["hours"]))]
    (results / "activity_hourly").mkdir(parents=True)
    columns = ["source_id", "hour_utc", "activity", "activity_p05", "activity_p95"]
    day[columns].assign(imputation_code="none").to_parquet(results / "activity_hourly" / "part.parquet")


def list_siblings(inputs: Path) -> dict[str, list[str]]:
    lines = pq.read_table(
        inputs / "production_line.parquet", columns=["production_line_id", "enterprise_id"]
    ).to_pandas()
    return {
        name: [n for n in group if n != name]
        for _, group in lines.groupby("enterprise_id")["production_line_id"]
        for name in group
    }


def evaluate_line(
    line: pd.DataFrame, model: dict[str, Any], sibling_kwh: dict[str, np.ndarray], evaluation: Evaluation
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Activity of a line with its interval.

    The model is evaluated within its training range of load, and in proportion to energy outside it.
    """
    number, energy = line["number"].to_numpy(), line["energy_kwh"].to_numpy(dtype=np.float64)
    inside = np.where(energy > 0, energy.clip(*model.get("taught_kwh", (0.0, np.inf))), energy)
    estimated = evaluation(
        model, build_line_series(number, hours_of_week(number, TIME_ZONE), inside, covariates=sibling_kwh)
    )
    scale = np.where(inside > 0, energy / np.where(inside > 0, inside, 1.0), 1.0)
    activity, low, high = estimated.activity * scale, estimated.p05 * scale, estimated.p95 * scale
    beyond = BEYOND_REACH * np.abs(scale - 1) * activity
    below, above = np.sqrt((activity - low) ** 2 + beyond**2), np.sqrt((high - activity) ** 2 + beyond**2)
    return activity, np.maximum(activity - below, 0.0), activity + above
