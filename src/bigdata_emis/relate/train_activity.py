"""The stage that learns, line by line, how measured activity follows from power, and keeps champions and challengers.

Belongs here: which hours teach which line, batches, and rows of model_version and model_score. Does not: the course of one line (training).
"""

import json
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from bigdata_emis import schema
from bigdata_emis.activity_model.forms.candidate_forms import FORMS
from bigdata_emis.activity_model.inputs.line_rows import siblings_by_line, with_siblings
from bigdata_emis.activity_model.inputs.weather import weather_of
from bigdata_emis.activity_model.stored.champion import INDUSTRY_SOURCE
from bigdata_emis.context import Context
from bigdata_emis.errors import InputError
from bigdata_emis.relate.models.batches import Batch, batch_by_batch, batches
from bigdata_emis.relate.models.industry_model import industry_rows
from bigdata_emis.relate.models.lifecycle import CHALLENGER, CHAMPION, FAILED, MODEL, RATIO, SCORE, TARGET, Row, in_utc
from bigdata_emis.relate.models.model_rules import model_rules
from bigdata_emis.relate.models.rows_with_models import hours_and_models
from bigdata_emis.relate.models.train_line import Course, trainer
from bigdata_emis.schema.arrow import TYPES, arrow_schema
from bigdata_emis.schema.spark import spark_columns

KEY = ["production_line_id", "hour_utc"]
TABLES = ("model_version", "model_score")
COLUMNS = tuple(dict.fromkeys(name for table in TABLES for name in schema.table(table).names))
RAW = pa.schema([("kind", pa.string()), *((name, TYPES[schema.field(name).kind]) for name in COLUMNS)])
RAW_SPARK = f"kind STRING, {spark_columns(COLUMNS)}"
WHAT = "train_activity"


def train_activity(
    line_energy_hourly: DataFrame,
    production_line: DataFrame,
    measured_activity_hourly: DataFrame,
    model_version: DataFrame,
    weather_hourly: DataFrame,
    *,
    context: Context,
) -> dict[str, pa.Table]:
    """Champions and challengers for the lines whose activity is measured, and a pooled model for every industry that has one.

    A line without a champion gets the form that errs least in blocked cross-validation. Afterwards each training first
    judges the challenger that stands, on truth that neither model has seen (contest.py), and fits a new one when none stands
    and truth is new. A line that cannot be taught goes by the pooled model, if it showed anything, and has a row that
    says why; lines of the industry that were never measured go by the row of source "industry:<code>". Weather is asked by the
    form boosted_weather, which competes like any other.
    `activity_forms` in the region's options narrows the forms that compete; training_batch_lines bounds memory.

    Raises:
        InputError: `activity_forms` names a form that there is none of, or a rule of model_rules is not a number above 0.
    """
    rules = model_rules(context.region)
    forms = form_names(context.region.options.get("activity_forms"))
    train = trainer(
        Course(forms, rules, context.region.time_zone, context.known_utc, weather_of(weather_hourly)), _as_table
    )
    standing = model_version.where(
        (F.col("target") == TARGET) & F.col("status_code").isin(CHAMPION, CHALLENGER, FAILED)
    )

    def batch(part: Batch) -> pa.Table:
        energy, lines, truth = (
            frame.where(part.holds(F.col(KEY[0])))
            for frame in (line_energy_hourly, production_line, measured_activity_hourly)
        )
        related = {line: others for line, others in siblings.items() if part.first <= line <= part.last}
        hours = with_siblings(training_hours(energy, lines, truth), line_energy_hourly, related)
        rows = hours_and_models(hours, standing.where(part.holds(F.col("source_id"))))
        return rows.groupBy(KEY[0]).applyInArrow(train, RAW_SPARK).toArrow().cast(RAW)

    measured = measured_lines(measured_activity_hourly, production_line)
    related = siblings_by_line(production_line.select(KEY[0], "enterprise_id").toArrow())
    siblings = {line: related[line] for line in measured if line in related}
    parts = batches(measured, rules.training_batch_lines)
    found = pa.concat_tables([RAW.empty_table(), *batch_by_batch(WHAT, parts, batch)])
    return _tables(found, _pooled(found, standing, context.known_utc))


