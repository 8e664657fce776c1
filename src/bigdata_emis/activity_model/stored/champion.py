"""Model in use for each source at a given time, with the corrections that the drift test of the model sets.

Belongs here: reading the tables model_version and model_watch as of a time. Does not: fitting, or the drift test
(relate).
"""

from datetime import datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from bigdata_emis.codes import Method

ACTIVITY = "activity"
HOUR_S = 3600
INDUSTRY_SOURCE = "industry:"
"""Prefix of the source_id of a pooled model, which serves every line of an industry that has no model of its own."""
SOURCE_KEY = ["source_id", "model_version_id"]
CORRECTIONS = ("activity_correction", "interval_correction")
NO_BLEND = ""
BLEND = ("blend_version_id", "blend_share", "level_to_hour")


def select_models_in_use(
    model_version: DataFrame, model_watch: DataFrame, known_utc: datetime, *, target: str = ACTIVITY
) -> DataFrame:
    """Model in use for each source at a time: its champion, or what the drift test chose.

    A champion is selected by its time in use (champion_from_utc, champion_to_utc), so that an old run can be
    repeated. Of the drift test, the newest row of a source counts, if it is about this champion. Columns: source_id,
    model_version_id, activity_correction, interval_correction, blend_version_id (empty: no blend), blend_share and
    level_to_hour (0: the level is as old as the model); one row for each source. `select_model_texts` has the
    parameters. A challenger that was retired since then has none, so its blend has ended.
    """
    versions = _activity_models(model_version, target)
    has_begun = F.col("champion_from_utc") <= F.lit(known_utc)
    is_open = F.col("champion_to_utc").isNull() | (F.col("champion_to_utc") > F.lit(known_utc))
    champions = versions.where(has_begun & is_open).select(
        "source_id", F.col("model_version_id").alias("champion_version_id")
    )
    # One row of a source on either side (1 : 0..1): one champion at a time, and one newest row of the drift test.
    checked = champions.join(_newest_rows(model_watch, target), ["source_id", "champion_version_id"], "left")
    version_in_use = F.coalesce(F.col("model_version_id"), F.col("champion_version_id"))
    in_use = checked.select(
        "source_id",
        version_in_use.alias("model_version_id"),
        *(F.coalesce(F.col(name), F.lit(1.0)).alias(name) for name in CORRECTIONS),
        F.coalesce(F.col("blend_version_id"), F.lit(NO_BLEND)).alias("blend_version_id"),
        F.coalesce(F.col("blend_share"), F.lit(0.0)).alias("blend_share"),
        F.coalesce(F.unix_seconds("level_to_utc") / F.lit(HOUR_S), F.lit(0.0)).cast("long").alias("level_to_hour"),
    )
    stored = versions.select(*SOURCE_KEY).distinct()
    return _drop_ended_blends(in_use.join(stored, SOURCE_KEY), stored)


def select_model_texts(model_version: DataFrame, *, target: str = ACTIVITY) -> DataFrame:
    """Parameters of each version as stored text.

    Columns: source_id, model_version_id, parameters_json.
    """
    # A form fitted again to the same measurements has the same version id: equal rows, of which one is enough.
    return _activity_models(model_version, target).select(*SOURCE_KEY, "parameters_json").dropDuplicates(SOURCE_KEY)


def _activity_models(model_version: DataFrame, target: str) -> DataFrame:
    return model_version.where((F.col("target") == target) & (F.col("method_code") == Method.MODELLED))


def _drop_ended_blends(in_use: DataFrame, stored: DataFrame) -> DataFrame:
    """The models in use; a blend whose challenger is no longer stored is the first model alone, uncorrected."""
    partners = stored.select(
        "source_id", F.col("model_version_id").alias("blend_version_id"), F.lit(1).alias("has_text")
    )
    joined = in_use.join(partners, ["source_id", "blend_version_id"], "left")  # one to at most one
    has_ended = (F.col("blend_version_id") != NO_BLEND) & F.col("has_text").isNull()
    values = {"blend_version_id": NO_BLEND, "blend_share": 0.0, "activity_correction": 1.0}
    kept = {name: F.when(has_ended, F.lit(value)).otherwise(F.col(name)) for name, value in values.items()}
    return joined.select(*(kept.get(name, F.col(name)).alias(name) for name in in_use.columns))


def _newest_rows(model_watch: DataFrame, target: str) -> DataFrame:
    rows = model_watch.where(F.col("target") == target)
    newest = rows.groupBy("source_id").agg(F.max("from_utc").alias("from_utc"))
    return rows.join(newest, ["source_id", "from_utc"]).select(
        "source_id",
        "champion_version_id",
        "model_version_id",
        *CORRECTIONS,
        "blend_version_id",
        "blend_share",
        "level_to_utc",
    )
