"""Which model estimates a source at a given time, and how the watch over it corrects what it says.

Belongs here: reading model_version and model_watch as of a time. Does not: fitting, judging or watching (relate).
"""

from datetime import datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

ACTIVITY = "activity"
MODELLED = "modelled"
CHAMPION = "champion"
INDUSTRY_SOURCE = "industry:"
"""Begins the source_id of a model that stands for every line of an industry that has none of its own."""
SOURCE = ["source_id", "model_version_id"]


def versions_in_use(
    model_version: DataFrame, model_watch: DataFrame, known_utc: datetime, *, target: str = ACTIVITY
) -> DataFrame:
    """The model that estimates each source: its champion at that time, or what the watch over that champion put in its place.

    A champion is known by its time in use (champion_from_utc, champion_to_utc), so that an old run can be repeated. The
    newest row of the watch counts when it speaks of this champion. Columns: source_id, model_version_id,
    activity_correction, interval_correction; one row a source. `model_texts` has what the versions say.
    """
    mine = _of(model_version, target)
    is_begun = F.col("champion_from_utc") <= F.lit(known_utc)
    is_open = F.col("champion_to_utc").isNull() | (F.col("champion_to_utc") > F.lit(known_utc))
    champions = mine.where(is_begun & is_open).select(
        "source_id", F.col("model_version_id").alias("champion_version_id")
    )
    verdict = ["source_id", "champion_version_id"]
    # One row a source on either side: a source has one champion at a time, and one newest verdict.
    judged = champions.join(_newest(model_watch, target), verdict, "left")
    unjudged = F.coalesce(F.col("model_version_id"), F.col("champion_version_id"))
    chosen = judged.select(
        "source_id",
        unjudged.alias("model_version_id"),
        *(F.coalesce(F.col(name), F.lit(1.0)).alias(name) for name in CORRECTIONS),
    )
    return chosen.join(mine.select(*SOURCE).distinct(), SOURCE)


def model_texts(model_version: DataFrame, *, target: str = ACTIVITY) -> DataFrame:
    """The parameters of each version; `stored.estimate_stored` evaluates them. Columns: source_id, model_version_id, parameters_json."""
    # A form fitted again to unchanged truth has the name it had: one of the like rows speaks for them.
    return _of(model_version, target).select(*SOURCE, "parameters_json").dropDuplicates(SOURCE)


CORRECTIONS = ("activity_correction", "interval_correction")


def _of(model_version: DataFrame, target: str) -> DataFrame:
    return model_version.where((F.col("target") == target) & (F.col("method_code") == MODELLED))


def _newest(model_watch: DataFrame, target: str) -> DataFrame:
    mine = model_watch.where(F.col("target") == target)
    last = mine.groupBy("source_id").agg(F.max("from_utc").alias("from_utc"))
    return mine.join(last, ["source_id", "from_utc"]).select(
        "source_id", "champion_version_id", "model_version_id", *CORRECTIONS
    )
