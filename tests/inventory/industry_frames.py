"""Frames of the chain from activity to emission, for tests that reckon on paper."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyspark.sql.pandas.types import from_arrow_schema

from bigdata_emis import reference, schema
from bigdata_emis.context import Context
from bigdata_emis.region import Grid, Region
from bigdata_emis.schema.arrow import arrow_schema
from bigdata_emis.window import Window, day_window

START = datetime(2019, 1, 1, tzinfo=UTC)


def hour(number: int) -> datetime:
    return START + timedelta(hours=number)


def told(table: str, rows: list[dict[str, Any]]) -> pa.Table:
    """A declared table from rows that leave out what does not matter."""
    declared = arrow_schema(schema.table(table))
    full = [{name: row.get(name) for name in declared.names} for row in rows]
    return pa.Table.from_pylist(full, pa.schema([(f.name, f.type) for f in declared]))


def frame(spark: Any, table: str, rows: list[dict[str, Any]]) -> Any:
    filled = told(table, rows)
    return spark.createDataFrame(filled, schema=from_arrow_schema(filled.schema))


def given(spark: Any, name: str) -> Any:
    """A reference table as it ships."""
    return spark.createDataFrame(reference.read(name))


def region() -> Region:
    return Region("a", Path("a"), "A", "甲", "UTC", True, Grid("EPSG:32650", 3000, 0, 0, 2, 2), {}, {}, {})


def context_of(first: date = date(2019, 1, 1), days: int = 1) -> Context:
    window = Window(day_window(first, "UTC").from_utc, day_window(first + timedelta(days=days - 1), "UTC").to_utc)
    return Context(region(), window, window.to_utc, "run-1")