def training_hours(
    line_energy_hourly: DataFrame, production_line: DataFrame, measured_activity_hourly: DataFrame
) -> DataFrame:
    """Energy and measured activity side by side, for the registered lines that have any measured activity.

    One row a line and hour; either side may be missing, since an hour without truth still tells about its neighbours. The energy is
    that which goes with the work alone, where the registry tells of the line's base load, as in estimate_activity.
    Columns: production_line_id, hour_utc, energy_kwh, activity, activity_unit_code, line_unit_code, industry_code.
    """
    truth = measured_activity_hourly.select(*KEY, "activity", "activity_unit_code").where(F.col("activity").isNotNull())
    energy = line_energy_hourly.select(*KEY, F.coalesce("working_energy_kwh", "energy_kwh").alias("energy_kwh"))
    measured = truth.select("production_line_id").distinct()
    units = production_line.select(
        "production_line_id", "industry_code", F.col("activity_unit_code").alias("line_unit_code")
    )
    lines = measured.join(units, "production_line_id")
    return energy.join(truth, KEY, "full").join(F.broadcast(lines), "production_line_id")


def measured_lines(measured_activity_hourly: DataFrame, production_line: DataFrame) -> list[str]:
    """The registered lines that have any measured activity; their number bounds the batches."""
    known = measured_activity_hourly.where(F.col("activity").isNotNull()).select(KEY[0]).distinct()
    found = known.join(production_line.select(KEY[0]), KEY[0]).toArrow()
    names: list[str] = found[KEY[0]].to_pylist()
    return names


def form_names(chosen: Any) -> tuple[str, ...]:
    """The forms that compete, from simple to rich. Raises InputError for an unknown name."""
    unknown = [name for name in chosen or () if name not in FORMS]
    if unknown:
        raise InputError(f"region option activity_forms: '{unknown[0]}' is no form", f"known: {', '.join(FORMS)}")
    return tuple(name for name in FORMS if not chosen or name in chosen)


def _as_table(rows: list[Row]) -> pa.Table:
    moments = [name for name in COLUMNS if name.endswith("_utc")]
    filled = [{**row, **{name: in_utc(row.get(name)) for name in moments}} for row in rows]
    return pa.Table.from_pylist([{name: row.get(name) for name in RAW.names} for row in filled], RAW)


def _pooled(found: pa.Table, standing: DataFrame, known_utc: datetime) -> pa.Table:
    """Models of the industries, and of the measured lines that have no model of their own."""
    shown = found.filter(pc.equal(found["kind"], RATIO))
    was_used = found.filter(pc.and_(pc.equal(found["kind"], MODEL), pc.is_valid(found["champion_from_utc"])))
    is_champion = pc.equal(was_used["status_code"], CHAMPION)
    own, out_of_use = (
        set(was_used.filter(chosen)["source_id"].to_pylist()) for chosen in (is_champion, pc.invert(is_champion))
    )
    champions = standing.where(F.col("status_code") == CHAMPION)
    others = (
        champions.where(F.col("source_id").startswith(INDUSTRY_SOURCE) | (F.col("form_code") == "pooled"))
        .toArrow()
        .to_pylist()
    )
    others = [row for row in others if row["source_id"] not in out_of_use]
    with_model = champions.where(F.col("form_code") != "pooled").select("source_id").toArrow()["source_id"].to_pylist()
    ratios = [
        (json.loads(row["parameters_json"]), in_utc(row["to_utc"]))
        for row in shown.select(["parameters_json", "to_utc"]).to_pylist()
    ]
    return _as_table(industry_rows(ratios, others, own | (set(with_model) - out_of_use), known_utc))


def _tables(found: pa.Table, pooled: pa.Table) -> dict[str, pa.Table]:
    whole = pa.concat_tables([found, pooled])
    kinds = {"model_version": MODEL, "model_score": SCORE}
    return {
        table: whole.filter(pc.equal(whole["kind"], kind))
        .select(list(schema.table(table).names))
        .cast(_nullable(table))
        for table, kind in kinds.items()
    }


def _nullable(table: str) -> pa.Schema:
    return pa.schema([(field.name, field.type) for field in arrow_schema(schema.table(table))])
