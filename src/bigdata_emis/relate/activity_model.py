"""The stage that learns, line by line, how measured activity follows from power.

Belongs here: which hours teach which line, and models as rows of model_version. Does not: the forms and their choice (proxy).
"""

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from bigdata_emis.context import Context
from bigdata_emis.errors import InputError
from bigdata_emis.proxy.choice import Candidate, choose, fit_candidates
from bigdata_emis.proxy.forms import FORMS
from bigdata_emis.proxy.line_energy import line_energy
from bigdata_emis.proxy.line_table import read_series, values
from bigdata_emis.window import HOUR

TARGET = "activity"
MODELLED = "modelled"
KEY = ["production_line_id", "hour_utc"]
INSTANT = pa.timestamp("us", tz="UTC")
ROW = pa.schema([
    ("model_version_id", pa.string()), ("source_id", pa.string()), ("target", pa.string()), ("method_code", pa.string()),
    ("parameters_json", pa.string()), ("from_utc", INSTANT), ("to_utc", INSTANT), ("sample_count", pa.int64()), ("known_utc", INSTANT),
])  # fmt: skip
ROW_SPARK = (
    "model_version_id string, source_id string, target string, method_code string, parameters_json string, "
    "from_utc timestamp, to_utc timestamp, sample_count bigint, known_utc timestamp"
)


def train_activity(
    power_hourly: DataFrame, meter: DataFrame, production_line: DataFrame, measured_activity_hourly: DataFrame, *, context: Context
) -> DataFrame:
    """One model for each line whose activity is measured: the form that errs least in blocked cross-validation.

    A line that cannot be taught comes back as a row whose parameters are {"error": why} and whose method is null; it is
    estimated by its prior until it can. `activity_forms` in the region's options narrows the forms that compete.

    Raises:
        InputError: `activity_forms` names a form that there is none of.
    """
    hours = training_hours(power_hourly, meter, production_line, measured_activity_hourly)
    forms = form_names(context.region.options.get("activity_forms"))
    train = trainer(forms, context.region.time_zone, context.known_utc)
    return hours.groupBy("production_line_id").applyInArrow(train, ROW_SPARK)


def training_hours(power_hourly: DataFrame, meter: DataFrame, production_line: DataFrame, measured_activity_hourly: DataFrame) -> DataFrame:
    """Energy and measured activity side by side, for the registered lines that have any measured activity.

    One row a line and hour; either side may be missing, since an hour without truth still tells about its neighbours.
    Columns: production_line_id, hour_utc, energy_kwh, activity, activity_unit_code, line_unit_code.
    """
    truth = measured_activity_hourly.select(*KEY, "activity", "activity_unit_code").where(F.col("activity").isNotNull())
    energy = line_energy(power_hourly, meter).select(*KEY, "energy_kwh")
    measured = truth.select("production_line_id").distinct()
    units = production_line.select("production_line_id", F.col("activity_unit_code").alias("line_unit_code"))
    lines = measured.join(units, "production_line_id")
    return energy.join(truth, KEY, "full").join(F.broadcast(lines), "production_line_id")


def form_names(chosen: Any) -> tuple[str, ...]:
    """The forms that compete, from simple to rich. Raises InputError for an unknown name."""
    unknown = [name for name in chosen or () if name not in FORMS]
    if unknown:
        raise InputError(f"region option activity_forms: '{unknown[0]}' is no form", f"known: {', '.join(FORMS)}")
    return tuple(name for name in FORMS if not chosen or name in chosen)


def trainer(forms: tuple[str, ...], time_zone: str, known_utc: datetime) -> Callable[[pa.Table], pa.Table]:
    """The function that the engine calls with all hours of one line; it never raises, so one bad line costs no other."""

    def train(rows: pa.Table) -> pa.Table:
        source_id = rows["production_line_id"][0].as_py()
        try:
            row = _model_row(rows, forms, time_zone)
        except (ValueError, ArithmeticError, RuntimeError) as problem:
            row = _error_row(f"{type(problem).__name__}: {problem}")
        return _table({**row, "source_id": source_id, "target": TARGET, "known_utc": known_utc})

    return train


def fit_line(rows: pa.Table, forms: tuple[str, ...], time_zone: str) -> list[Candidate]:
    """The candidates of a line from its hours that have both energy and measured activity.

    Raises ValueError when the units disagree or when there are too few hours for any form.
    """
    given, wanted = rows["activity_unit_code"].drop_null().unique().to_pylist(), rows["line_unit_code"][0].as_py()
    if any(unit != wanted for unit in given):
        raise ValueError(f"measured in {', '.join(given)}, but the line counts {wanted}")
    series, known = read_series(rows, time_zone)
    activity = values(known, "activity")
    taught = np.isfinite(activity)
    candidates = fit_candidates(series.where(taught), activity[taught], forms)
    if not candidates:
        raise ValueError(f"{int((series.is_on & taught).sum())} running hours with measured activity are too few")
    return candidates


def _model_row(rows: pa.Table, forms: tuple[str, ...], time_zone: str) -> dict[str, Any]:
    best = choose(fit_line(rows, forms, time_zone))
    taught = rows.filter(rows["activity"].is_valid())["hour_utc"].to_pylist()
    return {
        "method_code": MODELLED, "parameters_json": json.dumps(best.parameters, sort_keys=True, allow_nan=False),
        "from_utc": min(taught), "to_utc": max(taught) + HOUR, "sample_count": best.sample_count,
    }  # fmt: skip


def _error_row(why: str) -> dict[str, Any]:
    return {"method_code": None, "parameters_json": json.dumps({"error": why}), "from_utc": None, "to_utc": None, "sample_count": 0}


def _table(row: dict[str, Any]) -> pa.Table:
    """The row with its version: the same parameters of the same line have the same name."""
    digest = hashlib.sha256(f"{row['source_id']} {row['parameters_json']}".encode()).hexdigest()[:16]
    moments = {name: _in_utc(row[name]) for name in ("from_utc", "to_utc", "known_utc")}
    return pa.Table.from_pylist([{**row, **moments, "model_version_id": f"{TARGET}-{digest}"}], ROW)


def _in_utc(moment: datetime | None) -> datetime | None:
    """The engine hands instants over with or without their zone, which is UTC."""
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment
