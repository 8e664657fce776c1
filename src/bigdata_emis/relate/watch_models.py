"""The daily gate over the models in use: the stage that holds new truth against what each champion promised.

Belongs here: which truth is held against which model, and rows of model_watch. Does not: the verdict itself (verdict).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from bigdata_emis import schema
from bigdata_emis.activity_model.inputs.line_rows import read_series, siblings_by_line, values, with_siblings
from bigdata_emis.activity_model.inputs.line_series import LineSeries
from bigdata_emis.activity_model.inputs.weather import Weather, weather_of
from bigdata_emis.activity_model.stored.parameters import REMEDY, card_of, read_parameters
from bigdata_emis.arrays import Floats
from bigdata_emis.context import Context
from bigdata_emis.relate.models.drift_verdict import CARRIED, NONE, STEADY, Stored, Verdict, verdict
from bigdata_emis.relate.models.lifecycle import CHAMPION, MODELLED, RESERVE, TARGET
from bigdata_emis.relate.models.model_rules import ModelRules, model_rules
from bigdata_emis.relate.models.rows_with_models import hours_and_models, parted
from bigdata_emis.schema.arrow import TYPES
from bigdata_emis.schema.spark import spark_columns
from bigdata_emis.window import day_window

LINE = "production_line_id"
COLUMNS = schema.table("model_watch").names
ROW = pa.schema([(name, TYPES[schema.field(name).kind]) for name in COLUMNS])
BEFORE = ["watch_status_code", "watch_reason_code", "activity_correction", "interval_correction"]
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
UNREADABLE = "unreadable"
LOOKBACK_DAYS = 28
"""As flow.py has it for this stage: so many days of truth before the day are held against the champion."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
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
    """A verdict a day on every line's champion, from the truth since it was fitted and within the look-back of the stage.

    estimate_activity goes by the newest verdict: another model, a correction, or the champion as it is. A day with too little
    truth carries the verdict before it on, as long as it speaks of the same champion. Pooled models of industries are
    not watched: a line that never was measured has no truth. A champion that cannot be read is called so.
    """
    champions, reserves = _in_use(model_version, context.known_utc)
    known = champions.select(F.col("source_id").alias(LINE))
    truth = measured_activity_hourly.select(LINE, "hour_utc", "activity").where(F.col("activity").isNotNull())
    energy = line_energy_hourly.select(
        LINE, "hour_utc", F.coalesce("working_energy_kwh", "energy_kwh").alias("energy_kwh")
    )
    # An hour without truth still tells about its neighbours; a line without truth in reach needs no hours at all.
    measured = energy.join(truth.select(LINE).distinct(), LINE, "left_semi").join(truth, [LINE, "hour_utc"], "left")
    hours = measured.join(F.broadcast(known), LINE, "left_semi")
    told = _with_verdict_before(champions, model_watch, context).unionByName(reserves, allowMissingColumns=True)
    judge = _judge(_days(context), context.region.time_zone, model_rules(context.region), weather_of(weather_hourly))
    beside = with_siblings(hours, line_energy_hourly, _siblings(production_line, truth))
    return hours_and_models(beside, told).groupBy(LINE).applyInArrow(judge, spark_columns(COLUMNS))


def _siblings(production_line: DataFrame, truth: DataFrame) -> dict[str, tuple[str, ...]]:
    """Siblings of the lines that have truth within reach; those of others would ride for nothing."""
    related = siblings_by_line(production_line.select(LINE, "enterprise_id").toArrow())
    judged = set(truth.select(LINE).distinct().toArrow()[LINE].to_pylist()) if related else set()
    return {line: others for line, others in related.items() if line in judged}


def _in_use(model_version: DataFrame, known_utc: datetime) -> tuple[DataFrame, DataFrame]:
    """Champions at that time, and the simpler rungs that were fitted together with them."""
    mine = model_version.where(
        (F.col("target") == TARGET) & (F.col("method_code") == MODELLED) & ~F.col("source_id").startswith("industry:")
    )
    is_begun = F.col("champion_from_utc") <= F.lit(known_utc)
    is_open = F.col("champion_to_utc").isNull() | (F.col("champion_to_utc") > F.lit(known_utc))
    champions = mine.where(is_begun & is_open).select(*MODEL_FIELDS).withColumn("status_code", F.lit(CHAMPION))
    together = champions.select("source_id", "known_utc")
    reserves = (
        mine.where(F.col("status_code") == RESERVE)
        .select(*MODEL_FIELDS)
        .join(together, ["source_id", "known_utc"], "left_semi")
    )
    return champions, reserves


def _with_verdict_before(champions: DataFrame, model_watch: DataFrame, context: Context) -> DataFrame:
    """The champions, each with the newest verdict of a day before the window, if that spoke of it."""
    earlier = model_watch.where((F.col("target") == TARGET) & (F.col("from_utc") < F.lit(context.window.from_utc)))
    last = earlier.groupBy("source_id").agg(F.max("from_utc").alias("from_utc"))
    named = {"champion_version_id": "model_version_id", "model_version_id": "watched_version_id"}
    kept = earlier.join(last, ["source_id", "from_utc"]).select(
        "source_id",
        *(F.col(old).alias(new) for old, new in named.items()),
        *BEFORE,
        F.col("form_code").alias("watched_form_code"),
    )
    return champions.join(kept, ["source_id", "model_version_id"], "left")


