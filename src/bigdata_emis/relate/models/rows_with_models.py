"""Hours and stored models of each line in one frame, for one engine call a line.

Belongs here: how models are added to the rows of hours, and how they are separated again.
Does not: what is computed from them (train_line, watch_models).
"""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from bigdata_emis import schema

LINE = "production_line_id"
MODEL = "model_json"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def union_models_with_hours(hours: DataFrame, models: DataFrame) -> DataFrame:
    """The rows of both: an hour has no model_json, a model has only its line and model_json.

    `models` has source_id and other declared fields. Not a cogroup: the embedded engine refuses nulls in cogrouped
    frames. Instants become whole microseconds, since engines write them into JSON in different ways.
    """
    fields = [F.unix_micros(name).alias(name) if name.endswith("_utc") else F.col(name) for name in models.columns]
    rows = models.select(F.col("source_id").alias(LINE), F.to_json(F.struct(*fields)).alias(MODEL))
    return hours.withColumn(MODEL, F.lit(None).cast("string")).unionByName(rows, allowMissingColumns=True)


def split_hours_and_models(rows: pa.Table) -> tuple[pa.Table, list[dict[str, Any]]]:
    """The hours of a line, and its models as rows; a field that a model lacks is None."""
    is_model = pc.is_valid(rows[MODEL])
    hours = rows.filter(pc.invert(is_model)).drop_columns([MODEL])
    return hours, [_model_row(json.loads(text)) for text in rows[MODEL].filter(is_model).to_pylist()]


def _model_row(fields: dict[str, Any]) -> dict[str, Any]:
    given = {
        name: EPOCH + timedelta(microseconds=value) if name.endswith("_utc") else value
        for name, value in fields.items()
    }
    return dict.fromkeys(schema.table("model_version").names) | given
