"""The stage watch_models: a daily verdict on each champion from new truth.

Belongs here: which truth is compared with which model, and rows of model_watch.
Does not: the verdict itself (models/drift_verdict).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from bigdata_emis import schema
from bigdata_emis.activity_model.forms.pooled_industry import INDUSTRY_PREFIX
from bigdata_emis.activity_model.inputs.line_rows import (
    column_values,
    read_series,
    siblings_by_line,
    union_sibling_hours,
)
from bigdata_emis.activity_model.inputs.line_series import LineSeries
from bigdata_emis.activity_model.inputs.weather import Weather, read_region_weather
from bigdata_emis.activity_model.stored.parameters import TRAIN_AGAIN, parse_parameters, read_card
from bigdata_emis.arrays import Floats
from bigdata_emis.codes import Method, ModelStatus, WatchReason, WatchStatus
from bigdata_emis.context import Context
from bigdata_emis.relate.models.drift_verdict import DriftVerdict, judge_champion
from bigdata_emis.relate.models.lifecycle import TARGET
from bigdata_emis.relate.models.model_rules import ModelRules, read_model_rules
from bigdata_emis.relate.models.rows_with_models import EPOCH, split_hours_and_models, union_models_with_hours
from bigdata_emis.relate.models.trial_models import StoredModel
from bigdata_emis.schema.arrow import TYPES
from bigdata_emis.schema.spark import spark_columns
from bigdata_emis.window import HOUR, day_window

LINE = "production_line_id"
COLUMNS = schema.table("model_watch").names
ROW = pa.schema([(name, TYPES[schema.field(name).kind]) for name in COLUMNS])
VERDICT_FIELDS = [
    "watch_status_code",
    "watch_reason_code",
    "activity_correction",
    "interval_correction",
    "blend_version_id",
    "blend_share",
    "level_to_utc",
]
MODEL_FIELDS = [
    "source_id",
    "model_version_id",
    "form_code",
    "status_code",
    "parameters_json",
    "card_json",
    "to_utc",
    "known_utc",
]
LOOKBACK_DAYS = 63
"""As in flow.py for this stage: truth up to five weeks late still has `watch_window_days` days to be judged by."""
Row = dict[str, Any]


def watch_models(
    line_energy_hourly: DataFrame,
    production_line: DataFrame,
    measured_activity_hourly: DataFrame,
    model_version: DataFrame,
    model_watch: DataFrame,
    weather_hourly: DataFrame,
    *,
    context: Context,
) -> DataFrame:
    """A verdict for each day and champion, from the truth since it was fitted.

    The truth reaches back as far as the lookback of the stage.

    estimate_activity uses the newest verdict: another model, a correction, a blend of the champion with the challenger
    that waits, or the champion as it is. A day with too
    little truth carries the verdict before it on, as long as that is about the same champion. Pooled models of
    industries are not watched: a line that was never measured has no truth. A champion that cannot be read gets the
    status unreadable.

    Raises:
        InputError: an option of model_rules that is not a number above 0.
    """
    champions, others = _select_models(model_version, context.known_utc)
    watched_lines = champions.select(F.col("source_id").alias(LINE))
    truth = measured_activity_hourly.select(LINE, "hour_utc", "activity").where(F.col("activity").isNotNull())
    energy = line_energy_hourly.select(
        LINE, "hour_utc", F.coalesce("working_energy_kwh", "energy_kwh").alias("energy_kwh")
    )
    # An hour without truth still informs its neighbours; a line without truth in the lookback needs no hours at all.
    measured = energy.join(truth.select(LINE).distinct(), LINE, "left_semi").join(truth, [LINE, "hour_utc"], "left")
    hours = measured.join(F.broadcast(watched_lines), LINE, "left_semi")
    models = _join_last_verdict(champions, model_watch, context).unionByName(others, allowMissingColumns=True)
    days, zone, rules = _days(context), context.region.time_zone, read_model_rules(context.region)
    judge = _line_judge(days, zone, rules, read_region_weather(weather_hourly))
    with_siblings = union_sibling_hours(hours, line_energy_hourly, _siblings_with_truth(production_line, truth))
    return union_models_with_hours(with_siblings, models).groupBy(LINE).applyInArrow(judge, spark_columns(COLUMNS))


def _siblings_with_truth(production_line: DataFrame, truth: DataFrame) -> dict[str, tuple[str, ...]]:
    """Siblings of the lines with truth in the lookback; other lines need none."""
    related = siblings_by_line(production_line.select(LINE, "enterprise_id").toArrow())
    judged = set(truth.select(LINE).distinct().toArrow()[LINE].to_pylist()) if related else set()
    return {line: siblings for line, siblings in related.items() if line in judged}


def _select_models(model_version: DataFrame, known_utc: datetime) -> tuple[DataFrame, DataFrame]:
    """The champions at that time; the reserves that were fitted together with them, and the challengers that wait."""
    is_modelled = (F.col("target") == TARGET) & (F.col("method_code") == Method.MODELLED)
    line_models = model_version.where(is_modelled & ~F.col("source_id").startswith(INDUSTRY_PREFIX))
    has_begun = F.col("champion_from_utc") <= F.lit(known_utc)
    is_open = F.col("champion_to_utc").isNull() | (F.col("champion_to_utc") > F.lit(known_utc))
    champions = (
        line_models.where(has_begun & is_open)
        .select(*MODEL_FIELDS)
        .withColumn("status_code", F.lit(ModelStatus.CHAMPION))
    )
    same_training = champions.select("source_id", "known_utc")
    reserves = (
        line_models.where(F.col("status_code") == ModelStatus.RESERVE)
        .select(*MODEL_FIELDS)
        .join(same_training, ["source_id", "known_utc"], "left_semi")
    )
    is_waiting = (F.col("status_code") == ModelStatus.CHALLENGER) & (F.col("known_utc") <= F.lit(known_utc))
    return champions, reserves.unionByName(line_models.where(is_waiting).select(*MODEL_FIELDS))


def _join_last_verdict(champions: DataFrame, model_watch: DataFrame, context: Context) -> DataFrame:
    """The champions, each with the last verdict before the window, if it is about this champion."""
    earlier = model_watch.where((F.col("target") == TARGET) & (F.col("from_utc") < F.lit(context.window.from_utc)))
    last = earlier.groupBy("source_id").agg(F.max("from_utc").alias("from_utc"))
    renamed = {"champion_version_id": "model_version_id", "model_version_id": "watched_version_id"}
    verdicts = earlier.join(last, ["source_id", "from_utc"]).select(  # one to one
        "source_id",
        *(F.col(old).alias(new) for old, new in renamed.items()),
        *VERDICT_FIELDS,
        F.col("form_code").alias("watched_form_code"),
    )
    return champions.join(verdicts, ["source_id", "model_version_id"], "left")  # one to at most one


@dataclass(frozen=True)
class _JudgedDay:
    """A local day and the start of its lookback, so that its verdict does not depend on the window of the run."""

    lookback_utc: datetime
    from_utc: datetime
    to_utc: datetime


def _days(context: Context) -> list[_JudgedDay]:
    zone = context.region.time_zone
    days = []
    for day in context.window.days(zone):
        window = day_window(day, zone)
        lookback = day_window(day - timedelta(days=LOOKBACK_DAYS), zone)
        days.append(_JudgedDay(lookback.from_utc, window.from_utc, window.to_utc))
    return days


def _line_judge(
    days: list[_JudgedDay], time_zone: str, rules: ModelRules, weather: Weather
) -> Callable[[pa.Table], pa.Table]:
    """The function that the engine calls with the hours and models of a line."""

    def judge(rows: pa.Table) -> pa.Table:
        hours, models = split_hours_and_models(rows)
        champion = next((row for row in models if row["status_code"] == ModelStatus.CHAMPION), None)
        if champion is None:
            return pa.Table.from_pylist([], ROW)
        parameters, reason = parse_parameters(champion["parameters_json"])
        if reason:
            return pa.Table.from_pylist([_unreadable_row(champion, reason, day.from_utc) for day in days], ROW)
        reserves, challengers = (_readable(models, s) for s in (ModelStatus.RESERVE, ModelStatus.CHALLENGER))
        challenger = challengers[0] if challengers else None
        watched = _WatchedChampion(champion, _stored_model(champion, parameters), reserves, challenger)
        return pa.Table.from_pylist(watched.judge_days(*_read_line(hours, time_zone, weather), days, rules), ROW)

    return judge


def _readable(models: list[Row], status: ModelStatus) -> list[StoredModel]:
    """The models of a line with a status that can be read, in order of their ids."""
    readable = [
        _stored_model(row, parameters)
        for row in models
        if row["status_code"] == status
        for parameters, reason in [parse_parameters(row["parameters_json"])]
        if not reason
    ]
    return sorted(readable, key=lambda model: model.version_id)


def _read_line(hours: pa.Table, time_zone: str, weather: Weather) -> tuple[LineSeries, Floats]:
    series, series_rows = read_series(hours, time_zone)
    return weather.add_to(series), column_values(series_rows, "activity")


@dataclass(frozen=True)
class _WatchedChampion:
    """A champion with its reserves and challenger; the row has its last verdict too."""

    row: Row
    champion: StoredModel
    reserves: list[StoredModel]
    challenger: StoredModel | None

    def judge_days(self, series: LineSeries, activity: Floats, days: list[_JudgedDay], rules: ModelRules) -> list[Row]:
        """One row for each day, from the truth up to its end."""
        last, rows = self._last_verdict(), []
        for day in days:
            first = max(self.champion.fitted_to_hour, _hour_number(day.lookback_utc))
            in_reach = (series.hour_number >= first) & (series.hour_number < _hour_number(day.to_utc))
            chosen = np.isfinite(activity) & in_reach
            verdict = judge_champion(
                self.champion,
                self.reserves,
                series.where(chosen),
                activity[chosen],
                rules=rules,
                challenger=self.challenger,
            )
            last = _carry_on(last, verdict.days) if verdict.days < rules.watch_days else verdict
            rows.append(self._watch_row(last, day.from_utc))
        return rows

    def _last_verdict(self) -> DriftVerdict:
        if not self.row.get("watched_version_id"):
            return DriftVerdict(self.champion, WatchStatus.STEADY, WatchReason.NONE)
        models = {model.version_id: model for model in (self.champion, *self.reserves)}
        return DriftVerdict(
            models.get(self.row["watched_version_id"], self.champion),
            self.row["watch_status_code"],
            WatchReason.CARRIED,
            activity_correction=self.row["activity_correction"],
            interval_correction=self.row["interval_correction"],
            blend_version_id=self.row.get("blend_version_id") or "",
            blend_share=self.row.get("blend_share") or 0.0,
            level_to_hour=_hour_number(self.row["level_to_utc"]) if self.row.get("level_to_utc") else 0,
        )

    def _watch_row(self, verdict: DriftVerdict, from_utc: datetime) -> Row:
        promised = (self.champion.card.get("cross_validation") or {}).get("nmae")
        return {
            "source_id": self.row["source_id"],
            "target": TARGET,
            "from_utc": from_utc,
            "champion_version_id": self.champion.version_id,
            "model_version_id": verdict.model.version_id,
            "form_code": verdict.model.form_code,
            "watch_status_code": verdict.status,
            "watch_reason_code": verdict.reason,
            "activity_correction": verdict.activity_correction,
            "interval_correction": verdict.interval_correction,
            "blend_version_id": verdict.blend_version_id or None,
            "blend_share": verdict.blend_share,
            "level_to_utc": EPOCH + verdict.level_to_hour * HOUR if verdict.level_to_hour else None,
            "nmae_promised": promised,
            "evidence": verdict.evidence,
            "note": verdict.note,
            "sample_count": 0,
            **verdict.measures,
        }


def _carry_on(last: DriftVerdict, days: int) -> DriftVerdict:
    """The last verdict, for a day with too little truth for a new one."""
    reason = WatchReason.NONE if last.status == WatchStatus.STEADY else WatchReason.CARRIED
    return replace(last, reason=reason, days=days, note="", evidence=1.0, measures={})


def _unreadable_row(champion: Row, reason: str, from_utc: datetime) -> Row:
    """The row of a champion that cannot be read; estimate_activity does not use that model."""
    version_id = champion["model_version_id"]
    return {
        "source_id": champion["source_id"],
        "target": TARGET,
        "from_utc": from_utc,
        "champion_version_id": version_id,
        "model_version_id": version_id,
        "form_code": champion["form_code"],
        "watch_status_code": WatchStatus.UNREADABLE,
        "watch_reason_code": WatchReason.UNREADABLE,
        "activity_correction": 1.0,
        "interval_correction": 1.0,
        "blend_share": 0.0,
        "note": f"parameters_json {reason}; {TRAIN_AGAIN}",
        "sample_count": 0,
    }


def _stored_model(row: Row, parameters: dict[str, Any]) -> StoredModel:
    fitted_to_hour = _hour_number(row["to_utc"]) if row["to_utc"] else 0
    return StoredModel(row["model_version_id"], row["form_code"], parameters, read_card(row), fitted_to_hour)


def _hour_number(moment: datetime) -> int:
    return int((moment - EPOCH) / HOUR)