@dataclass(frozen=True)
class _Day:
    """A local day, and from when on truth counts for its verdict, so that a day has the same verdict in whatever window it is run."""

    reach_utc: datetime
    from_utc: datetime
    to_utc: datetime


def _days(context: Context) -> list[_Day]:
    zone = context.region.time_zone
    found = []
    for day in context.window.days(zone):
        window = day_window(day, zone)
        found.append(
            _Day(day_window(day - timedelta(days=LOOKBACK_DAYS), zone).from_utc, window.from_utc, window.to_utc)
        )
    return found


def _judge(days: list[_Day], time_zone: str, rules: ModelRules, weather: Weather) -> Callable[[pa.Table], pa.Table]:
    def judge(rows: pa.Table) -> pa.Table:
        hours, models = parted(rows)
        champion = next((row for row in models if row["status_code"] == CHAMPION), None)
        if champion is None:
            return pa.Table.from_pylist([], ROW)
        told, why = read_parameters(champion["parameters_json"])
        if why:
            return pa.Table.from_pylist([_unreadable_row(champion, why, day.from_utc) for day in days], ROW)
        reserves = [
            _stored(row, of)
            for row in models
            if row is not champion
            for of, broken in [read_parameters(row["parameters_json"])]
            if not broken
        ]
        watched = _Watched(champion, _stored(champion, told), sorted(reserves, key=lambda model: model.version_id))
        return pa.Table.from_pylist(watched.rows(*_read(hours, time_zone, weather), days, rules), ROW)

    return judge


def _read(hours: pa.Table, time_zone: str, weather: Weather) -> tuple[LineSeries, Floats]:
    series, known = read_series(hours, time_zone)
    return weather.beside(series), values(known, "activity")


@dataclass(frozen=True)
class _Watched:
    """A champion with the rungs below it and the verdict that stood before."""

    row: Row
    champion: Stored
    reserves: list[Stored]

    def rows(self, series: LineSeries, activity: Floats, days: list[_Day], rules: ModelRules) -> list[Row]:
        """A row a day; each day sees the truth up to its end and no further."""
        fitted_to = _hour(self.row["to_utc"]) if self.row["to_utc"] else 0
        before, found = self._before(), []
        for day in days:
            first = max(fitted_to, _hour(day.reach_utc))
            chosen = np.isfinite(activity) & (series.hour_number >= first) & (series.hour_number < _hour(day.to_utc))
            told = verdict(self.champion, self.reserves, series.where(chosen), activity[chosen], rules=rules)
            before = self._carried(before, told) if told.days < rules.watch_days else told
            found.append(self._row(before, day.from_utc))
        return found

    def _before(self) -> Verdict:
        if not self.row.get("watched_version_id"):
            return Verdict(self.champion, STEADY, NONE)
        models = {model.version_id: model for model in (self.champion, *self.reserves)}
        model = models.get(self.row["watched_version_id"], self.champion)
        return Verdict(
            model,
            self.row["watch_status_code"],
            CARRIED,
            activity_correction=self.row["activity_correction"],
            interval_correction=self.row["interval_correction"],
        )

    def _carried(self, before: Verdict, told: Verdict) -> Verdict:
        reason = NONE if before.status == STEADY else CARRIED
        return replace(before, reason=reason, days=told.days, note="", evidence=1.0, measures={})

    def _row(self, told: Verdict, start: datetime) -> Row:
        promised = (self.champion.card.get("cross_validation") or {}).get("nmae")
        return {
            "source_id": self.row["source_id"],
            "target": TARGET,
            "from_utc": start,
            "champion_version_id": self.champion.version_id,
            "model_version_id": told.model.version_id,
            "form_code": told.model.form_code,
            "watch_status_code": told.status,
            "watch_reason_code": told.reason,
            "activity_correction": told.activity_correction,
            "interval_correction": told.interval_correction,
            "nmae_promised": promised,
            "evidence": told.evidence,
            "note": told.note,
            "sample_count": 0,
            **told.measures,
        }


def _unreadable_row(champion: Row, why: str, start: datetime) -> Row:
    """A champion of which only the name can be read has nothing to be judged by; estimate_activity goes without it."""
    version = champion["model_version_id"]
    return {
        "source_id": champion["source_id"],
        "target": TARGET,
        "from_utc": start,
        "champion_version_id": version,
        "model_version_id": version,
        "form_code": champion["form_code"],
        "watch_status_code": UNREADABLE,
        "watch_reason_code": UNREADABLE,
        "activity_correction": 1.0,
        "interval_correction": 1.0,
        "note": f"parameters_json {why}; {REMEDY}",
        "sample_count": 0,
    }


def _stored(row: Row, parameters: dict[str, Any]) -> Stored:
    return Stored(row["model_version_id"], row["form_code"], parameters, card_of(row))


def _hour(moment: datetime) -> int:
    return int((moment - EPOCH) / timedelta(hours=1))
