"""The hours of each line with its stored models beside them, for one call of the engine a line.

Belongs here: how models ride with hours. Does not: what is made of them (training, watching).
"""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from bigdata_emis import schema

LINE = "production_line_id"
MODEL = "model_json"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def hours_and_models(hours: DataFrame, models: DataFrame) -> DataFrame:
    """The rows of both, one under the other: an hour has no model_json, a model has nothing but its line and model_json.

    `models` has source_id and other declared fields. Not a cogroup: the embedded engine refuses nulls in cogrouped frames.
    Instants ride as whole microseconds, since engines write them into JSON in different ways.
    """
    told = [F.unix_micros(name).alias(name) if name.endswith("_utc") else F.col(name) for name in models.columns]
    rows = models.select(F.col("source_id").alias(LINE), F.to_json(F.struct(*told)).alias(MODEL))
    return hours.withColumn(MODEL, F.lit(None).cast("string")).unionByName(rows, allowMissingColumns=True)


def parted(rows: pa.Table) -> tuple[pa.Table, list[dict[str, Any]]]:
    """A line's hours, and its models as rows with instants; a field that a model lacks is None."""
    is_model = pc.is_valid(rows[MODEL])
    hours = rows.filter(pc.invert(is_model)).drop_columns([MODEL])
    return hours, [_row(json.loads(text)) for text in rows[MODEL].filter(is_model).to_pylist()]


def _row(told: dict[str, Any]) -> dict[str, Any]:
    known = {
        name: EPOCH + timedelta(microseconds=value) if name.endswith("_utc") else value for name, value in told.items()
    }
    return dict.fromkeys(schema.table("model_version").names) | known
