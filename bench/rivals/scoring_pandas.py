"""A day of lines scored as a plain loop in pandas over one line after another; a model is evaluated by the code that the stage uses.

So the ratio tells what the engine costs or saves, not how a model is evaluated.
"""

import json
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from bench.sizes import TIME_ZONE
from bigdata_emis.proxy.choice import estimate
from bigdata_emis.proxy.line_table import hour_numbers, hours_of_week
from bigdata_emis.proxy.series import line_series


def run(inputs: Path, results: Path) -> None:
    told = json.loads((inputs / "window.json").read_text())
    start = datetime.fromisoformat(told["from_utc"])
    columns = ["production_line_id", "hour_utc", "energy_kwh"]
    table = ds.dataset(inputs / "line_energy_hourly", format="parquet").to_table(columns=columns)
    hours = table.to_pandas().assign(number=hour_numbers(table["hour_utc"])).sort_values(["production_line_id", "number"])
    models = pq.read_table(inputs / "model_version.parquet", columns=["source_id", "parameters_json"]).to_pandas().set_index("source_id")["parameters_json"]
    parts = []
    for name, line in hours.groupby("production_line_id"):
        number = line["number"].to_numpy()
        series = line_series(number, hours_of_week(number, TIME_ZONE), line["energy_kwh"].to_numpy(dtype=np.float64))
        found = estimate(json.loads(models[name]), series)
        parts.append(line.assign(source_id=name, activity=found.activity, activity_p05=found.p05, activity_p95=found.p95))
    whole = pd.concat(parts)
    day = whole[(whole["hour_utc"] >= start) & (whole["hour_utc"] < start + timedelta(hours=told["hours"]))]
    (results / "activity_hourly").mkdir(parents=True)
    kept = ["source_id", "hour_utc", "activity", "activity_p05", "activity_p95"]
    day[kept].assign(imputation_code="none").to_parquet(results / "activity_hourly" / "part.parquet")
