"""The activity model judged on New York thermal units: fuel heat input from metered load, years it has not seen.

Belongs here: what is fitted, what is scored, and the document. Does not: reading files (nys_data), forms (proxy), metrics.
"""

import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray
from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from bigdata_emis.engine import session
from bigdata_emis.errors import InputError
from bigdata_emis.proxy.choice import Candidate, choose, estimate
from bigdata_emis.proxy.forms import FORMS
from bigdata_emis.proxy.line_table import hour_numbers, local_years, read_series, values
from bigdata_emis.proxy.series import Floats, LineSeries
from bigdata_emis.relate.activity_model import fit_line, training_hours
from bigdata_emis.validate.metrics import METRICS, series_metrics, summary
from bigdata_emis.validate.nys_data import TIME_ZONE, read_years

CHAMPION = "selected"
LEAST_HOURS = 24
"""Running hours of the score years below which a unit's R² says nothing."""
UNIT = "GJ"
RESULT = "production_line_id string, model string, form string, hours string, metrics string, n bigint, error string"
RESULT_ARROW = pa.schema([(name, pa.int64() if name == "n" else pa.string()) for name in
                          ("production_line_id", "model", "form", "hours", "metrics", "n", "error")])  # fmt: skip
RUNNING = "hours with load or fuel heat above zero: idle hours, which flatter, are left out; starts without load are kept"
LOAD_ONLY = "hours with load above zero"


def validate_nys(data: Path, *, fit: tuple[int, ...], score: tuple[int, ...], progress: Callable[[str, int, int], None] | None = None) -> dict[str, Any]:
    """Fit on some years, score on others, for every form and for the one that blocked cross-validation chose.

    The choice and the intervals come from the fit years alone. The fitting is the stage's own, run by the engine unit by unit.

    Raises InputError when the years overlap or a file cannot be used.
    """
    if not fit or not score or set(fit) & set(score) or len(set(fit) | set(score)) < len(fit) + len(score):
        raise InputError(f"fit {fit} and score {score} must be years, each once", "judge on years that were not fitted")
    tell = progress or (lambda _what, _done, _all: None)
    tell("read", 0, 3)
    read = read_years(data, (*fit, *score))
    tell("fit and score", 1, 3)
    rows = _judge(read.hours, fit)
    tell("summarise", 2, 3)
    return _document(rows, fit, score, read.unusable)


def _judge(hours: pa.Table, fit: tuple[int, ...]) -> list[dict[str, Any]]:
    """The metrics of every unit, model and choice of hours, as rows."""
    with tempfile.TemporaryDirectory(prefix="emis-validate-") as folder:
        # By file, because a frame of this size does not fit into one message to the engine.
        path = Path(folder) / "hours.parquet"
        pq.write_table(hours, path)
        frames = _frames(session().read.parquet(str(path)), pc.unique(hours["production_line_id"]))
        joined = training_hours(*frames)
        result: pa.Table = joined.groupBy("production_line_id").applyInArrow(_unit_judge(fit), RESULT).toArrow()
    keys = [(name, "ascending") for name in ("production_line_id", "hours", "model")]
    rows: list[dict[str, Any]] = result.sort_by(keys).to_pylist()
    return rows


def _frames(hours: DataFrame, units: pa.Array) -> tuple[DataFrame, DataFrame, DataFrame, DataFrame]:
    """The hours as the tables that the stage reads: one generation meter to each unit, named alike."""
    count = len(units)
    meter = pa.table({"meter_id": units, "production_line_id": units, "meter_role_code": ["generation"] * count})
    line = pa.table({"production_line_id": units, "activity_unit_code": [UNIT] * count})
    power = hours.select(F.col("production_line_id").alias("meter_id"), "hour_utc", "energy_kwh", F.lit("none").alias("imputation_code"))
    measured = hours.select("production_line_id", "hour_utc", "activity", F.lit(UNIT).alias("activity_unit_code"))
    return power, session().createDataFrame(meter), session().createDataFrame(line), measured


def _unit_judge(fit: tuple[int, ...]) -> Callable[[pa.Table], pa.Table]:
    def judge(rows: pa.Table) -> pa.Table:
        unit = rows["production_line_id"][0].as_py()
        try:
            found = _unit_rows(rows, fit)
        except (ValueError, ArithmeticError, RuntimeError) as problem:
            found = [{"error": f"{type(problem).__name__}: {problem}"}]
        return pa.Table.from_pylist([{"production_line_id": unit, **row} for row in found], RESULT_ARROW)

    return judge


def _unit_rows(rows: pa.Table, fit: tuple[int, ...]) -> list[dict[str, Any]]:
    is_fit = np.isin(local_years(hour_numbers(rows["hour_utc"]), TIME_ZONE), fit)
    # The truth of the score years is out of reach of the fitting; their loads are only neighbours of the last fit hour.
    truth = pc.if_else(pa.array(is_fit), rows["activity"], pa.scalar(None, pa.float64()))
    taught = rows.set_column(rows.column_names.index("activity"), "activity", truth)
    candidates = fit_line(taught, tuple(FORMS), TIME_ZONE)
    series, known = read_series(rows, TIME_ZONE)
    scored = ~np.isin(local_years(series.hour_number, TIME_ZONE), fit)
    models = [*((c.form.name, c) for c in candidates), (CHAMPION, choose(candidates))]
    return [row for model, candidate in models for row in _score(series, values(known, "activity"), scored, model=model, candidate=candidate)]


def _score(series: LineSeries, measured: Floats, scored: NDArray[np.bool_], *, model: str, candidate: Candidate) -> list[dict[str, Any]]:
    found = estimate(candidate.parameters, series)
    rows = []
    for hours, chosen in (("running", series.is_on | (measured > 0)), ("load", series.is_on)):
        at = chosen & scored & np.isfinite(measured)
        row: dict[str, Any] = {"model": model, "form": candidate.form.name, "hours": hours, "n": int(at.sum())}
        if row["n"] < LEAST_HOURS or np.ptp(measured[at]) == 0:
            row["error"] = f"{row['n']} hours to score are too few, or all alike"
        else:
            row["metrics"] = json.dumps(series_metrics(found.activity[at], measured[at], found.p05[at], found.p95[at]))
        rows.append(row)
    return rows


def _document(rows: list[dict[str, Any]], fit: tuple[int, ...], score: tuple[int, ...], unusable: dict[str, int]) -> dict[str, Any]:
    good = [{**row, **json.loads(row["metrics"])} for row in rows if not row["error"]]
    champion = [row for row in good if row["model"] == CHAMPION and row["hours"] == "running"]
    failed = {row["production_line_id"]: row["error"] for row in rows if row["error"] and row["hours"] in (None, "running")}
    return {
        "task": "nys", "fit": list(fit), "score": list(score), "champion": CHAMPION, "hours": RUNNING,
        "models": _models(good, "running"), "hours_with_load": {"hours": LOAD_ONLY, "models": _models(good, "load")},
        "chosen_forms": {name: sum(row["form"] == name for row in champion) for name in FORMS},
        "units": [{"id": row["production_line_id"], "model": row["form"], **{m: row[m] for m in METRICS}, "n": row["n"]} for row in champion],
        "not_scored": [{"id": unit, "why": why} for unit, why in sorted(failed.items())], "rows_unusable": unusable,
    }  # fmt: skip


def _models(good: list[dict[str, Any]], hours: str) -> dict[str, Any]:
    return {name: summary([row for row in good if row["model"] == name and row["hours"] == hours]) for name in (*FORMS, CHAMPION)}
