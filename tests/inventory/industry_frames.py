"""Builders of small tables from activity to emission, for tests whose numbers can be computed on paper."""

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


def make_table(table: str, rows: list[dict[str, Any]]) -> pa.Table:
    """A declared table from rows; columns that a row omits are null."""
    declared = arrow_schema(schema.table(table))
    full = [{name: row.get(name) for name in declared.names} for row in rows]
    return pa.Table.from_pylist(full, pa.schema([(f.name, f.type) for f in declared]))


def make_frame(spark: Any, table: str, rows: list[dict[str, Any]]) -> Any:
    filled = make_table(table, rows)
    return spark.createDataFrame(filled, schema=from_arrow_schema(filled.schema))


def reference_frame(spark: Any, name: str) -> Any:
    """A reference table of the project as a frame."""
    return spark.createDataFrame(reference.read(name))


def region() -> Region:
    return Region("a", Path("a"), "A", "甲", "UTC", True, Grid("EPSG:32650", 3000, 0, 0, 2, 2), {}, {}, {})


def context_of(first: date = date(2019, 1, 1), days: int = 1, lookback_days: int = 0) -> Context:
    window = Window(day_window(first, "UTC").from_utc, day_window(first + timedelta(days=days - 1), "UTC").to_utc)
    return Context(region(), window, window.to_utc, "run-1", store=None, lookback_days=lookback_days)


def factor(line, value, removal=0.0, sd=0.0, pollutant="NOx"):
    return {
        "production_line_id": line,
        "pollutant_code": pollutant,
        "emission_factor_g_per_unit": value,
        "removal_share": removal,
        "relative_sd_share": sd,
    }


def line(name, industry="machinery_assembly", sector="industrial_process", unit="t", reference_energy_kwh=100.0):
    return {
        "production_line_id": name,
        "sector_code": sector,
        "industry_code": industry,
        "activity_unit_code": unit,
        "reference_energy_kwh": reference_energy_kwh,
    }
