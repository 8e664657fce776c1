"""Frames of a small registry and lake, and trainings on them, for tests of the model stages."""

import math
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
from pyspark.sql.pandas.types import from_arrow_schema

from bigdata_emis import schema
from bigdata_emis.context import Context
from bigdata_emis.region import Grid, Region
from bigdata_emis.relate.train_activity import train_activity
from bigdata_emis.schema.arrow import arrow_schema, conform
from bigdata_emis.window import Window

START = datetime(2019, 1, 1, tzinfo=UTC)
LOADS = [100, 200, 300, 400, 300, 200]
FORMS = ["proportional", "affine"]


def build_context(day, **options):
    """The context of a run over the first days of 2019, known three hours later."""
    grid = Grid("EPSG:32618", 4000, 0, 0, 1, 1)
    region = Region("test", Path(), "test", "测试", "UTC", False, grid, {}, {"activity_forms": FORMS, **options}, {})
    window, known_utc = Window(START, START + timedelta(days=day)), START + timedelta(days=day, hours=3)
    return Context(region, window, known_utc, "run", store=None)


def build_frame(spark, table, rows):
    """A declared table; columns that a row lacks are null."""
    declared = pa.schema([(f.name, f.type) for f in arrow_schema(schema.table(table))])
    filled = pa.Table.from_pylist([{name: row.get(name) for name in declared.names} for row in rows], declared)
    return spark.createDataFrame(filled, schema=from_arrow_schema(filled.schema))


def hours_of(days):
    return [START + timedelta(hours=hour) for hour in range(24 * days)]


def energy_row(line, hour, kwh):
    return {
        "production_line_id": line,
        "hour_utc": hour,
        "energy_kwh": float(kwh),
        "energy_sd_kwh": 0.0,
        "energy_method_code": "metered",
    }


def activity_row(line, hour, activity, unit="t"):
    return {
        "production_line_id": line,
        "hour_utc": hour,
        "activity": float(activity),
        "activity_unit_code": unit,
        "reading_count": 1,
    }


def energy_frame(spark, lines, days):
    """The same load curve for each line."""
    hours = list(enumerate(hours_of(days)))
    rows = [energy_row(line, hour, LOADS[n % len(LOADS)]) for line in lines for n, hour in hours]
    return build_frame(spark, "line_energy_hourly", rows)


def truth_frame(spark, days, unit="t", **laws):
    """Measured activity of each line by its law of (energy, day); negative activity is not measured."""
    hours = list(enumerate(hours_of(days)))
    rows = [
        activity_row(line, hour, law(LOADS[n % len(LOADS)], n // 24), unit)
        for line, law in laws.items()
        for n, hour in hours
    ]
    return build_frame(spark, "measured_activity_hourly", [row for row in rows if row["activity"] >= 0])


def lines_frame(spark, *names):
    """Lines of one enterprise and industry."""
    base = {
        "enterprise_id": "e",
        "sector_code": "industrial_process",
        "industry_code": "cement",
        "activity_unit_code": "t",
    }
    return build_frame(spark, "production_line", [{**base, "production_line_id": name} for name in names])


def train(spark, days, laws, stored=None, unit="t", **options):
    """The tables that a training over so many days writes."""
    models = spark.createDataFrame(stored) if stored is not None else build_frame(spark, "model_version", [])
    tables = (
        energy_frame(spark, laws, days),
        lines_frame(spark, *laws),
        truth_frame(spark, days, unit, **laws),
        models,
        build_frame(spark, "weather_hourly", []),
    )
    written = train_activity(*tables, context=build_context(days, **options))
    return {name: conform(table, schema.table(name)) for name, table in written.items()}


def update_registry(stored, written):
    """The rows of the registry after a training: a row with the same key is replaced."""
    key = schema.table("model_version").key
    rows = {tuple(row[name] for name in key): row for table in (stored, written) for row in table.to_pylist()}
    return pa.Table.from_pylist(list(rows.values()), stored.schema)


def break_champion(stored, source):
    """The registry with a champion whose parameters are cut short."""
    rows = [
        {**row, "parameters_json": "{"} if (row["source_id"], row["status_code"]) == (source, "champion") else row
        for row in stored.to_pylist()
    ]
    return pa.Table.from_pylist(rows, stored.schema)


def by_status(table, source="a"):
    return {row["status_code"]: row for row in table.to_pylist() if row["source_id"] == source}


def affine_law(kwh, _day):
    return 10 + kwh / 10


def noisy_law(kwh, day):
    """Off by up to two, without a pattern that a form could fit."""
    return affine_law(kwh, day) + 2 * math.sin(kwh + 1.7 * day)


def halved_law(kwh, day):
    """From the ninth day on half the activity of the same energy."""
    return affine_law(kwh, day) * (1 if day < 8 else 0.5)
