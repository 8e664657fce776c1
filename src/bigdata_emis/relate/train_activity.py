"""The stage train_activity: models of activity from power, as champions and challengers.

Belongs here: training hours, batches, and the tables model_version and model_score.
Does not: the training of one line (models/train_line).
"""

import json
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from bigdata_emis import schema
from bigdata_emis.activity_model.forms.candidate_forms import FORMS
from bigdata_emis.activity_model.forms.pooled_industry import POOLED_FORM
from bigdata_emis.activity_model.inputs.line_rows import siblings_by_line, union_sibling_hours
from bigdata_emis.activity_model.inputs.weather import read_region_weather
from bigdata_emis.activity_model.stored.champion import INDUSTRY_SOURCE
from bigdata_emis.codes import ModelStatus
from bigdata_emis.context import Context
from bigdata_emis.errors import InputError
from bigdata_emis.relate.models.batches import Batch, run_batches, split_into_batches
from bigdata_emis.relate.models.industry_model import industry_rows
from bigdata_emis.relate.models.lifecycle import MODEL, RATIO, SCORE, TARGET, Row, add_utc_zone
from bigdata_emis.relate.models.model_rules import read_model_rules
from bigdata_emis.relate.models.rows_with_models import union_models_with_hours
from bigdata_emis.relate.models.train_line import LineTraining, line_trainer
from bigdata_emis.schema.arrow import TYPES, arrow_schema
from bigdata_emis.schema.spark import spark_columns

LINE = "production_line_id"
KEY = [LINE, "hour_utc"]
TABLES = ("model_version", "model_score")
COLUMNS = tuple(dict.fromkeys(name for table in TABLES for name in schema.table(table).names))
ROW = pa.schema([("kind", pa.string()), *((name, TYPES[schema.field(name).kind]) for name in COLUMNS)])
ROW_SPARK = f"kind STRING, {spark_columns(COLUMNS)}"
STAGE = "train_activity"


def train_activity(
    line_energy_hourly: DataFrame,
    production_line: DataFrame,
    measured_activity_hourly: DataFrame,
    model_version: DataFrame,
    weather_hourly: DataFrame,
    *,
    context: Context,
) -> dict[str, pa.Table]:
    """Champions and challengers of lines with measured activity, and pooled industry models.

    A line without champion gets the form with the smallest error in blocked cross-validation. Later trainings first
    test the challenger on truth that neither model was fitted on (challenger_test), and fit a new one when there is
    none and truth is new. A line whose training fails has a row with the reason and falls back to the pooled model, if
    it has any truth; lines of the industry that were never measured use the row of source "industry:<code>". The form
    boosted_weather needs weather; otherwise it is compared like any other.
    The option `activity_forms` of the region limits the forms that are compared; training_batch_lines bounds memory.

    Raises:
        InputError: `activity_forms` names an unknown form, or an option of model_rules is not a number above 0.
    """
    rules = read_model_rules(context.region)
    forms = select_forms(context.region.options.get("activity_forms"))
    weather = read_region_weather(weather_hourly)
    train = line_trainer(LineTraining(forms, rules, context.region.time_zone, context.known_utc, weather), _as_table)
    statuses = (ModelStatus.CHAMPION, ModelStatus.CHALLENGER, ModelStatus.FAILED)
    stored = model_version.where((F.col("target") == TARGET) & F.col("status_code").isin(*statuses))

    def train_batch(batch: Batch) -> pa.Table:
        energy, lines, truth = (
            frame.where(batch.contains(F.col(LINE)))
            for frame in (line_energy_hourly, production_line, measured_activity_hourly)
        )
        batch_siblings = {line: ids for line, ids in siblings.items() if batch.first <= line <= batch.last}
        hours = union_sibling_hours(training_hours(energy, lines, truth), line_energy_hourly, batch_siblings)
        rows = union_models_with_hours(hours, stored.where(batch.contains(F.col("source_id"))))
        return rows.groupBy(LINE).applyInArrow(train, ROW_SPARK).toArrow().cast(ROW)

    measured = list_measured_lines(measured_activity_hourly, production_line)
    related = siblings_by_line(production_line.select(LINE, "enterprise_id").toArrow())
    siblings = {line: related[line] for line in measured if line in related}
    batches = split_into_batches(measured, rules.training_batch_lines)
    line_rows = pa.concat_tables([ROW.empty_table(), *run_batches(STAGE, batches, train_batch)])
    return _split_tables(line_rows, _pooled_rows(line_rows, stored, context.known_utc))


