"""Model in use for each source at a given time, with the corrections that the drift test of the model sets.

Belongs here: reading the tables model_version and model_watch as of a time. Does not: fitting, or the drift test
(relate).
"""

from datetime import datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from bigdata_emis.codes import Method

ACTIVITY = "activity"
INDUSTRY_SOURCE = "industry:"
"""Prefix of the source_id of a pooled model, which serves every line of an industry that has no model of its own."""
SOURCE_KEY = ["source_id", "model_version_id"]
CORRECTIONS = ("activity_correction", "interval_correction")


def select_models_in_use(
    model_version: DataFrame, model_watch: DataFrame, known_utc: datetime, *, target: str = ACTIVITY
) -> DataFrame:
    """Model in use for each source at a time: its champion, or what the drift test chose.

    A champion is selected by its time in use (champion_from_utc, champion_to_utc), so that an old run can be
    repeated. Of the drift test, the newest row of a source counts, if it is about this champion. Columns: source_id,
    model_version_id, activity_correction, interval_correction; one row for each source. `select_model_texts` has the
    parameters.
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
    )
    return in_use.join(versions.select(*SOURCE_KEY).distinct(), SOURCE_KEY)


def select_model_texts(model_version: DataFrame, *, target: str = ACTIVITY) -> DataFrame:
    """Parameters of each version as stored text.

    Columns: source_id, model_version_id, parameters_json.
    """
    # A form fitted again to the same measurements has the same version id: equal rows, of which one is enough.
    return _activity_models(model_version, target).select(*SOURCE_KEY, "parameters_json").dropDuplicates(SOURCE_KEY)


def _activity_models(model_version: DataFrame, target: str) -> DataFrame:
    return model_version.where((F.col("target") == target) & (F.col("method_code") == Method.MODELLED))


def _newest_rows(model_watch: DataFrame, target: str) -> DataFrame:
    rows = model_watch.where(F.col("target") == target)
    newest = rows.groupBy("source_id").agg(F.max("from_utc").alias("from_utc"))
    return rows.join(newest, ["source_id", "from_utc"]).select(
        "source_id", "champion_version_id", "model_version_id", *CORRECTIONS
    )
