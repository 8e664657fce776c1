"""The stage that turns the power of production lines into their activity, hour by hour, with a 90 % interval.

Belongs here: which line goes by its model and which by its prior. Does not: the models (proxy), or emission (industry).
"""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from bigdata_emis.context import Context
from bigdata_emis.equations import industry, uncertainty
from bigdata_emis.errors import InputError
from bigdata_emis.proxy.choice import Estimate, estimate
from bigdata_emis.proxy.line_energy import line_energy
from bigdata_emis.proxy.line_table import read_series

MODELLED = "modelled"
PRIOR = "prior"
"""Stands where the version of a model would: the line goes by the prior of its registry row."""
PRIOR_RATING = "C"
PRIOR_FIELDS = ("capacity_per_h", "base_load_share", "power_elasticity", "reference_energy_kwh")
COLUMNS = ["source_id", "hour_utc", "activity", "activity_p05", "activity_p95", "activity_unit_code", "method_code", "model_version_id", "imputation_code"]
ROW = (
    "source_id string, hour_utc timestamp, activity double, activity_p05 double, activity_p95 double, activity_unit_code string, "
    "method_code string, model_version_id string, imputation_code string"
)


def estimate_activity(
    power_hourly: DataFrame, meter: DataFrame, production_line: DataFrame, model_version: DataFrame, uncertainty_rating: DataFrame,
    *, context: Context,
) -> DataFrame:  # fmt: skip
    """Activity of every metered line: by its own model where one was learnt, else by the prior of its registry row.

    The prior is A = capacity × ((P / P_ref − b) / (1 − b)) ^ (1 / eps), lognormal with the spread of rating C; its
    model_version_id is "prior". The last hours of the window are estimated without knowing whether a stop follows.

    Raises:
        InputError: a metered line without a model lacks a prior, or its reference energy is zero or its base load one.
    """
    energy = line_energy(power_hourly, meter)
    models = _models(model_version, context)
    unlearnt = production_line.join(models.select("production_line_id"), "production_line_id", "left_anti")
    _check_priors(unlearnt.join(meter.select("production_line_id").distinct(), "production_line_id", "left_semi"))
    by_prior = _by_prior(energy, unlearnt, uncertainty_rating)
    return by_prior.unionByName(_by_model(energy, production_line, models, context.region.time_zone))


def _models(model_version: DataFrame, context: Context) -> DataFrame:
    """The model of each line that was known last, at the time of the run; a line whose training failed has none."""
    known = model_version.where((F.col("method_code") == MODELLED) & (F.col("known_utc") <= F.lit(context.known_utc)))
    latest = known.groupBy(F.col("source_id").alias("production_line_id")).agg(F.max("known_utc").alias("known_utc"))
    mine = known.select(F.col("source_id").alias("production_line_id"), "known_utc", "model_version_id", "parameters_json")
    return mine.join(latest, ["production_line_id", "known_utc"]).drop("known_utc")


def _check_priors(lines: DataFrame) -> None:
    bad = F.col("reference_energy_kwh").isNull() | (F.col("reference_energy_kwh") <= 0) | (F.col("base_load_share") >= 1)
    for name in PRIOR_FIELDS:
        bad = bad | F.col(name).isNull()
    found = lines.where(bad | (F.col("power_elasticity") <= 0)).select(F.min("production_line_id"), F.count("*")).toArrow()
    first, count = found.column(0)[0].as_py(), found.column(1)[0].as_py()
    if count:
        raise InputError(
            f"table production_line: {count} metered lines have neither a model nor a usable prior, first {first}",
            f"fill {', '.join(PRIOR_FIELDS)}",
        )


def _by_prior(energy: DataFrame, lines: DataFrame, uncertainty_rating: DataFrame) -> DataFrame:
    spread = uncertainty_rating.where(F.col("rating_code") == PRIOR_RATING).select(F.col("relative_sd_share").alias("activity_relative_sd_share"))
    prior = lines.select("production_line_id", "activity_unit_code", *PRIOR_FIELDS).crossJoin(F.broadcast(spread))
    column = F.col
    value = industry.activity(
        column("energy_kwh"), column("reference_energy_kwh"), base_load_share=column("base_load_share"),
        power_elasticity=column("power_elasticity"), capacity_per_h=column("capacity_per_h"),
    )  # fmt: skip
    # Many hours to one line: production_line_id is the key of the registry table.
    hours = energy.join(F.broadcast(prior), "production_line_id").withColumn("activity", value)
    bounds = [bound(column("activity"), column("activity_relative_sd_share")) for bound in (uncertainty.activity_p05, uncertainty.activity_p95)]
    return hours.select(
        column("production_line_id").alias("source_id"), "hour_utc", "activity", bounds[0].alias("activity_p05"), bounds[1].alias("activity_p95"),
        "activity_unit_code", F.lit(MODELLED).alias("method_code"), F.lit(PRIOR).alias("model_version_id"), "imputation_code",
    )  # fmt: skip


def _by_model(energy: DataFrame, production_line: DataFrame, models: DataFrame, time_zone: str) -> DataFrame:
    """One group a line on either side: its hours, and the one row with its model."""
    learnt = models.join(production_line.select("production_line_id", "activity_unit_code"), "production_line_id")
    hours = energy.join(F.broadcast(models.select("production_line_id")), "production_line_id", "left_semi")
    grouped = hours.groupBy("production_line_id").cogroup(learnt.groupBy("production_line_id"))
    return grouped.applyInArrow(_estimator(time_zone), ROW)


def _estimator(time_zone: str) -> Callable[[pa.Table, pa.Table], pa.Table]:
    def estimate_line(hours: pa.Table, model: pa.Table) -> pa.Table:
        series, known = read_series(hours, time_zone)
        told = model.slice(0, 1).to_pylist()
        if not told or not known.num_rows:
            return _rows(known.slice(0, 0), {}, Estimate(np.empty(0), np.empty(0), np.empty(0)))
        return _rows(known, told[0], estimate(json.loads(told[0]["parameters_json"]), series))

    return estimate_line


def _rows(known: pa.Table, model: dict[str, Any], found: Estimate) -> pa.Table:
    count = known.num_rows
    columns = (
        known["production_line_id"], known["hour_utc"], found.activity, found.p05, found.p95,
        pa.array([model.get("activity_unit_code")] * count, pa.string()), pa.array([MODELLED] * count, pa.string()),
        pa.array([model.get("model_version_id")] * count, pa.string()), known["imputation_code"],
    )  # fmt: skip
    return pa.table(dict(zip(COLUMNS, columns, strict=True)))