def training_hours(
    line_energy_hourly: DataFrame, production_line: DataFrame, measured_activity_hourly: DataFrame
) -> DataFrame:
    """Energy and measured activity of each hour, for registered lines with any truth.

    One row for each line and hour; energy or activity may be null, since an hour without truth still informs its
    neighbours. As in estimate_activity, the energy is the part above the line's base load where that is registered.
    Columns: production_line_id, hour_utc, energy_kwh, activity, activity_unit_code, line_unit_code, industry_code.
    """
    truth = measured_activity_hourly.select(*KEY, "activity", "activity_unit_code").where(F.col("activity").isNotNull())
    energy = line_energy_hourly.select(*KEY, F.coalesce("working_energy_kwh", "energy_kwh").alias("energy_kwh"))
    measured = truth.select(LINE).distinct()
    units = production_line.select(LINE, "industry_code", F.col("activity_unit_code").alias("line_unit_code"))
    lines = measured.join(units, LINE)  # one to one
    # One hour to one, then many hours to one line.
    return energy.join(truth, KEY, "full").join(F.broadcast(lines), LINE)


def list_measured_lines(measured_activity_hourly: DataFrame, production_line: DataFrame) -> list[str]:
    """The registered lines that have any measured activity."""
    measured = measured_activity_hourly.where(F.col("activity").isNotNull()).select(LINE).distinct()
    registered = measured.join(production_line.select(LINE), LINE).toArrow()  # one to one
    line_ids: list[str] = registered[LINE].to_pylist()
    return line_ids


def select_forms(chosen: Any) -> tuple[str, ...]:
    """The forms that are compared, from simple to rich; all where the region chooses none.

    Raises:
        InputError: the region chooses an unknown form.
    """
    unknown = [name for name in chosen or () if name not in FORMS]
    if unknown:
        what = f"[options] of region.toml: activity_forms has '{unknown[0]}', expected forms among {', '.join(FORMS)}"
        raise InputError(what, "set activity_forms in region.toml")
    return tuple(name for name in FORMS if not chosen or name in chosen)


def _as_table(rows: list[Row]) -> pa.Table:
    """Rows of all kinds in one declared schema, with null for what a kind does not have."""
    instants = [name for name in COLUMNS if name.endswith("_utc")]
    zoned = [{**row, **{name: add_utc_zone(row.get(name)) for name in instants}} for row in rows]
    return pa.Table.from_pylist([{name: row.get(name) for name in ROW.names} for row in zoned], ROW)


def _pooled_rows(line_rows: pa.Table, stored: DataFrame, known_utc: datetime) -> pa.Table:
    """Pooled models of the industries, and of the measured lines that have no model of their own."""
    ratio_rows = line_rows.filter(pc.equal(line_rows["kind"], RATIO)).select(["parameters_json", "to_utc"])
    was_used = pc.and_(pc.equal(line_rows["kind"], MODEL), pc.is_valid(line_rows["champion_from_utc"]))
    used = line_rows.filter(was_used)
    is_champion = pc.equal(used["status_code"], ModelStatus.CHAMPION)
    new_champions, out_of_use = (
        set(used.filter(chosen)["source_id"].to_pylist()) for chosen in (is_champion, pc.invert(is_champion))
    )
    champions = stored.where(F.col("status_code") == ModelStatus.CHAMPION)
    is_pooled = F.col("source_id").startswith(INDUSTRY_SOURCE) | (F.col("form_code") == POOLED_FORM)
    pooled = [row for row in champions.where(is_pooled).toArrow().to_pylist() if row["source_id"] not in out_of_use]
    not_pooled = champions.where(F.col("form_code") != POOLED_FORM).select("source_id").toArrow()
    with_own_model = new_champions | (set(not_pooled["source_id"].to_pylist()) - out_of_use)
    ratios = [(json.loads(row["parameters_json"]), add_utc_zone(row["to_utc"])) for row in ratio_rows.to_pylist()]
    return _as_table(industry_rows(ratios, pooled, with_own_model, known_utc))


def _split_tables(line_rows: pa.Table, pooled_rows: pa.Table) -> dict[str, pa.Table]:
    """The rows as the tables that the stage writes."""
    rows = pa.concat_tables([line_rows, pooled_rows])
    kinds = {"model_version": MODEL, "model_score": SCORE}
    return {
        table: rows.filter(pc.equal(rows["kind"], kind))
        .select(list(schema.table(table).names))
        .cast(_nullable_schema(table))
        for table, kind in kinds.items()
    }


def _nullable_schema(table: str) -> pa.Schema:
    return pa.schema([(field.name, field.type) for field in arrow_schema(schema.table(table))])
